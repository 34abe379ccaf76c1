"""What measuring has to give, computed the slow and obvious way: unit after unit, in plain Python and numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from experiments.aggregate import Aggregate, Companion, Shape, Spread
from experiments.design import Metric, MetricKind, MetricRole
from experiments.model import Experiment
from experiments.stats.estimates import quantile_of, quantile_with


class Exposure(NamedTuple):
    experiment: str
    variant: str
    unit: str
    time: datetime
    attributes: dict[str, Any] = {}
    phase: int | None = None


class Observation(NamedTuple):
    metric: str
    unit: str
    value: float
    time: datetime


class Unit(NamedTuple):
    arm: str
    first: datetime
    levels: dict[str, str]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def units_of(
    experiment: str,
    phase: int,
    since: datetime,
    until: datetime,
    variants: Sequence[str],
    exposures: Iterable[Exposure],
) -> tuple[dict[str, Unit], int]:
    """Who was exposed to one variant alone, and how many to several."""
    seen: dict[str, list[Exposure]] = {}
    for each in exposures:
        known = each.experiment == experiment and each.variant in variants
        if known and since <= each.time < until and each.phase in (None, phase):
            seen.setdefault(each.unit, []).append(each)
    found = {}
    crossed = 0
    for unit, of_unit in seen.items():
        if len({each.variant for each in of_unit}) > 1:
            crossed += 1
            continue
        first = min(each.time for each in of_unit)
        levels: dict[str, str] = {}
        for each in of_unit:
            for name, value in each.attributes.items() if each.time == first else ():
                levels[name] = min(levels.get(name, _text(value)), _text(value))
        found[unit] = Unit(of_unit[0].variant, first, levels)
    return found, crossed


def value_of(metric: Metric, values: Sequence[float]) -> float | None:
    if metric.kind is MetricKind.PROPORTION:
        return float(any(value > 0 for value in values))
    if metric.kind is MetricKind.QUANTILE:
        return sum(values) / len(values) if values else None
    return float(sum(values))


def aggregate(metric: Metric, x: Sequence[float], y: Sequence[float], z: Sequence[float]) -> Aggregate:
    n = len(x)
    joint = np.array([x, y, z], dtype=float).reshape(3, n)
    spread = np.cov(joint) if n > 1 else np.zeros((3, 3))
    mean = joint.mean(axis=1)
    ratio = metric.kind is MetricKind.RATIO
    below = Companion(mean[1], spread[1, 1], spread[0, 1]) if ratio else None
    before = Companion(mean[2], spread[2, 2], spread[0, 2], spread[1, 2] if ratio else 0.0)
    shape = None
    if metric.kind in (MetricKind.MEAN, MetricKind.RATIO):
        deviation = joint[0].std()
        skewness = float((((joint[0] - mean[0]) / deviation) ** 3).mean()) if deviation > 0 else 0.0
        shape = Shape(skewness, float(joint[0].max()))
    middle, variance = mean[0], spread[0, 0]
    if metric.kind is MetricKind.QUANTILE:
        arm = quantile_of(x, metric.quantile)
        middle, variance = arm.value[0], arm.variance[0] * n
        if variance > 0:
            before = before._replace(covariance=quantile_with(x, z, metric.quantile).covariance[0, 1])
        else:
            before = before._replace(covariance=0.0)
    return Aggregate(
        metric.key, "", 0.0, n, float(middle), float(variance), denominator=below,
        covariate=before if metric.lookback_days else None, shape=shape,
    )  # fmt: skip


def spread_of(values: Sequence[float]) -> Spread:
    """Unit by unit: the part of each by its place."""
    parts: dict[int, list[float]] = {}
    for place, value in enumerate(sorted(values)):
        parts.setdefault(place * min(len(values), 100) // len(values), []).append(value)
    return Spread.of((min(each), max(each)) for each in parts.values())


def measure(
    experiment: Experiment,
    until: datetime,
    exposures: Sequence[Exposure],
    observations: Sequence[Observation],
    *,
    detail: bool = True,
) -> tuple[dict[tuple[str, str, str], Aggregate], int]:
    """The rows of the newest phase by metric, variant and segment, and how many units crossed over."""
    assert experiment.phase is not None
    assert experiment.started_at is not None
    variants = [variant.key for variant in experiment.design.variants]
    phase, since = experiment.phase.number, experiment.phase.started_at
    units, crossed = units_of(experiment.key, phase, since, until, variants, exposures)
    day = (until - experiment.started_at) / timedelta(days=1)
    by_unit: dict[tuple[str, str], list[Observation]] = {}
    for each in observations:
        by_unit.setdefault((each.unit, each.metric), []).append(each)

    def within(unit: str, metric: str, start: datetime, end: datetime) -> list[float]:
        return [each.value for each in by_unit.get((unit, metric), ()) if start <= each.time < min(end, until)]

    slices: dict[str, list[str]] = {"": list(units)}
    if detail:
        slices |= _segments(units)
    rows = {}
    for metric in experiment.design.metrics:
        xs: dict[str, float | None] = {}
        ys, zs = {}, {}
        for unit, (_, first, _) in units.items():
            xs[unit] = value_of(metric, within(unit, metric.key, first, until))
            ys[unit] = float(sum(within(unit, metric.denominator, first, until))) if metric.denominator else 0.0
            earlier = within(unit, metric.key, first - timedelta(days=metric.lookback_days), first)
            zs[unit] = value_of(metric, earlier) or 0.0
        if metric.cap is not None and xs:
            bound = float(np.quantile(list(map(float, (x or 0.0 for x in xs.values()))), metric.cap))
            if bound > 0:
                xs = {unit: min(x or 0.0, bound) for unit, x in xs.items()}
        primary = metric.role is MetricRole.PRIMARY
        for segment, members in slices.items() if primary else [("", slices[""])]:
            _add(rows, metric, segment, day, [u for u in members if xs[u] is not None], units, (xs, ys, zs))
        for bucket in range(28) if primary and detail else ():
            full = [u for u in units if _days(units[u].first, until) > bucket]

            def then(unit: str, key: str, bucket: int = bucket) -> list[float]:
                first = units[unit].first
                after = (each for each in by_unit.get((unit, key), ()) if first <= each.time < until)
                return [each.value for each in after if _days(first, each.time) == bucket]

            xs_then = {u: value_of(metric, then(u, metric.key)) for u in full}
            ys_then = {u: float(sum(then(u, metric.denominator or ""))) for u in full}
            kept = [u for u in full if xs_then[u] is not None]
            _add(
                rows, metric, f"since_exposure={bucket}", day, kept, units, (xs_then, ys_then, dict.fromkeys(full, 0.0))
            )
    return rows, crossed


def _days(first: datetime, then: datetime) -> int:
    """Whole days between, in whole seconds."""
    return (then.replace(microsecond=0) - first.replace(microsecond=0)) // timedelta(days=1)


def _add(
    rows: dict[Any, Aggregate], metric: Metric, segment: str, day: float, members: list[str], units: Any, axes: Any
) -> None:
    for variant in {units[unit].arm for unit in members}:
        here = [unit for unit in members if units[unit].arm == variant]
        row = aggregate(metric, *([axis[unit] for unit in here] for axis in axes))
        if metric.kind is MetricKind.QUANTILE and not segment:
            row = row._replace(spread=spread_of([axes[0][unit] for unit in here]))
        rows[metric.key, variant, segment] = row._replace(variant=variant, day=day, segment=segment)


def _segments(units: dict[str, Unit]) -> dict[str, list[str]]:
    sizes = Counter(dimension for each in units.values() for dimension in each.levels)
    few = sorted(sizes, key=lambda dimension: (-sizes[dimension], dimension))[:5]
    found: dict[str, list[str]] = {}
    for dimension in few:
        counts = Counter(each.levels[dimension] for each in units.values() if dimension in each.levels)
        often = set(sorted(counts, key=lambda level: (-counts[level], level))[:20])
        for unit, each in units.items():
            if dimension in each.levels:
                level = each.levels[dimension]
                found.setdefault(f"{dimension}={level if level in often else 'other'}", []).append(unit)
    return found
