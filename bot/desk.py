"""The desk: takes what Slack delivers and finds its handler; what cannot be done is told where it belongs."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any

import structlog

from bot.answered import Answered
from bot.at_home import AtHome
from bot.errors import EXPECTED, TooSlow
from bot.telemetry import Telemetry
from bot.telling import Explain, Telling, as_answer, in_silence, on_the_form
from experiments.errors import Forbidden
from experiments.permissions import Actor
from experiments.ports import World
from handlers import look, table, unfurl, workflow
from handlers.forms import about
from handlers.surfaces import fields
from handlers.turn import Ack, Handler, Turn

ANSWER_SECONDS = 2.5

log = structlog.get_logger(__name__)


class Desk:
    """One method per family of deliveries; one that comes again is acknowledged and nothing more, and a form that
    comes again with the same words in it gets the same answer."""

    def __init__(self, world: World, telemetry: Telemetry | None = None) -> None:
        self.world = world
        self.telemetry = telemetry or Telemetry()
        self.answered = Answered()
        self._answering: dict[str, asyncio.Event] = {}
        self._telling = Telling(world, self.telemetry)
        self._slow: set[asyncio.Task[None]] = set()
        self._at_home = AtHome()

    async def command(self, ack: Ack, body: dict[str, Any]) -> None:
        words = tuple(body.get("text", "").split())
        verb = words[0].lower() if words else ""
        handler = table.COMMANDS.get(verb, _unknown)
        turn = self._turn(body, body["user_id"], words=words if handler is _unknown else words[1:])
        self._at_home.acted(turn.user, body)
        await self._take(handler, ack, turn, f"command {body['trigger_id']}", partial(as_answer, verb))

    async def action(self, ack: Ack, body: dict[str, Any]) -> None:
        action = body["actions"][0]
        message, container = body.get("message") or {}, body.get("container") or {}
        verb, value = _pressed(action)
        turn = self._turn(
            body,
            body["user"]["id"],
            value=value,
            thread_ts=message.get("thread_ts") or message.get("ts") or container.get("thread_ts"),
        )
        self._at_home.acted(turn.user, body)
        handler = table.CHANGES.get(_form_of(body, action)) or table.ACTIONS.get(verb, _nothing)
        delivery = f"action {body.get('trigger_id') or action.get('action_ts')}"
        await self._take(handler, ack, turn, delivery, self._telling.afterwards)

    async def view(self, ack: Ack, body: dict[str, Any]) -> None:
        view = body["view"]
        callback = view["callback_id"]
        handler = table.PICKS[about(view)["verb"]] if callback == "pick" else table.VIEWS[callback]
        delivery = f"view {view['id']} {callback} {view.get('hash', '')}"
        typed = zlib.crc32(json.dumps(view.get("state"), sort_keys=True).encode())
        turn = self._turn(body, body["user"]["id"])
        await self._take(handler, ack, turn, delivery, on_the_form, again=f"{delivery} {typed}")

    async def options(self, ack: Ack, body: dict[str, Any]) -> None:
        """The choices of a menu for what was typed; none for who may not see them, or when they cannot be had."""
        turn = self._turn(body, body["user"]["id"], value=body.get("value", ""))
        finder = table.OPTIONS[body["action_id"].split("__")[0]]

        async def answer(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
            await ack(options=fields.options(await finder(turn, actor, world)))

        ack = self.telemetry.timed("options", ack)
        try:
            await self._answer(answer, ack, turn, "options")
        except EXPECTED as error:
            log.warning("no choices", reason=self._telling.found(error).words, user=turn.user)
            await ack(options=[])

    async def event(self, ack: Ack, body: dict[str, Any]) -> None:
        event = body["event"]
        turn = self._turn({"team_id": body.get("team_id")}, event["user"])
        self._at_home.opened(turn.user, event.get("tab", "home"))
        await self._take(
            table.EVENTS[event["type"]], ack, turn, f"event {body['event_id']}", self._telling.on_the_home_tab
        )

    async def shortcut(self, ack: Ack, body: dict[str, Any]) -> None:
        turn = self._turn(body, body["user"]["id"], message=body.get("message") or {})
        handler = table.SHORTCUTS.get(body["callback_id"], _nothing)
        await self._take(handler, ack, turn, f"shortcut {body['trigger_id']}", self._telling.afterwards)

    async def link_shared(self, ack: Ack, body: dict[str, Any]) -> None:
        """Somebody posted a link of ours; where nothing can be shown below it nothing is said."""
        event = body["event"]
        turn = self._turn({"team_id": body.get("team_id")}, event["user"], message=event)
        await self._take(unfurl.link_shared, ack, turn, f"event {body['event_id']}", in_silence)

    async def step(self, ack: Ack, body: dict[str, Any]) -> None:
        """A step of a workflow: it ends with what came of it, or with words, and never stays open."""
        event = body["event"]
        turn = self._turn({"team_id": body.get("team_id")}, workflow.person_of(event), message=event)
        work = table.STEPS[event["function"]["callback_id"]]

        async def run(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
            await ack()
            turn.later(self._telling.ended(work(turn, actor, world), turn))

        await self._take(run, ack, turn, f"step {event['function_execution_id']}", self._telling.as_the_end_of_a_step)

    async def people_changed(self, ack: Ack, body: dict[str, Any]) -> None:
        """Slack says that somebody, or who belongs to a user group, was changed: what they may is asked anew."""
        self.world.people.forget(str((body["event"].get("user") or {}).get("id", "")))
        await ack()

    async def failed(self, body: Mapping[str, Any], error: BaseException) -> None:
        """Log an unexpected error and tell whoever met it the reference under which it was logged."""
        words = self._telling.logged(error)
        user = body.get("user_id") or (body.get("user") or {}).get("id") or (body.get("event") or {}).get("user")
        if user:
            await self._telling.whisper(words, self._turn(body, user))

    async def drained(self) -> None:
        """Wait for the slow work under way."""
        while self._slow:
            await asyncio.gather(*self._slow, return_exceptions=True)

    def _turn(self, body: Mapping[str, Any], user: str, **given: Any) -> Turn:
        workspace = body.get("team_id") or (body.get("team") or {}).get("id") or self.world.workspace

        def later(work: Coroutine[Any, Any, None]) -> None:
            task = asyncio.create_task(self._slowly(work, turn))
            self._slow.add(task)
            task.add_done_callback(self._slow.discard)

        turn = Turn(
            later=later,
            workspace=workspace,
            user=user,
            channel=body.get("channel_id") or (body.get("channel") or {}).get("id", ""),
            trigger_id=body.get("trigger_id", ""),
            response_url=body.get("response_url", ""),
            view=body.get("view") or ({"state": body["state"]} if body.get("state") else {}),
            **given,
        )
        return turn

    async def _take(
        self, handler: Handler, ack: Ack, turn: Turn, delivery: str, explain: Explain, *, again: str = ""
    ) -> None:
        """Answer it, unless it was answered before; what has an `again` that is the same gets the same answer then,
        and waits for it where the first one is still being answered: a bare acknowledgement would close its form."""
        known = again or delivery
        ack = self.telemetry.timed(delivery.split()[0], ack)
        while again and (answering := self._answering.get(known)):
            await answering.wait()
        if (earlier := self.answered.before(known)) is not None:
            await ack(**earlier)
            return

        async def remembering(**answer: Any) -> None:
            if again and answer:
                self.answered.keep(known, answer)
            await ack(**answer)

        self.answered.take(known)
        answered = self._answering[known] = asyncio.Event()
        done = False
        try:
            await self._answer(handler, remembering, turn, delivery)
            done = True
        except EXPECTED as error:
            await explain(self._telling.found(error), ack, turn)
        finally:
            if not done:
                self.answered.forget(known)
            self._answering.pop(known, None)
            answered.set()

    async def _answer(self, handler: Handler, ack: Ack, turn: Turn, delivery: str) -> None:
        """Let the handler do its work within the time that Slack waits, for members of this workspace alone."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS) as patience:
                actor = await self.world.people.actor(turn.workspace, turn.user, delivery)
                if actor.is_outsider or turn.workspace != self.world.workspace:
                    raise Forbidden(
                        "Bunsen works for members of this workspace who were given a role. "
                        "Ask one of them to do it for you, or an admin for a role."
                    )
                await handler(ack, turn, actor, self._at_home.watched(self.world, actor, turn))
        except TimeoutError:
            if not patience.expired():
                raise
            raise TooSlow from None

    async def _slowly(self, work: Coroutine[Any, Any, None], turn: Turn) -> None:
        outcome: BaseException | None = (await asyncio.gather(work, return_exceptions=True))[0]
        if outcome is not None:
            await self._telling.whisper(self._telling.found(outcome), turn)


def _pressed(action: Mapping[str, Any]) -> tuple[str, str]:
    """The verb and what it is about; the chosen entry of a menu names both."""
    chosen = (action.get("selected_option") or {}).get("value", "")
    if action.get("type") == "overflow":
        verb, _, value = chosen.partition(":")
        return verb, value
    return action["action_id"].split("__")[0], action.get("value") or chosen


def _form_of(body: Mapping[str, Any], action: Mapping[str, Any]) -> str:
    """The form of which a field was changed, where no button was pressed."""
    view = body.get("view") or {}
    fields = {block["block_id"] for block in view.get("blocks", ()) if block["type"] == "input"}
    return str(view["callback_id"]) if action.get("block_id") in fields else ""


async def _unknown(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await look.unknown(ack, turn, actor, world, tuple(word for word in table.COMMANDS if word))


async def _nothing(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await ack()
