"""A slot runs once, whoever asks, and a schedule moves on."""

import asyncio
from datetime import timedelta

from storage import Database
from tests.storage.samples import DIGEST
from tests.worlds import MONDAY, WORKSPACE

LATER = MONDAY + timedelta(days=7)
SLOT = "2026-03-02T10:00"


async def claim(database: Database) -> bool:
    async with database.uow(WORKSPACE) as uow:
        return await uow.schedules.claim(DIGEST, SLOT, LATER, "done", MONDAY)


async def ensure(database: Database) -> None:
    async with database.uow(WORKSPACE) as uow:
        await uow.schedules.ensure(DIGEST)


async def test_a_schedule_is_kept_once_and_due_in_time(database: Database) -> None:
    await ensure(database)
    async with database.uow(WORKSPACE) as uow:
        await uow.schedules.ensure(DIGEST.model_copy(update={"next_at": LATER}))
        assert await uow.schedules.all() == (DIGEST,)
        assert await uow.schedules.due(MONDAY - timedelta(microseconds=1)) == ()
        assert await uow.schedules.due(MONDAY) == (DIGEST,)


async def test_one_of_many_claims_a_run(database: Database) -> None:
    await ensure(database)
    assert sorted(await asyncio.gather(*(claim(database) for _ in range(5)))) == [False] * 4 + [True]
    async with database.reading(WORKSPACE) as reading:
        assert [each.next_at for each in await reading.schedules.all()] == [LATER]


async def test_a_slot_that_ran_already_moves_on_without_a_second_run(database: Database) -> None:
    await ensure(database)
    async with database.uow(WORKSPACE) as uow:
        assert await uow.schedules.once(DIGEST.name, DIGEST.subject, SLOT, MONDAY)
    assert not await claim(database)
    async with database.reading(WORKSPACE) as reading:
        assert [each.next_at for each in await reading.schedules.all()] == [LATER]


async def test_what_is_done_once_is_done_once(database: Database) -> None:
    async def once(slot: str) -> bool:
        async with database.uow(WORKSPACE) as uow:
            return await uow.schedules.once("reminder", "checkout-button", slot, MONDAY)

    assert sorted(await asyncio.gather(*(once("1") for _ in range(4)))) == [False] * 3 + [True]
    assert await once("2")
