"""Rows of aggregates → units per variant over time, and control beside treatment at the same moments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isfinite
from typing import NamedTuple, TypeAlias

from experiments.aggregate import Aggregate
from experiments.checks.context import LeftOut
from experiments.design import Design, Metric, MetricKind, MetricRole

Series: TypeAlias = dict[float, Aggregate]
Table: TypeAlias = dict[tuple[str, str, str], Series]

MOMENT = 6
EVERYBODY = ""
SINCE_EXPOSURE = "since_exposure"
ROLES = (MetricRole.PRIMARY, MetricRole.SECONDARY, MetricRole.GUARDRAIL, MetricRole.COST)


class Pair(NamedTuple):
    """One metric, one treatment, one segment ("" for everybody): the looks at which both arms reported, in order."""

    metric: Metric
    control_key: str
    treatment_key: str
    segment: str
    control: tuple[Aggregate, ...]
    treatment: tuple[Aggregate, ...]

    @property
    def is_ratio(self) -> bool:
        """Whether the metric is a ratio, with its denominator at every look."""
        if self.metric.kind is not MetricKind.RATIO or not self.control:
            return False
        return all(row.denominator is not None for row in (*self.control, *self.treatment))

    @property
    def has_covariate(self) -> bool:
        """Whether every look has a covariate from before exposure."""
        return bool(self.control) and all(row.covariate is not None for row in (*self.control, *self.treatment))


class Phase(NamedTuple):
    """A stretch with constant weights, from this day on."""

    from_day: float
    weights: dict[str, int]


def tabulate(rows: Iterable[Aggregate]) -> Table:
    """The rows by (metric, variant, segment) and moment, oldest first.

    Of two rows for one moment the later one counts. A row whose n is below an earlier moment's is left out: counts
    since the start cannot shrink.

    >>> rows = [Aggregate("clicks", "control", day, n, 2.0, 1.0) for day, n in ((2.0, 900), (1.0, 500), (3.0, 800))]
    >>> list(tabulate(rows)["clicks", "control", EVERYBODY])
    [1.0, 2.0]
    """
    table: Table = {}
    for row in rows:
        if isfinite(row.day):
            table.setdefault((row.metric, row.variant, row.segment), {})[round(row.day, MOMENT)] = row
    return {series: _growing(moments) for series, moments in table.items()}


def _growing(moments: Series) -> Series:
    most, kept = 0, {}
    for moment in sorted(moments):
        row = moments[moment]
        if row.n >= most:
            kept[moment] = row
            most = row.n
    return kept


def newest(series: Series) -> Aggregate | None:
    """The row of the last moment, if there is any.

    >>> newest({1.0: Aggregate("clicks", "control", 1.0, 500, 2.0, 1.0)}).n, newest({})
    (500, None)
    """
    return series[next(reversed(series))] if series else None


def pairs(design: Design, table: Table) -> tuple[Pair, ...]:
    """Every metric × treatment of the design in its order: primary first, then secondary, guardrail, cost; after them
    the primary metrics × treatments in every segment there are data of.

    >>> from experiments.from_rows import design_of
    >>> rows = [Aggregate("clicks", arm, 7.0, 500, 2.0, 1.0) for arm in ("control", "blue", "red")]
    >>> germans = [row._replace(segment="country=DE") for row in rows]
    >>> [each[2:4] for each in pairs(design_of(rows, key="shop"), tabulate([*rows, *germans]))]
    [('blue', ''), ('red', ''), ('blue', 'country=DE'), ('red', 'country=DE')]
    """
    if not design.variants:
        return ()
    control = design.control.key
    ordered = sorted(design.metrics, key=lambda metric: ROLES.index(metric.role))
    of_all = [_pair(metric, control, each.key, EVERYBODY, table) for metric in ordered for each in design.treatments]
    cut = sorted({name for _, _, name in table if name and dimension_of(name) != SINCE_EXPOSURE}, key=_by_level)
    primary = [metric for metric in ordered if metric.role is MetricRole.PRIMARY]
    by_segment = [
        _pair(metric, control, each.key, name, table)
        for metric in primary
        for each in design.treatments
        for name in cut
        if any((metric.key, variant, name) in table for variant in (control, each.key))
    ]
    return (*of_all, *by_segment)


def dimension_of(segment: str) -> str:
    """What a segment is a level of.

    >>> dimension_of("country=DE")
    'country'
    """
    return segment.partition("=")[0]


def level_of(segment: str) -> str:
    """Which level a segment is.

    >>> level_of("country=DE")
    'DE'
    """
    return segment.partition("=")[2]


def _by_level(segment: str) -> tuple[str, str]:
    return dimension_of(segment), level_of(segment)


def _pair(metric: Metric, control: str, treatment: str, segment: str, table: Table) -> Pair:
    ours, theirs = (table.get((metric.key, variant, segment), {}) for variant in (control, treatment))
    shared = [moment for moment in ours if moment in theirs]
    return Pair(
        metric,
        control,
        treatment,
        segment,
        tuple(ours[each] for each in shared),
        tuple(theirs[each] for each in shared),
    )


def counted_on(design: Design, table: Table) -> str | None:
    """The metric whose n counts the units: the first primary with data, else the one with the largest n.

    >>> from experiments.from_rows import design_of
    >>> rows = [
    ...     Aggregate(metric, arm, 7.0, n, 2.0, 1.0)
    ...     for metric, n in (("clicks", 500), ("views", 900))
    ...     for arm in ("control", "blue")
    ... ]
    >>> design = design_of(rows, key="shop", primary="clicks")
    >>> counted_on(design, tabulate(rows)), counted_on(design, tabulate(rows[2:]))
    ('clicks', 'views')
    """
    largest = {metric.key: 0 for metric in design.metrics}
    for (metric, _, segment), series in table.items():
        if metric in largest and segment == EVERYBODY and (row := newest(series)):
            largest[metric] = max(largest[metric], row.n)
    for each in design.metrics:
        if each.role is MetricRole.PRIMARY and largest[each.key]:
            return each.key
    return max(largest, key=lambda metric: largest[metric], default=None)


def units(design: Design, table: Table, metric: str | None) -> dict[str, int]:
    """Units per variant of the design at its newest moment, counted on `metric`.

    >>> from experiments.from_rows import design_of
    >>> rows = [Aggregate("clicks", arm, 7.0, n, 2.0, 1.0) for arm, n in (("control", 500), ("blue", 510))]
    >>> units(design_of(rows, key="shop"), tabulate(rows[:1]), "clicks")
    {'control': 500, 'blue': 0}
    """
    rows = {variant.key: newest(table.get((metric or "", variant.key, EVERYBODY), {})) for variant in design.variants}
    return {variant: row.n if row else 0 for variant, row in rows.items()}


def unit_history(
    design: Design, table: Table, metric: str | None, phase: Phase, until: float
) -> tuple[tuple[int, ...], ...]:
    """Units per variant that a phase brought, in the design's order, at every moment up to the day `until` at which all
    variants that get traffic in it reported.

    >>> from experiments.from_rows import design_of
    >>> rows = [Aggregate("clicks", arm, 7.0, n, 2.0, 1.0) for arm, n in (("control", 900), ("blue", 100))]
    >>> later = [row._replace(day=9.0, n=row.n + 300) for row in rows]
    >>> second = Phase(7.0, {"control": 5000, "blue": 5000})
    >>> unit_history(design_of(rows, key="shop"), tabulate([*rows, *later]), "clicks", second, until=9.0)
    ((0, 0), (300, 300))
    """
    series = [table.get((metric or "", variant.key, EVERYBODY), {}) for variant in design.variants]
    weighted = [
        each for each, variant in zip(series, design.variants, strict=True) if phase.weights.get(variant.key, 0) > 0
    ]
    if not weighted:
        return ()
    shared = [
        moment
        for moment in weighted[0]
        if phase.from_day <= moment <= until and all(moment in each for each in weighted)
    ]
    base = [_count_at(each, phase.from_day) for each in series]
    return tuple(
        tuple(
            (each[moment].n if moment in each else _count_at(each, moment)) - start
            for each, start in zip(series, base, strict=True)
        )
        for moment in shared
    )


def _count_at(series: Series, day: float) -> int:
    """The units a variant had by then; at the very start none."""
    return max((row.n for moment, row in series.items() if moment <= day), default=0) if day > 0 else 0


def silent(design: Design, table: Table) -> tuple[tuple[str, str], ...]:
    """(metric, variant) of the design without a single unit, leaving out variants that get no traffic.

    >>> from experiments.from_rows import design_of
    >>> rows = [Aggregate("clicks", arm, 7.0, 500, 2.0, 1.0) for arm in ("control", "blue")]
    >>> silent(design_of(rows, key="shop"), tabulate(rows[:1]))
    (('clicks', 'blue'),)
    """
    return tuple(
        (metric.key, variant.key)
        for metric in design.metrics
        for variant in design.variants
        if variant.weight > 0 and not any(row.n for row in table.get((metric.key, variant.key, EVERYBODY), {}).values())
    )


def left_out(design: Design, table: Table) -> tuple[LeftOut, ...]:
    """Per metric the newest moment that some variants have reported and others, though not silent, have not yet.

    >>> from experiments.from_rows import design_of
    >>> rows = [Aggregate("clicks", arm, day, 500, 2.0, 1.0) for day in (6.0, 7.0) for arm in ("control", "blue")]
    >>> left_out(design_of(rows, key="shop"), tabulate(rows[:3]))
    (LeftOut(metric='clicks', day=7.0, missing=('blue',)),)
    """
    found = []
    for metric in design.metrics:
        series = {
            variant.key: each
            for variant in design.variants
            if (each := table.get((metric.key, variant.key, EVERYBODY), {})) and variant.weight > 0
        }
        if len(series) < 2:
            continue
        latest = max(max(each) for each in series.values())
        missing = tuple(variant for variant, each in series.items() if latest not in each)
        if missing:
            found.append(LeftOut(metric.key, latest, missing))
    return tuple(found)


def rhythm(moments: Sequence[float]) -> float:
    """The usual days between two moments; a day when there are fewer than two.

    >>> rhythm([1.0, 2.0, 3.0, 10.0])
    1.0
    """
    gaps = sorted(later - earlier for earlier, later in pairwise(moments))
    return gaps[len(gaps) // 2] if gaps else 1.0
