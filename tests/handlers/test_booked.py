"""What was booked: starts and stops at its time, once, or is suspended with the reason; never “almost”."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from experiments.commands import ScheduleStart
from experiments.errors import Unavailable
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Role
from handlers.booked import run_booked
from handlers.reminders import remind
from tests.databases import Place
from tests.experiments.stages import KEY, lead_to
from tests.storage.samples import approved, world_on
from tests.worlds import ADA, BO, CHEN, MONDAY, WORKSPACE, MemoryWorld

START = MONDAY + timedelta(days=3)


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def booked(
    bench: MemoryWorld, by: Actor = ADA, start_at: datetime = START, stop_at: datetime | None = None
) -> Experiment:
    await lead_to(Status.APPROVED, bench)
    return await execute(ScheduleStart(key=KEY, start_at=start_at, stop_at=stop_at, tz=by.tz), by, bench.world)


def now(bench: MemoryWorld) -> Experiment:
    return bench.tables.experiments[KEY]


def said(bench: MemoryWorld) -> list[str]:
    """The surfaces of all that was announced, with which reminder it was."""
    rows = [row.announcement for row in bench.tables.outbox.values()]
    return [f"{each.surface} {each.payload.get('which', '')}".strip() for each in rows]


async def at(bench: MemoryWorld, moment: datetime) -> int:
    bench.clock.time = moment
    return await run_booked(bench.world)


async def test_it_starts_at_its_time_and_not_before(bench: MemoryWorld) -> None:
    await booked(bench)
    for early in (timedelta(days=1), timedelta(minutes=15), timedelta(seconds=1)):
        assert await at(bench, START - early) == 0
        assert now(bench).status is Status.SCHEDULED
    assert await at(bench, START) == 1
    started = now(bench)
    assert (started.status, started.started_by, started.started_at) == (Status.RUNNING, ADA.user, START)
    assert bench.tables.records[len(bench.tables.records)].sentence.startswith("started it as scheduled")
    assert await at(bench, START + timedelta(hours=1)) == 0


async def test_it_stops_at_its_time(bench: MemoryWorld) -> None:
    stop = START + timedelta(days=14)
    await booked(bench, stop_at=stop)
    await at(bench, START)
    assert await at(bench, stop - timedelta(seconds=1)) == 0
    assert await at(bench, stop) == 1
    stopped = now(bench)
    assert (stopped.status, stopped.stop_reason, stopped.stop_note) == (Status.STOPPED, "completed", "as scheduled")
    assert stopped.booking is None
    assert await at(bench, stop + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    ("late", "status"), [(timedelta(hours=2), Status.RUNNING), (timedelta(hours=2, seconds=1), Status.APPROVED)]
)
async def test_a_machine_that_slept_starts_late_but_not_too_late(
    late: timedelta, status: Status, bench: MemoryWorld
) -> None:
    await booked(bench)
    assert await at(bench, START + late) == 1
    assert now(bench).status is status
    assert ("suspended" in said(bench)) == (status is Status.APPROVED)


@pytest.mark.parametrize("before", [timedelta(minutes=15), timedelta(minutes=1), timedelta(0)])
async def test_who_lost_the_role_starts_nothing(before: timedelta, bench: MemoryWorld) -> None:
    await booked(bench, by=CHEN)
    bench.people.actors[CHEN.user] = CHEN.model_copy(update={"role": Role.VIEWER})
    assert await at(bench, START - timedelta(minutes=16)) == 0
    assert await at(bench, START - before) == 1
    suspended = now(bench)
    assert (suspended.status, suspended.booking) == (Status.APPROVED, None)
    words = bench.tables.records[len(bench.tables.records)].sentence
    assert "Chen Wei, who booked it, may not start it any more" in words
    assert "you are a viewer here" in words
    assert await at(bench, START) == 0
    assert said(bench).count("suspended") == 1


async def test_what_was_suspended_and_booked_again_is_suspended_again(bench: MemoryWorld) -> None:
    await booked(bench, by=CHEN)
    bench.people.actors[CHEN.user] = CHEN.model_copy(update={"role": Role.VIEWER})
    await at(bench, START - timedelta(minutes=15))
    bench.clock.time = START - timedelta(minutes=10)
    await execute(ScheduleStart(key=KEY, start_at=START), CHEN, bench.world)
    assert await at(bench, START - timedelta(minutes=9)) == 1
    assert now(bench).status is Status.APPROVED
    assert said(bench).count("suspended") == 2


async def test_a_design_that_is_not_approved_any_more_is_suspended(bench: MemoryWorld) -> None:
    scheduled = await booked(bench)
    other = scheduled.design.model_copy(update={"planned_days": 21})
    bench.tables.experiments[KEY] = scheduled.model_copy(update={"design": other})
    bench.tables.experiments[KEY] = bench.tables.experiments[KEY].model_copy(update={"status": Status.SCHEDULED})
    await at(bench, START)
    assert now(bench).status is not Status.RUNNING


async def test_while_slack_does_not_say_who_it_is_nothing_starts(bench: MemoryWorld) -> None:
    class Silent:
        async def actor(self, *_: object) -> Actor:
            raise Unavailable("Slack did not answer.", reason="timeout")

    await booked(bench)
    known, actor = bench.people, bench.people.actor
    known.actor = Silent().actor  # type: ignore[method-assign,assignment]
    assert await at(bench, START) == 0
    assert now(bench).status is Status.SCHEDULED
    known.actor = actor  # type: ignore[method-assign]
    assert await at(bench, START + timedelta(minutes=1)) == 1
    assert now(bench).status is Status.RUNNING


async def test_a_stop_its_booker_may_not_make_is_told_once_and_it_goes_on(bench: MemoryWorld) -> None:
    stop = START + timedelta(days=14)
    await booked(bench, by=CHEN, stop_at=stop)
    await at(bench, START)
    bench.people.actors[CHEN.user] = CHEN.model_copy(update={"role": Role.VIEWER})
    assert [await at(bench, stop + timedelta(minutes=minutes)) for minutes in range(3)] == [1, 0, 0]
    assert now(bench).status is Status.RUNNING
    assert said(bench).count("countdown stop failed") == 1


async def test_it_is_counted_down_a_day_and_an_hour_before(bench: MemoryWorld) -> None:
    stop = START + timedelta(days=14)
    await booked(bench, stop_at=stop)
    seen = []
    for moment in (START - timedelta(hours=25), START - timedelta(hours=24), START - timedelta(hours=1), START):
        bench.clock.time = moment
        seen.append(await remind(bench.world))
    assert seen == [0, 1, 1, 0]
    await at(bench, START)
    for moment in (stop - timedelta(hours=24), stop - timedelta(minutes=59), stop):
        bench.clock.time = moment
        await remind(bench.world)
    assert [each for each in said(bench) if each.startswith("countdown")] == [
        "countdown start in a day",
        "countdown start in an hour",
        "countdown stop in a day",
        "countdown stop in an hour",
    ]


async def test_what_is_booked_for_the_next_minutes_is_not_counted_down(bench: MemoryWorld) -> None:
    await lead_to(Status.APPROVED, bench)
    soon = bench.clock.time + timedelta(minutes=30)
    await execute(ScheduleStart(key=KEY, start_at=soon), ADA, bench.world)
    bench.clock.advance(minutes=1)
    assert await remind(bench.world) == 0


async def test_two_replicas_start_it_once_also_after_one_was_killed(place: Place) -> None:
    bench = MemoryWorld()
    one, other = await place.open(), await place.open()
    worlds = [world_on(database, bench) for database in (one, other)]
    made = await approved(worlds[0])
    await execute(ScheduleStart(key=made.key, start_at=START, stop_at=START + timedelta(days=1)), ADA, worlds[0])
    for moment in (START, START + timedelta(days=1)):
        bench.clock.time = moment
        await asyncio.gather(*(run_booked(world) for world in worlds * 3))
    await one.close()
    reopened = await place.open()
    await run_booked(world_on(reopened, bench))
    async with reopened.reading(WORKSPACE) as uow:
        commands = [record.command for record in await uow.audit.of(made.key)]
    assert commands.count("StartExperiment") == 1
    assert commands.count("StopExperiment") == 1
    assert "SuspendSchedule" not in commands
    await reopened.close()
    await other.close()


async def test_somebody_who_starts_it_by_hand_is_quicker(bench: MemoryWorld) -> None:
    from experiments.commands import StartExperiment

    await booked(bench)
    bench.clock.time = START - timedelta(minutes=1)
    await execute(StartExperiment(key=KEY), BO, bench.world)
    assert await at(bench, START) == 0
    assert now(bench).started_by == BO.user
