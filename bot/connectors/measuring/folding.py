"""New events folded into the state: the old contributions of changed units are taken out, the new ones put in.

The sums are about a fixed centre, so what one refresh rounds away is about 1e-16 of the largest sum there ever was
(`peak`). Where a sum has shrunk far below its peak, or the values have moved far from their centre, digits were lost;
such a group is summed up anew from its unit rows, about its new mean.
"""

# ruff: noqa: S608 (what is put into these texts are names and numbers of this package, never anybody's words)

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.connectors.measuring import duck, expression
from bot.connectors.measuring.gathering import table
from bot.connectors.measuring.state import PEAKS, SUMS, State

MOST_LOST = 1e3
"""How much larger than what is left a sum may have been; 1e3 times the rounding of a day's refreshes is below 1e-9."""
COUNTS = ("total", "seen", "under", "before", "before_seen")
UNIT = f"measure, look, arm, member, latest, {', '.join(COUNTS)}"
ARMS = {"look": "int32", "experiment": "string", "phase": "int32", "since": expression.TIME, "until": expression.TIME,
        "variant": "string", "arm": "int16"}  # fmt: skip
PARTS = {"measure": "int32", "look": "int32", "source": "string", "below": "boolean", "lookback": "int32",
         "binary": "boolean", "until": expression.TIME}  # fmt: skip
KINDS = {
    "measure": "int32",
    "look": "int32",
    "binary": "boolean",
    "ordered": "boolean",
    "quantile": "float64",
    "cap": "float64",
}
MEMBERS = expression.EXPOSED | {"member": "int64"}
ROWS = {"measure": "int32", "look": "int32", "arm": "int16", "member": "int64", "latest": expression.TIME,
        "total": "float64", "seen": "int64", "under": "float64", "before": "float64",
        "before_seen": "int64"}  # fmt: skip
CENTRES = {"measure": "int32", "arm": "int16", "segment": "string", "bucket": "int32", "cx": "float64", "cy": "float64",
           "cz": "float64"}  # fmt: skip
ENTERS, LEAVES = -1, -2
"""What tells the two apart where other rows have their day."""


class Statements(NamedTuple):
    """The expressions as DuckDB has to be asked them, over the views and tables of one fold."""

    arrived: str
    counted: str
    recounted: str
    about: str
    moved: str


@lru_cache(maxsize=32)
def statements(lookbacks: tuple[int, ...]) -> Statements:
    """All that a fold asks, compiled once for the days that its metrics look back."""
    import ibis

    exposures = table("exposures", expression.EXPOSURES)
    observations, history = (table(name, expression.OBSERVATIONS) for name in ("observations", "history"))
    arms, parts, kinds = table("folded_arms", ARMS), table("folded_parts", PARTS), table("folded_kinds", KINDS)
    known, fresh = table("known", MEMBERS), table("fresh", MEMBERS)
    entering, leaving = (expression.values(table(name, ROWS), kinds) for name in ("entering", "leaving"))
    both = entering.mutate(bucket=ibis.literal(ENTERS, "int32")).union(
        leaving.mutate(bucket=ibis.literal(LEAVES, "int32")), distinct=False
    )
    return Statements(
        duck.sql(expression.exposed(exposures, arms)),
        duck.sql(expression.units(known, observations, parts, lookbacks)),
        duck.sql(expression.units(fresh, history, parts, lookbacks)),
        duck.sql(expression.centres(entering)),
        duck.sql(expression.statistics(both, table("centres_twice", CENTRES))),
    )


class Files(NamedTuple):
    """Files with events, and the SQL that tells those that count."""

    exposures: Sequence[Path]
    observations: Sequence[Path]
    counting: str


def count(state: State, looks: Sequence[int], files: Files) -> None:
    """Count everything of these looks, of which nothing is kept yet; call it inside `State.changing`."""
    connection = state.connection
    texts, _ = _prepared(state, looks)
    duck.read(connection, "exposures", files.exposures, files.counting)
    duck.read(connection, "observations", files.observations, files.counting)
    _make(state, "arrived", texts.arrived)
    connection.execute(f"INSERT INTO main.exposed SELECT look, unit, {NEXT_MEMBER}, arm, crossed, first FROM arrived")
    _see(state, "known", f"SELECT * FROM main.exposed WHERE {OF_THESE}")
    connection.execute(f"INSERT INTO main.units BY NAME SELECT *, {CELL} AS cell FROM ({texts.counted})")
    _see(state, "leaving", f"SELECT {UNIT} FROM main.units WHERE false")
    _see(state, "entering", f"SELECT {UNIT} FROM main.units WHERE {OF_THESE}")
    _sum_up(state, texts)
    for statement in COUNTED:
        connection.execute(statement)
    duck.drop(connection, ("arrived",))


def fold(state: State, looks: Sequence[int], new: Files, observations: Sequence[Path], counting: str) -> None:
    """Take in what is new for these looks; `observations` are the files with all of them, old and new, of which those
    count that `counting` tells. Call it inside `State.changing`."""
    connection = state.connection
    texts, lookback = _prepared(state, looks)
    duck.read(connection, "exposures", new.exposures, new.counting)
    duck.read(connection, "observations", new.observations, new.counting)
    _make(state, "arrived", texts.arrived)
    _make(state, "changed", CHANGED)
    _see(state, "known", KNOWN)
    _see(state, "fresh", FRESH)
    oldest = duck.rows(connection, "SELECT min(first) AS oldest FROM fresh")[0]["oldest"]
    files, since = [], "true"
    if oldest is not None:
        start = oldest - timedelta(days=lookback)
        files = duck.from_day(observations, start)
        since = f"{counting} AND time >= TIMESTAMPTZ '{start.isoformat()}'"
    duck.read(connection, "observations", files, since, name="history")
    _make(state, "moves", MOVES.format(counted=texts.counted, recounted=texts.recounted))
    _see(state, "leaving", LEAVING)
    _see(state, "entering", ENTERING)
    _sum_up(state, texts)
    for statement in WRITE:
        connection.execute(statement)
    _mend(state, texts)
    duck.drop(connection, ("arrived", "changed", "moves", "moved"))


def _prepared(state: State, looks: Sequence[int]) -> tuple[Statements, int]:
    """What to ask for these looks, and how many days their metrics look back at most."""
    connection = state.connection
    duck.numbers(connection, "folded", looks)
    for name in ("arms", "parts", "kinds"):
        additive = "AND NOT ordered AND cap IS NULL" if name == "kinds" else ""
        _make(state, f"folded_{name}", f"SELECT * FROM main.{name} WHERE {OF_THESE} {additive}")
    found = connection.execute("SELECT DISTINCT lookback FROM folded_parts WHERE lookback > 0 ORDER BY 1").fetchall()
    lookbacks = tuple(days for (days,) in found)
    return statements(lookbacks), max(lookbacks, default=0)


def _make(state: State, name: str, query: str) -> None:
    state.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")


def _see(state: State, name: str, query: str) -> None:
    state.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")


def _sum_up(state: State, texts: Statements) -> None:
    """The difference to the sums that the rows make which enter and leave."""
    if state.connection.execute(WITHOUT_CENTRE).fetchall():
        _make(state, "about", texts.about)
        state.connection.execute(NEW_CENTRES)
        duck.drop(state.connection, ("about",))
    _see(state, "centres_twice", CENTRES_TWICE)
    _make(state, "moved", texts.moved)
    _make(state, "summed", SUMMED)
    for statement in WRITE_SUMS:
        state.connection.execute(statement)
    duck.drop(state.connection, ("moved", "summed"))


def _mend(state: State, texts: Statements) -> None:
    """Sum up anew the groups whose sums have lost digits, and forget those without a unit."""
    connection = state.connection
    _make(state, "ill", ILL)
    if not connection.execute("SELECT count(*) FROM ill").fetchall()[0][0]:
        return
    connection.execute("DELETE FROM centres USING ill WHERE centres.measure = ill.measure AND centres.arm = ill.arm")
    connection.execute("DELETE FROM sums USING ill WHERE sums.measure = ill.measure AND sums.arm = ill.arm")
    _see(state, "leaving", f"SELECT {UNIT} FROM main.units WHERE false")
    _see(state, "entering", f"SELECT {UNIT} FROM main.units SEMI JOIN ill USING (measure, arm)")
    _sum_up(state, texts)


OF_THESE = "look IN (SELECT number FROM folded)"
NEXT_MEMBER = "(SELECT coalesce(max(member), 0) FROM main.exposed) + row_number() OVER ()"
CHANGED = f"""
SELECT
    n.look, n.unit, {NEXT_MEMBER} AS member, n.latest,
    least(n.arm, e.arm)::SMALLINT AS arm,
    n.crossed OR coalesce(e.crossed OR n.arm <> e.arm, false) AS crossed,
    least(n.first, e.first) AS first,
    e.member AS old_member, e.arm AS old_arm, e.crossed AS old_crossed
FROM arrived AS n LEFT JOIN main.exposed AS e ON n.look = e.look AND n.unit = e.unit
WHERE e.unit IS NULL OR n.first < e.first OR (NOT e.crossed AND (n.crossed OR n.arm <> e.arm))
"""
FRESH = "SELECT look, unit, member, arm, crossed, first FROM changed WHERE NOT crossed"
REPLACED = "SELECT old_member AS member FROM changed WHERE old_member IS NOT NULL"
KNOWN = f"SELECT * FROM main.exposed ANTI JOIN ({REPLACED}) USING (member)"
CELL = "((measure::BIGINT << 40) | member)"
"""One number for a metric and a member, so that the rows of units are found by one column."""
MOVES = (
    "SELECT c.* REPLACE (" + ", ".join(f"c.{name} + coalesce(u.{name}, 0) AS {name}" for name in COUNTS)
    + "), u.rowid AS place, " + ", ".join(f"u.{name} AS old_{name}" for name in COUNTS)
    + f" FROM (SELECT *, {CELL} AS cell FROM ({{counted}})) AS c LEFT JOIN main.units AS u ON c.cell = u.cell "
    + f"UNION ALL BY NAME SELECT {UNIT}, {CELL} AS cell FROM ({{recounted}}) "
    + "UNION ALL BY NAME SELECT measure, look, arm, member, rowid AS place, "
    + ", ".join(f"{name} AS old_{name}" for name in COUNTS)
    + f" FROM main.units SEMI JOIN ({REPLACED}) USING (member)"
)  # fmt: skip
"""Rows of units that enter (`seen` is known), leave (they have a `place`), or both."""
ENTERING = f"SELECT {UNIT} FROM moves WHERE seen IS NOT NULL"
LEAVING = (
    "SELECT measure, look, arm, member, latest, "
    + ", ".join(f"old_{name} AS {name}" for name in COUNTS)
    + " FROM moves WHERE place IS NOT NULL"
)
WITHOUT_CENTRE = """
SELECT 1 FROM folded_kinds JOIN folded_arms USING (look)
ANTI JOIN main.centres USING (measure, arm) LIMIT 1
"""
NEW_CENTRES = """
INSERT INTO main.centres BY NAME
SELECT a.*, k.look FROM about AS a JOIN main.kinds AS k USING (measure) ANTI JOIN main.centres USING (measure, arm)
"""
CENTRES_TWICE = (
    f"SELECT * REPLACE (side AS bucket) FROM main.centres CROSS JOIN (VALUES ({ENTERS}), ({LEAVES})) AS s(side)"
)
SUMMED = (
    "SELECT measure, arm, sum(present)::BIGINT AS present, "
    + ", ".join(f"sum({name}) AS {name}" for name in SUMS)
    + ", " + ", ".join(f"max(peak_{name}) AS peak_{name}" for name in PEAKS)
    + f" FROM (SELECT measure, arm, if(bucket = {ENTERS}, 1, -1) AS sign, sign * present AS present, "
    + ", ".join(f"sign * {name} AS {name}" for name in SUMS)
    + ", " + ", ".join(f"s{name} AS peak_{name}" for name in PEAKS) + " FROM moved"
    + " UNION ALL BY NAME SELECT measure, arm, present, " + ", ".join(SUMS)
    + ", " + ", ".join(f"peak_{name}" for name in PEAKS)
    + " FROM main.sums SEMI JOIN moved USING (measure, arm)) GROUP BY measure, arm"
)  # fmt: skip
WRITE_SUMS = (
    "DELETE FROM main.sums USING summed AS s WHERE sums.measure = s.measure AND sums.arm = s.arm",
    "INSERT INTO main.sums BY NAME SELECT s.*, k.look FROM summed AS s JOIN main.kinds AS k USING (measure)",
)
COUNTED = (
    f"INSERT INTO main.counts SELECT look, arm, crossed, count(*) FROM main.exposed WHERE {OF_THESE} GROUP BY ALL",
    "INSERT INTO main.newest SELECT look, measure, max(latest) FROM (SELECT look, -1 AS measure, latest FROM arrived "
    f"UNION ALL SELECT look, measure, latest FROM main.units WHERE {OF_THESE}) GROUP BY look, measure",
)
WRITE = (
    "DELETE FROM main.units WHERE rowid IN (SELECT place FROM moves WHERE place IS NOT NULL)",
    f"INSERT INTO main.units BY NAME SELECT cell, {UNIT} FROM moves WHERE seen IS NOT NULL",
    f"DELETE FROM main.exposed WHERE member IN ({REPLACED})",
    "INSERT INTO main.exposed BY NAME SELECT look, unit, member, arm, crossed, first FROM changed",
    "CREATE OR REPLACE TEMP TABLE moved AS SELECT look, arm, crossed, sum(n)::BIGINT AS n FROM ("
    "SELECT look, arm, crossed, count(*) AS n FROM changed GROUP BY ALL "
    "UNION ALL SELECT look, old_arm, old_crossed, -count(*) FROM changed WHERE old_member IS NOT NULL GROUP BY ALL "
    "UNION ALL SELECT look, arm, crossed, n FROM main.counts SEMI JOIN changed USING (look)) GROUP BY ALL",
    "DELETE FROM main.counts WHERE look IN (SELECT look FROM moved)",
    "INSERT INTO main.counts SELECT * FROM moved WHERE n > 0",
    "CREATE OR REPLACE TEMP TABLE moved AS SELECT look, measure, max(latest) AS latest FROM ("
    "SELECT look, -1 AS measure, latest FROM arrived UNION ALL SELECT look, measure, latest FROM entering "
    "UNION ALL SELECT look, measure, latest FROM main.newest) GROUP BY look, measure",
    "DELETE FROM main.newest",
    "INSERT INTO main.newest SELECT look, measure, latest FROM moved",
)
LOST = """(
    s{0} * s{0} / present > {most} * greatest(s{0}{0} - s{0} * s{0} / present, 0)
    AND abs(s{0}) > 1e-9 * present * abs(c{0})
    OR peak_{0}{0} > {most} * s{0}{0} AND peak_{0}{0} > 1e-18 * present * c{0} * c{0}
)"""
ILL = (
    "SELECT s.measure, s.arm FROM main.sums AS s JOIN folded_kinds USING (measure) "
    "JOIN main.centres AS c ON c.measure = s.measure AND c.arm = s.arm WHERE present = 0 OR "
    + " OR ".join(LOST.format(axis, most=MOST_LOST) for axis in "xyz")
)
