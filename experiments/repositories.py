"""What the product keeps and how it is asked for, as Protocols: the repositories and the unit of work over them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from experiments.aggregate import Aggregate
from experiments.audit import AuditRecord
from experiments.design import Kind
from experiments.model import Experiment, Note, Outcome, Status
from experiments.outbox import Outbox
from experiments.policy import Policies
from experiments.preferences import Preferences
from experiments.readout import Readout
from experiments.running import Significance
from experiments.texts import Frozen
from experiments.watch import Watch


class Filter(Frozen):
    """Which experiments to list, newest change first; empty fields do not narrow.

    `projects` None means all projects, an empty tuple none. `since` leaves out what was last changed before.
    `booked_by` keeps those with a start or stop booked until then; `unread` those whose data nobody has read yet;
    `pending` those that wait for a second person; `group` those whose design has a part of this exclusion group. With a
    `text`, whose words must all be found, those that have them in key and title come first.
    """

    statuses: tuple[Status, ...] = ()
    projects: tuple[str, ...] | None = None
    kinds: tuple[Kind, ...] = ()
    significance: Significance | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    owner: str = ""
    reviewer: str = ""
    channel: str = ""
    text: str = ""
    booked_by: datetime | None = None
    unread: bool = False
    pending: bool = False
    group: str = ""
    limit: int = 50
    offset: int = 0


class Experiments(Protocol):
    async def get(self, key: str) -> Experiment | None: ...
    async def find(self, key: str) -> Experiment:
        """The experiment, or `NotFound`."""
        ...

    async def many(self, keys: Sequence[str]) -> dict[str, Experiment]:
        """Those of these keys that exist."""
        ...

    async def list(self, which: Filter) -> tuple[Experiment, ...]: ...
    async def collect(self, which: Filter) -> Callable[[], tuple[Experiment, ...]]:
        """As many as the filter says, read now; making thousands of them takes seconds, so that is done when it is
        called: in a thread, after the unit of work."""
        ...

    async def count(self, which: Filter) -> int: ...
    async def statuses(self, which: Filter) -> dict[Status, int]:
        """How many of them are in each state."""
        ...

    async def projects(self) -> dict[str, int]:
        """How many experiments that are not archived each project has."""
        ...

    async def keys(self, which: Filter) -> tuple[str, ...]:
        """The keys of all of them, whatever the limit."""
        ...

    async def at(self, key: str, revision: int) -> Experiment | None:
        """The experiment as its newest version of this revision was."""
        ...

    async def revisions(self, key: str) -> tuple[int, ...]:
        """The revisions that are kept, oldest first."""
        ...

    async def channels(self) -> tuple[str, ...]:
        """Every channel in which an experiment that is not archived lives."""
        ...

    async def save(self, before: Experiment | None, after: Experiment) -> None:
        """Write `after` over `before`; `KeyTaken` or `Stale` when somebody else was quicker."""
        ...


class Notes(Protocol):
    async def add(self, key: str, note: Note) -> None: ...
    async def of(self, key: str) -> tuple[Note, ...]:
        """All notes of an experiment as they are now, oldest first."""
        ...

    async def history(self, key: str, number: int) -> tuple[Note, ...]:
        """What a note has said, oldest first."""
        ...


class PoliciesStore(Protocol):
    async def get(self) -> Policies: ...
    async def save(self, before: Policies, after: Policies) -> None:
        """Write `after` over `before`; `Stale` when somebody else was quicker."""
        ...


class PreferencesStore(Protocol):
    async def get(self, subject: str) -> Preferences:
        """What a channel or a person chose; the defaults when nothing."""
        ...

    async def concerning(self, channel: str) -> tuple[Preferences, ...]:
        """Those of this channel, if it chose anything, and of all who follow experiments."""
        ...

    async def all(self) -> tuple[Preferences, ...]:
        """Everybody's who chose something."""
        ...

    async def save(self, preferences: Preferences) -> None: ...


class Aggregates(Protocol):
    async def add(self, key: str, data_version: int, rows: Sequence[Aggregate]) -> None: ...
    async def of(self, key: str, data_version: int) -> tuple[Aggregate, ...]:
        """The aggregates of the first `data_version` batches by metric, variant and day; a later batch replaces
        what an earlier one said of the same metric, variant and day."""
        ...


class Audit(Protocol):
    async def has(self, delivery: str, key: str) -> bool:
        """Whether this delivery has changed this experiment already."""
        ...

    async def add(self, record: AuditRecord) -> AuditRecord:
        """The record sealed into the workspace's chain."""
        ...

    async def newest(self) -> int:
        """The number of the newest record, 0 without any."""
        ...

    async def touched(self, after: int, but: Collection[str] = ()) -> tuple[str, ...]:
        """The keys of all that was changed after the record of this number, other than by these commands."""
        ...

    async def of(self, key: str) -> tuple[AuditRecord, ...]: ...
    async def all(self) -> tuple[AuditRecord, ...]:
        """The whole chain of the workspace, oldest first."""
        ...


class Schedule(Frozen):
    """A thing that happens again and again: `name` says what, `subject` where, `next_at` when next (UTC)."""

    name: str
    subject: str
    tz: str
    next_at: datetime


Run = tuple[str, str]
"""A subject, and the slot in which something happened to it."""


class Schedules(Protocol):
    async def ensure(self, schedule: Schedule) -> None:
        """Add it unless there is one of this name and subject."""
        ...

    async def all(self) -> tuple[Schedule, ...]: ...
    async def due(self, now: datetime) -> tuple[Schedule, ...]: ...
    async def claim(self, schedule: Schedule, slot: str, next_at: datetime, outcome: str, now: datetime) -> bool:
        """Record the run of this slot and move on to `next_at`; False when somebody else has it."""
        ...

    async def move(self, schedule: Schedule, tz: str, next_at: datetime) -> None:
        """Go on at another time, unless it has moved on in the meantime."""
        ...

    async def ran(self, name: str, subjects: Sequence[str]) -> frozenset[Run]:
        """The runs of this name that are recorded for these subjects."""
        ...

    async def once(self, name: str, subject: str, slot: str, now: datetime) -> bool:
        """Record a run that belongs to no schedule; False when it is recorded already."""
        ...


class Watches(Protocol):
    async def keys(self) -> frozenset[str]:
        """The experiments that are watched."""
        ...

    async def get(self, key: str) -> Watch | None: ...
    async def many(self, keys: Sequence[str]) -> tuple[Watch, ...]:
        """Those of these keys that are watched."""
        ...

    async def add(self, keys: Sequence[str], now: datetime) -> None:
        """Watch these from now on, unless they are watched already."""
        ...

    async def claim(self, now: datetime, wall: datetime, lease_until: datetime, limit: int) -> tuple[Watch, ...]:
        """Those that are due and nobody else holds, held until then by the machine's clock."""
        ...

    async def settle(self, watches: Sequence[Watch], held: datetime) -> None:
        """Keep what is known now and let go of them, where they are still held by this very lease."""
        ...

    async def forget(self, keys: Sequence[str]) -> None: ...
    async def oldest(self) -> datetime | None:
        """When the one that is due first is, or was, due."""
        ...


class Readouts(Protocol):
    async def add(self, readout: Readout) -> None:
        """Keep it, unless one of its number is kept already."""
        ...

    async def get(self, key: str, number: int) -> Readout | None: ...


class Drawn(NamedTuple):
    """A picture by its digest: the file it was uploaded as, or, without one, whether whoever asks is to draw it now."""

    file: str = ""
    yours: bool = False


class Pictures(Protocol):
    async def get(self, digest: str) -> str:
        """The file of a picture that was drawn; empty when there is none."""
        ...

    async def claim(self, digest: str, wall: datetime, lease_until: datetime) -> Drawn:
        """The file, or the task to draw it for whoever asks first or after the lease of another has run out."""
        ...

    async def keep(self, digest: str, file: str, wall: datetime) -> None:
        """It was drawn; those drawn long ago are forgotten."""
        ...

    async def forget(self, digest: str, file: str = "") -> None:
        """Its file is gone, or, without one, nobody is drawing it any more."""
        ...


class UnitOfWork(Protocol):
    """One transaction in one workspace. Leaving it without an error commits; a reading one never writes."""

    @property
    def experiments(self) -> Experiments: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def aggregates(self) -> Aggregates: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def policies(self) -> PoliciesStore: ...
    @property
    def preferences(self) -> PreferencesStore: ...
    @property
    def watches(self) -> Watches: ...
    @property
    def readouts(self) -> Readouts: ...
    @property
    def pictures(self) -> Pictures: ...
