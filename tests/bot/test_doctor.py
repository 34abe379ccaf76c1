"""`bunsen doctor` against the sandbox with one fault at a time: it names the fault, how to mend it, and no secret."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot import doctor, logs
from bot.demo import demo_settings
from bot.doctor import as_json, as_text, examine, must_be_mended
from bot.finding import Finding, State
from bot.manifest import SCOPES, manifest
from bot.sandbox.app import App
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from bot.settings import Settings
from experiments.commands import CreateExperiment
from experiments.execute import execute
from storage import Database
from tests.bot.shell import bunsen
from tests.patience import unhurried
from tests.worlds import ADA, MemoryWorld

SECRETS = ("xoxb-sandbox", "xapp-sandbox", "sandbox-secret", "xoxb-wrong", "xapp-wrong", "hush")


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(unhurried(Workspace(app=App(manifest=manifest())))) as sandbox:
        yield sandbox


@pytest.fixture
async def settings(sandbox: Sandbox, tmp_path: Path) -> Settings:
    made = demo_settings(sandbox, tmp_path).model_copy(update={"llm_api_key": SecretStr("hush")})
    database = await Database.open(made.database_url.get_secret_value(), migrate=True)
    await database.close()
    return made


async def look(settings: Settings, **changes: Any) -> dict[str, Finding]:
    """What was found, by name; nothing of it may hold a secret, and whatever must be mended says how."""
    findings = await examine(settings.model_copy(update=changes))
    told = as_text(findings) + as_json(findings)
    assert not [secret for secret in SECRETS if secret in told]
    assert all(each.mend for each in findings if each.state is State.MEND)
    assert must_be_mended(findings) == ("to mend" in told) == (not json.loads(as_json(findings))["ok"])
    return {each.name: each for each in findings}


def broken(found: dict[str, Finding]) -> set[str]:
    return {name for name, each in found.items() if each.state is State.MEND}


async def test_all_is_well(settings: Settings) -> None:
    found = await look(settings)
    assert found.pop("data plane").state is State.NOTE, "nobody serves"
    assert {each.state for each in found.values()} == {State.FINE}, found
    assert "T0SANDBOX" in found["bot token"].words
    assert set(found) == {
        "bot token",
        "scopes",
        "clock",
        "app token",
        "signing secret",
        "database",
        "audit trail",
        "events",
        "pictures",
        "reports",
        "language model",
    }


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"slack_bot_token": SecretStr("")}, "bot token", "not set"),
        ({"slack_bot_token": SecretStr("xoxb-wrong")}, "bot token", "invalid_auth"),
        ({"slack_app_token": SecretStr("xapp-wrong")}, "app token", "invalid_auth"),
        ({"slack_app_token": SecretStr("xoxb-sandbox")}, "app token", "not_allowed_token_type"),
        ({"slack_api_url": "http://127.0.0.1:9/api/"}, "Slack", "does not answer"),
        ({"database_url": SecretStr("sqlite:////nowhere/at/all.db")}, "database", "cannot reach"),
        ({"database_url": SecretStr("postgresql://bunsen:hush@127.0.0.1:9/bunsen")}, "database", "cannot reach"),
    ],
)
async def test_a_wrong_setting(settings: Settings, changes: dict[str, Any], name: str, words: str) -> None:
    found = await look(settings, **changes)
    assert broken(found) == {name}
    assert words in found[name].words


async def test_no_way_in_at_all(settings: Settings) -> None:
    found = await look(settings, slack_app_token=SecretStr(""), slack_signing_secret=SecretStr(""))
    assert broken(found) == {"connection"}
    only_socket = await look(settings, slack_signing_secret=SecretStr(""))
    assert only_socket["signing secret"].state is State.NOTE


async def test_a_missing_scope(sandbox: Sandbox, settings: Settings) -> None:
    less = manifest()
    less["oauth_config"]["scopes"]["bot"] = [scope for scope in SCOPES if scope not in {"files:write", "users:read"}]
    sandbox.workspace.app.manifest = less
    found = await look(settings)
    assert broken(found) == {"scopes"}
    assert found["scopes"].words == "missing: files:write, users:read"


@pytest.mark.parametrize(
    ("beside", "state"),
    [(timedelta(seconds=90), State.NOTE), (timedelta(minutes=10), State.MEND), (timedelta(minutes=-10), State.MEND)],
)
async def test_a_clock_that_is_wrong(sandbox: Sandbox, settings: Settings, beside: timedelta, state: State) -> None:
    sandbox.clock.set(datetime.now(UTC) + beside)
    clock = (await look(settings))["clock"]
    assert clock.state is state
    assert ("behind" if beside > timedelta(0) else "ahead of") in clock.words


async def test_a_database_of_another_version(settings: Settings, tmp_path: Path) -> None:
    found = await look(settings, database_url=SecretStr(f"sqlite:///{tmp_path / 'new.db'}"))
    assert broken(found) == {"database"}
    assert found["database"].mend == "Run `bunsen migrate`."


async def test_a_database_that_somebody_else_holds(settings: Settings) -> None:
    database = await Database.open(settings.database_url.get_secret_value())
    async with database._engine.writing():
        found = await look(settings)
    await database.close()
    assert broken(found) == {"database"}
    assert "cannot be written to" in found["database"].words


async def test_an_edited_record(settings: Settings) -> None:
    database = await Database.open(settings.database_url.get_secret_value())
    world = replace(MemoryWorld().world, uow=database.uow, reading=database.reading)
    for number in range(3):
        await execute(CreateExperiment(title=f"Button {number}"), ADA, world)
    assert (await look(settings))["audit trail"].words == "the chain of the last 3 records holds"
    async with database._engine.writing() as transaction:
        await transaction.change(
            text("UPDATE audit SET sentence = 'did nothing' WHERE number = :number"), {"number": 2}
        )
    await database.close()
    found = await look(settings)
    assert broken(found) == {"audit trail"}
    assert "record 2" in found["audit trail"].words


async def test_it_leaves_nothing_behind(settings: Settings) -> None:
    await look(settings)
    database = await Database.open(settings.database_url.get_secret_value())
    async with database.uow("doctor") as uow:
        assert await uow.schedules.once("doctor", "doctor", "doctor", datetime.now(UTC))
    await database.close()


async def test_pictures_that_cannot_be_drawn(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def undrawn() -> bool:
        raise OSError("no font")

    monkeypatch.setattr(doctor, "_drawn", undrawn)
    found = await look(settings)
    assert broken(found) == {"pictures"}
    assert "no font" in found["pictures"].words


async def test_without_a_language_model_it_goes_on(settings: Settings) -> None:
    found = await look(settings, llm_api_key=SecretStr(""))
    assert broken(found) == set()
    assert found["language model"].state is State.NOTE


def test_the_command_exits_with_one_when_something_must_be_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logs, "set_up_logs", lambda level: None)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BUNSEN_DATABASE_URL", f"sqlite:///{tmp_path / 'bunsen.db'}")
    plain = bunsen("doctor")
    assert plain.exit_code == 1
    assert "✗ bot token: SLACK_BOT_TOKEN is not set." in plain.output
    assert plain.output.rstrip().endswith("3 things to mend.")
    as_data = json.loads(bunsen("doctor", "--json").output)
    assert as_data["ok"] is False
    assert {each["name"] for each in as_data["findings"]} >= {"bot token", "connection", "database", "pictures"}
