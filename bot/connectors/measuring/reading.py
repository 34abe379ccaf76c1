"""What is kept, read for some experiments: from the sums where they are enough, else from the cells of their units."""

# ruff: noqa: S608 (what is put into these texts are names and numbers of this package, never anybody's words)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bot.connectors.measuring import duck, expression, sums
from bot.connectors.measuring.folding import members_of
from bot.connectors.measuring.gathering import Found, Rows, Sources, gather, table
from bot.connectors.measuring.kept import NEVER, Kept, time_of
from bot.connectors.measuring.plan import Measure, Plan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

UNITS = {"measure": "int32", "look": "int32", "arm": "int16", "member": "int64", "latest": expression.TIME,
         "total": "float64", "under": "float64", "before": "float64", "before_under": "float64"}  # fmt: skip
STATISTICS = ("measure", "arm", "present", *sums.CENTRES, *sums.SUMS)
OF_EXPOSURES = -1


def from_sums(kept: Kept, plan: Plan, measures: Sequence[Measure]) -> Found:
    """The statistics of these metrics as they are kept, with the counts of units of all looks."""
    groups, arms = kept.tables["groups"].items(), kept.tables["arms"].items()
    looks = [look.number for look in plan.looks]
    asked = np.isin(groups["measure"], [measure.number for measure in measures]) & (groups["present"] > 0)
    here = np.isin(arms["look"], looks)
    everybody = {"segment": "", "bucket": -1}
    return Found(
        statistics=[row | everybody for row in _rows(groups, STATISTICS, asked)],
        exposed=[
            {"look": row["look"], "arm": row["arm"], "crossed": crossed, "n": row[column], "latest": None}
            for row in _rows(arms, ("look", "arm", "n", "crossed"), here)
            for column, crossed in (("n", False), ("crossed", True))
            if row[column]
        ],
        newest=[
            {"measure": OF_EXPOSURES} | row | {"latest": time_of(row["latest"])}
            for row in (
                *_rows(arms, ("look", "latest"), here),
                *_rows(groups, ("look", "measure", "latest"), np.isin(groups["look"], looks)),
            )
            if row["latest"] != NEVER
        ],
    )


def from_units(
    connection: DuckDBPyConnection, kept: Kept, plan: Plan, measures: tuple[Measure, ...], known: Found,
    events: duck.Generation | None,
) -> Found:  # fmt: skip
    """What is `known`, with the statistics of these metrics from the cells of the units.

    Segments and days since exposure come from the `events`, of primary metrics, where there are any.
    """
    asked_plan = Plan.of(look for look in plan.looks if look.number in {measure.look for measure in measures})
    looks = [look.number for look in asked_plan.looks]
    members = np.isin(kept.tables["members"]["look"], looks).nonzero()[0]
    observed = kept.observed(members, {measure.number for measure in measures})
    never = pa.nulls(len(observed["member"]), pa.timestamp("us", "UTC"))
    given = {"exposed_asked": members_of(kept, members), "units_asked": pa.table(observed | {"latest": never})}
    with duck.given(connection, **given):
        sources = Sources(
            table("exposed_asked", duck.MEMBERS),
            table("units_asked", UNITS),
            duck.put(connection, "arms_asked", asked_plan.arms()),
            duck.put(connection, "kinds_asked", plan.kinds(measures)),
        )
        if events is not None:
            sources = _in_detail(connection, asked_plan, measures, sources, events, kept.mark.generation)
        found = gather(
            measures,
            sources,
            lambda expr: duck.run(connection, expr),
            lambda name, expr: duck.keep(connection, f"{name}_asked", expr),
            shape=events is not None,
        )
    return replace(found, statistics=known.statistics + found.statistics, exposed=known.exposed, newest=known.newest)


def _in_detail(
    connection: DuckDBPyConnection, plan: Plan, measures: Sequence[Measure], sources: Sources,
    events: duck.Generation, mark: int,
) -> Sources:  # fmt: skip
    start = min(look.since for look in plan.looks)
    where = f"generation <= {mark} AND time >= {duck.moment(start)}"
    of_these = f"{where} AND experiment IN (SELECT experiment FROM arms_asked)"
    duck.read(connection, "exposures", duck.from_day(events.exposures, start), of_these)
    observations = duck.read(connection, "observations", duck.from_day(events.observations, start), where)
    return duck.in_detail(connection, plan, measures, sources, observations)


def _rows(columns: Mapping[str, NDArray[Any]], names: Sequence[str], wanted: NDArray[np.bool_]) -> Rows:
    found = zip(*(columns[name][wanted].tolist() for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in found]
