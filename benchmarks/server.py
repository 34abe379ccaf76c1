"""One side of the acknowledgement benchmark in a process of its own; it prints its address and runs until killed.

python -m benchmarks.server slack | bare API_URL | whole API_URL DATABASE_URL | lab FOLDER
"""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path
from typing import Any

import uvloop


async def slack() -> None:
    """The local workspace that both apps talk to."""
    from bot.sandbox.server import Sandbox

    async with Sandbox() as sandbox:
        await _until_killed(sandbox.api_url)


async def bare(api_url: str) -> None:
    """A Bolt app that only acknowledges."""
    from slack_bolt.async_app import AsyncApp

    from benchmarks.requests import SECRET
    from bot.connectors.slack import web_client
    from bot.web.server import listening, web_app

    app = AsyncApp(client=web_client("xoxb-sandbox", api_url), signing_secret=SECRET, process_before_response=True)

    async def acknowledge(ack: Any) -> None:
        await ack()

    app.command("/experiment")(acknowledge)
    app.view("note")(acknowledge)
    async with listening(web_app(app), "127.0.0.1", 0) as address:
        await _until_killed(f"{address}/slack/events")


async def whole(api_url: str, database_url: str) -> None:
    """Bunsen with fifty experiments, without its background work."""
    from benchmarks.requests import CHANNEL, EXPERIMENTS, SECRET, TEAM, USER
    from bot.app import create_app
    from bot.connectors.slack import web_client
    from bot.settings import Settings
    from bot.web.server import listening, web_app
    from bot.world import assemble
    from experiments.commands import CreateExperiment
    from experiments.execute import execute
    from experiments.permissions import Actor

    settings = Settings(
        _env_file=None, slack_bot_token="xoxb-sandbox", slack_api_url=api_url, database_url=database_url
    )
    async with assemble(settings) as assembly:
        ada = Actor(workspace=TEAM, user=USER)
        for number in range(EXPERIMENTS):
            made = CreateExperiment(key=f"bench-{number}", title=f"Bench {number}", channel=CHANNEL)
            await execute(made, ada, assembly.world)
        gc.collect()
        gc.freeze()
        app = create_app(assembly.desk, web_client("xoxb-sandbox", api_url), SECRET)
        async with listening(web_app(app), "127.0.0.1", 0) as address:
            await _until_killed(f"{address}/slack/events")


async def lab(folder: str) -> None:
    """A whole Bunsen at work in the local workspace, over Socket Mode."""
    from bot.demo import demo_settings
    from bot.manifest import manifest
    from bot.sandbox.app import App
    from bot.sandbox.server import Sandbox
    from bot.sandbox.workspace import Workspace
    from bot.serve import bot

    async with (
        Sandbox(Workspace(app=App(manifest=manifest()))) as sandbox,
        bot(demo_settings(sandbox, Path(folder)), socket=True),
    ):
        await sandbox.sockets.connected()
        await _until_killed(sandbox.url)


async def _until_killed(address: str) -> None:
    print(address, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    uvloop.run({"slack": slack, "bare": bare, "whole": whole, "lab": lab}[sys.argv[1]](*sys.argv[2:]))
