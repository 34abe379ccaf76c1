"""Undeliverable: what Slack will never take is told once a week, and only to somebody who can mend it."""

from __future__ import annotations

from datetime import datetime

import structlog

from experiments.announcements import CARD, Announcement
from experiments.errors import Unavailable
from experiments.outbox import Posting
from experiments.permissions import bunsen
from experiments.ports import World
from experiments.preferences import Preferences, is_person, prefer
from handlers.surfaces.deliveries import out_of_reach, undelivered

NO_LONGER_READABLE = "no_longer_readable"
GONE_PEOPLE = frozenset({"account_inactive", "user_not_found", "user_disabled", "user_not_visible"})
BROKEN_PLACES = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "missing_scope",
        "restricted_action",
        "no_permission",
        "messages_tab_disabled",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "team_access_not_granted",
    }
)

log = structlog.get_logger(__name__)


async def tell_of(posting: Posting, reason: str, world: World) -> None:
    """Say it to the owner, to who let a channel follow it, or to who made the change; who left hears no more."""
    said = posting.announcement
    if is_person(said.channel):
        if reason in GONE_PEOPLE:
            await prefer(said.channel, bunsen(world.workspace), world, _nothing_more)
        if said.payload.get("needed") and reason in GONE_PEOPLE | {NO_LONGER_READABLE}:
            await _tell_first(_owners(said, besides=said.channel), said, reason, posting.id, world)
        return
    if reason in BROKEN_PLACES or said.slot == CARD:
        await _tell_first(_owners(said), said, reason, posting.id, world)


def _nothing_more(before: Preferences) -> Preferences:
    return Preferences(subject=before.subject, filters=before.filters)


def _owners(said: Announcement, besides: str = "") -> list[str]:
    """Those who can mend it, the likeliest first."""
    payload = said.payload
    subscriber = payload.get("subscriber")
    owner = (payload.get("experiment") or {}).get("owner")
    people = [subscriber] if subscriber else [owner, payload.get("actor")]
    return [each for each in dict.fromkeys(people) if each and is_person(each) and each != besides]


async def _tell_first(people: list[str], said: Announcement, reason: str, id: int, world: World) -> None:
    """The first of them who can be reached, unless this was said this week."""
    now = world.now()
    async with world.uow(world.workspace) as uow:
        if people and not await uow.schedules.once("undeliverable", said.channel, _slot(people, reason, now), now):
            return
    message = (out_of_reach if is_person(said.channel) else undelivered)(said.payload, said.channel, reason, id)
    for person in people:
        try:
            await world.slack.call("chat.postMessage", channel=person, text=message.text, blocks=message.blocks)
        except Unavailable as error:
            log.warning("could not tell the person", outbox_id=id, reason=error.reason)
        else:
            return


def _slot(people: list[str], reason: str, now: datetime) -> str:
    year, week, _ = now.isocalendar()
    return f"{reason} {people[0]} {year}-W{week:02}"
