"""Demo: the local workspace with its page, Bunsen connected to it, and simulated people whose data arrive."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import structlog
import typer
from pydantic import SecretStr

from bot.demo_story import TRUTHS, tell_story
from bot.manifest import manifest
from bot.sandbox.app import App
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from bot.serve import bot
from bot.settings import Settings
from bot.simulation import STEP_DAYS, Truth, measured
from experiments.commands import ImportAggregates
from experiments.errors import BunsenError
from experiments.execute import execute
from experiments.model import LIVE, Experiment
from experiments.permissions import Actor, Role
from experiments.ports import World
from handlers.reading import experiments_of

HOUR_A_SECOND = 3600.0

log = structlog.get_logger(__name__)


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
                await tell_story(assembly.world, sandbox.clock)
                sandbox.clock.rate = rate
                people = asyncio.create_task(simulate_people(assembly.world))
                await (ready or _print_address)(sandbox.url)
                await stopped.wait()
                people.cancel()
                await asyncio.gather(people, return_exceptions=True)


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


async def simulate_people(world: World, seconds: float = 1.0) -> None:
    """Import what simulated people did in every running experiment, again and again."""
    while True:
        for experiment in await experiments_of(world.workspace, world, statuses=tuple(sorted(LIVE)), limit=50):
            await let_arrive(experiment, world)
        await asyncio.sleep(seconds)


async def let_arrive(experiment: Experiment, world: World) -> None:
    """Import what simulated people did in this experiment since its data were last imported."""
    if experiment.started_at is None:
        return
    day = (world.now() - experiment.started_at) / timedelta(days=1)
    if day - (experiment.data_day or 0.0) < STEP_DAYS:
        return
    rows = await asyncio.to_thread(measured, experiment, TRUTHS.get(experiment.key, Truth()), day)
    if not rows:
        return
    people = Actor(workspace=experiment.workspace, user="U0BUNSEN", name="Simulated people", role=Role.REVIEWER)
    command = ImportAggregates(key=experiment.key, rows=rows, origin="simulated people")
    try:
        await execute(command, people, world)
    except BunsenError as error:
        log.warning("simulated data not taken", key=experiment.key, code=error.code, words=error.words)
