"""Pictures on both databases: drawn by one, found by all, taken over from whoever died, forgotten when old."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from experiments.ports import World
from experiments.repositories import Drawn
from storage.pictures import KEPT
from tests.worlds import MONDAY, WORKSPACE

SOON = MONDAY + timedelta(seconds=30)
DIGEST = "d" * 64


async def claimed(world: World, at: datetime = MONDAY) -> Drawn:
    async with world.uow(WORKSPACE) as uow:
        return await uow.pictures.claim(DIGEST, at, SOON + timedelta(hours=1))


async def test_of_several_at_once_one_draws_and_the_others_find_its_file(world: World) -> None:
    async with world.uow(WORKSPACE) as uow:
        await uow.pictures.claim("another", MONDAY, SOON)
    answers = await asyncio.gather(*(claimed(world) for _ in range(5)))
    assert sorted(each.yours for each in answers) == [False] * 4 + [True]
    async with world.uow(WORKSPACE) as uow:
        await uow.pictures.keep(DIGEST, "F1", MONDAY)
    assert await claimed(world) == Drawn("F1")
    async with world.reading(WORKSPACE) as uow:
        assert await uow.pictures.get(DIGEST) == "F1"
        assert await uow.pictures.get("another") == ""


async def test_the_task_passes_on_when_a_lease_has_run_out(world: World) -> None:
    async with world.uow(WORKSPACE) as uow:
        await uow.pictures.claim(DIGEST, MONDAY, SOON)
    assert await claimed(world, SOON - timedelta(seconds=1)) == Drawn()
    assert await claimed(world, SOON) == Drawn(yours=True)
    assert await claimed(world, SOON) == Drawn()


async def test_only_the_file_that_is_gone_is_forgotten(world: World) -> None:
    await claimed(world)
    async with world.uow(WORKSPACE) as uow:
        await uow.pictures.keep(DIGEST, "F2", MONDAY)
        await uow.pictures.forget(DIGEST, "F1")
        assert await uow.pictures.get(DIGEST) == "F2"
        await uow.pictures.forget(DIGEST, "F2")
    assert await claimed(world) == Drawn(yours=True)


async def test_what_was_drawn_long_ago_is_forgotten(world: World) -> None:
    await claimed(world)
    async with world.uow(WORKSPACE) as uow:
        await uow.pictures.keep(DIGEST, "F1", MONDAY)
        late = MONDAY + KEPT + timedelta(seconds=1)
        await uow.pictures.claim("new", late, late)
        await uow.pictures.keep("new", "F2", late)
        assert await uow.pictures.get(DIGEST) == ""
        assert await uow.pictures.get("new") == "F2"
