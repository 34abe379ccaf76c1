"""Measurements by where a project keeps its data: Bunsen's own events, a warehouse, and Prometheus beside either."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog
from pydantic import SecretStr

from experiments.errors import BunsenError
from experiments.measuring import Measured, Measurements, Samples
from experiments.model import Experiment
from experiments.policy import Policies
from experiments.ports import Reading
from experiments.sources import DataSource, SourceOfData

log = structlog.get_logger(__name__)


class BySource:
    """Asks each experiment's own source, many at a time; one source that fails leaves the others alone."""

    def __init__(
        self,
        reading: Reading,
        workspace: str,
        events: Measurements,
        warehouse: Callable[[DataSource], Measurements],
        headers: Callable[[], Mapping[str, Mapping[str, SecretStr]]] = dict,
    ) -> None:
        self._reading = reading
        self._workspace = workspace
        self._events = events
        self._warehouse = warehouse
        self._headers = headers

    async def ready(self) -> bool:
        """Whether the events are this replica's to count; whoever counts them asks the warehouses, too."""
        return await self._events.ready()

    async def measure(
        self, experiments: Sequence[Experiment], until: datetime, *, detail: bool
    ) -> Mapping[str, Measured]:
        """What is known of these experiments by their key; see `experiments.measuring.Measurements`."""
        policies = await self._policies()
        groups: dict[DataSource, list[Experiment]] = {}
        for each in experiments:
            groups.setdefault(policies.project(each.project).source, []).append(each)
        answers = await asyncio.gather(
            *(self._of(source, some, until, detail=detail) for source, some in groups.items())
        )
        return {key: found for answer in answers for key, found in answer.items()}

    async def _of(
        self, source: DataSource, experiments: Sequence[Experiment], until: datetime, *, detail: bool
    ) -> Mapping[str, Measured]:
        [answer] = await asyncio.gather(
            self._units(source).measure(experiments, until, detail=detail), return_exceptions=True
        )
        if isinstance(answer, Exception):
            trouble = _trouble(answer, source=source.words)
            return {each.key: Measured((), until, trouble=trouble) for each in experiments}
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def samples(self, experiment: Experiment, since: datetime, until: datetime, step_seconds: int) -> Samples:
        """The values of metrics with a query from Prometheus, of all others from where the units are; those that cannot
        be had are missing."""
        from bot.connectors.prometheus import samples_of  # its HTTP client is as slow to load as all else at the start

        policies = await self._policies()
        source = policies.project(experiment.project).source
        asked = [samples_of(experiment, policies, self._headers(), since, until, step_seconds)]
        if experiment.design.canary and any(not metric.query for metric in experiment.design.metrics):
            asked.append(self._units(source).samples(experiment, since, until, step_seconds))
        known: dict[str, Mapping[str, tuple[float, ...]]] = {}
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(answer, Exception):
                _trouble(answer, key=experiment.key)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                known |= answer
        return known

    def _units(self, source: DataSource) -> Measurements:
        return self._warehouse(source) if source.kind is SourceOfData.WAREHOUSE else self._events

    async def _policies(self) -> Policies:
        async with self._reading(self._workspace) as uow:
            return await uow.policies.get()


def _trouble(failure: Exception, **about: str) -> str:
    """Why there are no data, in words; what nobody foresaw is logged with all that is known of it."""
    if isinstance(failure, BunsenError):
        log.warning("not measured", **about, code=failure.code, words=failure.words)
        return failure.words
    log.error("not measured", **about, exc_info=failure)
    return "Its data could not be counted. Whoever runs Bunsen finds the reason in its log."
