"""Scheduled work with nothing to do asks a few questions and writes nothing, however many experiments there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from experiments.commands import StopExperiment
from experiments.execute import execute
from experiments.model import Status, StopReason
from experiments.ports import World
from handlers.booked import run_booked
from handlers.jobs import run_due
from handlers.readings import read_new
from handlers.reminders import remind
from handlers.tidy import tidy
from storage import Database
from tests.databases import Place
from tests.experiments.stages import KEY, lead_to
from tests.storage.samples import in_review, world_on
from tests.worlds import ADA, MemoryWorld

MOST_QUESTIONS = 10


async def berlin(world: World) -> int:
    return await run_due(world, "Europe/Berlin")


async def settled(database: Database) -> World:
    """Thirty reviews whose reminders were given, and an experiment that stopped and was reminded of."""
    bench = MemoryWorld()
    bench.world = world_on(database, bench)
    await lead_to(Status.RUNNING, bench)
    await execute(StopExperiment(key=KEY, reason=StopReason.COMPLETED), ADA, bench.world)
    for number in range(30):
        asked = await in_review(bench.world, f"exp-{number}")
    assert asked.review is not None
    bench.clock.time = asked.review.due_at + timedelta(hours=1)
    for tick in (remind, run_booked, read_new, berlin) * 2:
        await tick(bench.world)
    return bench.world


@pytest.mark.parametrize("tick", [remind, run_booked, read_new, tidy, berlin])
async def test_a_tick_with_nothing_to_do_takes_no_lock(
    tick: Callable[[World], Awaitable[int]], sqlite_place: Place
) -> None:
    database = await sqlite_place.open()
    world, asked = await settled(database), list[str]()

    @event.listens_for(database.sync_engine, "before_cursor_execute")
    def _asked(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    assert await tick(world) == 0
    assert 0 < len(asked) <= MOST_QUESTIONS
    assert not [each for each in asked if not each.startswith(("SELECT", "BEGIN")) or "IMMEDIATE" in each]
    await database.close()


async def test_what_stopped_long_ago_is_not_looked_at_again() -> None:
    bench = MemoryWorld()
    stopped = await lead_to(Status.STOPPED, bench)
    assert stopped.stopped_at is not None
    bench.clock.time = stopped.stopped_at + timedelta(days=30, hours=1)
    assert await remind(bench.world) == 0
    bench.clock.time = stopped.stopped_at + timedelta(days=29)
    assert await remind(bench.world) == 1
