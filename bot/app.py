"""The Bolt app: one listener per family of deliveries, all handed to the desk."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk import Desk
from handlers.table import EVENTS, WHO_IS_WHO

COMMAND = "/experiment"
LINK_SHARED, STEP_RUN = "link_shared", "function_executed"
ANY = re.compile(r"[\s\S]*")


def create_app(desk: Desk, client: AsyncWebClient, signing_secret: str) -> AsyncApp:
    """A Bolt app that acknowledges as soon as a change is committed."""
    app = AsyncApp(
        client=client,
        signing_secret=signing_secret,
        process_before_response=True,
        request_verification_enabled=bool(signing_secret),
    )

    @app.command(COMMAND)
    async def command(ack: AsyncAck, body: dict[str, Any]) -> None:
        await desk.command(ack, body)

    @app.action(ANY)
    async def action(ack: AsyncAck, body: dict[str, Any]) -> None:
        await desk.action(ack, body)

    @app.shortcut(ANY)
    async def shortcut(ack: AsyncAck, body: dict[str, Any]) -> None:
        await desk.shortcut(ack, body)

    @app.options(ANY)
    async def options(ack: AsyncAck, body: dict[str, Any]) -> None:
        await desk.options(ack, body)

    @app.view(ANY)
    async def view(ack: AsyncAck, body: dict[str, Any]) -> None:
        await desk.view(ack, body)

    for name in EVENTS:

        @app.event(name)
        async def event(ack: AsyncAck, body: dict[str, Any]) -> None:
            await desk.event(ack, body)

    @app.event(LINK_SHARED)
    async def link_shared(ack: AsyncAck, body: dict[str, Any]) -> None:
        await desk.link_shared(ack, body)

    @app.event(STEP_RUN)
    async def step(ack: AsyncAck, body: dict[str, Any]) -> None:
        await desk.step(ack, body)

    for name in WHO_IS_WHO:

        @app.event(name)
        async def people_changed(ack: AsyncAck, body: dict[str, Any]) -> None:
            await desk.people_changed(ack, body)

    @app.error
    async def unexpected(error: Exception, body: dict[str, Any]) -> None:
        await desk.failed(body, error)

    return app
