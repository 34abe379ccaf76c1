"""What a fold asks of DuckDB, as SQL over the state and the temporary tables of one fold."""

# ruff: noqa: S608 (what is put into these texts are names and numbers of this package, never anybody's words)

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.connectors.measuring import duck, expression
from bot.connectors.measuring.gathering import table
from bot.connectors.measuring.state import MEMBER_BITS, METRIC, PEAKS, SUMS

if TYPE_CHECKING:
    from ibis import Table

MOST_LOST = 1e3
"""How much larger than what is left a sum may have been; 1e3 times the rounding of a day's refreshes is below 1e-9."""
COUNTS = ("total", "under", "before", "before_under")
"""What is kept of a unit; the last two only where a metric looks back."""
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
OF_THESE = "look IN (SELECT number FROM folded)"
FOLDED = {
    "arms": f"SELECT * FROM main.arms WHERE {OF_THESE}",
    "parts": f"SELECT * FROM main.parts WHERE {OF_THESE}",
    "kinds": f"SELECT * FROM main.kinds WHERE {OF_THESE} AND NOT ordered AND cap IS NULL",
}
NEXT_MEMBER = "(SELECT coalesce(max(member), 0) FROM main.exposed) + row_number() OVER ()"
SEEN = f"""
SELECT
    n.look, n.unit, {NEXT_MEMBER} AS member, n.latest,
    least(n.arm, e.arm)::SMALLINT AS arm,
    n.crossed OR coalesce(e.crossed OR n.arm <> e.arm, false) AS crossed,
    least(n.first, e.first) AS first,
    e.member AS old_member, e.arm AS old_arm, e.crossed AS old_crossed,
    e.member IS NULL OR n.first < e.first OR (NOT e.crossed AND (n.crossed OR n.arm <> e.arm)) AS changes
FROM ({{}}) AS n LEFT JOIN main.exposed AS e ON n.look = e.look AND n.unit = e.unit
"""
FRESH = "SELECT look, unit, member, arm, crossed, first FROM seen WHERE changes AND NOT crossed"
REPLACED = "SELECT old_member AS member FROM seen WHERE changes AND old_member IS NOT NULL"
GONE = f"DELETE FROM main.exposed WHERE member IN ({REPLACED})"
KNOWN = f"SELECT * FROM main.exposed ANTI JOIN ({REPLACED}) USING (member) UNION ALL {FRESH}"
JUST_COUNTED = (
    "CREATE OR REPLACE TEMP VIEW just_counted AS SELECT * FROM main.cells SEMI JOIN folded_parts USING (measure) "
    "WHERE cell >= {} AND cell < {}"
)
"""The rows of the metrics that are counted, from those parts of the table alone where their numbers are."""
CHANGED = "SELECT min(first) FILTER (NOT crossed) AS oldest, count(old_member) AS replaced FROM seen WHERE changes"
CELL = f"((measure::BIGINT << {MEMBER_BITS}) | member)"
MOVED = f"SELECT {METRIC} AS measure, * EXCLUDE (cell) FROM moves"
"""`moves` by their metric."""
WITHOUT_CENTRE = """
SELECT 1 FROM folded_kinds JOIN folded_arms USING (look)
ANTI JOIN main.centres USING (measure, arm) LIMIT 1
"""
NEW_CENTRES = """
INSERT INTO main.centres BY NAME
SELECT a.*, k.look FROM ({}) AS a JOIN main.kinds AS k USING (measure) ANTI JOIN main.centres USING (measure, arm)
"""
MOVE_SUMS = (
    "MERGE INTO main.sums USING (SELECT m.* EXCLUDE ("
    + ", ".join(f"came_{axis}, went_{axis}" for axis in PEAKS)
    + "), k.look, "
    + ", ".join(f"greatest(came_{axis}, went_{axis}) AS peak_{axis}" for axis in PEAKS)
    + " FROM ({}) AS m JOIN main.kinds AS k USING (measure)) AS m ON sums.measure = m.measure AND sums.arm = m.arm "
    + "WHEN MATCHED THEN UPDATE SET present = sums.present + m.present, "
    + ", ".join(f"{name} = sums.{name} + m.{name}" for name in SUMS) + ", "
    + ", ".join(f"peak_{name} = greatest(sums.peak_{name}, m.peak_{name})" for name in PEAKS)
    + " WHEN NOT MATCHED THEN INSERT BY NAME"
)  # fmt: skip
COUNTED = (
    f"INSERT INTO main.counts SELECT look, arm, crossed, count(*) FROM main.exposed WHERE {OF_THESE} GROUP BY ALL",
    "INSERT INTO main.newest SELECT look, measure, max(latest) FROM (SELECT look, -1 AS measure, latest FROM seen "
    "UNION ALL SELECT look, measure, latest FROM just_counted JOIN main.kinds USING (measure)) GROUP BY look, measure",
)
WRITE = (
    "DELETE FROM main.units WHERE rowid IN (SELECT place FROM moves WHERE place IS NOT NULL)",
    "INSERT INTO main.exposed BY NAME SELECT look, unit, member, arm, crossed, first FROM seen WHERE changes",
    "MERGE INTO main.counts USING (SELECT look, arm, crossed, sum(n)::BIGINT AS n FROM ("
    "SELECT look, arm, crossed, count(*) AS n FROM seen WHERE changes GROUP BY ALL UNION ALL "
    "SELECT look, old_arm, old_crossed, -count(*) FROM seen WHERE changes AND old_member IS NOT NULL GROUP BY ALL"
    ") GROUP BY ALL) AS m ON counts.look = m.look AND counts.arm = m.arm AND counts.crossed = m.crossed "
    "WHEN MATCHED AND counts.n + m.n = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET n = counts.n + m.n "
    "WHEN NOT MATCHED THEN INSERT BY NAME",
    "MERGE INTO main.newest USING (SELECT look, measure, max(latest) AS latest FROM ("
    "SELECT look, -1 AS measure, latest FROM seen UNION ALL "
    f"SELECT look, measure, latest FROM (SELECT {METRIC} AS measure, max(latest) AS latest FROM moves GROUP BY ALL) "
    "JOIN main.kinds USING (measure)) WHERE latest IS NOT NULL GROUP BY ALL) AS m "
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
    "JOIN main.centres AS c ON c.measure = s.measure AND c.arm = s.arm WHERE present = 0 OR {}"
)


class Statements(NamedTuple):
    """What a fold asks of units and sums. `moves` are rows of units that come (they have a `total`), go (they have a
    `place`), or both; `catch_up` adds what came earlier of units that are new, `leave` the rows of units that go.
    `differences` is what such rows, as `moved`, add to the sums, `about` the centres of those that come; `all_come`
    makes rows of units such rows. `kept` are the columns that metrics of these days need, `ill` the groups whose sums
    have lost digits."""

    arrived: str
    counted: str
    moves: str
    catch_up: str
    leave: str
    come: str
    kept: str
    all_come: str
    ill: str
    about: str
    differences: str


@lru_cache(maxsize=32)
def compiled(lookbacks: tuple[int, ...]) -> Statements:
    """All that a fold asks, compiled once for the days that its metrics look back."""
    import ibis

    exposures = table("exposures", expression.EXPOSURES)
    observations = table("observations", expression.OBSERVATIONS)
    arms, parts, kinds = table("folded_arms", ARMS), table("folded_parts", PARTS), table("folded_kinds", KINDS)
    counted = duck.sql(expression.units(table("known", MEMBERS), observations, parts, lookbacks))
    kept, axes = (COUNTS, "xyz") if lookbacks else (COUNTS[:2], "xy")
    names, olds = ", ".join(kept), ", ".join(f"u.{name} AS old_{name}" for name in kept)
    nothing = ", ".join(f"NULL::DOUBLE AS old_{name}" for name in kept)
    totals = ", ".join(f"c.{name} + coalesce(u.{name}, 0) AS {name}" for name in kept)
    moved = table(
        "moved",
        {"measure": "int32", "arm": "int16"} | {f"{old}{name}": "float64" for old in ("", "old_") for name in kept},
    )
    come = moved.filter(moved.total.notnull()).mutate(look=moved.measure, member=moved.measure)
    if not lookbacks:
        come = come.mutate(before=ibis.literal(0.0), before_under=ibis.literal(0.0))
    return Statements(
        arrived=duck.sql(expression.exposed(exposures, arms)),
        counted=counted,
        kept=names,
        moves=f"SELECT c.cell, c.arm, c.latest, {totals}, u.rowid AS place, {olds} "
        f"FROM (SELECT *, {CELL} AS cell FROM ({counted})) AS c LEFT JOIN main.units AS u ON c.cell = u.cell",
        catch_up=f"MERGE INTO moves USING (SELECT {CELL} AS cell, arm, latest, {names} FROM ({{}})) AS m "
        "ON moves.cell = m.cell WHEN MATCHED THEN UPDATE SET latest = greatest(moves.latest, m.latest), "
        + ", ".join(f"{name} = moves.{name} + m.{name}" for name in kept)
        + " WHEN NOT MATCHED THEN INSERT BY NAME",
        leave="INSERT INTO moves BY NAME "
        f"SELECT cell, arm, rowid AS place, {olds} "
        f"FROM main.units AS u WHERE cell & {2**MEMBER_BITS - 1} IN ({REPLACED})",
        come=f"INSERT INTO main.units BY NAME SELECT cell, arm, latest, {names} FROM moves WHERE total IS NOT NULL",
        all_come=f"SELECT measure, arm, {names}, {nothing} FROM ",
        ill=ILL.format(" OR ".join(LOST.format(axis, most=MOST_LOST) for axis in axes)),
        about=duck.sql(expression.centres(expression.values(come, kinds).drop("segment", "bucket"))),
        differences=duck.sql(differences(moved, kinds, table("centres", CENTRES), axes)),
    )


def differences(moved: Table, kinds: Table, centres: Table, axes: str) -> Table:
    """What rows of units that become others add to the sums of their groups about the centres: a side that is missing,
    of a row that comes or goes, lies at the centre. `came_…` and `went_…` are the squares of each side alone."""
    import ibis

    group = ["measure", "arm"]
    found = moved.join(kinds.drop("look"), "measure").join(centres, group)
    sides: dict[str, Any] = {}
    for side in ("", "old_"):
        total, under = found[f"{side}total"], found[f"{side}under"]
        value = {"x": expression.value_of(found, total, under), "y": under}
        if "z" in axes:
            value["z"] = expression.value_of(found, found[f"{side}before"], found[f"{side}before_under"])
        for axis, each in value.items():
            sides[f"{side}{axis}"] = ibis.ifelse(total.isnull(), 0.0, each - found[f"c{axis}"])
        sides[f"{side}here"] = ibis.ifelse(total.isnull(), 0, 1)
    found = found.select(*group, **sides)

    def total_of(name: str, *sides: str) -> Any:
        if not set(name) <= set(axes):
            return ibis.literal(0.0)
        came, *went = (
            math.prod((found[f"{side}{axis}"] for axis in name[1:]), start=found[f"{side}{name[0]}"]) for side in sides
        )
        return (came - went[0]).sum() if went else came.sum()

    sums = {name: total_of(name[1:], "", "old_") for name in SUMS}
    squares = {f"came_{name}": total_of(name, "") for name in PEAKS} | {
        f"went_{name}": total_of(name, "old_") for name in PEAKS
    }
    return found.group_by(group).agg(present=(found.here - found.old_here).sum(), **sums, **squares)
