"""Reminders: a review at half and at the end of its time and when it ends unanswered, a decision that is still owed,
a booked start or stop a day and an hour before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from experiments.announcements import CARD, Announcement
from experiments.commands import ExpireReview
from experiments.execute import execute
from experiments.model import LIVE, Experiment, Status
from experiments.permissions import bunsen
from experiments.ports import Filter, World
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
    given = 0
    for experiment in (*waiting, *booked):
        given += await guarded(_of(experiment, now, world), "reminder", key=experiment.key)
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


async def _of(experiment: Experiment, now: datetime, world: World) -> int:
    """The newest reminder of the experiment whose moment has come, unless it was given; a review too old is ended."""
    review = experiment.review
    is_over = experiment.status is Status.IN_REVIEW and review and review.expires_at and now >= review.expires_at
    if review and is_over:
        experiment = await execute(
            ExpireReview(key=experiment.key, number=review.number), bunsen(world.workspace), world
        )
        expired = _reminder(experiment, "review_expired", "expired", asked_by=review.requested_by)
        return await _given((f"review-{review.number}-expired", expired), experiment, now, world)
    given = 0
    for slot in _due(experiment, now):
        given += await _given(slot, experiment, now, world)
    return given


async def _given(slot: Slot, experiment: Experiment, now: datetime, world: World) -> int:
    if not experiment.channel:
        return 0
    async with world.uow(world.workspace) as uow:
        if not await uow.schedules.once("reminder", experiment.key, slot[0], now):
            return 0
        await uow.outbox.add((slot[1],), now)
    return 1


def _due(experiment: Experiment, now: datetime) -> Iterator[Slot]:
    """Reminders whose moment has come: the slot that makes each single, and the message."""
    review = experiment.review
    if experiment.status is Status.IN_REVIEW and review:
        half = review.requested_at + (review.due_at - review.requested_at) / 2
        if now >= review.due_at:
            yield f"review-{review.number}-due", _reminder(experiment, "review_reminder", "due")
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
    )
