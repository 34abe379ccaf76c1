"""The same events through DuckDB, PostgreSQL and Spark give the same aggregates, those that are made by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.connectors.measuring.connecting import open_warehouse
from bot.connectors.measuring.warehouse import Warehouse
from experiments.measuring import Measured
from experiments.model import Experiment
from experiments.sources import DataSource, SourceOfData
from tests.bot.connectors.measuring import worlds
from tests.bot.connectors.measuring.reference import Exposure, Observation
from tests.databases import Place

SEGMENTS = {"country": "country", "App Version": "app_version", "premium": "premium"}
EXPOSURES = (
    "SELECT experiment, phase, variant, unit, time, segment_country, segment_app_version, segment_premium FROM seen"
)
SOURCE = DataSource(
    kind=SourceOfData.WAREHOUSE, connection="company", exposures=EXPOSURES, observations="measured_values"
)


@pytest.fixture(scope="module")
def experiments() -> list[Experiment]:
    return [
        each.evolve(data_day=(worlds.UNTIL - each.started_at).days + 0.0)
        for each in worlds.several()
        if each.started_at
    ]


@pytest.fixture(scope="module")
def events(experiments: list[Experiment]) -> tuple[list[Exposure], list[Observation]]:
    return worlds.events(experiments, 120, seed=5)


def levels(each: Exposure) -> list[str | None]:
    found = ((each.attributes.get(name)) for name in SEGMENTS)
    return [None if level is None else str(level).lower() if isinstance(level, bool) else str(level) for level in found]


@pytest.fixture
def postgres(postgres_place: Place, events: tuple[list[Exposure], list[Observation]]) -> str:
    exposures, observations = events
    with psycopg.connect(postgres_place.url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE seen (experiment text, phase int, variant varchar(60), unit text, time timestamptz, "
            "segment_country text, segment_app_version text, segment_premium text)"
        )
        connection.execute(
            "CREATE TABLE measured_values (metric text, unit text, value double precision, time timestamptz)"
        )
        with connection.cursor() as cursor, cursor.copy("COPY seen FROM STDIN") as copy:
            for each in exposures:
                copy.write_row((each.experiment, each.phase, each.variant, each.unit, each.time, *levels(each)))
        with connection.cursor() as cursor, cursor.copy("COPY measured_values FROM STDIN") as copy:
            for row in observations:
                copy.write_row((row.metric, row.unit, row.value, row.time))
    return postgres_place.url


def proven(
    found: dict[str, Measured], experiments: list[Experiment], events: tuple[list[Exposure], list[Observation]]
) -> None:
    for each in experiments:
        assert found[each.key].trouble == ""
        rows, crossed = worlds.wanted(each, *events)
        assert worlds.differences(found[each.key], rows) == []
        assert found[each.key].crossed == crossed


def test_postgresql(postgres: str, experiments: list[Experiment], events: Any) -> None:
    warehouse = open_warehouse(postgres, SOURCE)
    found = warehouse.measure_now(experiments, worlds.UNTIL, detail=True)
    warehouse.close()
    proven(found, experiments, events)


@pytest.fixture
def spark(tmp_path: Path) -> Iterator[Any]:
    """One that is quick to start and to ask, not to compute: nothing is compiled for the few rows there are."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not here")
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.warehouse.dir", str(tmp_path / "warehouse"))
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")
def test_spark(spark: Any, tmp_path: Path, experiments: list[Experiment], events: Any) -> None:
    import ibis
    import pyarrow as pa
    import pyarrow.parquet as pq

    exposures, observations = events
    seen = worlds.exposure_table(exposures).drop_columns(["attributes", "received", "generation"])
    for at, name in enumerate(SEGMENTS.values()):
        seen = seen.append_column(f"segment_{name}", pa.array([levels(each)[at] for each in exposures], pa.string()))
    pq.write_table(seen, tmp_path / "seen.parquet")
    pq.write_table(worlds.observation_table(observations), tmp_path / "measured.parquet")
    spark.read.parquet(str(tmp_path / "seen.parquet")).createOrReplaceTempView("seen")
    spark.read.parquet(str(tmp_path / "measured.parquet")).createOrReplaceTempView("measured_values")
    warehouse = Warehouse(lambda: ibis.pyspark.connect(spark), SOURCE)
    few = experiments[:1]
    proven(warehouse.measure_now(few, worlds.UNTIL, detail=True), few, events)
