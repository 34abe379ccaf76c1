"""A turn: what one person just did in Slack, in the words of no Slack library."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.errors import Unavailable
from experiments.permissions import Actor
from experiments.ports import World
from handlers.surfaces.kit import Message, View

OVERTAKEN = ("hash_conflict", "not_found", "view_not_found")
Ack = Callable[..., Awaitable[Any]]
"""Answer Slack: nothing, a message for a command (text, blocks), or a response action for a view."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Who did something where, and what came along; what they may do is the actor's to say.

    `words` are the words after the sub-command, `value` that of the pressed button or picked option, `view` the view
    that was submitted or holds the button (of a message only the state of its menus), `message` the one that a shortcut
    was called on. `later` runs the slow part after the acknowledgement; an error in it is told to the person like any
    other.
    """

    later: Callable[[Coroutine[Any, Any, None]], None]
    workspace: str
    user: str
    channel: str = ""
    thread_ts: str | None = None
    trigger_id: str = ""
    response_url: str = ""
    words: tuple[str, ...] = ()
    value: str = ""
    view: View = field(default_factory=dict)
    message: dict[str, Any] = field(default_factory=dict)


Handler = Callable[[Ack, Turn, Actor, World], Awaitable[None]]
Step = Callable[[Turn, Actor, World], Awaitable[dict[str, str]]]
"""Does a step of a workflow, whose event is `turn.message`; gives what the steps after it can use."""
Finder = Callable[[Turn, Actor, World], Awaitable[Sequence[tuple[str, str]]]]
"""Finds the choices, value and words, for what was typed into a menu: `turn.value`."""


async def tell(turn: Turn, world: World, message: Message) -> None:
    """Say something to the acting person alone, wherever the turn happened."""
    body = {"text": message.text, "blocks": message.blocks}
    if turn.response_url:
        await world.slack.respond(turn.response_url, response_type="ephemeral", replace_original=False, **body)
    elif turn.channel:
        place = {"thread_ts": turn.thread_ts} if turn.thread_ts else {}
        await world.slack.call("chat.postEphemeral", channel=turn.channel, user=turn.user, **place, **body)
    else:
        await world.slack.call("chat.postMessage", channel=turn.user, **body)


async def say(turn: Turn, world: World, message: Message) -> None:
    """Say something for all to see where the turn happened: in its thread, as its answer, or else to the person."""
    body = {"text": message.text, "blocks": message.blocks}
    if turn.response_url and not turn.thread_ts:
        await world.slack.respond(turn.response_url, response_type="in_channel", replace_original=False, **body)
    else:
        place = {"thread_ts": turn.thread_ts} if turn.thread_ts else {}
        await world.slack.call("chat.postMessage", channel=turn.channel or turn.user, **place, **body)


async def show(turn: Turn, world: World, view: View) -> None:
    """Open a modal, on top of the one the person is in when there is one; the list of actions gives way to it."""
    if turn.view.get("callback_id") == "more":
        await redraw(turn.view["id"], view, world)
        return
    method = "views.push" if turn.view.get("type") == "modal" else "views.open"
    await world.slack.call(method, trigger_id=turn.trigger_id, view=view)


async def redraw(view_id: str, view: View, world: World) -> None:
    """Draw a view anew that is open already."""
    await world.slack.call("views.update", view_id=view_id, view=view)


async def unless_overtaken(drawing: Awaitable[dict[str, Any]]) -> str | None:
    """The hash of a view that is drawn anew; None where it was changed or closed since it had the hash given along."""
    answer: dict[str, Any] | BaseException = (await asyncio.gather(drawing, return_exceptions=True))[0]
    if isinstance(answer, Unavailable) and answer.reason in OVERTAKEN:
        return None
    if isinstance(answer, BaseException):
        raise answer
    return str(answer["view"].get("hash", ""))
