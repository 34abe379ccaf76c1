"""Serve: the bot in a real or local workspace, over Socket Mode or signed HTTP."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Route

from bot.app import create_app
from bot.connectors.slack import UNREACHABLE, web_client
from bot.exposures import Attributes, Exposures, Record
from bot.schedule import ticking
from bot.settings import Settings
from bot.telemetry import Telemetry
from bot.traffic import Snapshot, fresh
from bot.world import Assembly, assemble, utc_now
from experiments.errors import Unavailable
from experiments.ports import World

if TYPE_CHECKING:
    from bot.connectors.events import Counts, EventStore
    from bot.web.health import Health
    from bot.web.plane import Plane

log = structlog.get_logger(__name__)


@asynccontextmanager
async def bot(
    settings: Settings, *, socket: bool, now: Callable[[], datetime] = utc_now, tick_seconds: float = 30.0
) -> AsyncIterator[Assembly]:
    """Bunsen at work while inside: connected, ticking, delivering."""
    token = settings.slack_bot_token.get_secret_value()
    secret = settings.slack_signing_secret.get_secret_value()
    from bot.web.health import Health

    async with (
        assemble(settings, now=now) as assembly,
        fresh(assembly.snapshot, assembly.world) as snapshot,
        aclosing(Health(assembly.database, assembly.world)) as health,
        assembly.events.running(),
    ):
        app = create_app(assembly.desk, web_client(token, settings.slack_api_url), secret)
        plane = await _plane(assembly, snapshot, health, None if socket else app)
        connected = _socket(app, settings, plane, health) if socket else _http(settings, plane)
        async with ticking(assembly.world, assembly.wake, settings.timezone, tick_seconds), connected as address:
            yield replace(assembly, address=address, plane=plane)


async def serve(settings: Settings, *, socket: bool) -> None:
    """Run until interrupted."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stopped.set)
    async with bot(settings, socket=socket) as assembly:
        log.info("bunsen is ready", workspace=assembly.world.workspace, over="socket" if socket else "http")
        await stopped.wait()


async def _plane(assembly: Assembly, snapshot: Snapshot, health: Health, app: AsyncApp | None) -> Plane:
    """All that answers over HTTP: applications, people's browsers, and Slack where `app` hears from it that way."""
    from bot.web.events import accept
    from bot.web.health import health_pages
    from bot.web.ofrep import Ofrep
    from bot.web.plane import Plane
    from bot.web.server import site, web_app

    world, telemetry = assembly.world, assembly.desk.telemetry
    pages = [*health_pages(health, telemetry), *await _pages(world)]
    behind = web_app(app, pages) if app else site(pages)
    ofrep = Ofrep(snapshot, Exposures(recording(assembly.events), world.now))
    plane = Plane(snapshot, ofrep, behind, world.now, partial(accept, store=assembly.events))
    _watched(plane, assembly.events.counts, health, telemetry)
    return plane


def _watched(plane: Plane, events: Counts, health: Health, telemetry: Telemetry) -> None:
    """What is served to applications has to be known, and how it goes is told."""
    snapshot = plane.snapshot

    async def is_known() -> bool:
        return snapshot.age is not None

    health.needs("What is served to applications was never loaded.", is_known)
    telemetry.reads("bunsen_evaluations", lambda: plane.evaluations)
    telemetry.reads("bunsen_requests_refused", lambda: plane.refused)
    telemetry.reads("bunsen_requests_failed", lambda: plane.errors)
    telemetry.reads("bunsen_events_accepted", lambda: events.events)
    telemetry.reads("bunsen_events_refused", lambda: events.refused)
    telemetry.reads("bunsen_events_put_off", lambda: events.overloaded)
    telemetry.reads("bunsen_events_failed", lambda: events.failed)
    telemetry.reads("bunsen_exposures_dropped", lambda: events.dropped)
    telemetry.reads("bunsen_snapshot_age_seconds", lambda: snapshot.age)
    telemetry.reads("bunsen_snapshot_flags", lambda: len(snapshot))
    telemetry.reads("bunsen_snapshot_misses", lambda: snapshot.missed)


def recording(store: EventStore) -> Record:
    """Exposures of evaluation go where those that applications send go, too."""
    from bot.connectors.events import Exposure

    def record(
        project: str, experiment: str, phase: int, variant: str, unit: str, attributes: Attributes, time: datetime
    ) -> None:
        store.record(project, (Exposure(experiment, variant, unit, time, attributes, phase),))

    return record


async def _pages(world: World) -> list[Route]:
    """What people may open in a browser: the page behind links to experiments, where these have an address."""
    if not world.public_url:
        return []
    from bot.web.links import experiment_page

    bot_id = (await world.slack.call("auth.test"))["bot_id"]
    app_id = (await world.slack.call("bots.info", bot=bot_id))["bot"]["app_id"]
    return [experiment_page(f"slack://app?team={world.workspace}&id={app_id}&tab=home")]


@asynccontextmanager
async def _socket(app: AsyncApp, settings: Settings, plane: Plane, health: Health) -> AsyncIterator[str]:
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

    token = settings.slack_app_token.get_secret_value()
    address = await _socket_address(app.client, token)
    handler = AsyncSocketModeHandler(app, token)
    handler.client.wss_uri = address
    await handler.connect_async()  # type: ignore[no-untyped-call]
    health.needs("Slack is not connected.", handler.client.is_connected)
    try:
        async with _http(settings, plane) as address:
            yield address
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def _socket_address(client: AsyncWebClient, app_token: str) -> str | None:
    """Where to connect first; a refusal is told at once, while Slack's silence is waited out by the client."""
    try:
        return str((await client.apps_connections_open(app_token=app_token))["url"])
    except SlackApiError as error:
        if error.response.status_code != 200:
            return None
        raise Unavailable(
            f"Slack does not let Bunsen connect ({error.response['error']}). Is SLACK_APP_TOKEN right?", reason="socket"
        ) from error
    except UNREACHABLE:
        return None


@asynccontextmanager
async def _http(settings: Settings, plane: Plane) -> AsyncIterator[str]:
    from bot.web.server import listening

    async with listening(plane, settings.host, settings.port) as address:
        log.info("bunsen answers over HTTP", address=address)
        yield address
