"""Watches and readouts on both databases: claimed once, settled by whoever holds them, written once."""

from __future__ import annotations

from datetime import timedelta

from experiments.model import Status
from experiments.ports import World
from experiments.readout import GuardrailState
from experiments.watch import Live, LiveRow, Watch
from handlers.reading import readout_of
from tests.experiments.stages import KEY, lead_to
from tests.storage.samples import draft
from tests.worlds import MONDAY, WORKSPACE, MemoryWorld

SOON, LATER = MONDAY + timedelta(minutes=1), MONDAY + timedelta(minutes=5)


async def watched(world: World, *keys: str) -> None:
    for key in keys:
        await draft(world, key)
    async with world.uow(WORKSPACE) as uow:
        await uow.watches.add(keys, MONDAY)


async def test_what_is_due_is_claimed_by_one_until_its_lease_ends(world: World) -> None:
    await watched(world, "one", "two", "three")
    async with world.uow(WORKSPACE) as uow:
        first = await uow.watches.claim(MONDAY, MONDAY, SOON, 2)
        second = await uow.watches.claim(MONDAY, MONDAY, SOON, 9)
        third = await uow.watches.claim(MONDAY, MONDAY, SOON, 9)
    assert (len(first), len(second), third) == (2, 1, ())
    async with world.uow(WORKSPACE) as uow:
        assert len(await uow.watches.claim(MONDAY, SOON, LATER, 9)) == 3


async def test_only_whoever_still_holds_a_watch_settles_it(world: World) -> None:
    await watched(world, "one")
    async with world.uow(WORKSPACE) as uow:
        (late,) = await uow.watches.claim(MONDAY, MONDAY, SOON, 9)
    async with world.uow(WORKSPACE) as uow:
        (other,) = await uow.watches.claim(MONDAY, SOON, LATER, 9)
    async with world.uow(WORKSPACE) as uow:
        await uow.watches.settle([late.model_copy(update={"looks": 1, "next_at": LATER})], SOON)
        assert (await uow.watches.get("one")) == Watch(key="one", next_at=MONDAY)
        await uow.watches.settle([other.model_copy(update={"looks": 2, "next_at": LATER})], LATER)
        assert (await uow.watches.get("one")) == Watch(key="one", next_at=LATER, looks=2)


async def test_all_that_is_known_comes_back(world: World) -> None:
    await watched(world, "one")
    row = LiveRow(metric="latency", variant="blue", state=GuardrailState.HEALTHY, words="as good")
    known = Watch(
        key="one",
        next_at=LATER,
        phase=3,
        looks=17,
        readout_at=SOON,
        missing_since=MONDAY,
        told=(("latency", "blue", True),),
        critical=1,
        live=Live(words="Waiting.", rows=(row,), look=17, at=SOON),
    )
    async with world.uow(WORKSPACE) as uow:
        await uow.watches.claim(MONDAY, MONDAY, SOON, 9)
        await uow.watches.settle([known], SOON)
    async with world.reading(WORKSPACE) as reading:
        assert await reading.watches.get("one") == known
        assert await reading.watches.many(["one", "never-there"]) == (known,)
        assert await reading.watches.many([]) == ()
        assert await reading.watches.oldest() == LATER
        assert await reading.watches.keys() == {"one"}


async def test_what_is_forgotten_is_watched_no_more_and_adding_twice_changes_nothing(world: World) -> None:
    await watched(world, "one", "two")
    async with world.uow(WORKSPACE) as uow:
        await uow.watches.add(["one"], LATER)
        assert await uow.watches.get("one") == Watch(key="one", next_at=MONDAY)
        await uow.watches.forget(["one", "never-there"])
        await uow.watches.forget([])
        assert await uow.watches.keys() == {"two"}
        assert await uow.watches.get("one") is None


async def test_a_readout_is_written_once_and_stays_as_it_was(world: World) -> None:
    bench = MemoryWorld()
    readout = await readout_of(await lead_to(Status.RUNNING, bench), bench.world)
    await draft(world, KEY)
    async with world.uow(WORKSPACE) as uow:
        await uow.readouts.add(readout)
        await uow.readouts.add(readout.model_copy(update={"title": "Another"}))
    async with world.reading(WORKSPACE) as reading:
        assert await reading.readouts.get(KEY, readout.number) == readout
        assert await reading.readouts.get(KEY, readout.number + 1) is None
