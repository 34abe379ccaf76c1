"""Batches of aggregates: later ones replace, earlier readings stay as they were, large ones are quick."""

from experiments.aggregate import Aggregate
from experiments.ports import World
from storage import Database
from tests.storage.samples import draft
from tests.worlds import WORKSPACE

KEY = "checkout-button"


def row(metric: str, variant: str, day: float, n: int) -> Aggregate:
    return Aggregate(metric, variant, day, n, 0.1 * n, 1 / 3)


async def add(database: Database, data_version: int, *rows: Aggregate) -> None:
    async with database.uow(WORKSPACE) as uow:
        await uow.aggregates.add(KEY, data_version, rows)


async def of(database: Database, data_version: int) -> tuple[Aggregate, ...]:
    async with database.reading(WORKSPACE) as reading:
        return await reading.aggregates.of(KEY, data_version)


async def test_a_later_batch_replaces_and_an_earlier_reading_stays(world: World, database: Database) -> None:
    await draft(world)
    first = [row("m-b", "control", 1, 10), row("m-b", "Green", 1, 11), row("m_a", "green", 0.5, 3)]
    second = [row("m-b", "control", 1, 99), row("m-b", "control", 2, 10**12)]
    await add(database, 1, *first)
    await add(database, 2, *second)
    assert await of(database, 0) == ()
    assert await of(database, 1) == tuple(sorted(first))
    assert await of(database, 2) == tuple(sorted([*first[1:], *second]))


async def test_the_last_word_within_a_batch_counts(world: World, database: Database) -> None:
    await draft(world)
    await add(database, 1, row("m", "control", 1, 10), row("m", "control", 1, 20))
    await add(database, 2)
    assert await of(database, 2) == (row("m", "control", 1, 20),)


async def test_forty_thousand_rows_come_back_as_they_were(world: World, database: Database) -> None:
    await draft(world)
    rows = [row(f"metric-{metric}", variant, day, 5) for metric in range(20) for variant in "ab" for day in range(1000)]
    await add(database, 1, *rows)
    assert await of(database, 1) == tuple(sorted(rows))
