"""Simulated people of the demo: the scenario of an experiment's visitors, and aggregates of what was long ago."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from experiments.aggregate import Aggregate
from experiments.design import Direction, Metric, MetricKind
from experiments.model import Experiment

if TYPE_CHECKING:
    from numpy.random import Generator

    from bot.visitors.scenario import Scenario, TrueMetric

STEP_DAYS = 0.25
UNITS_A_DAY = 3_000
BASE_RATE = 0.12
BASE_MEAN = 20.0
SPREAD = 1.2
REQUESTS_A_VISIT = 6.0


@dataclass(frozen=True, slots=True)
class Truth:
    """What is really so: the relative effect of every treatment in the good direction, and how much of the
    treatments' traffic goes missing before it is counted.

    `effects` are the relative effects on metrics of which something else is true, `baselines` their mean or rate in
    control; so many people come a day.
    """

    lift: float = 0.12
    lost_share: float = 0.0
    effects: Mapping[str, float] = field(default_factory=dict)
    baselines: Mapping[str, float] = field(default_factory=dict)
    people_per_day: float = UNITS_A_DAY

    def effect_on(self, metric: Metric) -> float:
        """What every treatment does to a metric, relative to control."""
        return self.effects.get(metric.key, self.lift if metric.direction is Direction.UP else -self.lift / 2)


def scenario_of(experiment: Experiment, truth: Truth) -> Scenario:
    """The visitors of an experiment, of whom all its metrics tell what is true."""
    from bot.visitors.presets import SEGMENTS
    from bot.visitors.scenario import Exposures, Loss, Scenario

    counted_by = {metric.denominator for metric in experiment.design.metrics}
    return Scenario(
        experiment=experiment.key,
        control=experiment.control.key,
        seed=zlib.crc32(experiment.key.encode()),
        people_per_day=truth.people_per_day,
        exposures=Exposures.EVENTS if truth.lost_share else Exposures.EVALUATION,
        segments=SEGMENTS,
        metrics=tuple(_true(each, truth) for each in experiment.design.metrics if each.key not in counted_by),
        losses=(Loss(share=truth.lost_share),) if truth.lost_share else (),
    )


def _true(metric: Metric, truth: Truth) -> TrueMetric:
    from bot.visitors.scenario import TREATMENTS, Effect, TrueKind, TrueMetric

    effects, effect = {}, truth.effect_on(metric)
    if effect:
        effects[TREATMENTS] = Effect(relative=effect)
    share = metric.kind in (MetricKind.PROPORTION, MetricKind.RATIO)
    kinds = {MetricKind.QUANTILE: TrueKind.LATENCY, MetricKind.RATIO: TrueKind.RATIO, MetricKind.MEAN: TrueKind.MEAN}
    return TrueMetric(
        metric=metric.key,
        kind=kinds.get(metric.kind, TrueKind.PROPORTION),
        baseline=truth.baselines.get(metric.key, BASE_RATE if share else BASE_MEAN),
        effects=effects,
        spread=0.0 if share else SPREAD,
        per_visit=REQUESTS_A_VISIT if metric.kind is MetricKind.RATIO else 1.0,
        denominator=(metric.denominator or "requests") if metric.kind is MetricKind.RATIO else None,
        history_days=float(metric.lookback_days) if metric.kind is MetricKind.MEAN else 0.0,
    )


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
        for metric in experiment.design.metrics:
            effect = 0.0 if variant.is_control else truth.effect_on(metric)
            base = truth.baselines.get(metric.key, BASE_RATE if metric.kind is MetricKind.PROPORTION else BASE_MEAN)
            sums, values = [0.0, 0.0, 0.0], list[float]()
            for step in range(first, steps + 1):
                arrivals, metric_rng = _streams(experiment.key, variant.key, metric.key, step)
                n = int(arrivals.poisson(UNITS_A_DAY * STEP_DAYS * share))
                if metric.kind is MetricKind.QUANTILE:
                    values += (base * (1 + effect) * metric_rng.lognormal(0.0, SPREAD, n)).tolist()
                    if step > already and len(values) > 1:
                        rows.append(_quantile_row(metric, variant.key, step * STEP_DAYS, values))
                    continue
                for index, value in enumerate(_increment(metric, n, base * (1 + effect), metric_rng)):
                    sums[index] += value
                if step > already and sums[0] > 1:
                    rows.append(_row(metric.key, variant.key, step * STEP_DAYS, sums))
    return tuple(rows)


def _streams(key: str, variant: str, metric: str, step: int) -> tuple[Generator, Generator]:
    from numpy.random import default_rng

    def seed(text: str) -> int:
        return zlib.crc32(text.encode())

    return default_rng(seed(f"{key}/{variant}/{step}")), default_rng(seed(f"{key}/{variant}/{metric}/{step}"))


def _increment(metric: Metric, n: int, mean: float, rng: Generator) -> tuple[float, float, float]:
    """Count, sum and sum of squares that `n` new units add."""
    if metric.kind is MetricKind.PROPORTION:
        hits = float(rng.binomial(n, min(1.0, mean)))
        return float(n), hits, hits
    values = rng.lognormal(math.log(mean) - SPREAD**2 / 2, SPREAD, n)
    return float(n), float(values.sum()), float((values**2).sum())


def _quantile_row(metric: Metric, variant: str, day: float, values: list[float]) -> Aggregate:
    from experiments.stats.estimates import quantile_of
    from experiments.stats.spread import spread_of

    found, n = quantile_of(values, metric.quantile), len(values)
    variance = float(found.variance[0]) * n
    return Aggregate(metric.key, variant, day, n, float(found.value[0]), variance, spread=spread_of(values))


def _row(metric: str, variant: str, day: float, sums: list[float]) -> Aggregate:
    n, total, squares = sums
    mean = total / n
    return Aggregate(metric, variant, day, int(n), mean, max(0.0, (squares - n * mean**2) / (n - 1)))
