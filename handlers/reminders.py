"""Reminders: a review at half and at the end of its time and when it ends unanswered, a decision that is still owed,
a booked start or stop a day and an hour before. They stand in the thread of the card; who missed a deadline, and who
is needed where there is no channel, is told directly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from experiments.announcements import CARD, Announcement, Event
from experiments.audience import may_hear
from experiments.commands import ExpireReview
from experiments.execute import execute
from experiments.model import LIVE, Experiment, Status
from experiments.permissions import bunsen
from experiments.ports import World
from experiments.preferences import is_person
from experiments.repositories import Filter, UnitOfWork
from experiments.running import Booking
from handlers.guarded import guarded

DECISION_REMINDERS = (timedelta(days=2), timedelta(days=7))
OWED_FOR = timedelta(days=30)
"""Nobody is reminded of what has stood still for longer, so that what is never decided costs nothing."""
COUNTDOWN = {"in an hour": timedelta(hours=1), "in a day": timedelta(days=1)}
"""The nearest first: who slept over the one is told the other only."""
A_PAGE = 500


class Due(NamedTuple):
    """A reminder whose moment has come, and the slot that makes it single; `to` somebody directly where named."""

    slot: str
    surface: str
    which: str
    to: str = ""


async def remind(world: World) -> int:
    """Put every reminder that is due and was not given yet into the outbox, and end reviews that are too old; how many
    there were."""
    now = world.now()
    asked = await all_of(world, statuses=(Status.IN_REVIEW,))
    owed = await all_of(world, statuses=(Status.STOPPED,), since=now - OWED_FOR)
    booked = await all_of(
        world, statuses=(Status.SCHEDULED, *sorted(LIVE)), booked_by=now + max(COUNTDOWN.values(), default=timedelta())
    )
    waiting = (*asked, *owed, *booked)
    async with world.reading(world.workspace) as uow:
        before = await uow.schedules.ran("reminder", [each.key for each in waiting])
    given = 0
    for experiment in waiting:
        due = [each for found in _due(experiment, now) for each in _addressed(found, experiment)]
        new = [each for each in due if (experiment.key, each.slot) not in before]
        if _is_over(experiment, now):
            given += await guarded(_ended(experiment, world), "reminder", key=experiment.key)
        elif new:
            given += await guarded(_remind(new, experiment, now, world), "reminder", key=experiment.key)
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


def _is_over(experiment: Experiment, now: datetime) -> bool:
    """Whether it waits for an answer that was to come by now."""
    expires = experiment.review.expires_at if experiment.review else None
    return experiment.status is Status.IN_REVIEW and expires is not None and now >= expires


async def _ended(experiment: Experiment, world: World) -> int:
    number = experiment.review.number if experiment.review else 0
    await execute(ExpireReview(key=experiment.key, number=number), bunsen(world.workspace), world)
    return 1


async def _remind(some: Iterable[Due], experiment: Experiment, now: datetime, world: World) -> int:
    async with world.uow(world.workspace) as uow:
        return sum([await _given(due, experiment, now, uow) for due in some])


def _addressed(due: Due, experiment: Experiment) -> Iterator[Due]:
    """Said in the channel, and directly to whom it concerns where there is none; who let a review's time pass hears of
    that directly, too."""
    if experiment.channel:
        yield due
    if not experiment.channel or due.slot == _overdue(experiment):
        for user in filter(is_person, _concerned(due, experiment)):
            yield due._replace(slot=f"{due.slot}-{user}", to=user)


def _concerned(due: Due, experiment: Experiment) -> Iterable[str]:
    match due.surface:
        case "review_reminder":
            return experiment.review.awaited if experiment.review else ()
        case _:
            return (experiment.owner,)


def _overdue(experiment: Experiment) -> str:
    """The slot of the reminder at the end of the newest review's time."""
    return f"review-{experiment.review_count}-due"


async def _given(due: Due, experiment: Experiment, now: datetime, uow: UnitOfWork) -> int:
    """Once. A person in their quiet hours is told after them, if it is still so by then."""
    if due.to:
        choice = await uow.preferences.get(due.to)
        if not may_hear(choice, Event.NEEDS_PEOPLE, experiment.key, now):
            return 0
    if not await uow.schedules.once("reminder", experiment.key, due.slot, now):
        return 0
    await uow.outbox.add((_reminder(experiment, due),), now)
    return 1


def _due(experiment: Experiment, now: datetime) -> Iterator[Due]:
    """Reminders whose moment has come."""
    review = experiment.review
    if experiment.status is Status.IN_REVIEW and review:
        half = review.requested_at + (review.due_at - review.requested_at) / 2
        if now >= review.due_at:
            yield Due(_overdue(experiment), "review_reminder", "due")
        elif now >= half:
            yield Due(f"review-{review.number}-half", "review_reminder", "half")
    if experiment.status is Status.STOPPED and experiment.stopped_at:
        passed = [wait for wait in DECISION_REMINDERS if now >= experiment.stopped_at + wait]
        if passed:
            yield Due(f"decision-{passed[-1].days}", "decision_reminder", "owed")
    if experiment.booking and experiment.status in {Status.SCHEDULED, *LIVE}:
        yield from _countdown(experiment, experiment.booking, now)


def _countdown(experiment: Experiment, booking: Booking, now: datetime) -> Iterator[Due]:
    """What was booked less than a day or an hour ahead needs no such reminder."""
    what, at = ("stop", booking.stop_at) if experiment.is_live else ("start", booking.start_at)
    if at is None or now >= at:
        return
    for left, ahead in COUNTDOWN.items():
        if booking.at < at - ahead <= now:
            slot = f"{what}-{left}-{at.isoformat()}-{booking.at.isoformat()}"
            yield Due(slot, "countdown", f"{what} {left}")
            return


def _reminder(experiment: Experiment, due: Due) -> Announcement:
    payload = {"experiment": experiment.model_dump(mode="json"), "which": due.which}
    return Announcement(
        surface=due.surface,
        stream=f"{experiment.key} {due.to}" if due.to else experiment.key,
        channel=due.to or experiment.channel,
        payload={**payload, "to": due.to, "needed": True} if due.to else payload,
        thread_of="" if due.to else CARD,
        event=Event.NEEDS_PEOPLE,
    )
