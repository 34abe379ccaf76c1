"""Demo: the local workspace with its page, Bunsen connected to it, and simulated people who use what runs."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import typer
from pydantic import SecretStr

from bot.demo_story import tell_story
from bot.manifest import manifest
from bot.sandbox.app import App
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from bot.serve import bot
from bot.settings import Settings
from bot.world import Assembly
from experiments.execute import change_policies
from experiments.permissions import bunsen
from experiments.policy import Project, SetProject
from experiments.sources import DataSource

HOUR_A_SECOND = 3600.0
# What happens every two minutes elsewhere cannot where an hour is a second, and data of the last minutes are under way.
UNHURRIED = DataSource(refresh_minutes=12 * 60, guardrail_minutes=4 * 60)


async def demo(port: int, rate: float = HOUR_A_SECOND, ready: Callable[[str], Awaitable[None]] | None = None) -> None:
    """Run until interrupted; `ready` is called with the page's address once everything answers."""
    stopped = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stopped.set)
    with tempfile.TemporaryDirectory(prefix="bunsen-demo-") as folder:
        workspace = Workspace(app=App(manifest=manifest()))
        async with Sandbox(workspace, port=port) as sandbox:
            settings = demo_settings(sandbox, Path(folder))
            async with bot(settings, socket=True, now=sandbox.clock.now, tick_seconds=1.0) as assembly:
                await _live(assembly, sandbox, rate, ready or _print_address, stopped)


async def _live(
    assembly: Assembly, sandbox: Sandbox, rate: float, ready: Callable[[str], Awaitable[None]], stopped: asyncio.Event
) -> None:
    """The past is told and made up for, then people visit until it is stopped."""
    from bot.demo_visitors import audience_of

    await tell_story(assembly.world, sandbox.clock)
    unhurried = Project(name="general", source=UNHURRIED)
    await change_policies(SetProject(project=unhurried), bunsen(assembly.world.workspace), assembly.world)
    async with audience_of(assembly) as audience:
        await audience.make_up()
        sandbox.clock.rate = rate
        visits = asyncio.create_task(audience.keep_coming())
        await ready(sandbox.url)
        await stopped.wait()
        visits.cancel()
        await asyncio.gather(visits, return_exceptions=True)


def demo_settings(sandbox: Sandbox, folder: Path) -> Settings:
    """Settings that point at the local workspace and a database in `folder`, whatever the environment says."""
    app = sandbox.workspace.app
    return Settings(
        _env_file=None,
        slack_bot_token=SecretStr(app.bot_token),
        slack_app_token=SecretStr(app.app_token),
        slack_signing_secret=SecretStr(app.signing_secret),
        slack_api_url=sandbox.api_url,
        database_url=SecretStr(f"sqlite:///{folder / 'bunsen.db'}"),
        data_dir=folder / "data",
        port=0,
        timezone="Europe/Berlin",
    )


async def _print_address(url: str) -> None:
    typer.echo(
        f"\nBunsen is running in a local workspace: {url}\n"
        "Open it, choose #experiments and type /experiment create.\n"
        "An hour passes every second there; Ctrl+C ends it.\n"
    )
