"""Reminders: a review at half and at the end of its time and when it ends unanswered, a decision that is still owed,
a booked start or stop a day and an hour before. They stand in the thread of the card; who missed a deadline, and who
is needed where there is no channel, is told directly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from experiments.announcements import CARD, Announcement, Event
from experiments.audience import may_hear
from experiments.commands import ExpireReview
from experiments.execute import execute
from experiments.model import LIVE, Experiment, Status
from experiments.permissions import bunsen
from experiments.ports import Filter, Run, UnitOfWork, World
from experiments.preferences import is_person
from experiments.running import Booking
from handlers.guarded import guarded

DECISION_REMINDERS = (timedelta(days=2), timedelta(days=7))
COUNTDOWN = {"in an hour": timedelta(hours=1), "in a day": timedelta(days=1)}
"""The nearest first: who slept over the one is told the other only."""
A_PAGE = 500

Slot = tuple[str, Announcement]


async def remind(world: World) -> int:
    """Put every reminder that is due and was not given yet into the outbox; how many there were."""
    now = world.now()
    waiting = await all_of(world, statuses=(Status.IN_REVIEW, Status.STOPPED))
    booked = await all_of(
        world, statuses=(Status.SCHEDULED, *sorted(LIVE)), booked_by=now + max(COUNTDOWN.values(), default=timedelta())
    )
    async with world.reading(world.workspace) as uow:
        before = await uow.schedules.ran("reminder", [each.key for each in (*waiting, *booked)])
    given = 0
    for experiment in (*waiting, *booked):
        given += await guarded(_of(experiment, before, now, world), "reminder", key=experiment.key)
    if given:
        world.nudge()
    return given


async def all_of(world: World, **which: Any) -> tuple[Experiment, ...]:
    """Every experiment that passes the filter, page by page, however many there are."""
    found: list[Experiment] = []
    async with world.reading(world.workspace) as uow:
        while page := await uow.experiments.list(Filter(**which, limit=A_PAGE, offset=len(found))):
            found += page
            if len(page) < A_PAGE:
                break
    return tuple(found)


async def _of(experiment: Experiment, before: frozenset[Run], now: datetime, world: World) -> int:
    """The newest reminder of the experiment whose moment has come, unless it was given; a review too old is ended."""
    review = experiment.review
    is_over = experiment.status is Status.IN_REVIEW and review and review.expires_at and now >= review.expires_at
    if review and is_over:
        await execute(ExpireReview(key=experiment.key, number=review.number), bunsen(world.workspace), world)
        return 1
    slots = [each for slot in _due(experiment, now) for each in _addressed(slot, experiment)]
    new = [each for each in slots if (experiment.key, each[0]) not in before]
    if not new:
        return 0
    async with world.uow(world.workspace) as uow:
        return sum([await _given(each, now, uow) for each in new])


def _addressed(slot: Slot, experiment: Experiment) -> Iterator[Slot]:
    """Said in the channel, and directly to whom it concerns where there is none; who let a review's time pass hears of
    that directly, too."""
    name, reminder = slot
    if experiment.channel:
        yield slot
    if not experiment.channel or name == _overdue(experiment):
        for user in filter(is_person, _concerned(reminder, experiment)):
            place = {"channel": user, "stream": f"{experiment.key} {user}", "thread_of": ""}
            yield (
                f"{name}-{user}",
                reminder.model_copy(update={**place, "payload": {**reminder.payload, "to": user, "needed": True}}),
            )


def _concerned(reminder: Announcement, experiment: Experiment) -> Iterable[str]:
    match reminder.surface:
        case "review_reminder":
            return experiment.review.awaited if experiment.review else ()
        case _:
            return (experiment.owner,)


def _overdue(experiment: Experiment) -> str:
    """The slot of the reminder at the end of the newest review's time."""
    return f"review-{experiment.review_count}-due"


async def _given(slot: Slot, now: datetime, uow: UnitOfWork) -> int:
    """Once. A person in their quiet hours is told after them, if it is still so by then."""
    name, reminder = slot
    if is_person(reminder.channel):
        choice = await uow.preferences.get(reminder.channel)
        if not may_hear(choice, reminder.event, reminder.payload["experiment"]["key"], now):
            return 0
    if not await uow.schedules.once("reminder", reminder.payload["experiment"]["key"], name, now):
        return 0
    await uow.outbox.add((reminder,), now)
    return 1


def _due(experiment: Experiment, now: datetime) -> Iterator[Slot]:
    """Reminders whose moment has come: the slot that makes each single, and the message."""
    review = experiment.review
    if experiment.status is Status.IN_REVIEW and review:
        half = review.requested_at + (review.due_at - review.requested_at) / 2
        if now >= review.due_at:
            yield _overdue(experiment), _reminder(experiment, "review_reminder", "due")
        elif now >= half:
            yield f"review-{review.number}-half", _reminder(experiment, "review_reminder", "half")
    if experiment.status is Status.STOPPED and experiment.stopped_at:
        passed = [wait for wait in DECISION_REMINDERS if now >= experiment.stopped_at + wait]
        if passed:
            yield f"decision-{passed[-1].days}", _reminder(experiment, "decision_reminder", "owed")
    if experiment.booking and experiment.status in {Status.SCHEDULED, *LIVE}:
        yield from _countdown(experiment, experiment.booking, now)


def _countdown(experiment: Experiment, booking: Booking, now: datetime) -> Iterator[Slot]:
    """What was booked less than a day or an hour ahead needs no such reminder."""
    what, at = ("stop", booking.stop_at) if experiment.is_live else ("start", booking.start_at)
    if at is None or now >= at:
        return
    for left, ahead in COUNTDOWN.items():
        if booking.at < at - ahead <= now:
            slot = f"{what}-{left}-{at.isoformat()}-{booking.at.isoformat()}"
            yield slot, _reminder(experiment, "countdown", f"{what} {left}")
            return


def _reminder(experiment: Experiment, surface: str, which: str, **more: str) -> Announcement:
    return Announcement(
        surface=surface,
        stream=experiment.key,
        channel=experiment.channel,
        payload={"experiment": experiment.model_dump(mode="json"), "which": which, **more},
        thread_of=CARD,
        event=Event.NEEDS_PEOPLE,
    )
