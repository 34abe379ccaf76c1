"""Notification settings: how and when news reach a channel or a person, with a test and the log of deliveries."""

from __future__ import annotations

from datetime import datetime, time

from experiments.preferences import Preferences, Style
from handlers.surfaces import kit
from handlers.surfaces.fields import radio_field, select_field, text_field
from handlers.surfaces.kit import Block, Message, View
from handlers.surfaces.subscribe_modal import chosen_words, place_words
from handlers.surfaces.words import moment, person, said

NEVER = "none"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CLOCK = tuple(f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30))
STYLES = ((Style.DETAILED.value, "Detailed: everything at a glance"), (Style.COMPACT.value, "Compact: a line or two"))


def notifications_modal(choice: Preferences, now: datetime, tz: str, channel: str, told: str = "") -> View:
    """The form; `tz` is the zone of who looks at it, `channel` where it was asked for, `told` what just happened."""
    top = [kit.section(told)] if told else []
    return kit.modal(
        "notifications",
        "Notifications",
        *top,
        kit.section(
            f"*What reaches {place_words(choice)}*",
            *chosen_words(choice),
            accessory=kit.button("Change", "subscribe", choice.subject),
        ),
        *_muted(choice, now),
        radio_field("style", "Style", STYLES, choice.style.value),
        select_field("quiet_from", "Quiet hours from", _times(NEVER, "No quiet hours"), _clock(choice.quiet_from)),
        select_field(
            "quiet_until",
            "Quiet hours until",
            _times(NEVER, "No quiet hours"),
            _clock(choice.quiet_until),
            hint=_quiet_hint(choice),
        ),
        select_field(
            "digest_weekday",
            "Weekly digest on",
            [(str(number), day) for number, day in enumerate(DAYS)],
            str(choice.digest_weekday),
        ),
        select_field("digest_at", "Weekly digest at", _times(), _clock(choice.digest_at)),
        text_field(
            "tz",
            "Time zone",
            choice.tz or tz,
            placeholder="Europe/Berlin",
            hint="For the quiet hours and the digest, like Europe/Berlin or Asia/Kolkata.",
            most=60,
        ),
        _ways(choice),
        *_last_changed(choice),
        submit="Save",
        about={"subject": choice.subject, "channel": channel},
        close="Close",
    )


def saved(before: Preferences, after: Preferences) -> str:
    """What was changed, old → new."""
    was, now = _told(before), _told(after)
    changes = [f"{name} {said(was[name], 60)} → {said(now[name], 60)}" for name in was if was[name] != now[name]]
    return f"✅ Saved: {'; '.join(changes)}." if changes else "✅ Nothing was changed."


def _told(choice: Preferences) -> dict[str, str]:
    quiet = f"{_clock(choice.quiet_from)} to {_clock(choice.quiet_until)}" if choice.quiet_from else "none"
    return {
        "style": choice.style.words,
        "quiet hours": quiet,
        "weekly digest": f"{DAYS[choice.digest_weekday]} at {_clock(choice.digest_at)}",
        "time zone": choice.tz or "not chosen",
    }


def trial(by: str, choice: Preferences) -> Message:
    """Posted to see whether it arrives."""
    words = f"🔔 A test that {person(by)} asked for: news for {place_words(choice)} arrive here."
    return kit.message(words, kit.section(words))


def muted(choice: Preferences, key: str, until: datetime) -> Message:
    """What stays silent until when, what does not, and the way back."""
    of = f" of {said(key, 80)}" if key else ""
    if choice.is_person:
        words = f"🔕 You hear nothing{of} until {moment(until)}."
    else:
        kinds = "changes or decisions" if key else "changes, decisions, updates or digests"
        words = (
            f"🔕 No {kinds}{of} are posted here until "
            f"{moment(until)}. What needs people and alarms of experiments that live here still come."
        )
    return kit.message(words, kit.section(words, accessory=kit.button("Unmute", "unmute", f"{choice.subject}@{key}")))


def unmuted(choice: Preferences, key: str) -> Message:
    """News come again."""
    of = f" of {said(key, 80)}" if key else ""
    words = f"🔔 News{of} reach {place_words(choice)} again, as chosen before."
    return kit.message(words, kit.section(words, *chosen_words(choice)))


def _muted(choice: Preferences, now: datetime) -> list[Block]:
    """What is muted, each with its way back."""
    mutes = {"": choice.muted_until, **choice.muted_keys}
    return [
        kit.section(
            f"🔕 {said(key, 80) if key else 'Everything'} is muted until {moment(until)}",
            accessory=kit.button("Unmute", "unmute", f"{choice.subject}@{key}", scope=key),
        )
        for key, until in list(mutes.items())[:10]
        if until and until > now
    ]


def _quiet_hint(choice: Preferences) -> str:
    if choice.is_person:
        return "News wait until they are over."
    return (
        "News wait until they are over; of experiments that live here, alarms and what is needed within an hour do not."
    )


def _ways(choice: Preferences) -> Block:
    return kit.actions(
        kit.button("Send a test", "send_test", choice.subject),
        kit.button("Mute for a day", "mute", f"{choice.subject}@"),
        kit.button("Deliveries", "deliveries"),
    )


def _last_changed(choice: Preferences) -> list[Block]:
    return [kit.context(f"Last changed by {person(choice.changed_by)}")] if choice.changed_by else []


def _times(*first: str) -> list[tuple[str, str]]:
    none = [(first[0], first[1])] if first else []
    return [*none, *((each, each) for each in CLOCK)]


def _clock(at: time | None) -> str:
    return at.strftime("%H:%M") if at else NEVER
