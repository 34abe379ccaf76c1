"""Reminders: a review at half and at the end of its time, a decision that is still owed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from experiments.announcements import CARD, Announcement
from experiments.model import Experiment, Status
from experiments.ports import World
from handlers.reading import experiments_of

DECISION_REMINDERS = (timedelta(days=2), timedelta(days=7))
MOST = 500


async def remind(world: World) -> int:
    """Put every reminder that is due and was not given yet into the outbox; how many there were."""
    now, given = world.now(), 0
    waiting = await experiments_of(world.workspace, world, statuses=(Status.IN_REVIEW, Status.STOPPED), limit=MOST)
    for experiment in waiting:
        for slot, announcement in _due(experiment, now):
            async with world.uow(world.workspace) as uow:
                if await uow.schedules.once("reminder", experiment.key, slot, now):
                    await uow.outbox.add((announcement,), now)
                    given += 1
    if given:
        world.nudge()
    return given


def _due(experiment: Experiment, now: datetime) -> Iterator[tuple[str, Announcement]]:
    """The newest reminder of the experiment whose moment has come: the slot that makes it single, and the message."""
    review = experiment.review
    if not experiment.channel:
        return
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


def _reminder(experiment: Experiment, surface: str, which: str) -> Announcement:
    return Announcement(
        surface=surface,
        stream=experiment.key,
        channel=experiment.channel,
        payload={"experiment": experiment.model_dump(mode="json"), "which": which},
        thread_of=CARD,
    )
