"""Who hears of a change besides the experiment's own channel, and when: a pure function of what was chosen.

The rules, in their order:
* An experiment's own channel always gets its card, what needs people, and alarms; muting silences only the rest.
* Everybody else hears of what they follow and chose, and of nothing while they muted it. A channel gets one card per
  experiment with its thread, a person one line about the weightiest piece of news, and none about their own doing.
* In quiet hours news wait until these are over. Cards do not, because an edit rings nowhere; neither do, in the own
  channel, alarms and what needs people within an hour.
* What needs people is sent to them directly where the experiment has no channel in which they could see it, and when
  they have let a deadline pass; that only when they `may_hear` it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from experiments.announcements import EXPIRED, LIVE_CARD, Announcement, Event
from experiments.model import Experiment, Status
from experiments.preferences import Preferences, is_person

SOON = timedelta(hours=1)
ALWAYS_AT_HOME = frozenset({Event.CARD, Event.NEEDS_PEOPLE, Event.ALARM})
WEIGHT = (Event.ALARM, Event.NEEDS_PEOPLE, Event.DECISION, Event.CHANGE)
"""The kinds of news a person may get about a change, the weightiest first."""


def audience(
    said: Sequence[Announcement], heeding: Iterable[Preferences], after: Experiment, now: datetime
) -> tuple[Announcement, ...]:
    """The messages to all who hear of them. `heeding` are the choices of the own channel and of all followers."""
    choices = {each.subject: each for each in heeding}
    own = choices.pop(after.channel, Preferences(subject=after.channel))
    heard = list(_at_home(said, own, after, now)) if after.channel else []
    for each in choices.values():
        if each.follows(after) and not each.is_muted(after.key, now):
            heard += _to_person(said, each, after, now) if each.is_person else _to_channel(said, each, after, now)
    if not after.channel:
        reached = {each.channel for each in heard}
        heard += (each for each in _needed(said, after) if each.channel not in reached)
    return tuple(heard)


def may_hear(choice: Preferences, event: Event, key: str, now: datetime) -> bool:
    """Whether a person may be told this at this moment: neither unwanted, nor muted, nor in quiet hours."""
    return event in choice.chosen and not choice.is_muted(key, now) and choice.quiet_end(now) is None


def _at_home(
    said: Iterable[Announcement], own: Preferences, after: Experiment, now: datetime
) -> Iterator[Announcement]:
    is_muted = own.is_muted(after.key, now)
    for each in said:
        if each.event in ALWAYS_AT_HOME or (each.event in own.chosen and not is_muted):
            payload = {**each.payload, "style": own.style.value}
            yield each.model_copy(update={"payload": payload, "due_at": _due(each, own, after, now)})


def _due(announcement: Announcement, own: Preferences, after: Experiment, now: datetime) -> datetime | None:
    """When it may be said in the own channel; None at once."""
    if announcement.event in (Event.CARD, Event.ALARM):
        return None
    if announcement.event is Event.NEEDS_PEOPLE and _is_soon(after, now):
        return None
    return own.quiet_end(now)


def _is_soon(after: Experiment, now: datetime) -> bool:
    """Whether people are needed within an hour: a start that was booked, an answer that is due."""
    moments = [after.booking.start_at] if after.booking and after.status is not Status.RUNNING else []
    if after.review and after.status is Status.IN_REVIEW:
        moments.append(after.review.due_at)
    return any(moment - now <= SOON for moment in moments)


def _to_channel(
    said: Iterable[Announcement], choice: Preferences, after: Experiment, now: datetime
) -> Iterator[Announcement]:
    """The same messages in a stream of their own. Without the card there is no thread to tell changes in, and the live
    card, which is redrawn at every look, stands in the own channel alone."""
    quiet = choice.quiet_end(now)
    for each in said:
        if each.surface in (EXPIRED, LIVE_CARD):
            continue
        if each.event not in choice.chosen or (each.event is Event.CHANGE and Event.CARD not in choice.chosen):
            continue
        told = {**each.payload, "style": choice.style.value, "subscriber": choice.changed_by}
        place = {"stream": f"{after.key} {choice.subject}", "channel": choice.subject, "payload": told}
        yield each.model_copy(update={**place, "due_at": None if each.event is Event.CARD else quiet})


def _to_person(
    said: Sequence[Announcement], choice: Preferences, after: Experiment, now: datetime
) -> Iterator[Announcement]:
    if after.changed_by == choice.subject:
        return
    for event in WEIGHT:
        news = next((each for each in said if each.event is event), None)
        if news and event in choice.chosen:
            told = {"style": choice.style.value}
            yield _line(news, choice.subject, after, told).model_copy(update={"due_at": choice.quiet_end(now)})
            return


def _needed(said: Sequence[Announcement], after: Experiment) -> Iterator[Announcement]:
    """Lines to those who are needed: who was asked for a review, who asked in vain, else the owner."""
    for each in said:
        if each.surface == EXPIRED:
            person = each.payload["asked_by"]
            place = {"channel": person, "stream": f"{after.key} {person}", "thread_of": ""}
            yield each.model_copy(update=place)
        elif each.event in (Event.NEEDS_PEOPLE, Event.ALARM):
            asked = after.review.awaited if after.review and each.surface == "review_request" else (after.owner,)
            for person in asked:
                if is_person(person) and person != after.changed_by:
                    yield _line(each, person, after, {"needed": True})


def _line(news: Announcement, person: str, after: Experiment, more: dict[str, Any]) -> Announcement:
    payload = {**news.payload, **more, "event": news.event.value}
    return Announcement(
        surface="news",
        stream=f"{after.key} {person}",
        channel=person,
        payload=payload,
        event=news.event,
        settle=news.settle,
    )
