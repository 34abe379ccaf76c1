"""Quoting: a message in Slack as plain words, the link to it, and the conversation it belongs to."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any

from experiments.errors import Unavailable
from experiments.ports import World
from handlers.surfaces.quote import Quote, Thread
from handlers.turn import Turn

PATIENCE_SECONDS = 1.0
"""How long a modal waits for names and links; it opens without those that are late."""
PAGE, MOST_PAGES, MOST_MESSAGES = 200, 5, 30
MOST_NAMES = 30
MARKUP = re.compile(r"<([^<>]*)>")
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
GONE = frozenset({"message_not_found", "thread_not_found"})


async def quoted(turn: Turn, world: World) -> Quote:
    """The message that a shortcut was called on."""
    text = _words(turn.message)
    users = MENTION.findall(text)
    names, (link, reason) = await asyncio.gather(
        names_of(users, turn.workspace, world), permalink(turn.channel, turn.message.get("ts", ""), world)
    )
    return Quote(text=readable(text, names), by=turn.message.get("user", ""), link=link, is_gone=reason in GONE)


async def thread_of(turn: Turn, world: World) -> Thread:
    """The conversation that the message belongs to, with the link to the message."""
    ts = turn.message.get("ts", "")
    link, _ = await permalink(turn.channel, ts, world)
    return Thread(channel=turn.channel, ts=turn.message.get("thread_ts") or ts, link=link)


async def conversation(thread: Thread, world: World) -> tuple[Thread, tuple[str, ...]]:
    """What people said in it, the newest thirty, each with the name before it; or why it cannot be read."""
    read = (await asyncio.gather(_messages(thread, world), return_exceptions=True))[0]
    if isinstance(read, Unavailable):
        return thread.model_copy(update={"refused": read.reason}), ()
    if isinstance(read, BaseException):
        raise read
    spoken = [each for each in read if each.get("user") and not each.get("bot_id") and _words(each)]
    newest = spoken[-MOST_MESSAGES:]
    users = [user for each in newest for user in (each["user"], *MENTION.findall(_words(each)))]
    names = await names_of(users, world.workspace, world)
    lines = tuple(f"{names.get(each['user'], 'Somebody')}: {readable(_words(each), names)}" for each in newest)
    return thread.model_copy(update={"read": len(newest), "of": len(spoken)}), lines


async def permalink(channel: str, ts: str, world: World) -> tuple[str, str]:
    """The link to a message, or no link and Slack's reason."""
    asked = world.slack.call("chat.getPermalink", channel=channel, message_ts=ts)
    answer = (await _in_time([asked]))[0]
    if isinstance(answer, Unavailable):
        return "", answer.reason
    return (str(answer.get("permalink", "")), "") if isinstance(answer, dict) else ("", "late")


async def names_of(
    users: Iterable[str], workspace: str, world: World, *, most: int = MOST_NAMES, seconds: float = PATIENCE_SECONDS
) -> dict[str, str]:
    """The display names of these people, as far as they can be had in time."""
    asked = list(dict.fromkeys(users))[:most]
    found = await _in_time([world.people.actor(workspace, user) for user in asked], seconds)
    return {user: actor.name for user, actor in zip(asked, found, strict=True) if getattr(actor, "name", "")}


def readable(text: str, names: Mapping[str, str]) -> str:
    """Slack's markup as plain words: people and channels by name, links written out.

    >>> readable("Ask <@U1> in <#C1|lab>, see <https://a.example|the docs> &amp; <!here>", {"U1": "Ada"})
    'Ask @Ada in #lab, see the docs (https://a.example) & @here'
    """
    return html.unescape(MARKUP.sub(lambda found: _plain(found[1], names), text))


def _plain(inside: str, names: Mapping[str, str]) -> str:
    target, _, label = inside.partition("|")
    match target[:1]:
        case "@":
            return f"@{names.get(target[1:]) or label or 'somebody'}"
        case "#":
            return f"#{label or 'a channel'}"
        case "!":
            return label or f"@{target[1:].partition('^')[0]}"
    address = target.removeprefix("mailto:")
    return address if label in ("", target, address) else f"{label} ({address})"


def _words(message: Mapping[str, Any]) -> str:
    """The text of a message; of one without words, what it brings."""
    if text := str(message.get("text") or "").strip():
        return text
    attached = [str(each.get("text") or each.get("fallback") or "") for each in message.get("attachments") or ()]
    files = ", ".join(str(each.get("name") or "a file") for each in message.get("files") or ())
    return "\n".join([*filter(None, attached), *([html.escape(f"Files: {files}", quote=False)] if files else [])])


async def _messages(thread: Thread, world: World) -> list[dict[str, Any]]:
    """All of them, oldest first, of an endless thread the first thousand."""
    found: list[dict[str, Any]] = []
    place: dict[str, Any] = {"channel": thread.channel, "ts": thread.ts, "limit": PAGE}
    for _ in range(MOST_PAGES):
        page = await world.slack.call("conversations.replies", **place)
        found += page.get("messages", ())
        if not (cursor := (page.get("response_metadata") or {}).get("next_cursor")):
            break
        place["cursor"] = cursor
    return found


async def _in_time(work: Iterable[Coroutine[Any, Any, Any]], seconds: float = PATIENCE_SECONDS) -> list[Any]:
    """The results in order; in the place of what failed its error, of what was late None."""
    tasks = [asyncio.ensure_future(each) for each in work]
    if not tasks:
        return []
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for each in late:
        each.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    return [None if isinstance(each, asyncio.CancelledError) else each for each in found]
