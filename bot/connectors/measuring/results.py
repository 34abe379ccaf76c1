"""The rows that come back from a backend → aggregates: zeros of silent units added, sums turned into moments."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.connectors.measuring.expression import MOST_DAYS, NORMAL
from bot.connectors.measuring.gathering import Found
from bot.connectors.measuring.plan import Look, Measure, Plan
from experiments.aggregate import Aggregate, Companion, Shape, Spread
from experiments.analysis.pairing import SINCE_EXPOSURE
from experiments.design import MetricKind
from experiments.errors import BadInput
from experiments.intake.cells import LONGEST_LEVEL, dimension_of
from experiments.intake.result import Unusable
from experiments.measuring import Heard, Measured, Samples
from experiments.numerals import amount, stated
from experiments.texts import UNPRINTABLE

EVERYBODY = ""
Key = tuple[int, int, str, int]
NOTHING: dict[str, Any] = {
    "present": 0, "cx": 0.0, "cy": 0.0, "cz": 0.0, "sx": 0.0, "sy": 0.0, "sz": 0.0, "sxx": 0.0, "syy": 0.0,
    "szz": 0.0, "sxy": 0.0, "sxz": 0.0, "syz": 0.0, "sxxx": 0.0, "largest": 0.0,
}  # fmt: skip


def measured(plan: Plan, found: Found, until: datetime) -> dict[str, Measured]:
    """What was found of every experiment of the plan; several looks at one come back together."""
    statistics: dict[Key, dict[str, Any]] = {
        (row["measure"], row["arm"], row["segment"], row["bucket"]): row for row in found.statistics
    }
    quantiles: dict[Key, dict[str, Any]] = {
        (row["measure"], row["arm"], row["segment"], row["bucket"]): row for row in found.quantiles
    }
    spreads = _spreads(found)
    bounds = {row["measure"]: row["bound"] for row in found.bounds}
    sizes, crossed, newest = _sizes(found)
    heard: dict[int, datetime] = {}
    for row in found.newest:
        _later(newest, row["look"], row["latest"])
        _later(heard, row["measure"], row["latest"])
    done: dict[str, Measured] = {}
    for look in plan.looks:
        rows = tuple(
            each
            for measure in look.measures
            for group, n in sizes.get(look.number, {}).items()
            if (measure.daily or group[1:] == (EVERYBODY, -1))
            and (each := _row(look, measure, group, n, statistics, quantiles, spreads)) is not None
        )
        before = done.get(look.experiment)
        done[look.experiment] = Measured(
            rows=(before.rows if before else ()) + rows,
            until=until,
            newest=newest.get(look.number),
            crossed=crossed.get(look.number, 0),
            note=_note(look, bounds),
            heard={
                each.metric.key: Heard(heard[each.number], _present(look, each, statistics))
                for each in look.measures
                if each.number in heard
            },
        )
    return done


def _present(look: Look, measure: Measure, statistics: Mapping[Key, Mapping[str, Any]]) -> int:
    """Of how many units there is anything."""
    keys = ((measure.number, arm, EVERYBODY, -1) for arm in range(len(look.arms)))
    return sum(statistics[key]["present"] for key in keys if key in statistics)


def _sizes(found: Found) -> tuple[dict[int, dict[tuple[int, str, int], int]], dict[int, int], dict[int, datetime]]:
    """Per look the units by (arm, segment, bucket), how many crossed, and the newest exposure."""
    sizes: dict[int, dict[tuple[int, str, int], int]] = {}
    crossed: dict[int, int] = {}
    newest: dict[int, datetime] = {}
    for row in found.exposed:
        look = row["look"]
        _later(newest, look, row["latest"])
        if row["crossed"]:
            crossed[look] = crossed.get(look, 0) + row["n"]
        else:
            sizes.setdefault(look, {})[row["arm"], EVERYBODY, -1] = row["n"]
    for row in sorted(found.segments, key=lambda row: (row["segment"], row["arm"])):
        sizes.setdefault(row["look"], {})[row["arm"], row["segment"], -1] = row["n"]
    followed: dict[tuple[int, int], dict[int, int]] = {}
    for row in found.followed:
        followed.setdefault((row["look"], row["arm"]), {})[row["days"]] = row["n"]
    for (look, arm), by_days in sorted(followed.items()):
        for bucket in range(MOST_DAYS):
            if n := sum(count for days, count in by_days.items() if days > bucket):
                sizes.setdefault(look, {})[arm, EVERYBODY, bucket] = n
    return sizes, crossed, newest


def _spreads(found: Found) -> dict[Key, Spread]:
    """Of everybody in each group."""
    parts: dict[Key, list[tuple[float, float]]] = {}
    for row in sorted(found.spreads, key=lambda row: row["part"]):
        parts.setdefault((row["measure"], row["arm"], EVERYBODY, -1), []).append((row["low"], row["high"]))
    return {key: Spread.of(each) for key, each in parts.items()}


def _later(newest: dict[int, datetime], number: int, moment: datetime | None) -> None:
    if moment is not None and (number not in newest or newest[number] < moment):
        newest[number] = moment


def _row(
    look: Look,
    measure: Measure,
    group: tuple[int, str, int],
    n: int,
    statistics: Mapping[Key, Mapping[str, Any]],
    quantiles: Mapping[Key, Mapping[str, Any]],
    spreads: Mapping[Key, Spread],
) -> Aggregate | None:
    """One row, or None where nothing can be said: a quantile without values, a segment without a usable name."""
    arm, segment, bucket = group
    sums = statistics.get((measure.number, *group), NOTHING)
    if bucket >= 0:
        name: str | None = f"{SINCE_EXPOSURE}={bucket}"
    else:
        name = segment and named(segment)
    if name is None or n < sums["present"] or (measure.ordered and not sums["present"]):
        return None
    n = sums["present"] if measure.ordered else n
    row = aggregate(measure, n, sums)._replace(variant=look.arms[arm], day=look.day, segment=name)
    if not measure.ordered:
        return row
    key = measure.number, arm, segment, bucket
    return _as_quantile(row, quantiles[key])._replace(spread=spreads.get(key))


def aggregate(measure: Measure, n: int, sums: Mapping[str, Any]) -> Aggregate:
    """The moments of `n` units, of which `present` have a row and the others nothing but zeros.

    The rows are merged with the zeros as two samples are (Chan, Golub & LeVeque 1979), so that nothing is lost by
    subtraction.

    >>> from experiments.design import Metric
    >>> row = {**NOTHING, "present": 2, "cx": 3.0, "sxx": 2.0}
    >>> aggregate(Measure(0, 0, Metric(key="orders")), 4, row)[3:6]
    (4, 1.5, 3.6666666666666665)
    """
    k = sums["present"]
    inside = max(k, 1)
    centre = {axis: sums[f"c{axis}"] + sums[f"s{axis}"] / inside if k else 0.0 for axis in "xyz"}
    apart = k * (n - k) / max(n, 1)

    def product(one: str, other: str) -> float:
        within = sums[f"s{one}{other}"] - sums[f"s{one}"] * sums[f"s{other}"] / inside
        within = max(within, 0.0) if one == other else within
        return float((within + centre[one] * centre[other] * apart) / max(n - 1, 1)) if n > 1 else 0.0

    mean = {axis: centre[axis] * k / max(n, 1) for axis in "xyz"}
    ratio = measure.metric.kind is MetricKind.RATIO
    before = measure.metric.lookback_days > 0
    return Aggregate(
        measure.metric.key,
        "",
        0.0,
        n,
        mean["x"],
        product("x", "x"),
        denominator=Companion(mean["y"], product("y", "y"), product("x", "y")) if ratio else None,
        covariate=(
            Companion(mean["z"], product("z", "z"), product("x", "z"), product("y", "z") if ratio else 0.0)
            if before
            else None
        ),
        shape=_shape(n, sums, centre["x"], mean["x"]) if _has_shape(measure, sums) else None,
    )


def _has_shape(measure: Measure, sums: Mapping[str, Any]) -> bool:
    return "sxxx" in sums and measure.metric.kind in (MetricKind.MEAN, MetricKind.RATIO)


def _shape(n: int, sums: Mapping[str, Any], centre: float, mean: float) -> Shape:
    """Skewness about the mean of all units (population moments), and the largest value."""
    k = sums["present"]
    shift = sums["sx"] / max(k, 1)
    second = sums["sxx"] - k * shift**2
    third = sums["sxxx"] - 3 * shift * sums["sxx"] + 2 * k * shift**3
    apart = centre - mean
    spread = (second + k * apart**2 + (n - k) * mean**2) / n
    cubed = (third + 3 * apart * second + k * apart**3 - (n - k) * mean**3) / n
    largest = sums["largest"] if k == n else max(sums["largest"], 0.0)
    return Shape(cubed / spread**1.5 if spread > 0 else 0.0, largest)


def _as_quantile(row: Aggregate, quantile: Mapping[str, Any]) -> Aggregate:
    """The quantile with n times its squared error; what goes along with it is stretched to the same spread (see
    `experiments.stats.estimates.quantile_with`)."""
    variance = row.n * ((quantile["upper"] - quantile["lower"]) / (2 * NORMAL)) ** 2
    stretch = (variance / row.variance) ** 0.5 if row.variance > 0 else 0.0
    covariate = row.covariate and row.covariate._replace(covariance=row.covariate.covariance * stretch)
    return row._replace(mean=quantile["value"], variance=variance, covariate=covariate)


def samples_of(found: Mapping[str, Measured]) -> Samples:
    """The value of every metric and variant window by window, NaN where one has none; see `plan.windows_of`."""
    known: dict[str, dict[str, dict[int, float]]] = {}
    for each in found.values():
        for row in each.rows:
            below = row.denominator
            if below is None or below.mean:
                value = row.mean / below.mean if below else row.mean
                known.setdefault(row.metric, {}).setdefault(row.variant, {})[round(row.day)] = value
    return {metric: {variant: _in_order(values) for variant, values in arms.items()} for metric, arms in known.items()}


def _in_order(values: Mapping[int, float]) -> tuple[float, ...]:
    return tuple(values.get(window, math.nan) for window in range(max(values) + 1))


def named(segment: str) -> str | None:
    """A segment as readouts name it, or None where its dimension cannot have a name.

    >>> named("App Version=1.2  beta"), named("since_exposure=3")
    ('app_version=1.2 beta', None)
    """
    dimension, _, level = segment.partition("=")
    try:
        dimension = dimension_of(dimension, "segment")
    except (Unusable, BadInput):
        return None
    level = " ".join(unicodedata.normalize("NFC", UNPRINTABLE.sub("", level)).split())[:LONGEST_LEVEL]
    return f"{dimension}={level.replace('=', '-')}" if level and dimension != SINCE_EXPOSURE else None


def _note(look: Look, bounds: Mapping[int, float]) -> str:
    said = list(look.notes)
    for measure in look.measures:
        if measure.cap is None or measure.number not in bounds:
            continue
        key, share, bound = measure.metric.key, stated(measure.cap), bounds[measure.number]
        if bound > 0:
            said.append(f"{key} was capped at {amount(bound)}, the {share} quantile of its units")
        else:
            said.append(f"{key} was not capped: the {share} quantile of its units is {amount(bound)}")
    return "; ".join(said)
