"""Measurement from the embedded event store: DuckDB over its Parquet files, refreshed by what is new."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.connectors.measuring.plan import Plan, look_of, windows_of
from experiments.measuring import Measured, Samples
from experiments.model import Experiment

if TYPE_CHECKING:
    from bot.connectors.measuring.duck import Generation
    from bot.connectors.measuring.gathering import Found
    from bot.connectors.measuring.state import State

RECOUNT_EVERY = timedelta(days=1)
RETENTION = timedelta(days=90)
SAME = 1e-9

log = structlog.get_logger(__name__)


class Events(Protocol):
    """What the event store gives to read; both block."""

    def files(self, project: str) -> Generation:
        """All events of a project."""
        ...

    def since(self, project: str, watermark: int) -> Generation:
        """Those that came after the generation of this number."""
        ...


class Embedded:
    """The newest phases of experiments from the events of their projects; one state for the folder, one at a time.

    An event that lies ahead of the moment that is asked for counts once its time has come. What needs every unit in
    order (quantiles, caps) or is asked in detail (segments, days since exposure, shapes) is read from the unit rows of
    the experiments asked for, the rest from sums.
    """

    def __init__(self, events: Events, folder: Path, *, retention: timedelta = RETENTION) -> None:
        self._events, self._folder, self._retention = events, folder, retention
        self._lock = threading.Lock()
        self._state: State | None = None

    async def ready(self) -> bool:
        """Whether the state is, or can be made, this process's own: DuckDB lets in one at a time."""
        return await asyncio.to_thread(self._is_mine)

    async def measure(
        self, experiments: Sequence[Experiment], until: datetime, *, detail: bool
    ) -> Mapping[str, Measured]:
        """What is known of these experiments by their key; see `experiments.measuring.Measurements`."""
        return await asyncio.to_thread(self.measure_now, experiments, until, detail=detail)

    async def samples(self, experiment: Experiment, since: datetime, until: datetime, step_seconds: int) -> Samples:
        """The value of every metric and variant in each whole window: of the units that were exposed in it, from what
        was observed of them in it."""
        return await asyncio.to_thread(self.samples_now, experiment, since, until, step_seconds)

    def close(self) -> None:
        """Let go of the state."""
        with self._lock:
            if self._state is not None:
                self._state.close()
                self._state = None

    def measure_now(self, experiments: Sequence[Experiment], until: datetime, *, detail: bool) -> dict[str, Measured]:
        """`measure`, in the calling thread."""
        by_project: dict[str, list[Experiment]] = {}
        for experiment in experiments:
            by_project.setdefault(experiment.project, []).append(experiment)
        found: dict[str, Measured] = {}
        with self._lock:
            for project, each in by_project.items():
                found |= self._project(project, each, until, detail=detail)
        return found

    def samples_now(self, experiment: Experiment, since: datetime, until: datetime, step_seconds: int) -> Samples:
        """`samples`, in the calling thread."""
        from bot.connectors.measuring import duck
        from bot.connectors.measuring.results import measured, samples_of

        plan = windows_of(experiment, since, until, timedelta(seconds=step_seconds))
        if not plan.looks:
            return {}
        files = self._events.files(experiment.project)
        kept = {
            kind: duck.from_day(paths, since)
            for kind, paths in (("exposures", files.exposures), ("observations", files.observations))
        }
        connection = duck.connect(None, self._folder / "temporary")
        try:
            found = duck.count(connection, plan, kept, detail=False)
        finally:
            connection.close()
        return samples_of(measured(plan, found, until))

    def refresh(self, project: str, experiments: Sequence[Experiment], until: datetime) -> Plan:
        """Take in what is new and give the looks at these experiments; call it with the lock held."""
        from bot.connectors.measuring import duck
        from bot.connectors.measuring.folding import Files, count, fold
        from bot.connectors.measuring.mark import Mark, counting
        from bot.connectors.measuring.planning import agree

        state = self._opened()
        with state.changing(project) as kept:
            mark = kept.mark
            plan, fresh = agree(kept, experiments, until, until - self._retention)
            news = self._events.since(project, mark.whole)
            everything = self._events.files(project) if fresh or news.exposures else news
            end = max(until, mark.until or until)
            if kept.looks and (news.exposures or news.observations):
                new = Files(news.exposures, news.observations, mark.new(news.number, end))
                fold(state.connection, kept, new, Files((), everything.observations, mark.taken()))
            if fresh:
                files = Files(everything.exposures, everything.observations, counting(news.number, end))
                count(state.connection, kept, fresh, files)
            ahead = duck.first_ahead(state.connection, news, end)
            whole = news.number if ahead is None else ahead - 1
            kept.mark = Mark(news.number, mark.recounted or until, end, whole)
        return plan

    def recount(self, project: str, until: datetime) -> dict[str, float]:
        """Count everything anew, log by how much that differs beyond 1e-9, and give those differences by metric.

        What began before the oldest event that is kept cannot be counted anew and stays as it is.
        """
        from bot.connectors.measuring.folding import Files, count
        from bot.connectors.measuring.mark import counting
        from bot.connectors.measuring.sums import moments

        state = self._opened()
        with state.changing(project) as kept:
            mark = kept.mark
            again = [each for each in kept.looks.values() if each.oldest >= until - self._retention]
            looks = {each.look.number for each in again}
            before = moments(kept.tables["groups"], looks)
            kept.forget(looks)
            files = self._events.files(project)
            known = counting(mark.generation, mark.until or until)
            if again:
                count(state.connection, kept, again, Files(files.exposures, files.observations, known))
            after = moments(kept.tables["groups"], looks)
            kept.mark = mark._replace(recounted=until)
        apart = {
            f"{measure}/{arm}": error
            for measure, arm in before.keys() | after.keys()
            if (error := _apart(before.get((measure, arm)), after.get((measure, arm)))) > SAME
        }
        if apart:
            log.warning(
                "counting anew gave other sums", project=project, differences=len(apart), most=max(apart.values())
            )
        return apart

    def _is_mine(self) -> bool:
        with self._lock:
            try:
                self._opened()
            except BlockingIOError:
                log.debug("another replica measures")
                return False
            return True

    def _opened(self) -> State:
        from bot.connectors.measuring.state import State

        if self._state is None:
            self._state = State(self._folder)
        return self._state

    def _project(
        self, project: str, experiments: Sequence[Experiment], until: datetime, *, detail: bool
    ) -> dict[str, Measured]:
        from bot.connectors.measuring.results import measured

        kept = self.refresh(project, experiments, until)
        recounted = self._opened().of(project).mark.recounted
        if recounted is not None and until - recounted >= RECOUNT_EVERY:
            self.recount(project, until)
        by_key = {experiment.key: experiment for experiment in experiments}
        looks = [
            look_of(by_key[each.experiment], until, each.number, each.measures[0].number if each.measures else 0)
            for each in kept.looks
        ]
        plan = Plan.of(look for look in looks if look is not None)
        found = self._read(project, plan, detail=detail)
        return measured(plan, found, until)

    def _read(self, project: str, plan: Plan, *, detail: bool) -> Found:
        """Sums where they are enough, unit rows where they are not."""
        from bot.connectors.measuring.reading import from_sums, from_units

        state = self._opened()
        kept = state.of(project)
        asked = plan.measures if detail else tuple(each for each in plan.measures if not each.additive)
        found = from_sums(kept, plan, tuple(each for each in plan.measures if each not in set(asked)))
        if not asked:
            return found
        return from_units(state.connection, kept, plan, asked, found, self._events.files(project) if detail else None)


def _apart(one: Iterable[float] | None, other: Iterable[float] | None) -> float:
    """The largest relative difference; infinite where one is missing."""
    if one is None or other is None:
        return float("inf")
    return max(0.0 if a == b else abs(a - b) / max(abs(a), abs(b)) for a, b in zip(one, other, strict=True))
