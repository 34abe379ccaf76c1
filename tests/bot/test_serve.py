"""Serve: connected over either way, refused in words, and gone without a trace."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet
import pytest
from pydantic import SecretStr

from bot.connectors.events import EventStore
from bot.demo import demo_settings
from bot.manifest import manifest
from bot.sandbox.app import App
from bot.sandbox.faults import Fault
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from bot.serve import bot, serve
from bot.settings import Settings
from bot.world import utc_now
from experiments.errors import Unavailable
from tests.bot.web.applications import SECRET, arms, asked, begin, issue
from tests.patience import LONG, unhurried


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(unhurried(Workspace(app=App(manifest=manifest())))) as sandbox:
        yield sandbox


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> Settings:
    return demo_settings(sandbox, tmp_path).model_copy(update={"port": 0})


async def test_a_wrong_bot_token_is_refused_in_words(settings: Settings) -> None:
    wrong = settings.model_copy(update={"slack_bot_token": SecretStr("xoxb-hush")})
    with pytest.raises(Unavailable, match="invalid_auth") as refusal:
        async with asyncio.timeout(LONG), bot(wrong, socket=True):
            raise AssertionError("it must not get here")
    assert "hush" not in refusal.value.words


@pytest.mark.parametrize("token", ["xapp-hush", "xoxb-sandbox"])
async def test_a_wrong_app_token_is_refused_in_words(token: str, settings: Settings) -> None:
    wrong = settings.model_copy(update={"slack_app_token": SecretStr(token)})
    with pytest.raises(Unavailable, match="SLACK_APP_TOKEN right") as refusal:
        async with asyncio.timeout(LONG), bot(wrong, socket=True):
            raise AssertionError("it must not get here")
    assert "hush" not in refusal.value.words


async def test_a_slack_that_stumbles_at_the_start_is_waited_for(sandbox: Sandbox, settings: Settings) -> None:
    sandbox.workspace.faults.add(Fault("apps.connections.open", "ratelimited", retry_after=0))
    async with asyncio.timeout(LONG), bot(settings, socket=True):
        await sandbox.sockets.connected()


async def test_http_refuses_what_slack_did_not_sign(settings: Settings) -> None:
    async with bot(settings, socket=False) as assembly, httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{assembly.address}/healthz")).text == "ok"
        forged = await client.post(
            f"{assembly.address}/slack/events",
            data={"command": "/experiment", "text": "list"},
            headers={"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=0"},
        )
    assert forged.status_code == 401


@pytest.mark.parametrize("socket_mode", [True, False])
async def test_applications_are_served_either_way(socket_mode: bool, settings: Settings) -> None:
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with bot(settings, socket=socket_mode) as assembly, httpx.AsyncClient(trust_env=False) as client:
        await issue(assembly.world)
        await begin(assembly.world, "price", variants=arms(weight=10_000))
        evaluation = f"{assembly.address}/ofrep/v1/evaluate/flags/price"
        async with asyncio.timeout(LONG):
            told: dict[str, Any] = {}
            while told.get("variant") != "treatment":
                told = (await client.post(evaluation, json=asked("ann", {}), headers=headers)).json()
        seen = {"type": "exposure", "experiment": "price", "variant": "treatment", "unit": "bo"}
        sent = await client.post(
            f"{assembly.address}/v1/events",
            content=json.dumps({**seen, "time": assembly.world.now().isoformat()}),
            headers={**headers, "Content-Type": "application/x-ndjson"},
        )
    assert told["metadata"]["exposed"]
    assert (sent.status_code, sent.json()["accepted"]) == (202, 1)
    kept = EventStore(settings.data_dir, utc_now).files("general").exposures
    units = [unit for path in kept for unit in pyarrow.parquet.read_table(path, columns=["unit"])["unit"].to_pylist()]
    assert sorted(units) == ["ann", "bo"]


async def test_a_taken_port_is_an_error_of_the_system(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = settings.model_copy(update={"port": taken.getsockname()[1]})
        with pytest.raises(OSError, match="in use"):
            await serve(busy, socket=False)


async def test_it_leaves_when_interrupted(
    sandbox: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, stop = asyncio.get_running_loop(), []
    monkeypatch.setattr(loop, "add_signal_handler", lambda signum, callback: stop.append(callback))
    serving = asyncio.create_task(serve(settings, socket=True))
    await sandbox.sockets.connected()
    assert len(stop) == 2
    stop[0]()
    async with asyncio.timeout(LONG):
        await serving
