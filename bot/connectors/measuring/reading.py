"""The state read for some experiments: from the sums where they are enough, else from the rows of their units."""

# ruff: noqa: S608 (what is put into these texts are names and numbers of this package, never anybody's words)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.connectors.measuring import duck
from bot.connectors.measuring.gathering import Found, Sources, gather, table
from bot.connectors.measuring.plan import Measure, Plan
from bot.connectors.measuring.state import SUMS, State
from bot.connectors.measuring.statements import MEMBERS, ROWS


def from_sums(state: State, plan: Plan, measures: Sequence[Measure]) -> Found:
    """The statistics of these metrics as they are kept, with the counts of units of all looks."""
    connection = state.connection
    looks = duck.numbers(connection, "looks_asked", [look.number for look in plan.looks])
    asked = duck.numbers(connection, "measures_asked", [measure.number for measure in measures])
    within = f"WHERE look IN (SELECT number FROM {looks})"
    return Found(
        statistics=duck.rows(
            connection,
            f"SELECT s.measure, s.arm, '' AS segment, -1 AS bucket, s.present, c.cx, c.cy, c.cz, {', '.join(SUMS)} "
            "FROM main.sums AS s JOIN main.centres AS c ON s.measure = c.measure AND s.arm = c.arm "
            f"WHERE s.measure IN (SELECT number FROM {asked})",
        ),
        exposed=duck.rows(connection, f"SELECT *, NULL::TIMESTAMPTZ AS latest FROM main.counts {within}"),
        newest=duck.rows(connection, f"SELECT * FROM main.newest {within}"),
    )


def from_units(
    state: State, plan: Plan, measures: tuple[Measure, ...], known: Found,
    events: duck.Generation | None, mark: int,
) -> Found:  # fmt: skip
    """What is `known`, with the statistics of these metrics from the rows of the units.

    Segments and days since exposure come from the `events`, of primary metrics, where there are any.
    """
    connection = state.connection
    looks = duck.numbers(connection, "looks_asked", sorted({measure.look for measure in measures}))
    asked = duck.numbers(connection, "measures_asked", [measure.number for measure in measures])
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW exposed_asked AS SELECT *, first AS latest FROM main.exposed "
        f"WHERE look IN (SELECT number FROM {looks})"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW units_asked AS "
        "SELECT c.*, look FROM main.cells AS c JOIN main.kinds USING (measure) "
        f"WHERE measure IN (SELECT number FROM {asked})"
    )
    asked_plan = Plan.of(look for look in plan.looks if look.number in {measure.look for measure in measures})
    sources = Sources(
        table("exposed_asked", MEMBERS),
        table("units_asked", ROWS),
        duck.put(connection, "arms_asked", asked_plan.arms()),
        duck.put(connection, "kinds_asked", plan.kinds(measures)),
    )
    if events is not None:
        sources = _in_detail(state, asked_plan, measures, sources, events, mark)
    found = gather(
        measures,
        sources,
        lambda expr: duck.run(connection, expr),
        lambda name, expr: duck.keep(connection, f"{name}_asked", expr),
        shape=events is not None,
    )
    return replace(found, statistics=known.statistics + found.statistics, exposed=known.exposed, newest=known.newest)


def _in_detail(
    state: State, plan: Plan, measures: Sequence[Measure], sources: Sources, events: duck.Generation, mark: int
) -> Sources:
    start = min(look.since for look in plan.looks)
    where = f"generation <= {mark} AND time >= {duck.moment(start)}"
    of_these = f"{where} AND experiment IN (SELECT experiment FROM arms_asked)"
    duck.read(state.connection, "exposures", duck.from_day(events.exposures, start), of_these)
    observations = duck.read(state.connection, "observations", duck.from_day(events.observations, start), where)
    return duck.in_detail(state.connection, plan, measures, sources, observations)
