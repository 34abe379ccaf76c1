"""Scheduled work: what is due becomes messages in the outbox, each slot once over all replicas."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from experiments.announcements import Announcement
from experiments.cadence import Cadence
from experiments.ports import Schedule, World
from handlers.guarded import guarded
from handlers.significance_update import significance_update
from handlers.weekly_digest import weekly_digest


@dataclass(frozen=True, slots=True)
class Job:
    """When it is due and what it has to say about a channel from the slot before to this one."""

    cadence: Cadence
    compose: Callable[[str, datetime, datetime, World], Awaitable[tuple[Announcement, ...]]]


JOBS = {
    "significance_update": Job(Cadence(at=time(9, 0)), significance_update),
    "weekly_digest": Job(Cadence(at=time(9, 0), weekday=0, late=timedelta(days=1)), weekly_digest),
}


async def run_due(world: World, tz: str) -> int:
    """Run every job that is due; how many messages were put into the outbox."""
    now = world.now()
    async with world.reading(world.workspace) as uow:
        channels, due = await uow.experiments.channels(), await uow.schedules.due(now)
        known = {(each.name, each.subject) for each in await uow.schedules.all()}
    missing = [(name, channel) for name in JOBS for channel in channels if (name, channel) not in known]
    if missing:
        async with world.uow(world.workspace) as uow:
            for name, channel in missing:
                first = JOBS[name].cadence.next(now, tz)
                await uow.schedules.ensure(Schedule(name=name, subject=channel, tz=tz, next_at=first))
    return sum(
        [
            await guarded(_run(schedule, now, world), "job", job=schedule.name, subject=schedule.subject)
            for schedule in due
            if schedule.name in JOBS
        ]
    )


async def _run(schedule: Schedule, now: datetime, world: World) -> int:
    job = JOBS[schedule.name]
    until, missed = schedule.next_at, now - schedule.next_at > job.cadence.late
    since = job.cadence.previous(until, schedule.tz)
    said = () if missed else await job.compose(schedule.subject, since, until, world)
    outcome = "missed" if missed else "posted" if said else "nothing new"
    slot, following = job.cadence.slot(until, schedule.tz), job.cadence.next(now, schedule.tz)
    async with world.uow(world.workspace) as uow:
        if not await uow.schedules.claim(schedule, slot, following, outcome, now):
            return 0
        await uow.outbox.add(said, now)
    world.nudge()
    return len(said)
