"""The configured warehouses: connections are kept by what is read, and nothing that is said shows an address."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from pydantic import SecretStr

from bot.connectors.warehouses import Warehouses
from experiments.errors import Unavailable
from experiments.sources import DataSource, SourceOfData


def source(connection: str = "shop", **more: str) -> DataSource:
    return DataSource(
        kind=SourceOfData.WAREHOUSE, connection=connection, **{"exposures": "seen", "observations": "noted", **more}
    )


def test_one_connection_for_what_is_read_alike() -> None:
    warehouses = Warehouses({"shop": SecretStr("duckdb:///nowhere.duckdb")})
    assert warehouses.of(source()) is warehouses.of(source(prometheus="https://prometheus.example.com"))
    assert warehouses.of(source()) is not warehouses.of(source(exposures="others"))
    warehouses.close()


def test_a_name_that_nobody_configured_is_refused_in_words() -> None:
    with pytest.raises(Unavailable, match="known here: lake and shop"):
        Warehouses({"shop": SecretStr("duckdb:///x"), "lake": SecretStr("duckdb:///y")}).of(source("gone"))
    with pytest.raises(Unavailable, match="the operator configured none"):
        Warehouses({}).of(source())


@pytest.mark.parametrize("url", ["postgresql://reader:hush@127.0.0.1:9/shop", "duckdb:///hush/gone", "hush://a:hush@b"])
async def test_what_is_out_of_reach_is_said_without_its_address(url: str) -> None:
    probe = await Warehouses({"shop": SecretStr(url)}).probe(source(), ())
    assert not probe.holds
    assert "connection" in probe.problems
    assert "hush" not in str(probe).replace("hush://", "")


async def test_everything_is_tried_and_every_problem_named(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as company:
        company.execute("CREATE TABLE seen (experiment TEXT, variant TEXT, unit TEXT, time TIMESTAMP)")
        company.execute("CREATE TABLE noted (metric TEXT, unit TEXT, value DOUBLE, time TIMESTAMP)")
    warehouses = Warehouses({"shop": SecretStr(f"duckdb://{tmp_path}/shop.duckdb")})
    empty = await warehouses.probe(source(), ())
    assert empty.holds
    assert (empty.found["Units"], empty.found["Look again"]) == (
        "none yet",
        "There are no exposures yet. There are no observations yet.",
    )
    both = await warehouses.probe(source(exposures="gone", prometheus="http://10.0.0.1"), ())
    assert set(both.problems) == {"connection", "prometheus"}
    allowed = await warehouses.probe(source(prometheus="http://127.0.0.1:9"), ("127.0.0.1",))
    assert "cannot be reached" in allowed.problems["prometheus"]


async def test_bunsens_own_events_need_no_warehouse() -> None:
    assert (await Warehouses({}).probe(DataSource(), ())).holds
