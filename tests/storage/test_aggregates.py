"""Batches of aggregates: later ones replace, earlier readings stay as they were, large ones are quick."""

from sqlalchemy import text

from experiments.aggregate import Aggregate, Companion, Shape, Spread
from experiments.ports import World
from storage import Database
from tests.memory import MemoryAggregates, Tables
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


RICH = [
    row("m", "control", 1, 10)._replace(segment="country=DE"),
    row("m", "control", 1, 20)._replace(segment="device=Händy “3”"),
    row("ratio", "control", 1, 30)._replace(denominator=Companion(2.5, 1 / 3, -5e-324)),
    row("tuned", "control", 1, 40)._replace(covariate=Companion(1e300, 0.0, 0.1, 0.25)),
    row("skewed", "control", 1, 50)._replace(shape=Shape(-0.1, 1e9)),
    row("spread", "control", 1, 55)._replace(spread=Spread.of([(-1 / 3, 0.0), (5.0, 5.0), (7.5, 1e300)])),
    row("all", "control", 1, 60)._replace(
        segment="country=DE", denominator=Companion(1, 2, 3), covariate=Companion(4, 5, 6, 7), shape=Shape(8, 9)
    ),
]


async def test_segments_and_companions_come_back_as_they_were(world: World, database: Database) -> None:
    await draft(world)
    rows = [row("m", "control", 1, 99), *RICH]
    await add(database, 1, *rows)
    back = await of(database, 1)
    assert set(back) == set(rows)
    assert [(each.metric, each.segment) for each in back if each.metric == "m"] == [
        ("m", ""),
        ("m", "country=DE"),
        ("m", "device=Händy “3”"),
    ]
    assert {type(each.denominator) for each in back} == {Companion, type(None)}
    assert {type(each.shape) for each in back} == {Shape, type(None)}
    assert {type(each.spread) for each in back} == {Spread, type(None)}


async def test_what_was_kept_before_there_were_spreads_is_still_read(world: World, database: Database) -> None:
    await draft(world)
    skewed = row("skewed", "control", 1, 50)._replace(shape=Shape(-0.1, 1e9))
    await add(database, 1, skewed)
    async with database._engine.writing() as transaction:
        await transaction.change(text("UPDATE aggregate SET companions = '[null,null,[-0.1,1e9]]'"))
    assert await of(database, 1) == (skewed,)


async def test_a_later_batch_replaces_only_the_segment_it_speaks_of(world: World, database: Database) -> None:
    await draft(world)
    whole, german, phone = row("m", "control", 1, 99), *RICH[:2]
    await add(database, 1, whole, german, phone)
    corrected = german._replace(n=11, covariate=Companion(1.0, 1.0, 0.5))
    await add(database, 2, corrected)
    await add(database, 3, whole._replace(n=98))
    assert await of(database, 1) == (whole, german, phone)
    assert await of(database, 2) == (whole, corrected, phone)
    assert await of(database, 3) == (whole._replace(n=98), corrected, phone)


async def test_what_a_later_batch_leaves_out_is_not_taken_from_an_earlier_one(world: World, database: Database) -> None:
    await draft(world)
    ratio = RICH[2]
    await add(database, 1, ratio)
    await add(database, 2, ratio._replace(denominator=None))
    assert await of(database, 2) == (ratio._replace(denominator=None),)


async def test_in_memory_is_as_in_the_database(world: World, database: Database) -> None:
    await draft(world)
    memory = MemoryAggregates(Tables())
    for version, rows in enumerate(([row("m", "control", 1, 99), *RICH[:2]], [RICH[0]._replace(n=1), RICH[4]]), 1):
        await add(database, version, *rows)
        await memory.add(KEY, version, rows)
        assert await of(database, version) == await memory.of(KEY, version)
