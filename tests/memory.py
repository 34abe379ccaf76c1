"""The repositories and the unit of work in memory: what storage does, as plainly as it can be said."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from experiments.aggregate import Aggregate
from experiments.audit import FIRST, AuditRecord
from experiments.errors import AlreadyDone, KeyTaken, NotFound, Stale
from experiments.model import Experiment, Note, Status
from experiments.policy import Policies
from experiments.preferences import Preferences
from experiments.readout import Readout
from experiments.repositories import Drawn, Filter, Run, Schedule, UnitOfWork
from experiments.watch import Watch
from tests.memory_outbox import MemoryOutbox, Row


@dataclass
class Tables:
    """All that is kept of one workspace; the values never change, so that a copy of the dicts is a snapshot."""

    experiments: dict[str, Experiment] = field(default_factory=dict)
    notes: dict[str, tuple[Note, ...]] = field(default_factory=dict)
    batches: dict[tuple[str, int], tuple[Aggregate, ...]] = field(default_factory=dict)
    records: dict[int, AuditRecord] = field(default_factory=dict)
    outbox: dict[int, Row] = field(default_factory=dict)
    messages: dict[tuple[str, str, str], str] = field(default_factory=dict)
    schedules: dict[tuple[str, str], Schedule] = field(default_factory=dict)
    runs: dict[tuple[str, str, str], str] = field(default_factory=dict)
    versions: dict[tuple[str, int], Experiment] = field(default_factory=dict)
    policies: dict[str, Policies] = field(default_factory=dict)
    preferences: dict[str, Preferences] = field(default_factory=dict)
    watches: dict[str, tuple[Watch, datetime | None]] = field(default_factory=dict)
    readouts: dict[tuple[str, int], Readout] = field(default_factory=dict)
    pictures: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)

    def copy(self) -> Tables:
        return Tables(**{name: dict(table) for name, table in vars(self).items()})


@dataclass
class Repository:
    tables: Tables


class MemoryExperiments(Repository):
    async def get(self, key: str) -> Experiment | None:
        return self.tables.experiments.get(key)

    async def find(self, key: str) -> Experiment:
        if key not in self.tables.experiments:
            raise NotFound(key)
        return self.tables.experiments[key]

    async def many(self, keys: Sequence[str]) -> dict[str, Experiment]:
        return {key: self.tables.experiments[key] for key in keys if key in self.tables.experiments}

    async def list(self, which: Filter) -> tuple[Experiment, ...]:
        return self._matching(which)[which.offset : which.offset + which.limit]

    async def collect(self, which: Filter) -> Callable[[], tuple[Experiment, ...]]:
        found = await self.list(which)
        return lambda: found

    async def count(self, which: Filter) -> int:
        return len(self._matching(which))

    async def statuses(self, which: Filter) -> dict[Status, int]:
        return dict(Counter(each.status for each in self._matching(which)))

    async def projects(self) -> dict[str, int]:
        there = (each for each in self.tables.experiments.values() if each.status is not Status.ARCHIVED)
        return dict(Counter(each.project for each in there))

    async def keys(self, which: Filter) -> tuple[str, ...]:
        return tuple(sorted(each.key for each in self._matching(which)))

    async def at(self, key: str, revision: int) -> Experiment | None:
        return self.tables.versions.get((key, revision))

    async def revisions(self, key: str) -> tuple[int, ...]:
        return tuple(sorted(revision for owner, revision in self.tables.versions if owner == key))

    async def channels(self) -> tuple[str, ...]:
        live = (each for each in self.tables.experiments.values() if each.status is not Status.ARCHIVED)
        return tuple(sorted({each.channel for each in live if each.channel}))

    def _matching(self, which: Filter) -> tuple[Experiment, ...]:
        found = [each for each in self.tables.experiments.values() if matches(each, which)]
        words = which.text.casefold().split()
        newest = sorted(found, key=lambda each: (each.updated_at, each.key), reverse=True)
        return tuple(sorted(newest, key=lambda each: rank(each, words)))

    async def save(self, before: Experiment | None, after: Experiment) -> None:
        current = self.tables.experiments.get(after.key)
        if before is None and current is not None:
            raise KeyTaken(after.key)
        if before is not None and (current is None or current.version != before.version):
            raise Stale(f"“{before.title}” was changed in the meantime. Open it again and look before you go on.")
        self.tables.experiments[after.key] = after
        if before is None or before.revision != after.revision:
            self.tables.versions[after.key, after.revision] = after


def rank(experiment: Experiment, words: Sequence[str]) -> int:
    """The key itself, then what has all the words in key and title, then the rest."""
    named = f"{experiment.key}\n{experiment.title}".casefold()
    return 0 if experiment.key == "-".join(words) else 1 if all(word in named for word in words) else 2


def matches(experiment: Experiment, which: Filter) -> bool:
    """Whether an experiment passes the filter; empty fields do not narrow."""
    asked = experiment.review.reviewers if experiment.review else ()
    waits_for_reviewer = experiment.status is Status.IN_REVIEW and (
        which.reviewer in asked if asked else which.reviewer not in experiment.authors
    )
    decided = (experiment.decision.reasoning, experiment.decision.next_steps) if experiment.decision else ()
    searched = "\n".join(
        (experiment.key, experiment.title, experiment.design.hypothesis, *decided, *experiment.tags)
    ).casefold()
    booking, part = experiment.booking, experiment.design.exclusion
    booked = (booking.stop_at if experiment.is_live else booking.start_at) if booking else None
    significance = experiment.reading.significance if experiment.reading else None
    outcome = experiment.decision.outcome if experiment.decision else None
    return (
        (which.projects is None or experiment.project in which.projects)
        and (not which.kinds or experiment.design.kind in which.kinds)
        and (not which.significance or significance is which.significance)
        and (not which.outcome or outcome is which.outcome)
        and (not which.since or experiment.updated_at >= which.since)
        and (not which.booked_by or (booked is not None and booked <= which.booked_by))
        and (not which.unread or experiment.unread)
        and (not which.pending or experiment.pending)
        and (not which.group or (part is not None and part.group == which.group))
        and (not which.statuses or experiment.status in which.statuses)
        and (not which.owner or experiment.owner == which.owner)
        and (not which.channel or experiment.channel == which.channel)
        and (not which.reviewer or waits_for_reviewer)
        and all(word in searched for word in which.text.casefold().split())
    )


class MemoryNotes(Repository):
    async def add(self, key: str, note: Note) -> None:
        self.tables.notes[key] = (*self.tables.notes.get(key, ()), note)

    async def of(self, key: str) -> tuple[Note, ...]:
        return tuple({note.number: note for note in self.tables.notes.get(key, ())}.values())

    async def history(self, key: str, number: int) -> tuple[Note, ...]:
        return tuple(note for note in self.tables.notes.get(key, ()) if note.number == number)


class MemoryPolicies(Repository):
    async def get(self) -> Policies:
        return self.tables.policies.get("", Policies())

    async def save(self, before: Policies, after: Policies) -> None:
        if self.tables.policies.get("", Policies()).version != before.version:
            raise Stale("Somebody else changed the settings at the same moment. Open them again and look.")
        self.tables.policies[""] = after


class MemoryPreferences(Repository):
    async def get(self, subject: str) -> Preferences:
        return self.tables.preferences.get(subject, Preferences(subject=subject))

    async def concerning(self, channel: str) -> tuple[Preferences, ...]:
        return tuple(each for each in await self.all() if each.follows_something or each.subject == channel)

    async def all(self) -> tuple[Preferences, ...]:
        return tuple(self.tables.preferences[subject] for subject in sorted(self.tables.preferences))

    async def save(self, preferences: Preferences) -> None:
        self.tables.preferences[preferences.subject] = preferences


class MemoryAggregates(Repository):
    async def add(self, key: str, data_version: int, rows: Sequence[Aggregate]) -> None:
        self.tables.batches[key, data_version] = tuple(rows)

    async def of(self, key: str, data_version: int) -> tuple[Aggregate, ...]:
        newest = {
            (row.metric, row.variant, row.day, row.segment): row
            for (owner, version), rows in sorted(self.tables.batches.items())
            if owner == key and version <= data_version
            for row in rows
        }
        return tuple(newest[place] for place in sorted(newest))


class MemoryAudit(Repository):
    async def has(self, delivery: str, key: str) -> bool:
        return any(record.delivery == delivery and record.key == key for record in self.tables.records.values())

    async def add(self, record: AuditRecord) -> AuditRecord:
        if record.delivery and await self.has(record.delivery, record.key):
            raise AlreadyDone("This was done already; the first press counts.")
        newest = self.tables.records[len(self.tables.records)].hash if self.tables.records else FIRST
        sealed = record.sealed(len(self.tables.records) + 1, newest)
        self.tables.records[sealed.number] = sealed
        return sealed

    async def newest(self) -> int:
        return len(self.tables.records)

    async def touched(self, after: int, but: Collection[str] = ()) -> tuple[str, ...]:
        newer = (record for number, record in self.tables.records.items() if number > after)
        return tuple(sorted({record.key for record in newer if record.command not in but}))

    async def of(self, key: str) -> tuple[AuditRecord, ...]:
        return tuple(record for record in self.tables.records.values() if record.key == key)

    async def all(self) -> tuple[AuditRecord, ...]:
        return tuple(self.tables.records.values())


class MemorySchedules(Repository):
    async def ensure(self, schedule: Schedule) -> None:
        self.tables.schedules.setdefault((schedule.name, schedule.subject), schedule)

    async def all(self) -> tuple[Schedule, ...]:
        return tuple(self.tables.schedules.values())

    async def due(self, now: datetime) -> tuple[Schedule, ...]:
        return tuple(each for each in self.tables.schedules.values() if each.next_at <= now)

    async def claim(self, schedule: Schedule, slot: str, next_at: datetime, outcome: str, now: datetime) -> bool:
        place = (schedule.name, schedule.subject)
        if self.tables.schedules.get(place) != schedule or (*place, slot) in self.tables.runs:
            return False
        self.tables.runs[*place, slot] = outcome
        self.tables.schedules[place] = schedule.model_copy(update={"next_at": next_at})
        return True

    async def move(self, schedule: Schedule, tz: str, next_at: datetime) -> None:
        place = (schedule.name, schedule.subject)
        if self.tables.schedules.get(place) == schedule:
            self.tables.schedules[place] = schedule.model_copy(update={"tz": tz, "next_at": next_at})

    async def ran(self, name: str, subjects: Sequence[str]) -> frozenset[Run]:
        return frozenset(
            (subject, slot) for of, subject, slot in self.tables.runs if of == name and subject in subjects
        )

    async def once(self, name: str, subject: str, slot: str, now: datetime) -> bool:
        if (name, subject, slot) in self.tables.runs:
            return False
        self.tables.runs[name, subject, slot] = "done"
        return True


class MemoryWatches(Repository):
    async def keys(self) -> frozenset[str]:
        return frozenset(self.tables.watches)

    async def get(self, key: str) -> Watch | None:
        return self.tables.watches[key][0] if key in self.tables.watches else None

    async def many(self, keys: Sequence[str]) -> tuple[Watch, ...]:
        return tuple(self.tables.watches[key][0] for key in keys if key in self.tables.watches)

    async def add(self, keys: Sequence[str], now: datetime) -> None:
        for key in keys:
            self.tables.watches.setdefault(key, (Watch(key=key, next_at=now), None))

    async def claim(self, now: datetime, wall: datetime, lease_until: datetime, limit: int) -> tuple[Watch, ...]:
        free = [watch for watch, lease in self.tables.watches.values() if lease is None or lease <= wall]
        due = sorted((each for each in free if each.next_at <= now), key=lambda each: (each.next_at, each.key))[:limit]
        self.tables.watches.update({each.key: (each, lease_until) for each in due})
        return tuple(due)

    async def settle(self, watches: Sequence[Watch], held: datetime) -> None:
        mine = [each for each in watches if self.tables.watches.get(each.key, (each, None))[1] == held]
        self.tables.watches.update({each.key: (each, None) for each in mine})

    async def forget(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.tables.watches.pop(key, None)

    async def oldest(self) -> datetime | None:
        return min((watch.next_at for watch, _ in self.tables.watches.values()), default=None)


class MemoryReadouts(Repository):
    async def add(self, readout: Readout) -> None:
        self.tables.readouts.setdefault((readout.key, readout.number), readout)

    async def get(self, key: str, number: int) -> Readout | None:
        return self.tables.readouts.get((key, number))


class MemoryPictures(Repository):
    async def get(self, digest: str) -> str:
        return self.tables.pictures.get(digest, ("", None))[0]

    async def claim(self, digest: str, wall: datetime, lease_until: datetime) -> Drawn:
        file, lease = self.tables.pictures.get(digest, ("", wall))
        if file:
            return Drawn(file)
        if lease and lease > wall:
            return Drawn()
        self.tables.pictures[digest] = ("", lease_until)
        return Drawn(yours=True)

    async def keep(self, digest: str, file: str, wall: datetime) -> None:
        self.tables.pictures[digest] = (file, None)

    async def forget(self, digest: str, file: str = "") -> None:
        if await self.get(digest) == file:
            self.tables.pictures.pop(digest, None)


@dataclass
class MemoryUnitOfWork:
    """One transaction over a copy of the tables."""

    experiments: MemoryExperiments
    notes: MemoryNotes
    aggregates: MemoryAggregates
    audit: MemoryAudit
    outbox: MemoryOutbox
    schedules: MemorySchedules
    policies: MemoryPolicies
    preferences: MemoryPreferences
    watches: MemoryWatches
    readouts: MemoryReadouts
    pictures: MemoryPictures

    @classmethod
    def over(cls, tables: Tables) -> Self:
        return cls(
            MemoryExperiments(tables),
            MemoryNotes(tables),
            MemoryAggregates(tables),
            MemoryAudit(tables),
            MemoryOutbox(tables.outbox, tables.messages),
            MemorySchedules(tables),
            MemoryPolicies(tables),
            MemoryPreferences(tables),
            MemoryWatches(tables),
            MemoryReadouts(tables),
            MemoryPictures(tables),
        )


class MemoryDatabase:
    """Tables per workspace; `uow` commits when it is left without an error, `reading` fails the test when it wrote."""

    def __init__(self) -> None:
        self._committed: dict[str, Tables] = {}
        self._writer = asyncio.Lock()

    def tables(self, workspace: str) -> Tables:
        """What is committed, to be looked at or, on purpose, damaged by a test."""
        return self._committed.setdefault(workspace, Tables())

    @asynccontextmanager
    async def uow(self, workspace: str) -> AsyncIterator[UnitOfWork]:
        async with self._writer:
            working = self.tables(workspace).copy()
            yield MemoryUnitOfWork.over(working)
            self._committed[workspace] = working

    @asynccontextmanager
    async def reading(self, workspace: str) -> AsyncIterator[UnitOfWork]:
        working = self.tables(workspace).copy()
        untouched = working.copy()
        yield MemoryUnitOfWork.over(working)
        if working != untouched:
            raise AssertionError("a unit of work that was opened for reading has written")
