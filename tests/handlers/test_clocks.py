"""Nights on which clocks do something else: what is due comes at its time, once, also to who slept over it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from experiments.commands import AddNote
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.preferences import Preferences
from handlers import schedule
from handlers.booked import run_booked
from handlers.deliver import deliver_due
from handlers.jobs import run_due
from handlers.reminders import remind
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.worlds import ADA, WORKSPACE, MemoryWorld

CHANNEL = "C0EXPERIMENTS"
NIGHTS = {
    "spring, at the hour there is not": (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "Europe/Berlin"),
    "autumn, at the hour there is twice": (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin"),
    "half an hour of spring": (datetime(2026, 10, 3, 15, 30, tzinfo=UTC), "Australia/Lord_Howe"),
    "a zone of half hours": (datetime(2026, 12, 31, 18, 29, tzinfo=UTC), "Asia/Kolkata"),
    "the leap day": (datetime(2028, 2, 28, 23, 59, tzinfo=UTC), "America/New_York"),
}
pytestmark = pytest.mark.parametrize(("night", "tz"), NIGHTS.values(), ids=NIGHTS)


def bench_at(night: datetime, tz: str) -> tuple[MemoryWorld, Asking]:
    """A bench at that moment, with Ada who lives by these clocks."""
    bench, ada = MemoryWorld(at=night), ADA.model_copy(update={"tz": tz})
    bench.people.actors[ADA.user] = ada
    return bench, Asking(bench, ada)


def said(bench: MemoryWorld, surface: str) -> list[str]:
    rows = [row.announcement for row in bench.tables.outbox.values()]
    return [each.payload.get("which", "") for each in rows if each.surface == surface and not each.payload.get("to")]


async def booked(bench: MemoryWorld, ada: Asking, local: datetime) -> Experiment:
    """Approved, and booked by typing a local time."""
    await lead_to(Status.APPROVED, bench)
    await ada(schedule.schedule.by_command, KEY, f"{local:%Y-%m-%d}", f"{local:%H:%M}")
    await ada(schedule.schedule.submit, view=submitted(ada.opened()))
    return bench.tables.experiments[KEY]


async def test_a_start_at_the_same_time_of_day_a_week_later(night: datetime, tz: str) -> None:
    bench, ada = bench_at(night, tz)
    local = (night.astimezone(ZoneInfo(tz)) + timedelta(days=7)).replace(hour=2, minute=30)
    booking = (await booked(bench, ada, local)).booking
    assert booking is not None
    assert booking.start_at.astimezone(ZoneInfo(tz)).strftime("%H:%M") == "02:30"
    for before in (timedelta(days=1), timedelta(hours=1)):
        bench.clock.time = booking.start_at - before
        assert [await remind(bench.world), await remind(bench.world)] == [1, 0]
    bench.clock.time = booking.start_at - timedelta(seconds=1)
    assert await run_booked(bench.world) == 0
    bench.clock.time = booking.start_at
    assert [await run_booked(bench.world), await run_booked(bench.world)] == [1, 0]
    assert bench.tables.experiments[KEY].started_at == booking.start_at
    assert said(bench, "countdown") == ["start in a day", "start in an hour"]


async def test_who_slept_over_reminders_and_start_gets_neither_twice(night: datetime, tz: str) -> None:
    bench, ada = bench_at(night, tz)
    local = night.astimezone(ZoneInfo(tz)) + timedelta(days=7)
    booking = (await booked(bench, ada, local)).booking
    assert booking is not None
    bench.clock.time = booking.start_at - timedelta(minutes=30)
    assert [await remind(bench.world), await remind(bench.world)] == [1, 0]
    bench.clock.time = booking.start_at + timedelta(hours=2, seconds=1)
    for _ in range(2):
        await remind(bench.world)
        await run_booked(bench.world)
    assert said(bench, "countdown") == ["start in an hour"]
    assert len(said(bench, "suspended")) == 1
    assert bench.tables.experiments[KEY].status is Status.APPROVED


async def test_a_review_asked_for_that_night(night: datetime, tz: str) -> None:
    bench, _ = bench_at(night, tz)
    review = (await lead_to(Status.IN_REVIEW, bench)).review
    assert review is not None
    assert review.expires_at is not None
    half = review.requested_at + (review.due_at - review.requested_at) / 2
    seen = []
    for moment in (half - timedelta(seconds=1), half, review.due_at, review.expires_at, review.expires_at):
        bench.clock.time = moment
        seen.append(bool(await remind(bench.world)))
    assert seen == [False, True, True, True, False]
    assert said(bench, "review_reminder") == ["half", "due"]
    assert len(said(bench, "review_expired")) == 1


async def test_news_of_that_night_wait_for_the_morning_of_the_place(night: datetime, tz: str) -> None:
    bench, _ = bench_at(night, tz)
    await lead_to(Status.DRAFT, bench)
    bench.clock.time = night
    choice = Preferences(subject=CHANNEL, tz=tz, quiet_from=time(18), quiet_until=time(10))
    async with bench.world.uow(WORKSPACE) as uow:
        await uow.preferences.save(choice)
    end = choice.quiet_end(night)
    assert end is not None
    assert end.astimezone(ZoneInfo(tz)).time() == time(10)
    await execute(AddNote(key=KEY, text="Seen at night."), ADA, bench.world)

    async def told() -> int:
        while await deliver_due(bench.world):
            pass
        return sum("Seen at night" in str(each) for each in bench.slack.made("chat.postMessage"))

    bench.clock.time = end - timedelta(seconds=1)
    assert await told() == 0
    bench.clock.time = end + timedelta(days=2)
    assert [await told(), await told()] == [1, 1]


async def test_a_daily_job_runs_once_a_day_over_that_night(night: datetime, tz: str) -> None:
    bench, _ = bench_at(night - timedelta(days=2), tz)
    await lead_to(Status.RUNNING, bench)
    async with bench.world.uow(WORKSPACE) as uow:
        await uow.preferences.save(Preferences.model_validate({"subject": CHANNEL, "events": ["significance"]}))
    begun = bench.clock.now()
    await run_due(bench.world, tz)
    while bench.clock.now() < begun + timedelta(days=5):
        bench.clock.advance(minutes=20)
        await run_due(bench.world, tz)
    slots = [slot for name, _, slot in bench.tables.runs if name == "significance_update"]
    first = datetime.fromisoformat(min(slots))
    assert sorted(slots) == [f"{first + timedelta(days=day):%Y-%m-%dT%H:%M}" for day in range(len(slots))]
    assert len(slots) >= 5
    assert first.time() == time(9)
