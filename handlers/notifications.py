"""Notifications: `/experiment notifications`, or a button → style, quiet hours, digest → saved; a test; mutes."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any

from experiments.errors import BadInput, Unavailable
from experiments.local_time import zone
from experiments.permissions import Actor
from experiments.ports import World
from experiments.preferences import Preferences, prefer
from handlers.forms import about, answers, begun, target
from handlers.place import channel_of, choice_of, place_of, require_say
from handlers.reading import experiment_of
from handlers.surfaces.deliveries import why
from handlers.surfaces.kit import Message
from handlers.surfaces.notification_settings import NEVER, muted, notifications_modal, saved, trial, unmuted
from handlers.turn import Ack, Turn, redraw, show, tell

DURATION = re.compile(r"([1-9]\d{0,2})([hdw])")
UNITS = {"h": "hours", "d": "days", "w": "weeks"}
LONGEST = timedelta(weeks=52)
A_DAY = timedelta(days=1)
QUIET = ("quiet_from", "quiet_until")
ASKED = {
    **{name: (name,) for name in ("style", "digest_weekday", "digest_at", "tz")},
    **dict.fromkeys(QUIET, QUIET),
}
"""The fields that are saved when one of these is changed; what was left as it was may have been changed by others."""
UNCLEAR = "Say for how long like 2h, 3d or 1w, after the experiment if it is about one: /experiment mute KEY 3d."


async def open_notifications(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    named = "me" if turn.words and turn.words[0].lower() == "me" else turn.value
    choice = await choice_of(place_of(turn, actor, named), actor, world)
    await show(turn, world, notifications_modal(choice, world.now(), actor.tz, channel_of(turn)))
    await ack()


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    place, given = about(turn.view)["subject"], answers(turn.view)
    require_say(place, actor)
    if zone(given.get("tz", "")).key != given.get("tz"):
        raise BadInput("I know no such time zone. Write it like Europe/Berlin or Asia/Kolkata.", field="tz")
    quiet = [_clock(given["quiet_from"]), _clock(given["quiet_until"])]
    if quiet.count(None) == 1:
        raise BadInput("Choose both ends of the quiet hours, or neither.", field="quiet_until")
    fields: dict[str, Any] = {
        "style": given["style"],
        "quiet_from": quiet[0],
        "quiet_until": quiet[1],
        "digest_weekday": int(given["digest_weekday"]),
        "digest_at": _clock(given["digest_at"]),
        "tz": given["tz"],
    }
    began = begun(turn.view)
    left = {name for name, asked in ASKED.items() if all(given.get(each) == began.get(each) for each in asked)}
    changed = {name: value for name, value in fields.items() if name not in left}

    def chosen(before: Preferences) -> Preferences:
        return before.model_copy(update={"tz": before.tz or given["tz"], **changed})

    before, after = await prefer(place, actor, world, chosen)
    view = notifications_modal(after, world.now(), actor.tz, channel_of(turn), saved(before, after))
    await ack(response_action="update", view=view)


async def send_test(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Post a test there, and say what became of it."""
    choice = await choice_of(place_of(turn, actor, turn.value), actor, world)
    await ack()
    turn.later(_try(choice, turn, actor, world))


async def _try(choice: Preferences, turn: Turn, actor: Actor, world: World) -> None:
    said = trial(actor.user, choice)
    try:
        await world.slack.call("chat.postMessage", channel=choice.subject, text=said.text, blocks=said.blocks)
        told = "✅ The test arrived."
    except Unavailable as error:
        told = f"⚠️ The test did not arrive: {why(error.reason)}"
    view = notifications_modal(choice, world.now(), actor.tz, channel_of(turn), told)
    await redraw(turn.view["id"], view, world)


async def mute(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """`mute`, `mute 1w`, `mute KEY`, `mute KEY 2h`: a day where no time is said."""
    words = list(turn.words)
    wait = _duration(words.pop()) if words and DURATION.fullmatch(words[-1].lower()) else A_DAY
    if len(words) > 1:
        raise BadInput(UNCLEAR)
    key = (await experiment_of(words[0], actor, world)).key if words else ""
    said = await _mute(place_of(turn, actor), key, world.now() + wait, actor, world)
    await ack(text=said.text, blocks=said.blocks)


async def mute_by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    named = target(turn.value)
    said = await _mute(place_of(turn, actor, named.key), named.seen, world.now() + A_DAY, actor, world)
    await _show_or_tell(said, named.key, ack, turn, actor, world)


async def unmute(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    said = await _unmute(place_of(turn, actor), turn.words[0] if turn.words else "", actor, world)
    await ack(text=said.text, blocks=said.blocks)


async def unmute_by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    named = target(turn.value)
    said = await _unmute(place_of(turn, actor, named.key), named.seen, actor, world)
    await _show_or_tell(said, named.key, ack, turn, actor, world)


async def _show_or_tell(said: Message, place: str, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """On the form where the button stands on it, else to the person alone."""
    await ack()
    if turn.view.get("callback_id") == "notifications":
        choice = await choice_of(place_of(turn, actor, place), actor, world)
        view = notifications_modal(choice, world.now(), actor.tz, channel_of(turn), said.text)
        await redraw(turn.view["id"], view, world)
    else:
        await tell(turn, world, said)


async def _mute(place: str, key: str, until: datetime, actor: Actor, world: World) -> Message:
    require_say(place, actor)
    now = world.now()

    def silent(before: Preferences) -> Preferences:
        still = {each: at for each, at in before.muted_keys.items() if at > now}
        return before.model_copy(
            update={"muted_keys": {**still, key: until}} if key else {"muted_until": until, "muted_keys": still}
        )

    _, after = await prefer(place, actor, world, silent)
    return muted(after, key, until)


async def _unmute(place: str, key: str, actor: Actor, world: World) -> Message:
    require_say(place, actor)

    def aloud(before: Preferences) -> Preferences:
        if key:
            kept = {each: at for each, at in before.muted_keys.items() if each != key}
            return before.model_copy(update={"muted_keys": kept})
        return before.model_copy(update={"muted_until": None, "muted_keys": {}})

    _, after = await prefer(place, actor, world, aloud)
    return unmuted(after, key)


def _duration(word: str) -> timedelta:
    found = DURATION.fullmatch(word.lower())
    if not found:
        raise BadInput(UNCLEAR)
    return min(timedelta(**{UNITS[found[2]]: int(found[1])}), LONGEST)


def _clock(said: str) -> time | None:
    return None if said == NEVER else time.fromisoformat(said)
