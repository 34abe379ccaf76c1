"""DuckDB as an engine: bounded in memory and threads, fed with the event store's files, asked in ibis."""

# ruff: noqa: S608 (what is put into these texts are names and numbers of this package, never anybody's words)

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bot.connectors.measuring import expression
from bot.connectors.measuring.gathering import Found, Rows, Sources, gather, table
from bot.connectors.measuring.plan import Columns, Measure, Plan

if TYPE_CHECKING:
    import pyarrow
    from duckdb import DuckDBPyConnection
    from ibis import Table

THREADS = 2
MEMORY = "1200MB"
PARQUET_COLUMNS = {
    "exposures": "experiment, phase, variant, hash(unit) AS unit, time, attributes",
    "observations": "metric, hash(unit) AS unit, value, time",
}
"""Here a unit is a number made of its id, which is quicker to compare: of ten million ids two have the same number once
in four hundred thousand times."""
NUMBERED = {"unit": "uint64"}
EXPOSURES = expression.EXPOSURES | NUMBERED
OBSERVATIONS = expression.OBSERVATIONS | NUMBERED
MEMBERS = expression.EXPOSED | NUMBERED | {"member": "int64"}
EMPTY = {
    "exposures": "SELECT ''::VARCHAR AS experiment, 0::INTEGER AS phase, ''::VARCHAR AS variant, 0::UBIGINT AS unit, "
    "now()::TIMESTAMPTZ AS time, NULL::VARCHAR AS attributes WHERE false",
    "observations": "SELECT ''::VARCHAR AS metric, 0::UBIGINT AS unit, 0.0::DOUBLE AS value, "
    "now()::TIMESTAMPTZ AS time WHERE false",
}
ATTRIBUTES = """
SELECT experiment, phase, unit, time, pair.key AS dimension, pair.value AS level
FROM (
    SELECT experiment, phase, unit, time, unnest(map_entries(CAST(attributes::JSON AS MAP(VARCHAR, VARCHAR)))) AS pair
    FROM exposures WHERE attributes IS NOT NULL AND attributes NOT IN ('', '{}')
) WHERE pair.value IS NOT NULL
"""


class Generation(Protocol):
    """Parquet files with every event of generations `after + 1` to `number`, and perhaps some more."""

    @property
    def number(self) -> int: ...
    @property
    def after(self) -> int: ...
    @property
    def exposures(self) -> Sequence[Path]: ...
    @property
    def observations(self) -> Sequence[Path]: ...


def connect(path: Path | None, temporary: Path) -> DuckDBPyConnection:
    """A database file, or one in memory, that spills into `temporary` and never leaves the machine."""
    import duckdb

    temporary.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        str(path) if path else ":memory:",
        config={
            "threads": THREADS,
            "memory_limit": MEMORY,
            "temp_directory": str(temporary),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET checkpoint_threshold = '256MB'")
    # Many experiments share a metric: joined with the plan before the units, each observation would become thousands.
    connection.execute("SET disabled_optimizers = 'join_order'")
    return connection


def unit_numbers(connection: DuckDBPyConnection, units: Sequence[str]) -> tuple[int, ...]:
    """The numbers that stand for these ids, which have no quotes in them."""
    asked = ", ".join(f"hash('{unit}')" for unit in units)
    (found,) = connection.execute(f"SELECT {asked}").fetchall()
    return tuple(found)


def put(connection: DuckDBPyConnection, name: str, columns: Columns) -> Table:
    """A temporary table with these columns."""
    with given(connection, incoming_table=arrow(columns)):
        connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM incoming_table')
    return table(name, {column: kind for column, (kind, _) in columns.items()})


def arrow(columns: Columns) -> pyarrow.Table:
    """These columns in memory."""
    import ibis
    import pyarrow as pa

    schema = ibis.schema({column: kind for column, (kind, _) in columns.items()}).to_pyarrow()
    return pa.table({column: values for column, (_, values) in columns.items()}, schema=schema)


@contextmanager
def given(connection: DuckDBPyConnection, **tables: pyarrow.Table) -> Iterator[None]:
    """These tables under their names while something is asked of them."""
    for name, content in tables.items():
        connection.register(name, content)
    try:
        yield
    finally:
        for name in tables:
            connection.unregister(name)


def keep(connection: DuckDBPyConnection, name: str, expr: Table) -> Table:
    """The result of the expression as a temporary table."""
    connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {sql(expr)}')
    return table(name, expr.schema())


def run(connection: DuckDBPyConnection, expr: Table) -> Rows:
    """The rows of an expression."""
    found: Rows = connection.sql(sql(expr)).to_arrow_table().to_pylist()
    return found


def sql(expr: Table) -> str:
    """An expression in DuckDB's SQL; the same one is compiled once."""
    return _compiled(expr.op())


@lru_cache(maxsize=256)
def _compiled(operation: Any) -> str:
    import ibis

    return str(ibis.to_sql(operation.to_expr(), dialect="duckdb"))


def read(connection: DuckDBPyConnection, kind: str, files: Sequence[Path], where: str = "true") -> Table:
    """The events of these files as a view named like their kind."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {kind} AS {events(kind, files, where)}")
    return table(kind, EXPOSURES if kind == "exposures" else OBSERVATIONS)


def events(kind: str, files: Sequence[Path], where: str) -> str:
    """As SQL: the events of these files."""
    if not files:
        return EMPTY[kind]
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    return f"SELECT {PARQUET_COLUMNS[kind]} FROM read_parquet([{listed}], hive_partitioning = false) WHERE {where}"


def first_ahead(connection: DuckDBPyConnection, files: Generation, until: datetime) -> int | None:
    """The first generation, after those that the files follow, with an event of this moment or later."""
    paths = [str(path).replace("'", "''") for path in (*files.exposures, *files.observations)]
    if not paths:
        return None
    listed = ", ".join(f"'{path}'" for path in paths)
    ((number,),) = connection.execute(
        f"SELECT min(generation) FROM read_parquet([{listed}], hive_partitioning = false, union_by_name = true) "
        f"WHERE generation > {files.after} AND generation <= {files.number} AND time >= {moment(until)}"
    ).fetchall()
    found: int | None = number
    return found


def moment(time: datetime) -> str:
    """A moment as a literal."""
    return f"TIMESTAMPTZ '{time.isoformat()}'"


def attributes(connection: DuckDBPyConnection) -> Table:
    """The attributes of the exposures that were read, a row for each."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW attributes AS {ATTRIBUTES}")
    return table("attributes", expression.ATTRIBUTES | NUMBERED)


def count(
    connection: DuckDBPyConnection,
    plan: Plan,
    files: Mapping[str, Sequence[Path]],
    *,
    detail: bool,
    where: str = "true",
) -> Found:
    """Everything anew from the files, with nothing kept."""
    arms, parts, kinds = (
        put(connection, name, columns)
        for name, columns in (("arms", plan.arms()), ("parts", plan.parts()), ("kinds", plan.kinds()))
    )
    exposures = read(connection, "exposures", files["exposures"], where)
    observations = read(connection, "observations", files["observations"], where)
    exposed = keep(connection, "exposed", expression.numbered(expression.exposed(exposures, arms)))
    counted = keep(connection, "counted", expression.units(exposed, observations, parts, plan.lookbacks))
    sources = Sources(exposed, counted, arms, kinds)
    measures = plan.measures
    if detail:
        sources = in_detail(connection, plan, measures, sources, observations)
    return gather(
        measures,
        sources,
        lambda expr: run(connection, expr),
        lambda name, expr: keep(connection, name, expr),
        shape=detail,
    )


def in_detail(
    connection: DuckDBPyConnection, plan: Plan, measures: Sequence[Measure], sources: Sources, observations: Table
) -> Sources:
    """The same sources with attributes and days since exposure, as far as primary metrics ask for them."""
    daily = [measure for measure in measures if measure.daily]
    if not daily:
        return sources
    days = put(connection, "daily_parts", plan.parts(daily))
    by_day = expression.units(sources.exposed, observations, days, daily=True)
    return Sources(
        sources.exposed,
        sources.rows,
        sources.arms,
        sources.kinds,
        attributes(connection),
        keep(connection, "by_day", by_day),
    )


def from_day(files: Sequence[Path], start: datetime) -> list[Path]:
    """Those of the files that may hold events of this time or later, as their folders say; one that does not say may
    hold any."""
    return [
        path for path in files if (day := path.parent.name.partition("day=")[2]) == "" or day >= f"{start:%Y-%m-%d}"
    ]
