"""What became of messages: the log with a way to try again, and what is told to somebody who can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.numerals import counted
from experiments.outbox import Delivery, DeliveryState
from experiments.preferences import is_person
from handlers.surfaces import kit
from handlers.surfaces.kit import Group, Message, View
from handlers.surfaces.words import clip, moment, person, said

SHOWN = 40
REASONS = {
    "not_in_channel": "I am not a member there. Type /invite @Bunsen in the channel, then press Retry.",
    "channel_not_found": "I cannot see it. If it is private, type /invite @Bunsen there, then press Retry.",
    "is_archived": "it is archived. Unarchive it and press Retry, or type /experiment subscribe in another channel.",
    "missing_scope": "the app may not write there. An admin has to install it again; then press Retry.",
    "restricted_action": "only some people may post there. Ask an admin to let Bunsen, then press Retry.",
    "account_inactive": "the account is deactivated.",
    "user_not_found": "there is nobody of that id any more.",
    "user_disabled": "the account is deactivated.",
    "messages_tab_disabled": "the app takes no direct messages. An admin can allow them in the app's settings.",
    "no_longer_readable": "they may not read this experiment any more, or their account is deactivated.",
    "invalid_blocks": "Slack did not accept how it was laid out. The change itself is safe.",
    "msg_too_long": "it was too long for Slack. The change itself is safe.",
    "msg_blocks_too_long": "it was too long for Slack. The change itself is safe.",
    "ratelimited": "Slack asked us to slow down.",
    "timeout": "Slack took too long.",
    "internal_error": "Slack had a problem of its own.",
}
NAMES = {
    "card": "Card",
    "change": "Change, in the thread",
    "news": "News",
    "weekly_digest": "Weekly digest",
    "significance_update": "Significance update",
}
STATES = {DeliveryState.DELIVERED: "✅", DeliveryState.WAITING: "⏳", DeliveryState.REFUSED: "📭"}


def why(reason: str) -> str:
    """Slack's reason in words with what to do about it."""
    return REASONS.get(reason) or f"Slack answered “{said(reason, 80)}”."


def where(channel: str) -> str:
    """A channel or a person, as Slack shows them."""
    if is_person(channel):
        return person(channel)
    return f"<#{channel}>" if channel.isalnum() and channel.isascii() else "the channel"


def undelivered(payload: dict[str, Any], channel: str, reason: str, id: int) -> Message:
    """A channel could not be reached: told to somebody who can mend that, with a way on."""
    title = (payload.get("experiment") or {}).get("title", "")
    what = f"the news of *{said(clip(title, 120), 400)}*" if title else "it"
    words = f"⚠️ Everything is saved, but I could not post {what} in {where(channel)}: {why(reason)}"
    return kit.message(words, kit.section(words), _ways_on(id), kit.context("I say this once a week while it lasts."))


def out_of_reach(payload: dict[str, Any], user: str, reason: str, id: int) -> Message:
    """A person who is needed cannot be reached."""
    title = (payload.get("experiment") or {}).get("title", "an experiment")
    words = (
        f"⚠️ {person(user)} is needed for *{said(clip(title, 120), 400)}*, but I cannot reach them: {why(reason)} "
        "Ask somebody else, for example with `/experiment review`."
    )
    return kit.message(words, kit.section(words))


def deliveries_modal(deliveries: Sequence[Delivery], told: str = "") -> View:
    """The newest messages and what became of them; what was not delivered can be tried again."""
    top = [kit.section(told)] if told else []
    counts = [
        f"{counted(number, 'message')} {what}"
        for state, what in ((DeliveryState.REFUSED, "could not be delivered"), (DeliveryState.WAITING, "waiting"))
        if (number := sum(each.state is state for each in deliveries))
    ]
    standing = " · ".join(counts) or ("All of them arrived." if deliveries else "Nothing has been posted yet.")
    top.append(kit.section("*The newest messages*", standing))
    groups = [Group([_entry(each)]) for each in deliveries[:SHOWN]]
    body = kit.fit(groups, "message", around=top, blocks=kit.VIEW_BLOCKS, characters=kit.VIEW_CHARACTERS)
    rest = len(deliveries) - SHOWN
    more = [kit.context(f"… and {rest:,} older")] if rest > 0 else []
    return kit.modal("deliveries", "Deliveries", *top, *body, *more, about={}, close="Close")


def retried(is_open: bool) -> str:
    """What became of the wish to try again."""
    if is_open:
        return "🔁 It is being tried again; look again in a moment."
    return "It needs no retry: it was delivered, or a newer message took its place. Retry the newest one."


def _entry(delivery: Delivery) -> dict[str, Any]:
    said_of = delivery.announcement
    experiment = said_of.payload.get("experiment") or {}
    what = NAMES.get(said_of.surface) or said(said_of.surface.replace("_", " ").capitalize(), 60)
    title = f" · *{said(clip(experiment['title'], 80), 300)}*" if experiment.get("title") else ""
    lines = [f"{STATES[delivery.state]} {what}{title} → {where(said_of.channel)}", _state(delivery)]
    is_stuck = delivery.state is not DeliveryState.DELIVERED and bool(delivery.reason)
    retry = kit.button("Retry", "retry_delivery", str(delivery.id), scope=str(delivery.id)) if is_stuck else None
    return kit.section(*lines, accessory=retry)


def _state(delivery: Delivery) -> str:
    at = f" {moment(delivery.at)}" if delivery.at else ""
    if delivery.state is DeliveryState.DELIVERED:
        return f"delivered{at}"
    reason = f": {why(delivery.reason)}" if delivery.reason else ""
    if delivery.state is DeliveryState.REFUSED:
        return f"given up{at}{reason}"
    tries = f", {counted(delivery.attempts, 'try').replace('trys', 'tries')} so far" if delivery.attempts else ""
    return f"waiting{f', next try{at}' if at else ''}{tries}{reason}"


def _ways_on(id: int) -> dict[str, Any]:
    return kit.actions(
        kit.button("Retry", "retry_delivery", str(id), style="primary"), kit.button("All deliveries", "deliveries")
    )
