"""Where data are, set in Slack: tried before it is saved, wrong words at their fields, and by nobody but admins."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from experiments.execute import change_policies
from experiments.permissions import Actor, Role
from experiments.policy import GiveRole, Policies, Project, SetProject
from experiments.sources import DataSource, SourceOfData
from tests.bot.scenario.lab import ADA, BO, CHEN, Lab, eventually, lab_at
from tests.bot.scenario.test_roles import nothing_said, presses_in_modal
from tests.bot.scenario.test_tokens import press
from tests.databases import Place

BOSS = Actor(workspace="T0SANDBOX", user=ADA, role=Role.ADMIN)
TITLE = "Where the data are"
TABLES = {"exposures": "seen", "observations": "SELECT metric, unit, value, time FROM noted"}


@pytest.fixture
async def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lab]:
    """A lab whose operator set up a warehouse of one experiment."""
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as company:
        company.execute("CREATE TABLE seen (experiment TEXT, variant TEXT, unit TEXT, time TIMESTAMP)")
        company.execute("CREATE TABLE noted (metric TEXT, unit TEXT, value DOUBLE, time TIMESTAMP)")
        arms = "CASE WHEN n % 2 = 0 THEN 'control' ELSE 'blue' END"
        company.execute(f"INSERT INTO seen SELECT 'shop', {arms}, n, TIMESTAMP '2026-03-01 10:00' FROM range(40) t(n)")
        company.execute("INSERT INTO noted SELECT 'paid', n, 1, TIMESTAMP '2026-03-01 11:00' FROM range(40) t(n)")
    monkeypatch.setenv("BUNSEN_WAREHOUSES", json.dumps({"analytics": f"duckdb://{tmp_path}/shop.duckdb"}))
    async with lab_at(tmp_path) as lab:
        yield lab


async def policies_of(lab: Lab) -> Policies:
    async with lab.world.reading(lab.world.workspace) as uow:
        return await uow.policies.get()


async def opens(lab: Lab, user: str = ADA) -> None:
    await lab.types("settings", user)
    await presses_in_modal(lab, "data", user)
    await lab.modal_titled("Data", user)
    await presses_in_modal(lab, "source", user)
    await lab.modal_titled(TITLE, user)


async def tries(lab: Lab, **fields: Any) -> str:
    """Ada fills in the form and has it tried; what is shown then."""
    await lab.submits(**{"name": "shop", "kind": "warehouse", "connection": "analytics", **TABLES, **fields})
    await lab.settled()
    return str(lab.modal())


async def test_tried_shown_and_saved(lab: Lab) -> None:
    await opens(lab)
    shown = await tries(lab, holdout="5", refresh_minutes="30")
    assert "It holds" in shown
    assert "shop: blue 20, control 20" in shown
    assert "newest 2026-03-01 10:00 UTC" in shown
    assert (await policies_of(lab)).version == 0, "nothing is saved before it was looked at"
    await lab.submits()
    await lab.settled()
    assert "The warehouse analytics, read every 30 minutes" in str(await lab.modal_titled("Data"))
    project = (await policies_of(lab)).project("shop")
    assert (project.source.exposures, project.source.refresh_minutes, project.holdout) == ("seen", 30, 500)


async def test_what_was_changed_after_it_was_tried_is_tried_again(lab: Lab) -> None:
    await opens(lab)
    await tries(lab)
    await lab.submits(exposures="gone")
    await lab.settled()
    assert "It does not hold yet" in str(lab.modal())
    assert (await policies_of(lab)).version == 0


@pytest.mark.parametrize(
    ("fields", "below", "words"),
    [
        ({"exposures": "SELECT 1; DROP TABLE seen"}, "exposures", "⚠️"),
        ({"observations": "DELETE FROM noted"}, "observations", "⚠️"),
        ({"observations": "seen"}, "observations", "have no column metric"),
        ({"prometheus": "http://127.0.0.1:9"}, "prometheus", "is inside your network"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(
    lab: Lab, tmp_path: Path, fields: dict[str, str], below: str, words: str
) -> None:
    await opens(lab)
    await tries(lab, **fields)
    blocks = lab.modal()["blocks"]
    field = next(place for place, block in enumerate(blocks) if block.get("block_id") == below)
    assert words in str(blocks[field + 1])
    assert lab.modal()["submit"]["text"] == "Try it"
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as company:
        assert company.execute("SELECT count(*) FROM seen").fetchone() == (40,)


async def test_what_is_left_out_is_said_before_anything_is_asked(lab: Lab) -> None:
    await opens(lab)
    assert "exposures" in str(await lab.submits(name="shop", kind="warehouse", connection="analytics"))
    assert "connection" in str(await lab.submits(name="shop", kind="warehouse", **TABLES))
    assert "prometheus" in str(await lab.submits(name="shop", kind="events", prometheus="metrics"))
    assert lab.modal()["title"]["text"] == TITLE


async def test_an_admin_of_a_project_looks_and_changes_nothing(lab: Lab) -> None:
    await change_policies(GiveRole(subjects=(CHEN,), role=Role.ADMIN, project="general"), BOSS, lab.world)
    await lab.types("settings", CHEN)
    assert "Network" not in str(lab.modal(CHEN))
    await presses_in_modal(lab, "data", CHEN)
    shown = await lab.modal_titled("Data", CHEN)
    assert "Change" not in str([block.get("accessory") for block in shown["blocks"]])
    before = await policies_of(lab)
    for user in (CHEN, BO):
        for verb in ("source", "hosts"):
            await lab.desk.action(nothing_said, press(shown, verb, "general", user))
            assert "Only an admin of the whole workspace" in str(await answered(lab, forged(verb, user)))
    assert await policies_of(lab) == before
    assert TITLE not in str(lab.modals(CHEN))


async def answered(lab: Lab, body: dict[str, Any]) -> list[dict[str, Any]]:
    """What Slack is answered."""
    answers: list[dict[str, Any]] = []

    async def ack(**answer: Any) -> None:
        answers.append(answer)

    await lab.desk.view(ack, body)
    return answers


def forged(callback: str, user: str) -> dict[str, Any]:
    """A form that was never shown to this person, as if it had been tried."""
    typed = {"name": "general", "exposures": "seen", "observations": "noted", "hosts": "10.0.0.0/8"}
    values: dict[str, Any] = {name: {name: {"type": "plain_text_input", "value": text}} for name, text in typed.items()}
    values["kind"] = {"kind": {"type": "radio_buttons", "selected_option": {"value": "warehouse"}}}
    values["connection"] = {"connection": {"type": "static_select", "selected_option": {"value": "analytics"}}}
    view = {
        "id": f"V{callback}",
        "type": "modal",
        "callback_id": callback,
        "private_metadata": '{"version": 1, "name": "general", "held": "0"}',
        "blocks": [],
        "state": {"values": values},
    }
    return {
        "type": "view_submission",
        "team": {"id": "T0SANDBOX"},
        "user": {"id": user},
        "trigger_id": "t",
        "view": view,
    }


async def test_the_form_of_a_project_keeps_where_its_data_are(lab: Lab) -> None:
    source = DataSource(kind=SourceOfData.WAREHOUSE, connection="analytics", **TABLES)
    await change_policies(SetProject(project=Project(name="shop", source=source, holdout=500)), BOSS, lab.world)
    await change_policies(GiveRole(subjects=(CHEN,), role=Role.ADMIN, project="shop"), BOSS, lab.world)
    await lab.types("settings", CHEN)
    await presses_in_modal(lab, "project_settings", CHEN)
    await lab.modal_titled("Project", CHEN)
    await lab.submits(CHEN, required_approvals="2")
    await lab.settled()
    project = (await policies_of(lab)).project("shop")
    assert (project.source, project.holdout, project.required_approvals) == (source, 500, 2)


async def test_addresses_inside_are_allowed_and_then_asked(lab: Lab) -> None:
    await lab.types("settings")
    await presses_in_modal(lab, "hosts")
    await lab.modal_titled("Network")
    assert "no host like" in str(await lab.submits(hosts="127.0.0.1:9\nsome where"))
    await lab.submits(hosts="127.0.0.1:9\n\n")
    await lab.settled()
    assert "1 place inside may be asked" in str(await lab.modal_titled("Settings"))
    assert (await policies_of(lab)).allowed_hosts == ("127.0.0.1:9",)
    await opens(lab)
    shown = await tries(lab, prometheus="http://127.0.0.1:9")
    assert "cannot be reached" in shown
    assert "inside your network" not in shown


async def test_the_first_readout_comes_from_a_real_postgresql(
    tmp_path: Path, postgres_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    arm = "CASE WHEN n % 2 = 0 THEN 'control' ELSE 'treatment' END"
    with psycopg.connect(postgres_place.url, autocommit=True) as company:
        company.execute("CREATE TABLE seen (experiment text, variant text, unit bigint, time timestamptz)")
        company.execute("CREATE TABLE orders (customer bigint, ordered_at timestamptz)")
        seen = "timestamptz '2026-03-02 12:05Z' + n * interval '1 second'"
        company.execute(f"INSERT INTO seen SELECT 'bigger-button', {arm}, n, {seen} FROM generate_series(1, 1000) n")
        company.execute("INSERT INTO orders SELECT unit, time + interval '9 seconds' FROM seen WHERE unit % 5 = 0")
    monkeypatch.setenv("BUNSEN_WAREHOUSES", json.dumps({"analytics": postgres_place.url}))
    sql = "SELECT 'conversion' AS metric, customer AS unit, 1 AS value, ordered_at AS time FROM orders"
    async with lab_at(tmp_path) as lab:
        await opens(lab)
        assert "bigger-button: control 500, treatment 500" in await tries(lab, name="general", observations=sql)
        await lab.submits()
        await lab.settled()
        running = await lab.runs()
        lab.clock.advance(2 * 3600)

        async def read() -> Any:
            async with lab.world.reading(lab.world.workspace) as uow:
                return await uow.readouts.get(running.key, 1) and await uow.aggregates.of(running.key, 1)

        rows = [row for row in await eventually(read) if row.metric == "conversion" and not row.segment]
        newest = {row.variant: (row.n, round(row.mean * row.n)) for row in sorted(rows, key=lambda row: row.day)}
        assert newest == {"control": (500, 100), "treatment": (500, 100)}


async def test_where_three_views_are_open_already_what_went_wrong_takes_the_place_of_the_form(lab: Lab) -> None:
    await opens(lab)
    await tries(lab)
    assert len(lab.modals()) == 3
    await change_policies(GiveRole(subjects=(CHEN,), role=Role.VIEWER), BOSS, lab.world)
    await lab.submits()
    await lab.settled()
    assert "changed the settings in the meantime" in str(lab.modal())
    assert len(lab.modals()) == 3
    assert (await policies_of(lab)).project("shop").source == DataSource()
