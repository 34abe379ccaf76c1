"""Deliver: claim what waits in the outbox, draw it from its payload, post or edit it once, say that it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from experiments.announcements import Announcement
from experiments.errors import BunsenError, Unavailable
from experiments.model import Experiment
from experiments.outbox import Posting
from experiments.permissions import Permission, allows
from experiments.ports import World
from experiments.preferences import is_person
from handlers.drawing import illustrated
from handlers.surfaces.announced import ANNOUNCED
from handlers.surfaces.kit import Message
from handlers.undeliverable import NO_LONGER_READABLE, tell_of

LEASE_SECONDS = 60.0
PART_OF_LEASE = 0.75
AT_ONCE = 8
LONGEST_WAIT = timedelta(minutes=5)
MOST_ATTEMPTS = 1_000
MOST_STUMBLES = 4
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
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
        "no_text",
        "user_not_found",
        "user_disabled",
        "user_not_visible",
        NO_LONGER_READABLE,
        "is_inactive",
        "cannot_reply_to_message",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "team_access_not_granted",
        "ekm_access_denied",
    }
)
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
THREAD_GONE = "thread_not_found"

log = structlog.get_logger(__name__)


async def deliver_due(world: World, surfaces: Mapping[str, Callable[[dict[str, Any]], Message]] = ANNOUNCED) -> int:
    """Deliver what is due in this workspace, streams side by side; how many postings were taken on."""
    async with world.uow(world.workspace) as uow:
        postings = await uow.outbox.claim(world.wall(), LEASE_SECONDS, AT_ONCE, world.now())
    deliveries = (_deliver(posting, world, surfaces) for posting in postings)
    for posting, outcome in zip(postings, await asyncio.gather(*deliveries, return_exceptions=True), strict=True):
        if outcome is not None:
            await _stumbled(posting, outcome, world)
    return len(postings)


async def _deliver(posting: Posting, world: World, surfaces: Mapping[str, Callable[[dict[str, Any]], Message]]) -> None:
    announcement = posting.announcement
    message = surfaces[announcement.surface](announcement.payload)
    try:
        async with asyncio.timeout(LEASE_SECONDS * PART_OF_LEASE):
            await _require_reader(announcement, world)
            ts = await _placed(posting, message, world)
    except TimeoutError:
        await _put_off(posting, Unavailable("Slack took too long.", reason="timeout"), world)
        return
    except Unavailable as error:
        await _put_off(posting, error, world)
        return
    async with world.uow(world.workspace) as uow:
        await uow.outbox.delivered(posting, ts, world.wall())


async def _require_reader(announcement: Announcement, world: World) -> None:
    """News for one person are for those who may read the experiment now, whatever they were when they chose them."""
    if is_person(announcement.channel) and "experiment" in announcement.payload:
        actor = await world.people.actor(world.workspace, announcement.channel)
        if allows(Permission.READ, actor, Experiment.model_validate(announcement.payload["experiment"])):
            raise Unavailable("They may not read it any more.", reason=NO_LONGER_READABLE)


async def _placed(posting: Posting, message: Message, world: World) -> str:
    """Where the message stands: edited in place, left by an earlier attempt, or posted now."""
    if posting.ts and await _edited(posting, posting.ts, message, world):
        return posting.ts
    left = await _left_before(posting, world) if posting.attempts else None
    return left or await _posted(posting, await illustrated(message, world), world)


async def _edited(posting: Posting, ts: str, message: Message, world: World) -> bool:
    try:
        await world.slack.call("chat.update", ts=ts, **_body(posting, await illustrated(message, world)))
    except Unavailable as error:
        if error.reason not in GONE:
            raise
        return False
    return True


async def _left_before(posting: Posting, world: World) -> str | None:
    """The message that an earlier attempt left before it died, found by the outbox id in its metadata."""
    place: dict[str, Any] = {"channel": posting.announcement.channel, "include_all_metadata": True, "limit": 200}
    if posting.thread_ts and (ts := await _left_in_thread(posting, {**place, "ts": posting.thread_ts}, world)):
        return ts
    return _own((await world.slack.call("conversations.history", **place)).get("messages", ()), posting)


async def _left_in_thread(posting: Posting, place: dict[str, Any], world: World) -> str | None:
    """Threads come oldest first, so that they are read to their end."""
    while True:
        try:
            page = await world.slack.call("conversations.replies", **place)
        except Unavailable as error:
            if error.reason != THREAD_GONE:
                raise
            return None
        if ts := _own(page.get("messages", ()), posting):
            return ts
        place["cursor"] = (page.get("response_metadata") or {}).get("next_cursor")
        if not place["cursor"]:
            return None


def _own(messages: Iterable[dict[str, Any]], posting: Posting) -> str | None:
    for message in messages:
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") == EVENT_TYPE and metadata["event_payload"].get("id") == posting.id:
            return str(message["ts"])
    return None


async def _posted(posting: Posting, message: Message, world: World) -> str:
    """Posted in its thread, or in the channel itself when a person has deleted what the thread hung from."""
    body, thread = _body(posting, message), {"thread_ts": posting.thread_ts} if posting.thread_ts else {}
    try:
        answer = await world.slack.call("chat.postMessage", unfurl_links=False, **body, **thread)
    except Unavailable as error:
        if error.reason != THREAD_GONE or not thread:
            raise
        answer = await world.slack.call("chat.postMessage", unfurl_links=False, **body)
    return str(answer["ts"])


def _body(posting: Posting, message: Message) -> dict[str, Any]:
    return {
        "channel": posting.announcement.channel,
        "text": message.text,
        "blocks": message.blocks,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"id": posting.id}},
    }


async def _stumbled(posting: Posting, error: BaseException, world: World) -> None:
    """A mistake of ours must not stop the other messages: tried a few times more, then given up."""
    place = {"outbox_id": posting.id, "surface": posting.announcement.surface}
    if isinstance(error, BunsenError):
        log.warning("delivery not recorded", **place, code=error.code, words=error.words)
        return
    log.error("delivery failed", **place, exc_info=error)
    async with world.uow(world.workspace) as uow:
        if posting.attempts < MOST_STUMBLES:
            await uow.outbox.retry(posting, type(error).__name__, world.wall() + _pause(posting))
        else:
            await uow.outbox.refused(posting, type(error).__name__, world.wall())


def _pause(posting: Posting) -> timedelta:
    """Twice as long after each attempt; the exponent is capped because attempts are not."""
    return min(LONGEST_WAIT, timedelta(seconds=2.0 ** min(posting.attempts, 16)))


async def _put_off(posting: Posting, error: Unavailable, world: World) -> None:
    """Try again later, or give up where Slack will never take it and tell somebody who can mend that."""
    place = {"outbox_id": posting.id, "surface": posting.announcement.surface, "reason": error.reason}
    if error.reason not in FINAL and posting.attempts < MOST_ATTEMPTS:
        wait = timedelta(seconds=error.retry_after) if error.retry_after else _pause(posting)
        log.warning("delivery put off", **place, seconds=wait.total_seconds())
        async with world.uow(world.workspace) as uow:
            await uow.outbox.retry(posting, error.reason, world.wall() + wait)
        return
    log.error("delivery refused", **place)
    async with world.uow(world.workspace) as uow:
        await uow.outbox.refused(posting, error.reason, world.wall())
    await tell_of(posting, error.reason, world)
