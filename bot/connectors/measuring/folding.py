"""New events folded into the state: the old contributions of changed units are taken out, the new ones put in.

The sums are about a fixed centre, so what one refresh rounds away is about 1e-16 of the largest sum there ever was
(`peak`). Where a sum has shrunk far below its peak, or the values have moved far from their centre, digits were lost;
such a group is summed up anew from its unit rows, about its new mean.
"""

# ruff: noqa: S608 (what is put into these texts are names and numbers of this package, never anybody's words)

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.connectors.measuring import duck, expression
from bot.connectors.measuring.gathering import table
from bot.connectors.measuring.state import PEAKS, SUMS, State

MOST_LOST = 1e3
"""How much larger than what is left a sum may have been; 1e3 times the rounding of a day's refreshes is below 1e-9."""
COUNTS = ("total", "seen", "positive", "under", "before", "before_seen", "before_positive")
UNIT = f"measure, look, arm, unit, latest, {', '.join(COUNTS)}"
ARMS = {"look": "int32", "experiment": "string", "phase": "int32", "since": expression.TIME, "until": expression.TIME,
        "variant": "string", "arm": "int16"}  # fmt: skip
PARTS = {"measure": "int32", "look": "int32", "source": "string", "below": "boolean", "lookback": "int32",
         "until": expression.TIME}  # fmt: skip
KINDS = {
    "measure": "int32",
    "look": "int32",
    "binary": "boolean",
    "ordered": "boolean",
    "quantile": "float64",
    "cap": "float64",
}
ROWS = {"measure": "int32", "look": "int32", "arm": "int16", "unit": "string", "latest": expression.TIME,
        "total": "float64", "seen": "int64", "positive": "int64", "under": "float64", "before": "float64",
        "before_seen": "int64", "before_positive": "int64"}  # fmt: skip
CENTRES = {"measure": "int32", "arm": "int16", "segment": "string", "bucket": "int32", "cx": "float64", "cy": "float64",
           "cz": "float64"}  # fmt: skip


class Arrived(NamedTuple):
    """Files with new events, files with all, and the SQL that tells the new rows and all rows that count."""

    exposures: Sequence[Path]
    observations: Sequence[Path]
    all_observations: Sequence[Path]
    new: str
    counting: str


class Statements(NamedTuple):
    """The expressions as DuckDB has to be asked them, over the temporary tables of one fold."""

    arrived: str
    recounted: str
    increments: str
    incoming: str
    outgoing: str
    about: str
    put_in: str
    taken_out: str


@lru_cache(maxsize=32)
def statements(lookbacks: tuple[int, ...]) -> Statements:
    """All that a fold asks, compiled once for the days that its metrics look back."""
    exposures, observations = table("exposures", expression.EXPOSURES), table("observations", expression.OBSERVATIONS)
    arms, parts, kinds = table("folded_arms", ARMS), table("folded_parts", PARTS), table("folded_kinds", KINDS)
    fresh, known = table("fresh", expression.EXPOSED), table("exposed", expression.EXPOSED)
    incoming, outgoing = (expression.values(table(name, ROWS), kinds) for name in ("renewed", "old"))
    put_in, taken_out = (table(name, dict(incoming.schema().items())) for name in ("incoming", "outgoing"))
    centres = table("centres", CENTRES)
    return Statements(
        duck.sql(expression.exposed(exposures, arms)),
        duck.sql(expression.units(fresh, observations, parts, lookbacks)),
        duck.sql(expression.units(known, observations, parts, lookbacks)),
        duck.sql(incoming),
        duck.sql(outgoing),
        duck.sql(expression.centres(put_in)),
        duck.sql(expression.statistics(put_in, centres)),
        duck.sql(expression.statistics(taken_out, centres)),
    )


def fold(state: State, looks: Sequence[int], arrived: Arrived, *, anew: bool = False) -> None:
    """Take in what arrived, for these looks; with `anew` the arrived files are all there are, and nothing is kept yet.

    Call it inside `State.changing`.
    """
    connection = state.connection
    numbers = duck.numbers(connection, "folded", looks)
    for name in ("arms", "parts", "kinds"):
        additive = "AND NOT ordered AND cap IS NULL" if name == "kinds" else ""
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE folded_{name} AS "
            f"SELECT * FROM main.{name} WHERE look IN (SELECT number FROM {numbers}) {additive}"
        )
    lookbacks = tuple(
        days
        for (days,) in connection.execute("SELECT DISTINCT lookback FROM folded_parts ORDER BY 1").fetchall()
        if days
    )
    texts = statements(lookbacks)
    duck.read(connection, "exposures", arrived.exposures, arrived.new)
    _make(state, "arrived", texts.arrived)
    connection.execute(CHANGED)
    _make(state, "fresh", FRESH)
    oldest = duck.rows(connection, "SELECT min(first) AS oldest FROM fresh")[0]["oldest"]
    duck.read(connection, "observations", *_since(arrived, oldest, max(lookbacks, default=0)))
    _make(state, "recounted", texts.recounted)
    if anew or not arrived.observations:
        _make(state, "increments", "SELECT * FROM recounted WHERE false")
    else:
        duck.read(connection, "observations", arrived.observations, arrived.new)
        _make(state, "increments", texts.increments)
        connection.execute(NOT_CHANGED)
    _make(state, "joined", JOINED)
    again = connection.execute("SELECT count(*) FROM changed WHERE NOT is_new").fetchall() != [(0,)]
    _make(state, "replaced", REPLACED if again else f"SELECT {UNIT}, 0::BIGINT AS place FROM main.units WHERE false")
    _see(state, "old", OLD)
    _see(state, "renewed", RENEWED)
    _sum_up(state, texts)
    for statement in WRITE:
        connection.execute(statement)
    _mend(state, texts)
    duck.drop(connection, ("arrived", "changed", "fresh", "recounted", "increments", "joined", "replaced", "moved"))


def _since(arrived: Arrived, oldest: datetime | None, lookback: int) -> tuple[list[Path], str]:
    """The files that may hold observations of units first exposed at `oldest` or later."""
    if oldest is None:
        return [], "true"
    start = oldest - timedelta(days=lookback)
    return duck.from_day(arrived.all_observations, start), f"{arrived.counting} AND time >= {duck.moment(start)}"


def _make(state: State, name: str, query: str) -> None:
    state.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")


def _see(state: State, name: str, query: str) -> None:
    state.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")


def _sum_up(state: State, texts: Statements) -> None:
    """The difference that the changed rows make to the sums."""
    _see(state, "incoming", texts.incoming)
    _see(state, "outgoing", texts.outgoing)
    if state.connection.execute(WITHOUT_CENTRE).fetchall():
        _make(state, "about", texts.about)
        state.connection.execute(NEW_CENTRES)
    _make(state, "put_in", texts.put_in)
    _make(state, "taken_out", texts.taken_out)
    for statement in MOVE_SUMS:
        state.connection.execute(statement)
    duck.drop(state.connection, ("about", "put_in", "taken_out"))


def _mend(state: State, texts: Statements) -> None:
    """Sum up anew the groups whose sums have lost digits, and forget those without a unit."""
    connection = state.connection
    _make(state, "ill", ILL)
    if not connection.execute("SELECT count(*) FROM ill").fetchall()[0][0]:
        return
    connection.execute("DELETE FROM centres USING ill WHERE centres.measure = ill.measure AND centres.arm = ill.arm")
    connection.execute("DELETE FROM sums USING ill WHERE sums.measure = ill.measure AND sums.arm = ill.arm")
    _see(state, "old", f"SELECT {UNIT} FROM main.units WHERE false")
    _see(state, "renewed", f"SELECT {UNIT} FROM main.units SEMI JOIN ill USING (measure, arm)")
    _sum_up(state, texts)


CHANGED = """
CREATE OR REPLACE TEMP TABLE changed AS
SELECT
    n.look, n.unit, n.latest,
    least(n.arm, e.arm)::SMALLINT AS arm,
    n.crossed OR coalesce(e.crossed OR n.arm <> e.arm, false) AS is_crossed,
    least(n.first, e.first) AS first,
    e.unit IS NULL AS is_new, e.arm AS old_arm, e.crossed AS was_crossed
FROM arrived AS n LEFT JOIN main.exposed AS e ON n.look = e.look AND n.unit = e.unit
WHERE e.unit IS NULL OR n.first < e.first OR (NOT e.crossed AND (n.crossed OR n.arm <> e.arm))
"""
NOT_CHANGED = "DELETE FROM increments USING changed AS c WHERE increments.look = c.look AND increments.unit = c.unit"
FRESH = "SELECT look, unit, arm, is_crossed AS crossed, first, latest FROM changed WHERE NOT is_crossed"
JOINED = (
    "SELECT i.*, u.rowid AS place, u.latest AS old_latest, "
    + ", ".join(f"u.{name} AS old_{name}" for name in COUNTS)
    + " FROM increments AS i LEFT JOIN main.units AS u ON i.measure = u.measure AND i.unit = u.unit"
)
REPLACED = (
    f"SELECT {UNIT}, units.rowid AS place FROM main.units "
    "SEMI JOIN (SELECT look, unit FROM changed WHERE NOT is_new) USING (look, unit)"
)
OLD = (
    "SELECT measure, look, arm, unit, old_latest AS latest, "
    + ", ".join(f"old_{name} AS {name}" for name in COUNTS)
    + ", place FROM joined WHERE place IS NOT NULL UNION ALL BY NAME SELECT * FROM replaced"
)
RENEWED = (
    "SELECT measure, look, arm, unit, greatest(latest, old_latest) AS latest, "
    + ", ".join(f"{name} + coalesce(old_{name}, 0) AS {name}" for name in COUNTS)
    + " FROM joined UNION ALL BY NAME SELECT * FROM recounted"
)
WITHOUT_CENTRE = """
SELECT 1 FROM (SELECT DISTINCT measure, arm FROM renewed) AS r JOIN folded_kinds USING (measure)
WHERE NOT EXISTS (SELECT 1 FROM main.centres AS c WHERE c.measure = r.measure AND c.arm = r.arm) LIMIT 1
"""
NEW_CENTRES = """
INSERT INTO main.centres BY NAME
SELECT a.*, k.look FROM about AS a JOIN main.kinds AS k USING (measure)
WHERE NOT EXISTS (SELECT 1 FROM main.centres AS c WHERE c.measure = a.measure AND c.arm = a.arm)
"""
MOVE_SUMS = (
    "CREATE OR REPLACE TEMP TABLE moved AS SELECT measure, arm, sum(present)::BIGINT AS present, "
    + ", ".join(f"sum({name}) AS {name}" for name in SUMS)
    + ", " + ", ".join(f"max(peak_{name}) AS peak_{name}" for name in PEAKS)
    + " FROM (SELECT measure, arm, present, " + ", ".join(SUMS)
    + ", " + ", ".join(f"s{name} AS peak_{name}" for name in PEAKS) + " FROM put_in"
    + " UNION ALL SELECT measure, arm, -present, " + ", ".join(f"-{name}" for name in SUMS)
    + ", " + ", ".join(f"s{name} AS peak_{name}" for name in PEAKS) + " FROM taken_out"
    + " UNION ALL SELECT measure, arm, present, " + ", ".join(SUMS)
    + ", " + ", ".join(f"peak_{name}" for name in PEAKS)
    + " FROM main.sums SEMI JOIN (SELECT measure, arm FROM put_in UNION SELECT measure, arm FROM taken_out)"
    " USING (measure, arm)) GROUP BY measure, arm",
    "DELETE FROM main.sums USING moved WHERE sums.measure = moved.measure AND sums.arm = moved.arm",
    "INSERT INTO main.sums BY NAME SELECT m.*, k.look FROM moved AS m JOIN main.kinds AS k USING (measure)",
)  # fmt: skip
WRITE = (
    "DELETE FROM main.units WHERE rowid IN (SELECT place FROM old)",
    "INSERT INTO main.units BY NAME SELECT * FROM renewed",
    "DELETE FROM main.exposed USING (SELECT look, unit FROM changed WHERE NOT is_new) AS c "
    "WHERE exposed.look = c.look AND exposed.unit = c.unit",
    "INSERT INTO main.exposed SELECT look, unit, arm, is_crossed, first FROM changed",
    "CREATE OR REPLACE TEMP TABLE moved AS SELECT look, arm, crossed, sum(n)::BIGINT AS n FROM ("
    "SELECT look, arm, is_crossed AS crossed, count(*) AS n FROM changed GROUP BY ALL "
    "UNION ALL SELECT look, old_arm, was_crossed, -count(*) FROM changed WHERE NOT is_new GROUP BY ALL "
    "UNION ALL SELECT look, arm, crossed, n FROM main.counts SEMI JOIN changed USING (look)) GROUP BY ALL",
    "DELETE FROM main.counts WHERE look IN (SELECT look FROM moved)",
    "INSERT INTO main.counts SELECT * FROM moved WHERE n > 0",
    "CREATE OR REPLACE TEMP TABLE moved AS SELECT look, measure, max(latest) AS latest FROM ("
    "SELECT look, -1 AS measure, latest FROM arrived UNION ALL SELECT look, measure, latest FROM renewed "
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
