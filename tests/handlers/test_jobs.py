"""Scheduled work: each slot once over all replicas, nothing without news, and what comes too late is missed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from experiments.announcements import Announcement, Event
from experiments.cadence import Cadence
from experiments.commands import ImportAggregates
from experiments.errors import InsufficientData
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.ports import World
from experiments.preferences import OF_A_CHANNEL, Preferences
from handlers import jobs
from handlers.jobs import JOBS, Job, run_due
from tests.databases import Place
from tests.experiments.stages import KEY, lead_to, rows
from tests.storage.samples import draft, world_on
from tests.worlds import ADA, MemoryWorld

CHANNEL = "C0EXPERIMENTS"
BERLIN = "Europe/Berlin"


@pytest.fixture
def bench() -> MemoryWorld:
    """Both channels chose the daily update besides the quiet set."""
    bench = MemoryWorld()
    for channel in (CHANNEL, "C0OTHER"):
        choice = Preferences(subject=channel, events=(*OF_A_CHANNEL, Event.SIGNIFICANCE))
        bench.tables.preferences[channel] = choice
    return bench


async def running(bench: MemoryWorld) -> Experiment:
    """An experiment whose minimum run time is over."""
    await lead_to(Status.RUNNING, bench)
    return await execute(ImportAggregates(key=KEY, rows=rows(day=3.0, n=2000)), ADA, bench.world)


def outcomes(bench: MemoryWorld, name: str) -> list[str]:
    return [outcome for (job, _, _), outcome in bench.tables.runs.items() if job == name]


def announced(bench: MemoryWorld, surface: str) -> list[Announcement]:
    rows = bench.tables.outbox.values()
    return [row.announcement for row in rows if row.announcement.surface == surface]


async def until_morning(bench: MemoryWorld, days: int = 1) -> int:
    """Go on to shortly after nine in Berlin on a following day, with a tick."""
    morning = bench.clock.now().replace(hour=8, minute=0, second=20) + timedelta(days=days)
    bench.clock.time = morning
    return await run_due(bench.world, BERLIN)


async def test_every_channel_gets_its_schedules_once(bench: MemoryWorld) -> None:
    await draft(bench.world)
    await draft(bench.world, "other", channel="C0OTHER")
    await run_due(bench.world, BERLIN)
    first = dict(bench.tables.schedules)
    assert first.keys() == {(name, channel) for name in JOBS for channel in (CHANNEL, "C0OTHER")}
    assert first["significance_update", CHANNEL].next_at == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert first["weekly_digest", CHANNEL].next_at == datetime(2026, 3, 9, 8, tzinfo=UTC)
    bench.clock.advance(hours=1)
    await run_due(bench.world, BERLIN)
    assert bench.tables.schedules == first


async def test_a_draft_without_a_channel_needs_no_schedule(bench: MemoryWorld) -> None:
    await draft(bench.world, channel="")
    assert await run_due(bench.world, BERLIN) == 0
    assert not bench.tables.schedules


async def test_an_update_tells_of_running_experiments_with_news(bench: MemoryWorld) -> None:
    await running(bench)
    await run_due(bench.world, BERLIN)
    assert await until_morning(bench) == 1
    [update] = announced(bench, "significance_update")
    assert update.channel == CHANNEL
    assert [readout["key"] for readout in update.payload["readouts"]] == [KEY]
    assert outcomes(bench, "significance_update") == ["posted"]


async def test_without_new_data_there_is_no_message(bench: MemoryWorld) -> None:
    await running(bench)
    await run_due(bench.world, BERLIN)
    await until_morning(bench)
    assert await until_morning(bench) == 0
    assert outcomes(bench, "significance_update") == ["posted", "nothing new"]
    await execute(ImportAggregates(key=KEY, rows=rows(day=4.0, n=2500)), ADA, bench.world)
    assert await until_morning(bench) == 1


async def test_data_just_before_the_tick_but_after_the_slot_are_not_lost(bench: MemoryWorld) -> None:
    await running(bench)
    await run_due(bench.world, BERLIN)
    await until_morning(bench)
    bench.clock.advance(seconds=-5)
    await execute(ImportAggregates(key=KEY, rows=rows(day=4.0, n=2500)), ADA, bench.world)
    bench.clock.advance(seconds=25)
    assert await until_morning(bench) == 1


async def test_a_stopped_experiment_is_in_no_update(bench: MemoryWorld) -> None:
    await lead_to(Status.STOPPED, bench)
    await run_due(bench.world, BERLIN)
    assert await until_morning(bench) == 0
    assert not announced(bench, "significance_update")


async def test_what_comes_too_late_is_missed_and_the_next_is_on_time(bench: MemoryWorld) -> None:
    await running(bench)
    await run_due(bench.world, BERLIN)
    bench.clock.time = datetime(2026, 3, 3, 8, tzinfo=UTC) + JOBS["significance_update"].cadence.late
    bench.clock.advance(seconds=1)
    assert await run_due(bench.world, BERLIN) == 0
    assert outcomes(bench, "significance_update") == ["missed"]
    assert bench.tables.schedules["significance_update", CHANNEL].next_at == datetime(2026, 3, 4, 8, tzinfo=UTC)


async def test_late_but_not_too_late_is_posted(bench: MemoryWorld) -> None:
    await running(bench)
    await run_due(bench.world, BERLIN)
    bench.clock.time = datetime(2026, 3, 3, 8, tzinfo=UTC) + JOBS["significance_update"].cadence.late
    assert await run_due(bench.world, BERLIN) == 1


async def test_a_week_of_sleep_is_one_digest_missed_and_not_seven(bench: MemoryWorld) -> None:
    await running(bench)
    await run_due(bench.world, BERLIN)
    await until_morning(bench, days=30)
    assert outcomes(bench, "weekly_digest") == ["missed"]
    assert outcomes(bench, "significance_update") == ["missed"]
    assert await run_due(bench.world, BERLIN) == 0


async def test_an_archived_experiments_channel_gets_no_schedule(bench: MemoryWorld) -> None:
    await lead_to(Status.ARCHIVED, bench)
    assert await run_due(bench.world, BERLIN) == 0
    assert not bench.tables.schedules


async def test_the_channel_of_what_was_archived_since_stays_quiet(bench: MemoryWorld) -> None:
    already = await running(bench)
    await run_due(bench.world, BERLIN)
    bench.tables.experiments[KEY] = already.evolve(status=Status.ARCHIVED, archived_from=Status.STOPPED)
    assert await until_morning(bench) == 0


async def test_a_job_that_fails_holds_up_no_other_and_is_tried_again(
    bench: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = {"C0BROKEN": InsufficientData("no number"), "C0MISTAKEN": KeyError("ours")}

    async def compose(choice: Preferences, since: datetime, until: datetime, world: World) -> tuple[Announcement, ...]:
        if choice.subject in failing:
            raise failing[choice.subject]
        return (Announcement(surface="words", stream=choice.subject, channel=choice.subject, payload={}),)

    monkeypatch.setattr(jobs, "JOBS", {"words": Job(JOBS["significance_update"].cadence, Event.CHANGE, compose)})
    for number, channel in enumerate(("C0BROKEN", "C0MISTAKEN", "C0SOUND")):
        await draft(bench.world, f"experiment-{number}", channel=channel)
    await run_due(bench.world, BERLIN)
    assert await until_morning(bench) == 1
    assert list(bench.tables.runs) == [("words", "C0SOUND", "2026-03-03T09:00")]
    failing.clear()
    assert await run_due(bench.world, BERLIN) == 2


async def test_the_repeated_hour_of_autumn_posts_once(bench: MemoryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    async def compose(choice: Preferences, since: datetime, until: datetime, world: World) -> tuple[Announcement, ...]:
        return (Announcement(surface="words", stream=choice.subject, channel=choice.subject, payload={}),)

    night = Cadence(at=JOBS["weekly_digest"].cadence.at.replace(hour=2, minute=30))
    monkeypatch.setattr(jobs, "JOBS", {"words": Job(night, Event.CHANGE, compose)})
    bench.clock.time = datetime(2026, 10, 24, 12, tzinfo=UTC)
    await draft(bench.world)
    total = 0
    for _ in range(24 * 4):
        total += await run_due(bench.world, BERLIN)
        bench.clock.advance(minutes=15)
    assert (total, list(bench.tables.runs)) == (1, [("words", CHANNEL, "2026-10-25T02:30")])


async def test_periods_join_without_a_gap_when_the_clocks_change(
    bench: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    periods: list[tuple[datetime, datetime]] = []

    async def compose(choice: Preferences, since: datetime, until: datetime, world: World) -> tuple[Announcement, ...]:
        periods.append((since, until))
        return ()

    monkeypatch.setattr(jobs, "JOBS", {"weekly_digest": Job(JOBS["weekly_digest"].cadence, Event.CHANGE, compose)})
    bench.clock.time = datetime(2026, 3, 17, 12, tzinfo=UTC)
    await draft(bench.world)
    for hours in range(0, 24 * 30, 2):
        await run_due(bench.world, BERLIN)
        bench.clock.advance(hours=2, seconds=hours % 7)
    assert len(periods) == 4
    assert all(earlier[1] == later[0] for earlier, later in pairwise(periods))


async def test_the_dispatcher_is_woken(bench: MemoryWorld) -> None:
    await running(bench)
    await run_due(bench.world, BERLIN)
    before = bench.nudges
    await until_morning(bench)
    assert bench.nudges > before


async def test_two_replicas_at_once_post_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, both_composed = MemoryWorld(), asyncio.Barrier(2)

    async def compose(choice: Preferences, since: datetime, until: datetime, world: World) -> tuple[Announcement, ...]:
        await both_composed.wait()
        return (Announcement(surface="words", stream=choice.subject, channel=choice.subject, payload={}),)

    monkeypatch.setattr(jobs, "JOBS", {"words": Job(JOBS["weekly_digest"].cadence, Event.CHANGE, compose)})
    databases = [await place.open(), await place.open()]
    worlds = [world_on(each, bench) for each in databases]
    await draft(worlds[0])
    await run_due(worlds[0], BERLIN)
    async with databases[0].reading(bench.world.workspace) as uow:
        before = await uow.outbox.waiting()
    bench.clock.time = datetime(2026, 3, 9, 8, 0, 1, tzinfo=UTC)
    async with asyncio.timeout(10):
        counts = await asyncio.gather(*(run_due(world, BERLIN) for world in worlds))
    async with databases[1].reading(bench.world.workspace) as uow:
        after = await uow.outbox.waiting()
        schedules = await uow.schedules.all()
    assert sorted(counts) == [0, 1]
    assert after - before == 1
    assert [each.next_at for each in schedules] == [datetime(2026, 3, 16, 8, tzinfo=UTC)]
    for database in databases:
        await database.close()
