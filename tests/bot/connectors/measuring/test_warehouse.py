"""A warehouse as somebody sets it up: the SQL is checked, tried, estimated, and can neither change nor linger."""

from __future__ import annotations

from pathlib import Path

import duckdb
import ibis
import psycopg
import pytest
import sqlglot

from bot.connectors.measuring import expression
from bot.connectors.measuring.connecting import open_warehouse
from bot.connectors.measuring.gathering import Sources, gather
from bot.connectors.measuring.plan import plan_of
from bot.connectors.measuring.probing import estimate, probe
from bot.connectors.measuring.sql_text import reading
from bot.connectors.measuring.warehouse import Warehouse, literal
from experiments.errors import BadInput, Unavailable
from experiments.sources import DataSource, SourceOfData
from tests.bot.connectors.measuring import worlds
from tests.databases import Place

DIALECTS = ("duckdb", "postgres", "trino", "bigquery", "snowflake", "clickhouse", "databricks")


def source(exposures: str = "seen", observations: str = "noted") -> DataSource:
    return DataSource(kind=SourceOfData.WAREHOUSE, connection="company", exposures=exposures, observations=observations)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1; DROP TABLE users",
        "DROP TABLE users",
        "DELETE FROM users",
        "UPDATE users SET a = 1",
        "INSERT INTO users VALUES (1)",
        "CREATE TABLE a AS SELECT 1",
        "SELECT * INTO copy FROM users",
        "COPY users TO '/tmp/x'",
        "WITH gone AS (DELETE FROM users RETURNING *) SELECT * FROM gone",
        "SELECT * FROM users FOR UPDATE",
        "SELECT pg_sleep(100)",
        "SELECT * FROM users WHERE pg_read_file('/etc/passwd') <> ''",
        "SELECT lo_import('/etc/passwd')",
        "SELECT * FROM dblink('host=other', 'SELECT 1') AS t(a int)",
        "SELECT PG_TERMINATE_BACKEND(1)",
        "VACUUM FULL users",
        "SET ROLE admin",
        "SELECT set_config('role', 'admin', false)",
        "SELECT nextval('orders_id')",
        "EXPLAIN ANALYZE SELECT 1",
        "CALL clean_up()",
        "SELECT query_to_xml('DROP TABLE users', true, true, '')",
        "",
        "   ;",
        "SELECT * FROM (DELETE FROM users)",
        "GRANT ALL ON users TO me",
        'SELECT "pg_sleep"(9)',
        "SELECT pg_catalog.pg_sleep(9)",
        "DO $$ BEGIN END $$",
        "SELECT 1 /* ; */; SELECT 2",
        "TRUNCATE users",
    ],
)
def test_what_does_more_than_read_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        reading(text, "postgres", "exposures")
    assert refused.value.field == "exposures"
    assert refused.value.words.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd.csv'",
        "SELECT getenv('HOME')",
        "ATTACH 'x.db'",
        "PRAGMA version",
    ],
)
def test_files_and_settings_of_duckdb_are_out_of_reach(text: str) -> None:
    with pytest.raises(BadInput):
        reading(text, "duckdb", "observations")


@pytest.mark.parametrize(
    "text",
    [
        "analytics.seen",
        "seen",
        '"Seen"',
        "SELECT * FROM seen;",
        "WITH a AS (SELECT * FROM seen) SELECT * FROM a",
        "SELECT a.experiment, lower(b.unit) AS unit FROM a JOIN b ON a.id = b.id WHERE b.note = 'delete; drop table x'",
        "SELECT experiment FROM a UNION ALL SELECT experiment FROM b",
        "SELECT coalesce(sum(x), 0) FROM t GROUP BY y -- nothing",
    ],
)
def test_what_only_reads_is_taken(text: str) -> None:
    assert reading(text, "postgres", "exposures").sql("postgres").startswith(("SELECT", "WITH"))


@pytest.fixture
def company(postgres_place: Place) -> str:
    """A company's PostgreSQL with some events; time is without a zone and values are numeric."""
    with psycopg.connect(postgres_place.url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE seen (experiment text, variant text, unit bigint, time timestamp, secret text)"
        )
        connection.execute("CREATE TABLE noted (metric text, unit bigint, value numeric, time timestamp)")
        connection.execute(
            "INSERT INTO seen SELECT 'shop', CASE WHEN n % 2 = 0 THEN 'control' ELSE 'blue' END, n, "
            "timestamp '2026-03-02 10:00' "
            "+ n * interval '1 minute', 'hush' FROM generate_series(1, 100) AS n"
        )
        connection.execute(
            "INSERT INTO noted SELECT 'revenue', n, n / 10.0, timestamp '2026-03-02 20:00' "
            "FROM generate_series(1, 50) AS n"
        )
        connection.execute("ANALYZE")
    return postgres_place.url


def test_a_source_is_tried_before_it_is_saved(company: str) -> None:
    warehouse = open_warehouse(company, source())
    found = probe(warehouse)
    assert found.exposures.columns == {"experiment": "text", "variant": "text", "unit": "text", "time": "time"}
    assert found.observations.columns["value"] == "number"
    assert found.units == {("shop", "control"): 50, ("shop", "blue"): 50}
    assert f"{found.observations.newest:%H:%M %Z}" == "20:00 UTC"
    assert "hush" not in repr(found)
    assert estimate(warehouse).rows == 150
    assert estimate(warehouse).words.startswith("One reading looks at about 150 rows, at a cost of")
    warehouse.close()


def test_times_without_a_zone_and_numbers_as_units_are_read(company: str) -> None:
    shop = worlds.experiment("shop", metrics=worlds.METRICS[:1])
    warehouse = open_warehouse(company, source(), seconds=60)
    found = warehouse.measure_now([shop], worlds.UNTIL, detail=False)["shop"]
    warehouse.close()
    assert {row.variant: (row.n, round(row.mean, 6)) for row in found.rows} == {
        "control": (50, 1.3),
        "blue": (50, 1.25),
    }


def test_the_days_nobody_measured_come_along(company: str) -> None:
    shop = worlds.experiment("shop", metrics=worlds.METRICS[:1])
    warehouse = open_warehouse(company, source())
    rows = warehouse.measure_now([shop], worlds.UNTIL, detail=True)["shop"].rows
    later = warehouse.measure_now([shop.evolve(data_day=4.5)], worlds.UNTIL, detail=True)["shop"].rows
    warehouse.close()
    assert sorted({row.day for row in rows})[:-1] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert sorted({row.day for row in later})[:-1] == [5.0, 6.0]


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        (source(exposures="SELECT experiment, unit, time FROM seen"), "exposures", "have no column variant"),
        (source(observations="SELECT metric FROM noted"), "observations", "have no column unit"),
        (source(exposures="DELETE FROM seen"), "exposures", "Bunsen only reads"),
    ],
)
def test_what_is_wrong_is_said_with_its_field(company: str, given: DataSource, field: str, words: str) -> None:
    warehouse = open_warehouse(company, given)
    with pytest.raises(BadInput, match=words) as refused:
        probe(warehouse)
    assert refused.value.field == field
    assert words in warehouse.measure_now([worlds.experiment("shop")], worlds.UNTIL, detail=False)["shop"].trouble
    warehouse.close()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (source(exposures="nowhere"), "no such table"),
        (
            source(exposures="SELECT experiment, variant, unit, wrong AS time FROM seen"),
            "names a column that is not there",
        ),
        (source(exposures="SELECT experiment, variant, unit, secret AS time FROM seen"), "no time"),
        (source(exposures="SELECT experiment, variant, unit, time, slow(1) FROM seen"), "took too long"),
        (source(exposures="SELECT experiment, variant, unit, time, change(1) FROM seen"), "only reads"),
    ],
)
def test_what_the_warehouse_refuses_is_said_in_words(company: str, given: DataSource, words: str) -> None:
    with psycopg.connect(company, autocommit=True) as connection:
        connection.execute("CREATE FUNCTION slow(int) RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(30)'")
        connection.execute(
            "CREATE FUNCTION change(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM noted; RETURN 1; END'"
        )
    warehouse = open_warehouse(company, given, seconds=2)
    with pytest.raises(Unavailable, match=words) as refused:
        probe(warehouse)
    warehouse.close()
    assert company not in refused.value.words


def test_an_address_that_does_not_answer_is_said_without_its_secrets() -> None:
    warehouse = open_warehouse("postgresql://bunsen:hush@127.0.0.1:1/company", source())
    with pytest.raises(Unavailable, match="cannot be reached") as refused:
        probe(warehouse)
    assert "hush" not in refused.value.words
    with pytest.raises(BadInput):
        open_warehouse("company", source())


def test_a_duckdb_file_is_a_warehouse_too(tmp_path: Path) -> None:
    path = tmp_path / "company.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE seen AS SELECT 'shop' AS experiment, 'control' AS variant, 'u' AS unit, "
            "TIMESTAMP '2026-03-02 10:00' AS time"
        )
        connection.execute(
            "CREATE TABLE noted AS SELECT 'revenue' AS metric, 'u' AS unit, 2 AS value, "
            "TIMESTAMP '2026-03-02 11:00' AS time"
        )
    warehouse = open_warehouse(f"duckdb://{path}", source())
    assert probe(warehouse).units == {("shop", "control"): 1}
    assert estimate(warehouse).rows == 2
    found = warehouse.measure_now([worlds.experiment("shop", metrics=worlds.METRICS[:1])], worlds.UNTIL, detail=False)
    assert [(row.n, row.mean) for row in found["shop"].rows] == [(1, 2.0)]
    warehouse.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_questions_are_sql_of_every_warehouse(dialect: str) -> None:
    plan = plan_of(worlds.several(), worlds.UNTIL)
    exposures = ibis.table(expression.EXPOSURES, name="seen")
    observations = ibis.table(expression.OBSERVATIONS, name="noted")
    arms, parts, kinds = literal(plan.arms()), literal(plan.parts()), literal(plan.kinds())
    exposed = expression.exposed(exposures, arms)
    sources = Sources(
        exposed,
        expression.units(exposed, observations, parts, plan.lookbacks),
        arms,
        kinds,
        ibis.table(expression.ATTRIBUTES, name="levels"),
        expression.units(exposed, observations, parts, daily=True),
    )
    asked: list[str] = []

    def ask(expr: ibis.Table) -> list[dict[str, object]]:
        asked.append(str(ibis.to_sql(expr, dialect=dialect)))
        return []

    gather(plan.measures, sources, ask, lambda _, expr: expr)
    assert len(asked) == 8
    for text in asked:
        assert isinstance(sqlglot.parse_one(text, read=dialect), sqlglot.exp.Query)


def test_more_rows_than_statistics_have_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.connectors.measuring.warehouse.MOST_ROWS", 3)
    backend = ibis.duckdb.connect()
    with pytest.raises(Unavailable, match="more than 3 rows"):
        Warehouse(lambda: backend, source()).run(backend, ibis.range(0, 10).unnest().name("n").as_table())
