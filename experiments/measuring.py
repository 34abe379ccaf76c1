"""Where the numbers of running experiments come from: the Protocol, what is asked and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol

from experiments.aggregate import Aggregate
from experiments.model import Experiment

Samples = Mapping[str, Mapping[str, tuple[float, ...]]]
"""Metric → variant → its value in each window of time, oldest first; NaN where a window has none."""


class Heard(NamedTuple):
    """What came in of one metric in this phase: when its `newest` observation was made, and of how many units there is
    any."""

    newest: datetime
    units: int


class Measured(NamedTuple):
    """What was measured of one experiment, complete up to `until`.

    `rows` are cumulative since its newest phase began, `newest` is when its newest event happened, `crossed` how many
    units were seen in two variants and left out. `note` says in words what was done to the data, such as a cap.
    `trouble` says why nothing could be measured; then there are no rows. `heard` has the metrics that have any
    observations, whatever their values; those without units are known by their windows.
    """

    rows: tuple[Aggregate, ...]
    until: datetime
    newest: datetime | None = None
    crossed: int = 0
    note: str = ""
    trouble: str = ""
    heard: Mapping[str, Heard] = MappingProxyType({})


class Measurements(Protocol):
    """A place where exposures and observations are, or an answer for those that need none of it."""

    async def ready(self) -> bool:
        """Whether this replica may measure now; of several over one folder of events one does at a time."""
        ...

    async def measure(
        self, experiments: Sequence[Experiment], until: datetime, *, detail: bool
    ) -> Mapping[str, Measured]:
        """What is known of these experiments by their key; without `detail` only what guardrails need.

        One experiment that cannot be measured does not spoil the others: it comes back with its `trouble`."""
        ...

    async def samples(self, experiment: Experiment, since: datetime, until: datetime, step_seconds: int) -> Samples:
        """The value of every metric and variant in each window of `step_seconds`; whole windows only."""
        ...


class NothingMeasured:
    """No event store and no warehouse: aggregates come in by hand."""

    async def ready(self) -> bool:
        return False

    async def measure(
        self, experiments: Sequence[Experiment], until: datetime, *, detail: bool
    ) -> Mapping[str, Measured]:
        return {}

    async def samples(self, experiment: Experiment, since: datetime, until: datetime, step_seconds: int) -> Samples:
        return {}
