"""`bunsen doctor` about data: what answers, what can be written, which account may do too much; and no secret."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import psycopg
import pytest
from pydantic import SecretStr

from bot import doctor_data
from bot.doctor_data import data_findings
from bot.finding import Finding, State
from bot.settings import Settings
from bot.traffic import Snapshot
from bot.web.server import listening, site
from experiments.policy import Policies, Project
from experiments.sources import DataSource, SourceOfData
from tests.bot.web.applications import plane_of
from tests.databases import Place
from tests.worlds import MemoryWorld


async def look(tmp_path: Path, policies: Policies | None = None, **changes: object) -> dict[str, Finding]:
    settings = Settings(_env_file=None, port=0, data_dir=tmp_path / "data").model_copy(update=changes)
    findings = await data_findings(settings, policies)
    assert "hush" not in json.dumps(findings)
    assert all(each.mend for each in findings if each.state is State.MEND)
    return {each.name: each for each in findings}


async def test_the_data_plane_answers_or_something_else_does(tmp_path: Path) -> None:
    async with listening(plane_of(Snapshot(), MemoryWorld().world), "127.0.0.1", 0) as address:
        found = await look(tmp_path, port=int(address.rpartition(":")[2]))
        assert (found["data plane"].state, found["data plane"].words) == (
            State.FINE,
            f"applications are answered at {address}",
        )
    async with listening(site([]), "127.0.0.1", 0) as address:
        found = await look(tmp_path, port=int(address.rpartition(":")[2]))
        assert "something else answers" in found["data plane"].words
        assert found["data plane"].state is State.MEND
    assert "nothing answers" in (await look(tmp_path, port=9))["data plane"].words


async def test_the_folder_of_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await look(tmp_path))["events"].words.startswith(f"{tmp_path / 'data'} can be written to, with ")
    (tmp_path / "file").write_text("")
    assert (await look(tmp_path, data_dir=tmp_path / "file"))["events"].state is State.MEND
    monkeypatch.setattr(doctor_data, "LITTLE", 2**80)
    assert (await look(tmp_path))["events"].state is State.NOTE
    monkeypatch.setattr(doctor_data, "TOO_LITTLE", 2**80)
    assert (await look(tmp_path))["events"].state is State.MEND


async def test_warehouses_and_what_their_accounts_may(tmp_path: Path, postgres_place: Place) -> None:
    reader = f"only_{tmp_path.name}".replace("-", "_").lower()
    with duckdb.connect(str(tmp_path / "lake.duckdb")) as lake:
        lake.execute("CREATE TABLE seen (n INT)")
    with psycopg.connect(postgres_place.url, autocommit=True) as company:
        company.execute(f"CREATE ROLE {reader} LOGIN")
    urls = {
        "boss": postgres_place.url,
        "reader": postgres_place.url.replace("//postgres:", f"//{reader}:", 1),
        "lake": f"duckdb://{tmp_path}/lake.duckdb",
        "gone": "postgresql://reader:hush@127.0.0.1:9/company",
    }
    found = await look(tmp_path, warehouses={name: SecretStr(url) for name, url in urls.items()})
    with psycopg.connect(postgres_place.url, autocommit=True) as company:
        company.execute(f"DROP ROLE {reader}")
    told = {name: found[f"warehouse {name}"] for name in urls}
    assert {name: each.state for name, each in told.items()} == {
        "boss": State.NOTE,
        "reader": State.FINE,
        "lake": State.FINE,
        "gone": State.MEND,
    }
    assert "may write" in told["boss"].words
    assert "cannot be reached" in told["gone"].words


async def test_what_projects_ask_for(tmp_path: Path) -> None:
    away = DataSource(kind=SourceOfData.WAREHOUSE, connection="lake", exposures="seen", observations="noted")
    watched = DataSource(prometheus="http://127.0.0.1:9")
    projects = (Project(name="shop", source=away), Project(name="search", source=watched))
    found = await look(tmp_path, Policies(projects=projects))
    assert found["project shop"].words == "its warehouse lake is not configured"
    assert "inside your network" in found["Prometheus http://127.0.0.1:9"].words
