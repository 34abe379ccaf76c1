"""Deliver: claim what waits in the outbox, draw it from its payload, post or edit it once, say that it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from experiments.errors import Unavailable
from experiments.ports import Posting, World
from handlers.reading import illustrated
from handlers.surfaces.announced import ANNOUNCED
from handlers.surfaces.kit import Message
from handlers.surfaces.problem import not_posted

LEASE_SECONDS = 60.0
AT_ONCE = 8
LONGEST_WAIT = timedelta(minutes=5)
EVENT_TYPE = "bunsen_posting"
FINAL = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "invalid_blocks",
        "invalid_arguments",
        "msg_too_long",
        "msg_blocks_too_long",
        "missing_scope",
        "restricted_action",
        "no_permission",
        "account_inactive",
        "messages_tab_disabled",
    }
)
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})

log = structlog.get_logger(__name__)


async def deliver_due(world: World, surfaces: Mapping[str, Callable[[dict[str, Any]], Message]] = ANNOUNCED) -> int:
    """Deliver what is due in this workspace, streams side by side; how many postings were taken on."""
    async with world.uow(world.workspace) as uow:
        postings = await uow.outbox.claim(world.wall(), LEASE_SECONDS, AT_ONCE)
    await asyncio.gather(*(_deliver(posting, world, surfaces) for posting in postings))
    return len(postings)


async def _deliver(posting: Posting, world: World, surfaces: Mapping[str, Callable[[dict[str, Any]], Message]]) -> None:
    announcement = posting.announcement
    message = surfaces[announcement.surface](announcement.payload)
    try:
        ts = await _posted_before(posting, world) if posting.attempts else None
        ts = ts or await _post(posting, await illustrated(message, world), world)
    except Unavailable as error:
        await _put_off(posting, error, world)
        return
    async with world.uow(world.workspace) as uow:
        await uow.outbox.delivered(posting, ts, world.wall())


async def _posted_before(posting: Posting, world: World) -> str | None:
    """The message that an earlier attempt left before it died, found by the outbox id in its metadata."""
    if posting.ts:
        return None
    place = {"channel": posting.announcement.channel, "include_all_metadata": True, "limit": 100}
    if posting.thread_ts:
        page = await world.slack.call("conversations.replies", ts=posting.thread_ts, **place)
    else:
        page = await world.slack.call("conversations.history", **place)
    for message in page.get("messages", ()):
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") == EVENT_TYPE and metadata["event_payload"].get("id") == posting.id:
            return str(message["ts"])
    return None


async def _post(posting: Posting, message: Message, world: World) -> str:
    body = {
        "channel": posting.announcement.channel,
        "text": message.text,
        "blocks": message.blocks,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"id": posting.id}},
    }
    if posting.ts:
        try:
            await world.slack.call("chat.update", ts=posting.ts, **body)
        except Unavailable as error:
            if error.reason not in GONE:
                raise
        else:
            return posting.ts
    if posting.thread_ts:
        body["thread_ts"] = posting.thread_ts
    answer = await world.slack.call("chat.postMessage", unfurl_links=False, **body)
    return str(answer["ts"])


async def _put_off(posting: Posting, error: Unavailable, world: World) -> None:
    """Try again later, or give up where Slack will never take it and tell the person who caused it."""
    place = {"outbox_id": posting.id, "surface": posting.announcement.surface, "reason": error.reason}
    if error.reason not in FINAL:
        wait = min(LONGEST_WAIT, timedelta(seconds=error.retry_after or 2.0**posting.attempts))
        log.warning("delivery put off", **place, seconds=wait.total_seconds())
        async with world.uow(world.workspace) as uow:
            await uow.outbox.retry(posting, error.reason, world.wall() + wait)
        return
    log.error("delivery refused", **place)
    async with world.uow(world.workspace) as uow:
        await uow.outbox.refused(posting, error.reason, world.wall())
    actor = posting.announcement.payload.get("actor")
    if actor and posting.announcement.slot == "card":
        said = not_posted(posting.announcement.channel, error.reason)
        try:
            await world.slack.call("chat.postMessage", channel=actor, text=said.text, blocks=said.blocks)
        except Unavailable as second:
            log.warning("could not tell the person", **place, second=second.reason)
