"""Events folded into what is kept: all of them for looks that begin, for the others what is new.

DuckDB makes a row per metric and unit of the events that are read, by the expressions that every place uses; what is
kept takes these in.
"""

# ruff: noqa: S608 (what is put into these texts are names and numbers of this package, never anybody's words)

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bot.connectors.measuring import duck, expression
from bot.connectors.measuring.gathering import table
from bot.connectors.measuring.kept import Cells, Kept, KeptLook, time_of
from bot.connectors.measuring.layout import Numbers
from bot.connectors.measuring.plan import Plan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS_AT_ONCE = 1 << 19
"""So many rows of units are taken in at a time, so that the largest count needs little memory beside what is kept."""
ARMS = {"look": "int32", "experiment": "string", "phase": "int32", "since": expression.TIME, "until": expression.TIME,
        "variant": "string", "arm": "int16"}  # fmt: skip
PARTS = {"measure": "int32", "look": "int32", "source": "string", "below": "boolean", "lookback": "int32",
         "binary": "boolean", "ordered": "boolean", "until": expression.TIME}  # fmt: skip
EXPOSED = (
    "SELECT e.look, e.unit, e.arm, e.crossed, e.first, e.latest, coalesce(m.member, -1) AS member "
    "FROM ({}) AS e LEFT JOIN members AS m ON e.look = m.look AND e.unit = m.unit"
)
DOUBLES = ", ".join(f"{name}::DOUBLE AS {name}" for name in Cells._fields)
UNITS = f"SELECT measure, member, latest, {DOUBLES} FROM ({{}})"


NOBODY = np.empty(0, np.int64)
EVERYBODY = slice(None)
Members = Numbers | slice
"""Some of them by their numbers, or `EVERYBODY`."""


class Files(NamedTuple):
    """Files with events, and the SQL that tells those that count."""

    exposures: Sequence[Path]
    observations: Sequence[Path]
    counting: str


def count(connection: DuckDBPyConnection, kept: Kept, fresh: Sequence[KeptLook], files: Files) -> None:
    """Count everything of these looks, of which nothing is kept yet."""
    kept.begin(fresh)
    plan = Plan.of(each.look for each in fresh)
    with duck.given(connection, arms=duck.arrow(plan.arms()), parts=duck.arrow(plan.parts())):
        members = _expose(connection, kept, files, NOBODY)
        _observe(connection, kept, members, files, plan)
    kept.mend()


def fold(connection: DuckDBPyConnection, kept: Kept, new: Files, earlier: Files) -> None:
    """Take in what is new for all looks that are kept; of units that are new among the exposed what came `earlier` as
    well."""
    plan = kept.plan
    with duck.given(connection, **kept.asked):
        fresh = _expose(connection, kept, new, EVERYBODY) if new.exposures else NOBODY
        if new.observations:
            _observe(connection, kept, EVERYBODY, new, plan)
        if len(fresh):
            back = timedelta(days=max(plan.lookbacks, default=0))
            start = time_of(int(kept.tables["members"]["first"][fresh].min())) - back
            since = f"{earlier.counting} AND time >= {duck.moment(start)}"
            _observe(connection, kept, fresh, Files((), duck.from_day(earlier.observations, start), since), plan)
    kept.mend()


def members_of(kept: Kept, which: Members) -> pa.Table:
    """These members as a table of DuckDB, with no more made than their numbers."""
    columns = {name: kept.tables["members"][name][which] for name in ("look", "unit", "arm", "crossed")}
    first = pa.array(kept.tables["members"]["first"][which]).view(pa.timestamp("us", "UTC"))
    numbers = np.arange(len(first)) if isinstance(which, slice) else which
    return pa.table(columns | {"first": first, "latest": first, "member": numbers})


def _expose(connection: DuckDBPyConnection, kept: Kept, files: Files, members: Members) -> Numbers:
    """Take in these exposures of members, or of others; the members that have to be counted from all events."""
    exposures = duck.events("exposures", files.exposures, files.counting)
    query = EXPOSED.format(f"WITH exposures AS ({exposures}) {exposed()}")
    with duck.given(connection, members=members_of(kept, members)):
        found = connection.execute(query).fetchnumpy()
    return kept.expose({name: _plain(values) for name, values in found.items()})


def _observe(connection: DuckDBPyConnection, kept: Kept, members: Members, files: Files, plan: Plan) -> None:
    """Take in what was observed of these members in these files."""
    observations = duck.events("observations", files.observations, files.counting)
    query = UNITS.format(f"WITH observations AS ({observations}) {units(plan.lookbacks)}")
    with (
        duck.given(connection, members=members_of(kept, members)),
        connection.sql(query).to_arrow_reader(ROWS_AT_ONCE) as reader,
    ):
        for batch in reader:
            columns = zip(batch.schema.names, batch.columns, strict=True)
            kept.add({name: _plain(column.to_numpy(zero_copy_only=False)) for name, column in columns})


@lru_cache(maxsize=1)
def exposed() -> str:
    """Who was exposed, as SQL over `exposures` and `arms`."""
    exposures = table("exposures", duck.EXPOSURES)
    return duck.sql(expression.exposed(exposures, table("arms", ARMS)))


@lru_cache(maxsize=32)
def units(lookbacks: tuple[int, ...]) -> str:
    """What was observed of `members`, as SQL over `observations` and `parts`; compiled once for the days that metrics
    look back."""
    observations = table("observations", duck.OBSERVATIONS)
    return duck.sql(expression.units(table("members", duck.MEMBERS), observations, table("parts", PARTS), lookbacks))


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """The values; of times microseconds, `NEVER` where there is none."""
    return values.astype("M8[us]").view(np.int64) if values.dtype.kind == "M" else values
