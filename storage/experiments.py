"""Experiments: kept as canonical JSON, found by the columns beside it."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from threading import Lock
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from experiments.audit import FIRST
from experiments.errors import KeyTaken, NotFound, Stale
from experiments.model import Experiment, Status
from experiments.repositories import Filter
from storage.audit import NEWEST, Chain
from storage.engine import Transaction
from storage.finding import AUTHOR, HERE, REVIEWER, by_status, counting, listing, naming, values
from storage.tables import AUDIT, EXPERIMENT, REVIEW_PART, VERSION

FEW = 50
KNOWN = 8_192
MAKING = Lock()
A_PAGE = 500

GET = select(EXPERIMENT.c.body).where(HERE, EXPERIMENT.c.key == bindparam("key"))
MANY = select(EXPERIMENT.c.key, EXPERIMENT.c.body).where(HERE, EXPERIMENT.c.key.in_(bindparam("keys", expanding=True)))
GET_TO_CHANGE = select(
    GET.scalar_subquery().label("body"),
    NEWEST.with_only_columns(AUDIT.c.number).scalar_subquery().label("number"),
    NEWEST.with_only_columns(AUDIT.c.hash).scalar_subquery().label("hash"),
)
CHANNELS = (
    select(EXPERIMENT.c.channel)
    .where(HERE, EXPERIMENT.c.channel != "", EXPERIMENT.c.status != Status.ARCHIVED.value)
    .distinct()
)
PROJECTS = (
    select(EXPERIMENT.c.project, func.count().label("counted"))
    .where(HERE, EXPERIMENT.c.status != Status.ARCHIVED.value)
    .group_by(EXPERIMENT.c.project)
)
THIS_VERSION = (
    VERSION.c.workspace == bindparam("workspace"),
    VERSION.c.key == bindparam("key"),
)
AT = select(VERSION.c.body).where(*THIS_VERSION, VERSION.c.revision == bindparam("of_revision"))
REVISIONS = select(VERSION.c.revision).where(*THIS_VERSION).order_by(VERSION.c.revision)
INSERT = insert(EXPERIMENT)
UPDATE = update(EXPERIMENT).where(
    EXPERIMENT.c.workspace == bindparam("in_workspace"),
    EXPERIMENT.c.key == bindparam("of_key"),
    EXPERIMENT.c.version == bindparam("over_version"),
)


class Experiments:
    """The experiments of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str, chain: Chain) -> None:
        self._transaction = transaction
        self._workspace = workspace
        self._chain = chain

    async def get(self, key: str) -> Experiment | None:
        place = {"workspace": self._workspace, "key": key}
        if not self._transaction.writing:
            rows = await self._transaction.rows(GET, place)
            return snapshot(rows[0].body) if rows else None
        await self._transaction.one_writer(self._workspace)
        [row] = await self._transaction.rows(GET_TO_CHANGE, place)
        self._chain.newest = (row.number or 0, row.hash or FIRST)
        return snapshot(row.body) if row.body else None

    async def find(self, key: str) -> Experiment:
        if found := await self.get(key):
            return found
        raise NotFound(key)

    async def many(self, keys: Sequence[str]) -> dict[str, Experiment]:
        found: dict[str, Experiment] = {}
        for start in range(0, len(keys), A_PAGE):
            place = {"workspace": self._workspace, "keys": keys[start : start + A_PAGE]}
            rows = await self._transaction.rows(MANY, place, many=True)
            found |= {row.key: snapshot(row.body) for row in rows}
        return found

    async def list(self, which: Filter) -> tuple[Experiment, ...]:
        many = bool(which.text) or which.limit > FEW
        rows = await self._transaction.rows(listing(which), values(which, self._workspace), many=many)
        return tuple(snapshot(row.body) for row in rows)

    async def collect(self, which: Filter) -> Callable[[], tuple[Experiment, ...]]:
        rows = await self._transaction.rows(listing(which), values(which, self._workspace), many=True)
        return partial(_together, rows)

    async def count(self, which: Filter) -> int:
        rows = await self._transaction.rows(counting(which), values(which, self._workspace), many=bool(which.text))
        return int(rows[0][0])

    async def statuses(self, which: Filter) -> dict[Status, int]:
        rows = await self._transaction.rows(by_status(which), values(which, self._workspace), many=bool(which.text))
        return {Status(row.status): int(row.counted) for row in rows}

    async def projects(self) -> dict[str, int]:
        rows = await self._transaction.rows(PROJECTS, {"workspace": self._workspace}, many=True)
        return {row.project: int(row.counted) for row in rows}

    async def keys(self, which: Filter) -> tuple[str, ...]:
        rows = await self._transaction.rows(naming(which), values(which, self._workspace), many=True)
        return tuple(row.key for row in rows)

    async def at(self, key: str, revision: int) -> Experiment | None:
        place = {"workspace": self._workspace, "key": key, "of_revision": revision}
        rows = await self._transaction.rows(AT, place)
        return snapshot(rows[0].body) if rows else None

    async def revisions(self, key: str) -> tuple[int, ...]:
        rows = await self._transaction.rows(REVISIONS, {"workspace": self._workspace, "key": key})
        return tuple(row.revision for row in rows)

    async def channels(self) -> tuple[str, ...]:
        rows = await self._transaction.rows(CHANNELS, {"workspace": self._workspace})
        return tuple(sorted(row.channel for row in rows))

    async def save(self, before: Experiment | None, after: Experiment) -> None:
        if after.workspace != self._workspace:
            raise ValueError("an experiment is saved in its own workspace")
        if before is None:
            await self._insert(after)
        else:
            await self._update(before, after)
        await self._keep_review_parts(before, after)
        if before is None or before.revision != after.revision:
            await self._keep_version(after)

    async def _keep_version(self, after: Experiment) -> None:
        version = {"workspace": self._workspace, "key": after.key, "revision": after.revision}
        await self._transaction.change(insert(VERSION), {**version, "body": _body(after)})

    async def _insert(self, after: Experiment) -> None:
        try:
            await self._transaction.change(INSERT, columns(after))
        except IntegrityError as error:
            raise KeyTaken(after.key) from error

    async def _update(self, before: Experiment, after: Experiment) -> None:
        place = {"in_workspace": self._workspace, "of_key": before.key, "over_version": before.version}
        changed = await self._transaction.change(UPDATE, {**place, **columns(after)})
        if changed != 1:
            raise Stale(
                f"Somebody else changed “{before.title}” at the same moment, so your change was not made. "
                "Open it again and look before you go on."
            )

    async def _keep_review_parts(self, before: Experiment | None, after: Experiment) -> None:
        parts = _review_parts(after)
        if parts == (_review_parts(before) if before else set()):
            return
        place = {"workspace": self._workspace, "key": after.key}
        await self._transaction.change(
            delete(REVIEW_PART).where(REVIEW_PART.c.workspace == place["workspace"], REVIEW_PART.c.key == place["key"])
        )
        if parts:
            rows = [{**place, "part": part, "person": person} for part, person in sorted(parts)]
            await self._transaction.change(insert(REVIEW_PART), rows)


@lru_cache(maxsize=KNOWN)
def snapshot(body: str) -> Experiment:
    """The experiment a body says; frozen, so that whoever reads the same body again may have the same one."""
    return Experiment.model_validate_json(body)


def _together(rows: Sequence[Row[Any]]) -> tuple[Experiment, ...]:
    """All of them, one caller after the other: who comes second finds them made.

    Nothing made here is garbage, and what is remembered lives long: looking through thousands of experiments, the
    collector would hold up everything else for hundreds of milliseconds, again and again. What was garbage before is
    taken away first, since nobody looks again at what is frozen.
    """
    with MAKING:
        if len(rows) > FEW:
            gc.collect(1)
        known, collecting = snapshot.cache_info().misses, gc.isenabled()
        gc.disable()
        try:
            return tuple([snapshot(row.body) for row in rows])  # in steps between which others have their turn
        finally:
            if snapshot.cache_info().misses - known > FEW:
                gc.freeze()
            if collecting:
                gc.enable()


def columns(experiment: Experiment) -> dict[str, Any]:
    """The row of an experiment. `body` is its canonical JSON: the SHA-256 of it is the experiment's `state_hash`."""
    booking, reading = experiment.booking, experiment.reading
    return {
        "workspace": experiment.workspace,
        "key": experiment.key,
        "version": experiment.version,
        "status": experiment.status.value,
        "title": experiment.title,
        "owner": experiment.owner,
        "project": experiment.project,
        "channel": experiment.channel,
        "kind": experiment.design.kind.value,
        "created_at": experiment.created_at,
        "updated_at": experiment.updated_at,
        "review_due_at": experiment.review.due_at if experiment.review else None,
        "started_at": experiment.started_at,
        "stopped_at": experiment.stopped_at,
        "decided_at": experiment.decision.at if experiment.decision else None,
        "booked_at": (booking.stop_at if experiment.is_live else booking.start_at) if booking else None,
        "significance": reading.significance.value if reading else "",
        "outcome": experiment.decision.outcome.value if experiment.decision else "",
        "unread": int(experiment.unread),
        "pending": int(experiment.pending),
        "exclusion_group": experiment.design.exclusion.group if experiment.design.exclusion else "",
        "named": _named(experiment),
        "search_text": _search_text(experiment),
        "body": _body(experiment),
    }


def _body(experiment: Experiment) -> str:
    return json.dumps(experiment.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _named(experiment: Experiment) -> str:
    return f"{experiment.key}\n{experiment.title}".casefold()


def _search_text(experiment: Experiment) -> str:
    decided = (experiment.decision.reasoning, experiment.decision.next_steps) if experiment.decision else ()
    said = (experiment.key, experiment.title, experiment.design.hypothesis, *experiment.tags, *decided)
    return "\n".join(said).casefold()


def _review_parts(experiment: Experiment) -> set[tuple[str, str]]:
    if experiment.status is not Status.IN_REVIEW or experiment.review is None:
        return set()
    authors = {(AUTHOR, person) for person in experiment.authors}
    return authors | {(REVIEWER, person) for person in experiment.review.reviewers}
