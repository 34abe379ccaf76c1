"""The expressions put together: what is asked of a backend for some looks, and the few rows that come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.connectors.measuring import expression
from bot.connectors.measuring.plan import Measure

if TYPE_CHECKING:
    from ibis import Table

Rows = list[dict[str, Any]]
Run = Callable[["Table"], Rows]
Keep = Callable[[str, "Table"], "Table"]
"""Gives a table for an expression that is read several times: a temporary one, or the expression itself."""


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of `expression.statistics` and what belongs to them: counts of units, limits, quantiles, how the values
    around these are spread, newest events."""

    statistics: Rows = field(default_factory=list)
    exposed: Rows = field(default_factory=list)
    followed: Rows = field(default_factory=list)
    segments: Rows = field(default_factory=list)
    bounds: Rows = field(default_factory=list)
    quantiles: Rows = field(default_factory=list)
    spreads: Rows = field(default_factory=list)
    newest: Rows = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sources:
    """The tables that a measurement reads: `exposed` and `rows` are the results of `expression.exposed` and `units`,
    `days` those of `units` by day; without `attributes` there are no segments."""

    exposed: Table
    rows: Table
    arms: Table
    kinds: Table
    attributes: Table | None = None
    days: Table | None = None


def gather(measures: tuple[Measure, ...], sources: Sources, run: Run, keep: Keep, *, shape: bool = True) -> Found:
    """The statistics of these metrics, by segment and by day where the sources have what it takes; with `shape` also
    how lopsided values are, and how those around a quantile are spread."""
    if not measures:
        return Found(exposed=run(expression.exposed_units(sources.exposed)))
    cells = keep("cells", expression.values(sources.rows, sources.kinds))
    bounds: Rows = []
    if any(each.cap for each in measures):
        limits = keep("limits", expression.limits(cells, expression.comparable(sources.exposed)))
        bounds = run(limits)
        cells = expression.capped(cells, limits)
    primary = cells.measure.isin([each.number for each in measures if each.daily])
    sliced: Rows = []
    every = [cells]
    if sources.attributes is not None:
        levels = keep("levels", expression.levels(sources.attributes, sources.exposed, sources.arms))
        segments = keep("segments", expression.segments(levels))
        sliced = run(segments.group_by("look", "arm", "segment").agg(n=lambda rows: rows.count()))
        every.append(expression.by_segment(cells.filter(primary), segments))
    followed: Rows = []
    if sources.days is not None:
        followed = run(expression.followed_units(sources.exposed, sources.arms))
        every.append(expression.values(sources.days, sources.kinds))
    all_cells = every[0]
    for further in every[1:]:
        all_cells = all_cells.union(further, distinct=False)
    all_cells = keep("all_cells", all_cells) if len(every) > 1 or bounds else all_cells
    found: Rows = []
    spreads: Rows = []
    if any(each.ordered for each in measures):
        quantiles = keep("quantiles", expression.quantiles(all_cells))
        found = run(quantiles)
        spreads = run(expression.spreads(cells)) if shape else []
        all_cells = keep("influences", expression.not_above(all_cells, quantiles))
    centres = keep("about", expression.centres(all_cells))
    return Found(
        run(expression.statistics(all_cells, centres, shape=shape)),
        run(expression.exposed_units(sources.exposed)),
        followed,
        sliced,
        bounds,
        found,
        spreads,
        run(expression.newest(sources.rows)),
    )


def table(name: str, schema: Mapping[str, str]) -> Table:
    """A table of that name in whatever backend the expression is compiled for."""
    import ibis

    return ibis.table(dict(schema), name=name)
