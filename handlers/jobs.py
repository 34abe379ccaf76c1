"""Scheduled work: what is due becomes messages in the outbox, each slot once over all replicas."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from experiments.announcements import Announcement, Event
from experiments.cadence import Cadence
from experiments.local_time import zone
from experiments.ports import World
from experiments.preferences import Preferences, is_person
from experiments.repositories import Schedule
from handlers.guarded import guarded
from handlers.significance_update import significance_update
from handlers.weekly_digest import weekly_digest

Compose = Callable[[Preferences, datetime, datetime, World], Awaitable[tuple[Announcement, ...]]]


@dataclass(frozen=True, slots=True)
class Job:
    """When it is due, who chose to hear of it, and what it has to say to them from the slot before to this one."""

    cadence: Cadence
    event: Event
    compose: Compose

    def of(self, choice: Preferences) -> Cadence:
        """Its cadence for somebody: a weekly one on the day and at the time they chose."""
        if self.cadence.weekday is None:
            return self.cadence
        return self.cadence.model_copy(update={"at": choice.digest_at, "weekday": choice.digest_weekday})


JOBS = {
    "significance_update": Job(Cadence(at=time(9, 0)), Event.SIGNIFICANCE, significance_update),
    "weekly_digest": Job(Cadence(at=time(9, 0), weekday=0, late=timedelta(days=1)), Event.DIGEST, weekly_digest),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job that somebody chose: in which rhythm, by the clocks of which zone."""

    name: str
    choice: Preferences
    cadence: Cadence
    tz: str

    @property
    def place(self) -> tuple[str, str]:
        return self.name, self.choice.subject

    def first(self, now: datetime) -> Schedule:
        at = self.cadence.next(now, self.tz)
        return Schedule(name=self.name, subject=self.choice.subject, tz=self.tz, next_at=at)

    def agrees(self, schedule: Schedule) -> bool:
        """Whether the schedule still is what was chosen."""
        return schedule.tz == self.tz and self.cadence.holds(schedule.next_at, self.tz)


async def run_due(world: World, tz: str) -> int:
    """Run every job that is due, by the clocks of `tz` where nobody chose others; how many messages came of it."""
    now = world.now()
    async with world.reading(world.workspace) as uow:
        channels, chosen = await uow.experiments.channels(), await uow.preferences.all()
        known = {(each.name, each.subject): each for each in await uow.schedules.all()}
    before = {subject for _, subject in known if not is_person(subject)}
    wanted = {each.place: each for each in _wanted({*channels, *before}, chosen, tz)}
    moved = await _arrange(wanted, known, now, world)
    due = [each for place, each in known.items() if place in wanted and place not in moved and each.next_at <= now]
    return sum(
        [
            await guarded(_run(wanted[each.name, each.subject], each, now, world), "job", job=each.name)
            for each in sorted(due, key=lambda each: each.next_at)
        ]
    )


def _wanted(channels: Iterable[str], chosen: Iterable[Preferences], tz: str) -> Iterator[Wanted]:
    """Who hears of what regularly: channels in which experiments live, and all who follow some."""
    choices = {each: Preferences(subject=each) for each in channels}
    choices |= {each.subject: each for each in chosen if each.subject in choices or each.follows_something}
    for choice in choices.values():
        for name, job in JOBS.items():
            if job.event in choice.chosen:
                yield Wanted(name, choice, job.of(choice), zone(choice.tz).key if choice.tz else tz)


async def _arrange(
    wanted: dict[tuple[str, str], Wanted], known: dict[tuple[str, str], Schedule], now: datetime, world: World
) -> set[tuple[str, str]]:
    """Make the schedules that are missing, and move those whose day, time or zone was changed; which ones."""
    new = [each for place, each in wanted.items() if place not in known]
    other = [each for place, each in wanted.items() if place in known and not each.agrees(known[place])]
    if new or other:
        async with world.uow(world.workspace) as uow:
            for each in new:
                await uow.schedules.ensure(each.first(now))
            for each in other:
                await uow.schedules.move(known[each.place], each.tz, each.first(now).next_at)
    return {each.place for each in other}


async def _run(wanted: Wanted, schedule: Schedule, now: datetime, world: World) -> int:
    cadence, tz, until = wanted.cadence, schedule.tz, schedule.next_at
    is_missed, is_muted = now - until > cadence.late, wanted.choice.is_muted("", now)
    said: tuple[Announcement, ...] = ()
    if not is_missed and not is_muted:
        said = await JOBS[wanted.name].compose(wanted.choice, cadence.previous(until, tz), until, world)
    outcome = "missed" if is_missed else "muted" if is_muted else "posted" if said else "nothing new"
    async with world.uow(world.workspace) as uow:
        if not await uow.schedules.claim(schedule, cadence.slot(until, tz), cadence.next(now, tz), outcome, now):
            return 0
        await uow.outbox.add(said, now)
    world.nudge()
    return len(said)
