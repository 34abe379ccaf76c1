"""Experiments and rows of aggregates made by hand or simulated, for tests of readouts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from experiments.aggregate import Aggregate
from experiments.analysis.readouts import read
from experiments.design import FULL_WEIGHT, Design, Direction, Metric, MetricRole, Variant
from experiments.model import Experiment, Status
from experiments.readout import Readout

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CONVERSION = Metric(key="conversion", role=MetricRole.PRIMARY, unit="per user")
LATENCY = Metric(key="latency", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, unit="ms")


def variants(*keys: str) -> tuple[Variant, ...]:
    """Control and these treatments, with equal weights."""
    share, rest = divmod(FULL_WEIGHT, len(keys) + 1)
    return (
        Variant(key="control", weight=share + rest, is_control=True),
        *(Variant(key=key, weight=share) for key in keys),
    )


def an_experiment(
    *treatments: str, metrics: Sequence[Metric] = (CONVERSION,), status: Status = Status.RUNNING, **design: Any
) -> Experiment:
    arms = variants(*(treatments or ("treatment",)))
    return Experiment(
        workspace="T1",
        key="checkout-button",
        title="Checkout button",
        owner="U1",
        status=status,
        design=Design(hypothesis="If, then.", variants=arms, metrics=tuple(metrics), **design),
        created_at=NOW,
        updated_at=NOW,
        data_version=3,
    )


def rows_of(
    metric: str, means: dict[str, float], *, days: Iterable[float], per_day: int = 1000, variance: float = 1.0
) -> list[Aggregate]:
    """Rows whose means stay exactly where they are while units arrive evenly."""
    return [
        Aggregate(metric, variant, day, max(1, round(per_day * day)), mean, variance)
        for variant, mean in means.items()
        for day in days
    ]


def simulated(
    metric: str, means: dict[str, float], *, days: int, per_day: int = 500, deviation: float = 1.0, seed: int = 1
) -> list[Aggregate]:
    """Rows of normal values drawn day by day."""
    dice = np.random.default_rng(seed)
    rows = []
    for variant, mean in means.items():
        values = dice.normal(mean, deviation, days * per_day)
        for day in range(1, days + 1):
            sample = values[: day * per_day]
            rows.append(
                Aggregate(metric, variant, float(day), sample.size, float(sample.mean()), float(sample.var(ddof=1)))
            )
    return rows


def reading(experiment: Experiment, *rows: Sequence[Aggregate]) -> Readout:
    return read(experiment, [row for part in rows for row in part], NOW)
