"""Old messages leave the outbox; what waits, and what stands in Slack, stays known."""

from __future__ import annotations

import pytest

from experiments.commands import AddNote
from experiments.execute import execute
from experiments.ports import World
from handlers import tidy
from handlers.deliver import deliver_due
from storage import Database
from tests.storage.samples import draft, world_on
from tests.worlds import ADA, WORKSPACE, MemoryWorld

KEY = "checkout-button"


async def told(world: World) -> None:
    while await deliver_due(world):
        pass


async def noted(bench: MemoryWorld, world: World) -> None:
    await execute(AddNote(key=KEY, text="Looks fine."), ADA, world)
    bench.clock.advance(minutes=1)
    await told(world)


async def test_only_what_was_settled_long_ago_is_forgotten(database: Database) -> None:
    bench = MemoryWorld()
    world = world_on(database, bench)
    await draft(world)
    await told(world)
    await noted(bench, world)
    bench.slack.refuse("chat.postMessage", "timeout")
    bench.clock.advance(days=1)
    await execute(AddNote(key=KEY, text="Waits."), ADA, world)
    bench.clock.advance(minutes=1)
    await deliver_due(world)
    bench.clock.advance(days=29)
    assert await tidy.tidy(world) == 4
    assert await tidy.tidy(world) == 0
    async with database.reading(WORKSPACE) as reading:
        assert await reading.outbox.waiting() == 1
        assert await reading.outbox.standing(KEY, "C0EXPERIMENTS", "card")
    before = len(bench.slack.made("chat.postMessage"))
    await noted(bench, world)
    assert bench.slack.made("chat.update")
    assert len(bench.slack.made("chat.postMessage")) == before + 1


async def test_a_few_at_a_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "AT_ONCE", 3)
    bench = MemoryWorld()
    world = world_on(database, bench)
    await draft(world)
    for _ in range(4):
        await noted(bench, world)
    bench.clock.advance(days=31)
    forgotten = []
    while gone := await tidy.tidy(world):
        forgotten.append(gone)
    assert set(forgotten[:-1]) == {3}
    async with database.reading(WORKSPACE) as reading:
        assert await reading.outbox.log(10) == ()
