"""The Bolt app: one listener per family, each finding its handler in `handlers/table.py`."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import OrderedDict
from collections.abc import Coroutine, Mapping
from typing import Any

import structlog
from pydantic import ValidationError
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import EXPECTED, Problem, problem_of
from bot.identity import Directory
from experiments.errors import BunsenError, Unavailable
from experiments.permissions import Actor
from experiments.ports import World
from handlers import look, table
from handlers.forms import about
from handlers.surfaces.problem import problem, problem_modal
from handlers.turn import Ack, Handler, Turn, tell

COMMAND = "/experiment"
ANY = re.compile(r"[\s\S]*")
REMEMBERED_DELIVERIES = 2_000

log = structlog.get_logger(__name__)


class Desk:
    """Takes what Slack delivers, finds the handler and turns its errors into words."""

    def __init__(self, world: World, directory: Directory) -> None:
        self.world = world
        self.directory = directory
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._slow: set[asyncio.Task[None]] = set()

    async def command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        words = tuple(body.get("text", "").split())
        handler = table.COMMANDS.get(words[0].lower() if words else "", _unknown)
        turn = self._turn(body, words=words[1:] if handler is not _unknown else words)
        await self._take(handler, ack, turn, body, body["user_id"], f"command {body['trigger_id']}")

    async def action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        action = body["actions"][0]
        handler = table.ACTIONS.get(action["action_id"].split("__")[0], _nothing)
        message, container = body.get("message") or {}, body.get("container") or {}
        turn = self._turn(
            body,
            value=action.get("value") or (action.get("selected_option") or {}).get("value", ""),
            thread_ts=message.get("thread_ts") or message.get("ts") or container.get("thread_ts"),
        )
        delivery = f"action {body.get('trigger_id') or action.get('action_ts')}"
        await self._take(handler, ack, turn, body, body["user"]["id"], delivery)

    async def view(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        view = body["view"]
        callback = view["callback_id"]
        handler = table.PICKS[about(view)["verb"]] if callback == "pick" else table.VIEWS[callback]
        delivery = f"view {view['id']} {callback} {view.get('hash', '')}"
        await self._take(handler, ack, self._turn(body), body, body["user"]["id"], delivery, submitted=True)

    async def event(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        event = body["event"]
        handler = table.EVENTS.get(event["type"], _nothing)
        if handler is _nothing or "user" not in event:
            await ack()
            return
        await self._take(handler, ack, self._turn({}), body, event["user"], f"event {body.get('event_id')}")

    async def drained(self) -> None:
        """Wait for the slow work under way."""
        await asyncio.gather(*self._slow)

    def _turn(self, body: Mapping[str, Any], **given: Any) -> Turn:
        return Turn(
            later=lambda work: work.close(),
            channel=body.get("channel_id") or (body.get("channel") or {}).get("id", ""),
            trigger_id=body.get("trigger_id", ""),
            response_url=body.get("response_url", ""),
            view=body.get("view") or {},
            **given,
        )

    async def _take(
        self,
        handler: Handler,
        ack: Ack,
        turn: Turn,
        body: Mapping[str, Any],
        user: str,
        delivery: str,
        *,
        submitted: bool = False,
    ) -> None:
        if delivery in self._seen:
            await ack()
            return
        self._remember(delivery)
        workspace = body.get("team_id") or (body.get("team") or {}).get("id") or self.world.workspace
        actor = Actor(workspace=workspace, user=user)
        try:
            actor = await self.directory.actor(workspace, user, delivery)
            await handler(ack, self._with_later(turn, actor), actor, self.world)
        except EXPECTED as error:
            self._seen.pop(delivery, None)
            await self._explain(error, ack, turn, actor, submitted)

    def _remember(self, delivery: str) -> None:
        self._seen[delivery] = None
        if len(self._seen) > REMEMBERED_DELIVERIES:
            self._seen.popitem(last=False)

    def _with_later(self, turn: Turn, actor: Actor) -> Turn:
        def later(work: Coroutine[Any, Any, None]) -> None:
            task = asyncio.create_task(self._slowly(work, turn, actor))
            self._slow.add(task)
            task.add_done_callback(self._done)

        return Turn(**{name: getattr(turn, name) for name in Turn.__slots__} | {"later": later})

    async def _slowly(self, work: Coroutine[Any, Any, None], turn: Turn, actor: Actor) -> None:
        try:
            await work
        except EXPECTED as error:
            await self._whisper(problem_of(error), turn, actor)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._slow.discard(task)
        if not task.cancelled() and task.exception():
            log.error("slow work failed", exc_info=task.exception())

    async def _explain(
        self, error: BunsenError | ValidationError, ack: Ack, turn: Turn, actor: Actor, submitted: bool
    ) -> None:
        """At the field when the submitted form has it, on top of the form when not, else to the person alone."""
        found = problem_of(error)
        if submitted and (fields := found.on(turn.view)):
            await ack(response_action="errors", errors=fields)
        elif submitted:
            await ack(response_action="push", view=problem_modal(found.words))
        else:
            await ack()
            await self._whisper(found, turn, actor)

    async def _whisper(self, found: Problem, turn: Turn, actor: Actor) -> None:
        try:
            await tell(turn, actor, self.world, problem(found.words))
        except Unavailable as error:
            log.warning("could not tell the person", reason=error.reason, user=actor.user)


async def _unknown(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await look.unknown(ack, turn, actor, world, tuple(word for word in table.COMMANDS if word))


async def _nothing(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await ack()


def create_app(desk: Desk, client: AsyncWebClient, signing_secret: str) -> AsyncApp:
    """A Bolt app that acknowledges as soon as a change is committed."""
    app = AsyncApp(
        client=client,
        signing_secret=signing_secret,
        process_before_response=True,
        request_verification_enabled=bool(signing_secret),
    )
    app.command(COMMAND)(desk.command)
    app.action(ANY)(desk.action)
    app.view(ANY)(desk.view)
    for event in table.EVENTS:
        app.event(event)(desk.event)

    @app.error
    async def unexpected(error: Exception, body: dict[str, Any]) -> None:
        reference = secrets.token_hex(4)
        log.error("unexpected error", reference=reference, exc_info=error)
        user = body.get("user_id") or (body.get("user") or {}).get("id")
        if not user:
            return
        turn = desk._turn(body)
        actor = Actor(workspace=desk.world.workspace, user=user)
        words = (
            f"Something went wrong on our side; nothing was changed. Please try again, or tell an admin: {reference}."
        )
        await desk._whisper(Problem(words), turn, actor)

    return app
