"""Simulated people: what the units of a running experiment would have done by now, as cumulative aggregates."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.aggregate import Aggregate
from experiments.design import Direction, Metric, MetricKind
from experiments.model import Experiment

if TYPE_CHECKING:
    from numpy.random import Generator

STEP_DAYS = 0.25
UNITS_A_DAY = 3_000
BASE_RATE = 0.12
BASE_MEAN = 20.0
SPREAD = 1.2


@dataclass(frozen=True, slots=True)
class Truth:
    """What is really so: the relative effect of every treatment in the good direction, and how much of the
    treatments' traffic goes missing before it is counted."""

    lift: float = 0.12
    lost_share: float = 0.0


def measured(experiment: Experiment, truth: Truth, day: float) -> tuple[Aggregate, ...]:
    """Cumulative aggregates of every metric and variant at each quarter day up to `day`, newly after `data_day`.

    They are of the newest phase and begin anew with it; a quarter day in which it began belongs to none. The same
    experiment and truth give the same numbers whenever and however often they are asked for.
    """
    steps = int(day / STEP_DAYS)
    phase = experiment.phase
    first = math.ceil((phase.day if phase else 0.0) / STEP_DAYS) + 1
    exposure = (phase.exposure if phase else experiment.design.exposure) / 10_000
    already = int((experiment.data_day or 0.0) / STEP_DAYS + 0.5)
    rows = []
    for variant in experiment.design.variants:
        arriving = exposure * (1.0 if variant.is_control else 1.0 - truth.lost_share)
        share = experiment.weights[variant.key] / 10_000 * arriving
        lift = 0.0 if variant.is_control else truth.lift
        for metric in experiment.design.metrics:
            sums = [0.0, 0.0, 0.0]
            for step in range(first, steps + 1):
                arrivals, metric_rng = _streams(experiment.key, variant.key, metric.key, step)
                n = int(arrivals.poisson(UNITS_A_DAY * STEP_DAYS * share))
                for index, value in enumerate(_increment(metric, n, lift, metric_rng)):
                    sums[index] += value
                if step > already and sums[0] > 1:
                    rows.append(_row(metric.key, variant.key, step * STEP_DAYS, sums))
    return tuple(rows)


def _streams(key: str, variant: str, metric: str, step: int) -> tuple[Generator, Generator]:
    from numpy.random import default_rng

    def seed(text: str) -> int:
        return zlib.crc32(text.encode())

    return default_rng(seed(f"{key}/{variant}/{step}")), default_rng(seed(f"{key}/{variant}/{metric}/{step}"))


def _increment(metric: Metric, n: int, lift: float, rng: Generator) -> tuple[float, float, float]:
    """Count, sum and sum of squares that `n` new units add."""
    effect = 1 + lift if metric.direction is Direction.UP else 1 - lift / 2
    if metric.kind is MetricKind.PROPORTION:
        hits = float(rng.binomial(n, min(1.0, BASE_RATE * effect)))
        return float(n), hits, hits
    values = rng.lognormal(math.log(BASE_MEAN * effect) - SPREAD**2 / 2, SPREAD, n)
    return float(n), float(values.sum()), float((values**2).sum())


def _row(metric: str, variant: str, day: float, sums: list[float]) -> Aggregate:
    n, total, squares = sums
    mean = total / n
    return Aggregate(metric, variant, day, int(n), mean, max(0.0, (squares - n * mean**2) / (n - 1)))
