"""What is served, kept in memory: flags and tokens as the database had them a moment ago, also when it is gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Hashable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import structlog

from experiments.assignment import Flag, flag_of
from experiments.commands import AddNote, ImportAggregates, RecordMeasurements, RecordReading
from experiments.errors import BunsenError
from experiments.model import Experiment, Status
from experiments.policy import AUDITED_AS, Policies
from experiments.ports import World
from experiments.repositories import Filter, UnitOfWork
from experiments.tokens import Token

if TYPE_CHECKING:
    from bot.web.answer import Answer

POLL_SECONDS = 0.25
PATIENCE_SECONDS = 10.0
PAGE = 500
# What the monitor records of every experiment every few minutes, and what is written down beside it.
SERVED_AS_BEFORE = (RecordMeasurements.__name__, RecordReading.__name__, ImportAggregates.__name__, AddNote.__name__)
FOUND = tuple(status for status in Status if status not in {Status.DRAFT, Status.IN_REVIEW})

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Served:
    """A flag, and what was answered with it before, ready to be sent again."""

    flag: Flag
    answers: dict[Hashable, Answer] = field(default_factory=dict)


class Snapshot:
    """The flags of every project and the tokens, as of audit record `number`.

    `seen_at` is when (by `clock`) the database last said how things stand; `missed` counts how often it did not, and
    `reloads` how often something was taken over. Whoever reads it sees one moment: a refresh takes over in one go.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.number: int | None = None
        self.seen_at: float | None = None
        self.missed = 0
        self.reloads = 0
        self._clock = clock
        self.tokens: dict[bytes, Token] = {}
        self._projects: dict[str, dict[str, Served]] = {}
        self._in_order: dict[str, tuple[Served, ...]] = {}
        self._project_of: dict[str, str] = {}
        self._holdouts: dict[str, int] = {}

    @property
    def age(self) -> float | None:
        """Seconds since the database last said how things stand; None when it never did."""
        return None if self.seen_at is None else self._clock() - self.seen_at

    def token(self, secret: bytes) -> Token | None:
        """The token with this secret, unless it was revoked."""
        return self.tokens.get(sha256(secret).digest())

    def flag(self, project: str, key: str) -> Served | None:
        flags = self._projects.get(project)
        return flags.get(key) if flags else None

    def flags(self, project: str) -> tuple[Served, ...]:
        """All flags of a project in the order of their keys, which is the same on every replica."""
        if project not in self._in_order:
            flags = self._projects.get(project, {})
            self._in_order[project] = tuple(flags[key] for key in sorted(flags))
        return self._in_order[project]

    def __len__(self) -> int:
        return len(self._project_of)

    async def refresh(self, world: World) -> int:
        """Take over what was changed since the last time: how many experiments that are."""
        async with world.reading(world.workspace) as uow:
            newest = await uow.audit.newest()
            if self.number is None or newest < self.number:
                changed = await self._reload(uow)
            elif newest > self.number:
                changed = await self._update(uow, await uow.audit.touched(self.number, SERVED_AS_BEFORE))
            else:
                changed = 0
        self.number, self.seen_at = newest, self._clock()
        self.reloads += changed > 0
        return changed

    async def _reload(self, uow: UnitOfWork) -> int:
        policies = await uow.policies.get()
        holdouts = _holdouts(policies)
        flags: list[Flag] = []
        for offset in range(0, await uow.experiments.count(Filter(statuses=FOUND)), PAGE):
            page = await uow.experiments.list(Filter(statuses=FOUND, limit=PAGE, offset=offset))
            flags += filter(None, (_flag(each, holdouts.get(each.project, 0)) for each in page))
        self._projects, self._project_of, self._in_order = {}, {}, {}
        self._take(policies)
        for flag in flags:
            self._put(flag)
        return len(flags)

    async def _update(self, uow: UnitOfWork, keys: Iterable[str]) -> int:
        policies: Policies | None = None
        found: dict[str, Experiment | None] = {}
        for key in keys:
            if key == AUDITED_AS:
                policies = await uow.policies.get()
            else:
                found[key] = await uow.experiments.get(key)
        if policies is not None:
            self._take(policies)
        for key, experiment in found.items():
            self._drop(key)
            if experiment and (flag := _flag(experiment, self._holdouts.get(experiment.project, 0))):
                self._put(flag)
        return len(found)

    def _take(self, policies: Policies) -> None:
        before, self._holdouts = self._holdouts, _holdouts(policies)
        self.tokens = {bytes.fromhex(token.digest): token for token in policies.tokens if token.revoked_at is None}
        for project in before.keys() | self._holdouts.keys():
            holdout = self._holdouts.get(project, 0)
            if holdout != before.get(project, 0):
                for served in self.flags(project):
                    self._put(replace(served.flag, holdout=holdout))

    def _put(self, flag: Flag) -> None:
        self._projects.setdefault(flag.project, {})[flag.key] = Served(flag)
        self._project_of[flag.key] = flag.project
        self._in_order.pop(flag.project, None)

    def _drop(self, key: str) -> None:
        if (project := self._project_of.pop(key, None)) is not None:
            del self._projects[project][key]
            self._in_order.pop(project, None)


def _holdouts(policies: Policies) -> dict[str, int]:
    return {project.name: project.holdout for project in policies.projects if project.holdout}


def _flag(experiment: Experiment, holdout: int) -> Flag | None:
    """The flag of an experiment; one that makes none must not keep what was changed of the others from being seen."""
    try:
        return flag_of(experiment, holdout)
    except ValueError:
        log.exception("not served", key=experiment.key)
        return None


@asynccontextmanager
async def fresh(snapshot: Snapshot, world: World, seconds: float = POLL_SECONDS) -> AsyncIterator[Snapshot]:
    """The snapshot, loaded, follows every change within a moment while inside."""
    await snapshot.refresh(world)
    following = asyncio.create_task(keep_fresh(snapshot, world, seconds))
    try:
        yield snapshot
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def keep_fresh(snapshot: Snapshot, world: World, seconds: float = POLL_SECONDS) -> None:
    """Follow the changes until cancelled. What goes wrong is told once, and met again until it has passed."""
    failing = False
    while True:
        [outcome] = await asyncio.gather(_in_time(snapshot, world), return_exceptions=True)
        if isinstance(outcome, int):
            if failing:
                log.info("traffic follows the changes again", missed=snapshot.missed)
            failing = False
        else:
            snapshot.missed += 1
            if not failing:
                _tell(outcome)
            failing = True
        await asyncio.sleep(seconds)


async def _in_time(snapshot: Snapshot, world: World) -> int:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await snapshot.refresh(world)


def _tell(failure: BaseException) -> None:
    if isinstance(failure, BunsenError | TimeoutError):
        log.warning("traffic goes on with what it knows", code=getattr(failure, "code", "timeout"))
    else:
        log.error("traffic goes on with what it knows", exc_info=failure)
