"""The world, put together once from settings: database, clock, Slack, pictures, language model."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.connectors.by_source import BySource
from bot.connectors.events import EventStore
from bot.connectors.language_model import LanguageModel, NoLanguageModel
from bot.connectors.measuring.embedded import Embedded
from bot.connectors.pictures import Pictures
from bot.connectors.printing import Printing
from bot.connectors.routing import Served
from bot.connectors.slack import SlackConnector
from bot.connectors.warehouses import Warehouses
from bot.desk import Desk
from bot.identity import Directory
from bot.settings import Settings
from bot.traffic import Snapshot
from experiments.ports import Slack, World, Writer
from experiments.tokens import PREFIX
from storage import Database

if TYPE_CHECKING:
    from bot.web.plane import Plane


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_secret() -> str:
    """The secret of a token, with 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Assembly:
    """The world with the parts of it that only the composition root touches.

    `events` is where applications' events are kept; `plane` answers HTTP at `address`.
    """

    world: World
    desk: Desk
    database: Database
    wake: asyncio.Event
    events: EventStore
    snapshot: Snapshot
    address: str = ""
    plane: Plane | None = None


@asynccontextmanager
async def assemble(
    settings: Settings, *, now: Callable[[], datetime] = utc_now, slack: Slack | None = None, migrate: bool = True
) -> AsyncIterator[Assembly]:
    """Everything Bunsen needs to run in the workspace its token belongs to; closed again on leaving."""
    slack = slack or SlackConnector(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    database = await Database.open(settings.database_url.get_secret_value(), migrate=migrate)
    wake, draw, snapshot = asyncio.Event(), Pictures(), Snapshot()
    events = EventStore(settings.data_dir, now)
    embedded = Embedded(events, settings.data_dir)
    warehouses = Warehouses(settings.warehouses, settings.prometheus_headers)
    try:
        workspace = str((await slack.call("auth.test"))["team_id"])
        world = World(
            workspace=workspace,
            uow=database.uow,
            reading=database.reading,
            now=now,
            wall=utc_now,
            slack=slack,
            draw=draw,
            writer=_writer(settings),
            people=Directory(slack, database.reading, frozenset(settings.admins)),
            routing=Served(snapshot),
            publish=Printing(draw),
            measurements=BySource(
                database.reading, workspace, embedded, warehouses.of, lambda: settings.prometheus_headers
            ),
            sources=warehouses,
            secret=new_secret,
            nudge=wake.set,
            public_url=settings.public_url,
        )
        desk = Desk(world)
        yield Assembly(world=world, desk=desk, database=database, wake=wake, events=events, snapshot=snapshot)
        await desk.drained()
    finally:
        await asyncio.to_thread(embedded.close)
        await asyncio.to_thread(warehouses.close)
        await database.close()


def _writer(settings: Settings) -> Writer:
    if not settings.llm_base_url and not settings.llm_api_key.get_secret_value():
        return NoLanguageModel()
    return LanguageModel(
        base_url=settings.llm_base_url,
        api_key=settings.llm_api_key,
        model=settings.llm_model,
        daily_tokens=settings.llm_daily_tokens,
    )
