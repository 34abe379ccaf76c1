"""Experiments that are watched, with data made by hand, for tests of guardrails, gates and canaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from experiments.aggregate import Aggregate
from experiments.design import Direction, Limit, Metric, MetricKind, MetricRole, Scale
from experiments.guarding.look import Look, look
from experiments.guarding.watched import Watched
from experiments.model import Experiment
from experiments.running import Phase
from tests.experiments.readings import NOW, an_experiment

ERRORS = Metric(
    key="error-rate",
    role=MetricRole.GUARDRAIL,
    kind=MetricKind.PROPORTION,
    direction=Direction.DOWN,
    limit=Limit(harm=0.005, scale=Scale.ABSOLUTE),
)
START = NOW - timedelta(hours=6)


def running(*metrics: Metric, treatments: Sequence[str] = ("treatment",), **design: Any) -> Experiment:
    """An experiment that has run for six hours."""
    experiment = an_experiment(*treatments, metrics=metrics or (ERRORS,), **design)
    weights = {each.key: each.weight for each in experiment.design.variants}
    first = Phase(number=1, started_at=START, weights=weights)
    return experiment.evolve(started_at=START, phases=(first,))


def rates(metric: str, shares: Mapping[str, float], n: int | Mapping[str, int] = 10_000) -> list[Aggregate]:
    """The newest row of each variant, of a share of its units."""
    return [
        Aggregate(metric, variant, 0.25, count, share, share * (1 - share))
        for variant, share in shares.items()
        for count in [n if isinstance(n, int) else n[variant]]
    ]


def seen(experiment: Experiment, rows: Sequence[Aggregate], **known: Any) -> Look:
    """One look at this experiment, whose data are of this very moment unless told otherwise."""
    return look([Watched(experiment, rows, **{"newest": NOW, "until": NOW, "looks": 36, **known})], NOW)[0]
