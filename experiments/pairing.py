"""Rows of aggregates → units per variant over time, and control beside treatment at the same moments."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple, TypeAlias

from experiments.aggregate import Aggregate
from experiments.design import Design, Metric, MetricRole

Series: TypeAlias = dict[float, Aggregate]
Table: TypeAlias = dict[tuple[str, str], Series]

MOMENT = 6


class Pair(NamedTuple):
    """One metric, one treatment: the looks at which both arms reported, oldest first."""

    metric: Metric
    control_key: str
    treatment_key: str
    control: tuple[Aggregate, ...]
    treatment: tuple[Aggregate, ...]


def tabulate(rows: Sequence[Aggregate]) -> Table:
    """The rows by (metric, variant) and moment, oldest first.

    Of two rows for one moment the later one counts. A row whose n is below an earlier moment's is left out: counts
    since the start cannot shrink.
    """
    table: Table = {}
    for row in rows:
        if isfinite(row.day):
            table.setdefault((row.metric, row.variant), {})[round(row.day, MOMENT)] = row
    return {series: _growing(moments) for series, moments in table.items()}


def _growing(moments: Series) -> Series:
    most, kept = 0, {}
    for moment in sorted(moments):
        row = moments[moment]
        if row.n >= most:
            kept[moment] = row
            most = row.n
    return kept


def pairs(design: Design, table: Table) -> tuple[Pair, ...]:
    """Every metric × treatment of the design in its order: primary first, then secondary, guardrail, cost."""
    if not design.variants:
        return ()
    roles = ["primary", "secondary", "guardrail", "cost"]
    ordered = sorted(design.metrics, key=lambda metric: roles.index(metric.role))
    control = design.control.key
    return tuple(_pair(metric, control, each.key, table) for metric in ordered for each in design.treatments)


def _pair(metric: Metric, control: str, treatment: str, table: Table) -> Pair:
    ours, theirs = table.get((metric.key, control), {}), table.get((metric.key, treatment), {})
    shared = [moment for moment in ours if moment in theirs]
    return Pair(
        metric, control, treatment, tuple(ours[each] for each in shared), tuple(theirs[each] for each in shared)
    )


def counted_on(design: Design, table: Table) -> str | None:
    """The metric whose n counts the units: the first primary with data, else the one with the largest n."""
    largest = {metric.key: 0 for metric in design.metrics}
    for (metric, _), series in table.items():
        if metric in largest and series:
            largest[metric] = max(largest[metric], next(reversed(series.values())).n)
    for each in design.metrics:
        if each.role is MetricRole.PRIMARY and largest[each.key]:
            return each.key
    return max(largest, key=lambda metric: largest[metric], default=None)


def units(design: Design, table: Table) -> dict[str, int]:
    """Units per variant of the design at its newest moment."""
    metric = counted_on(design, table)
    newest = {
        variant: next(reversed(series.values())).n
        for (name, variant), series in table.items()
        if name == metric and series
    }
    return {variant.key: newest.get(variant.key, 0) for variant in design.variants}


def unit_history(design: Design, table: Table) -> tuple[tuple[int, ...], ...]:
    """Units per variant, in the design's order, at every moment at which all variants with traffic reported."""
    metric = counted_on(design, table)
    series = [table.get((metric or "", variant.key), {}) for variant in design.variants]
    weighted = [each for each, variant in zip(series, design.variants, strict=True) if variant.weight > 0]
    if not weighted:
        return ()
    shared = [moment for moment in weighted[0] if all(moment in each for each in weighted)]
    return tuple(tuple(each[moment].n if moment in each else 0 for each in series) for moment in shared)


def silent(design: Design, table: Table) -> tuple[tuple[str, str], ...]:
    """(metric, variant) of the design without a single unit, leaving out variants that get no traffic."""
    return tuple(
        (metric.key, variant.key)
        for metric in design.metrics
        for variant in design.variants
        if variant.weight > 0 and not any(row.n for row in table.get((metric.key, variant.key), {}).values())
    )
