"""Unfurl: somebody posts a link to an experiment → below it what everybody there may read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from experiments.model import Experiment
from experiments.permissions import Actor, Permission, allows
from experiments.ports import World
from experiments.texts import KEY
from handlers.guarded import guarded
from handlers.surfaces.kit import Block
from handlers.surfaces.unfurl import closed_unfurl, unfurl
from handlers.turn import Ack, Turn

MOST_LINKS = 5
MOST_MEMBERS = 50
"""Of larger channels nobody asks who may read what: they get no more than the button."""


async def link_shared(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await ack()
    turn.later(_tell(turn.message, turn.workspace, world))


async def _tell(event: Mapping[str, Any], workspace: str, world: World) -> None:
    """A link that stays bare is no news for anybody: what fails is logged."""
    await guarded(_unfurl(event, workspace, world), "unfurl", channel=str(event.get("channel", "")))


async def _unfurl(event: Mapping[str, Any], workspace: str, world: World) -> int:
    links = {str(each["url"]): key for each in event.get("links", ()) if (key := key_of(str(each["url"])))}
    if not links:
        return 0
    async with world.reading(workspace) as uow:
        found = {key: await uow.experiments.get(key) for key in dict.fromkeys([*links.values()][:MOST_LINKS])}
    there = [each for each in found.values() if each]
    elsewhere = any(each.channel != event["channel"] for each in there)
    readers = await _members(str(event["channel"]), workspace, world) if elsewhere else ()
    shown: dict[str, dict[str, list[Block]]] = {}
    for url, key in list(links.items())[:MOST_LINKS]:
        experiment = found[key]
        open_to_all = experiment is not None and _may_all_read(experiment, event["channel"], readers)
        shown[url] = {"blocks": unfurl(experiment) if experiment and open_to_all else closed_unfurl(key)}
    composed = "unfurl_id" in event and "source" in event
    names = ("unfurl_id", "source") if composed else ("channel",)
    place = {name: event[name] for name in names} | ({} if composed else {"ts": event["message_ts"]})
    await world.slack.call("chat.unfurl", unfurls=shown, **place)
    return len(shown)


def key_of(url: str) -> str:
    """The experiment that a link of ours leads to; empty for other addresses.

    >>> key_of("https://bunsen.example.com/e/checkout-button?from=mail"), key_of("https://bunsen.example.com/healthz")
    ('checkout-button', '')
    """
    _, ours, key = urlsplit(url).path.rstrip("/").rpartition("/e/")
    return key if ours and KEY.fullmatch(key) else ""


def _may_all_read(experiment: Experiment, channel: str, readers: Sequence[Actor | None]) -> bool:
    """In its own channel its card stands anyway; elsewhere everybody has to be somebody who may read it."""
    if experiment.channel == channel:
        return True
    return bool(readers) and all(each and allows(Permission.READ, each, experiment) is None for each in readers)


async def _members(channel: str, workspace: str, world: World) -> tuple[Actor | None, ...]:
    """Everybody in the channel, None where Slack does not say who it is; nobody when they cannot be told."""
    asked = world.slack.call("conversations.members", channel=channel, limit=MOST_MEMBERS + 1)
    answer: object = (await asyncio.gather(asked, return_exceptions=True))[0]
    users = answer.get("members", ()) if isinstance(answer, dict) else ()
    if not 0 < len(users) <= MOST_MEMBERS:
        return ()
    found = await asyncio.gather(*(world.people.actor(workspace, user) for user in users), return_exceptions=True)
    return tuple(each if isinstance(each, Actor) else None for each in found)
