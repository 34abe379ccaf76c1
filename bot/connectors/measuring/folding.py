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
from bot.connectors.measuring.state import MEMBER_BITS, PEAKS, SUMS, State

MOST_LOST = 1e3
"""How much larger than what is left a sum may have been; 1e3 times the rounding of a day's refreshes is below 1e-9."""
COUNTS = ("total", "under", "before", "before_under")
UNIT = f"measure, look, arm, member, latest, {', '.join(COUNTS)}"
ARMS = {"look": "int32", "experiment": "string", "phase": "int32", "since": expression.TIME, "until": expression.TIME,
        "variant": "string", "arm": "int16"}  # fmt: skip
PARTS = {"measure": "int32", "look": "int32", "source": "string", "below": "boolean", "lookback": "int32",
         "binary": "boolean", "ordered": "boolean", "until": expression.TIME}  # fmt: skip
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
        "total": "float64", "under": "float64", "before": "float64", "before_under": "float64"}  # fmt: skip
CENTRES = {"measure": "int32", "arm": "int16", "cx": "float64", "cy": "float64", "cz": "float64"}
ENTERS, LEAVES = -1, -2
"""What tells the two apart where other rows have their day."""


OF_THESE = "look IN (SELECT number FROM folded)"
FOLDED = {
    "arms": f"SELECT * FROM main.arms WHERE {OF_THESE}",
    "parts": f"SELECT * FROM main.parts WHERE {OF_THESE}",
    "kinds": f"SELECT * FROM main.kinds WHERE {OF_THESE} AND NOT ordered AND cap IS NULL",
}
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
CELL = f"((measure::BIGINT << {MEMBER_BITS}) | member)"
ROW_OF = f"(cell >> {MEMBER_BITS})::INTEGER AS measure, look, arm, cell & {2**MEMBER_BITS - 1} AS member, latest"
MOVES = (
    "SELECT c.cell, c.look, c.arm, c.latest, "
    + ", ".join(f"c.{name} + coalesce(u.{name}, 0) AS {name}" for name in COUNTS)
    + ", u.rowid AS place, " + ", ".join(f"u.{name} AS old_{name}" for name in COUNTS)
    + f" FROM (SELECT *, {CELL} AS cell FROM ({{counted}})) AS c LEFT JOIN main.units AS u ON c.cell = u.cell "
    + f"UNION ALL BY NAME SELECT {CELL} AS cell, * EXCLUDE (measure, member) FROM ({{recounted}}) "
    + "UNION ALL BY NAME SELECT cell, look, arm, rowid AS place, "
    + ", ".join(f"{name} AS old_{name}" for name in COUNTS)
    + f" FROM main.units SEMI JOIN ({REPLACED}) USING (member)"
)  # fmt: skip
"""Rows of units that enter (they have a `total`), leave (they have a `place`), or both."""
ENTERING = f"SELECT {ROW_OF}, {', '.join(COUNTS)} FROM moves WHERE total IS NOT NULL"
LEAVING = (
    f"SELECT {ROW_OF}, " + ", ".join(f"old_{name} AS {name}" for name in COUNTS) + " FROM moves WHERE place IS NOT NULL"
)
NOTHING = "SELECT * FROM main.units WHERE false"
WITHOUT_CENTRE = """
SELECT 1 FROM folded_kinds JOIN folded_arms USING (look)
ANTI JOIN main.centres USING (measure, arm) LIMIT 1
"""
NEW_CENTRES = """
INSERT INTO main.centres BY NAME
SELECT a.*, k.look FROM ({}) AS a JOIN main.kinds AS k USING (measure) ANTI JOIN main.centres USING (measure, arm)
"""
MOVE_SUMS = (
    "MERGE INTO main.sums USING (SELECT measure, look, arm, sum(sign * present)::BIGINT AS present, "
    + ", ".join(f"sum(sign * {name}) AS {name}" for name in SUMS) + ", "
    + ", ".join(f"max(s{name}) AS peak_{name}" for name in PEAKS)
    + f" FROM (SELECT *, if(bucket = {ENTERS}, 1, -1) AS sign FROM ({{}})) JOIN main.kinds USING (measure) "
    + "GROUP BY measure, look, arm) AS m ON sums.measure = m.measure AND sums.arm = m.arm "
    + "WHEN MATCHED THEN UPDATE SET present = sums.present + m.present, "
    + ", ".join(f"{name} = sums.{name} + m.{name}" for name in SUMS) + ", "
    + ", ".join(f"peak_{name} = greatest(sums.peak_{name}, m.peak_{name})" for name in PEAKS)
    + " WHEN NOT MATCHED THEN INSERT BY NAME"
)  # fmt: skip
COUNTED = (
    f"INSERT INTO main.counts SELECT look, arm, crossed, count(*) FROM main.exposed WHERE {OF_THESE} GROUP BY ALL",
    "INSERT INTO main.newest SELECT look, measure, max(latest) FROM (SELECT look, -1 AS measure, latest FROM arrived "
    f"UNION ALL SELECT look, measure, latest FROM main.units WHERE {OF_THESE}) GROUP BY look, measure",
)
WRITE = (
    "DELETE FROM main.units WHERE rowid IN (SELECT place FROM moves WHERE place IS NOT NULL)",
    f"INSERT INTO main.units BY NAME SELECT cell, look, arm, latest, {', '.join(COUNTS)} FROM moves "
    "WHERE total IS NOT NULL",
    f"DELETE FROM main.exposed WHERE member IN ({REPLACED})",
    "INSERT INTO main.exposed BY NAME SELECT look, unit, member, arm, crossed, first FROM changed",
    "MERGE INTO main.counts USING (SELECT look, arm, crossed, sum(n)::BIGINT AS n FROM ("
    "SELECT look, arm, crossed, count(*) AS n FROM changed GROUP BY ALL UNION ALL "
    "SELECT look, old_arm, old_crossed, -count(*) FROM changed WHERE old_member IS NOT NULL GROUP BY ALL) GROUP BY ALL"
    ") AS m ON counts.look = m.look AND counts.arm = m.arm AND counts.crossed = m.crossed "
    "WHEN MATCHED AND counts.n + m.n = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET n = counts.n + m.n "
    "WHEN NOT MATCHED THEN INSERT BY NAME",
    "MERGE INTO main.newest USING (SELECT look, measure, max(latest) AS latest FROM ("
    "SELECT look, -1 AS measure, latest FROM arrived UNION ALL "
    f"SELECT look, (cell >> {MEMBER_BITS})::INTEGER, latest FROM moves WHERE total IS NOT NULL) GROUP BY ALL) AS m "
    "ON newest.look = m.look AND newest.measure = m.measure "
    "WHEN MATCHED THEN UPDATE SET latest = greatest(newest.latest, m.latest) WHEN NOT MATCHED THEN INSERT BY NAME",
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
    entering, leaving = (
        expression.values(table(name, ROWS), kinds).drop("segment") for name in ("entering", "leaving")
    )
    both = entering.mutate(bucket=ibis.literal(ENTERS, "int32")).union(
        leaving.mutate(bucket=ibis.literal(LEAVES, "int32")), distinct=False
    )
    return Statements(
        duck.sql(expression.exposed(exposures, arms)),
        duck.sql(expression.units(known, observations, parts, lookbacks)),
        duck.sql(expression.units(fresh, history, parts, lookbacks)),
        duck.sql(expression.centres(entering.drop("bucket"))),
        duck.sql(expression.statistics(both, table("centres", CENTRES))),
    )


class Files(NamedTuple):
    """Files with events, and the SQL that tells those that count."""

    exposures: Sequence[Path]
    observations: Sequence[Path]
    counting: str


def count(state: State, looks: Sequence[int], files: Files) -> None:
    """Count everything of these looks, of which nothing is kept yet; call it inside `State.changing`."""
    texts, _ = _prepared(state, looks)
    exposures, observations = (
        duck.events(kind, getattr(files, kind), files.counting) for kind in ("exposures", "observations")
    )
    _make(state, "arrived", _with(texts.arrived, exposures=exposures))
    run = state.connection.execute
    run(f"INSERT INTO main.exposed SELECT look, unit, {NEXT_MEMBER}, arm, crossed, first FROM arrived")
    known = f"SELECT * FROM main.exposed WHERE {OF_THESE}"
    counted = _with(texts.counted, known=known, observations=observations)
    run(f"INSERT INTO main.units BY NAME SELECT {CELL} AS cell, * EXCLUDE (measure, member) FROM ({counted})")
    _sum_up(state, texts, entering=f"SELECT * FROM main.units WHERE {OF_THESE}")
    for statement in COUNTED:
        run(statement)
    duck.drop(state.connection, ("arrived",))


def fold(state: State, looks: Sequence[int], new: Files, observations: Sequence[Path], counting: str) -> None:
    """Take in what is new for these looks; `observations` are the files with all of them, old and new, of which those
    count that `counting` tells. Call it inside `State.changing`."""
    texts, lookback = _prepared(state, looks)
    _make(state, "arrived", _with(texts.arrived, exposures=duck.events("exposures", new.exposures, new.counting)))
    _make(state, "changed", CHANGED)
    oldest = duck.rows(state.connection, f"SELECT min(first) AS oldest FROM ({FRESH})")[0]["oldest"]
    history = duck.events("observations", (), "true")
    if oldest is not None:
        start = oldest - timedelta(days=lookback)
        since = f"{counting} AND time >= {duck.moment(start)}"
        history = duck.events("observations", duck.from_day(observations, start), since)
    counted = _with(
        texts.counted, known=KNOWN, observations=duck.events("observations", new.observations, new.counting)
    )
    recounted = _with(texts.recounted, fresh=FRESH, history=history)
    _make(state, "moves", MOVES.format(counted=counted, recounted=recounted))
    _sum_up(state, texts, entering=ENTERING, leaving=LEAVING)
    for statement in WRITE:
        state.connection.execute(statement)
    _mend(state, texts)
    duck.drop(state.connection, ("arrived", "changed", "moves"))


def _prepared(state: State, looks: Sequence[int]) -> tuple[Statements, int]:
    """What to ask for these looks, and how many days their metrics look back at most."""
    duck.numbers(state.connection, "folded", looks)
    for name, kept in FOLDED.items():
        _make(state, f"folded_{name}", kept)
    found = state.connection.execute("SELECT DISTINCT lookback FROM folded_parts WHERE lookback > 0 ORDER BY 1")
    lookbacks = tuple(days for (days,) in found.fetchall())
    return statements(lookbacks), max(lookbacks, default=0)


def _with(query: str, **tables: str) -> str:
    """A query over these queries by their names."""
    return f"WITH {', '.join(f'{name} AS ({text})' for name, text in tables.items())} SELECT * FROM ({query})"


def _make(state: State, name: str, query: str) -> None:
    state.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")


def _sum_up(state: State, texts: Statements, *, entering: str, leaving: str = NOTHING) -> None:
    """The difference to the sums that the rows make which enter and leave."""
    run = state.connection.execute
    if run(WITHOUT_CENTRE).fetchall():
        run(NEW_CENTRES.format(_with(texts.about, entering=entering)))
    run(MOVE_SUMS.format(_with(texts.moved, entering=entering, leaving=leaving)))


def _mend(state: State, texts: Statements) -> None:
    """Sum up anew the groups whose sums have lost digits, and forget those without a unit."""
    connection = state.connection
    if not connection.execute(ILL).fetchall():
        return
    _make(state, "ill", ILL)
    for name in ("centres", "sums"):
        connection.execute(
            f"DELETE FROM main.{name} USING ill WHERE {name}.measure = ill.measure AND {name}.arm = ill.arm"
        )
    _sum_up(state, texts, entering="SELECT * FROM main.units SEMI JOIN ill USING (measure, arm)")
