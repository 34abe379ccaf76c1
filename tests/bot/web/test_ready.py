"""Readiness of the whole: Bunsen at work says that it is ready, until Slack has hung up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from bot.demo import demo_settings
from bot.manifest import manifest
from bot.sandbox.app import App
from bot.sandbox.faults import Fault
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from bot.serve import bot
from bot.telemetry import COUNTERS, GAUGES
from bot.web.health import Health
from tests.patience import LONG, unhurried

KNOWN = {*GAUGES, *(f"{name}_total" for name in COUNTERS)}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked whether it is ready has time to answer."""
    monkeypatch.setattr(Health.__init__, "__defaults__", (LONG,))


@pytest.mark.parametrize("socket", [True, False])
async def test_bunsen_at_work_is_ready_until_slack_hangs_up(socket: bool, tmp_path: Path) -> None:
    async with Sandbox(unhurried(Workspace(app=App(manifest=manifest())))) as sandbox:
        settings = demo_settings(sandbox, tmp_path).model_copy(update={"port": 0})
        async with (
            bot(settings, socket=socket) as assembly,
            httpx.AsyncClient(base_url=assembly.address, trust_env=False) as client,
        ):
            assert (await client.get("/readyz")).json() == {"ready": True, "reasons": []}
            text = (await client.get("/metrics")).text
            assert {name for name in KNOWN if f"\n{name} " not in text} == set()
            if socket:
                sandbox.workspace.faults.add(Fault("apps.connections.open", "error", times=1_000))
                await sandbox.sockets.close()
                async with asyncio.timeout(LONG):
                    while (answer := await client.get("/readyz")).status_code != 503:
                        pass
                assert answer.json()["reasons"] == ["Slack is not connected."]
                assert (await client.get("/healthz")).text == "ok"
