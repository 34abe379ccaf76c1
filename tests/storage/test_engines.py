"""Connections behave as promised, and a database that cannot answer is put into words."""

import asyncio
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from experiments.commands import AddNote
from experiments.errors import Busy, Unavailable
from experiments.execute import execute
from experiments.repositories import Filter
from storage import Database, postgres, sqlite
from storage.database import parsed
from tests.databases import Place
from tests.storage.samples import draft, world_on
from tests.worlds import ADA, MONDAY, WORKSPACE


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a tenth of a second for locks instead of five seconds."""
    monkeypatch.setattr(sqlite, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS[:-1], "PRAGMA busy_timeout=100"))
    monkeypatch.setitem(postgres.CONNECT, "options", "-c lock_timeout=100")


def sqlite_file(place: Place) -> str:
    return place.url.removeprefix("sqlite:///")


async def pragma(database: Database, name: str) -> Any:
    async with database.snapshot() as transaction:
        return (await transaction.rows(text(f"PRAGMA {name}")))[0][0]


async def test_sqlite_is_durable_and_strict(sqlite_place: Place) -> None:
    database = await sqlite_place.open()
    assert await pragma(database, "journal_mode") == "wal"
    assert await pragma(database, "synchronous") == 2
    assert await pragma(database, "foreign_keys") == 1
    assert await pragma(database, "busy_timeout") == 2000
    await database.close()


async def test_sqlite_takes_the_write_lock_when_a_change_begins(sqlite_place: Place) -> None:
    database = await sqlite_place.open()
    seen: list[str] = []
    event.listen(database.sync_engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    with closing(sqlite3.connect(sqlite_file(sqlite_place), timeout=0, isolation_level=None)) as other:
        async with database.reading(WORKSPACE) as reading:
            await reading.experiments.count(Filter())
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        async with database.uow(WORKSPACE):
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
    assert [each for each in seen if each.startswith("BEGIN")] == ["BEGIN", "BEGIN IMMEDIATE"]
    await database.close()


async def test_a_locked_sqlite_is_busy_and_catches_up(sqlite_place: Place, impatient: None) -> None:
    database = await sqlite_place.open()
    world = world_on(database)
    await draft(world)
    with closing(sqlite3.connect(sqlite_file(sqlite_place), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            await execute(AddNote(key="checkout-button", text="x"), ADA, world)
        async with database.reading(WORKSPACE) as reading:
            assert await reading.experiments.get("checkout-button")
    await execute(AddNote(key="checkout-button", text="x"), ADA, world)
    await database.close()


async def test_a_writer_waits_for_the_one_before_it_but_not_forever(sqlite_place: Place, impatient: None) -> None:
    database = await sqlite_place.open()
    async with database.uow(WORKSPACE):
        with pytest.raises(Busy):
            async with database.uow(WORKSPACE):
                pass
    async with database.uow(WORKSPACE) as uow:
        assert await uow.schedules.once("a", "b", "c", MONDAY)
    await database.close()


async def test_more_readers_than_connections_wait_their_turn(database: Database) -> None:
    async def count() -> int:
        async with database.reading(WORKSPACE) as reading:
            return await reading.experiments.count(Filter())

    assert await asyncio.gather(*(count() for _ in range(40))) == [0] * 40


async def test_a_locked_workspace_is_busy_on_postgres(postgres_place: Place, impatient: None) -> None:
    database = await postgres_place.open()
    world = world_on(database)
    await draft(world)
    async with database.uow(WORKSPACE) as uow:
        await uow.experiments.get("checkout-button")
        with pytest.raises(Busy):
            await execute(AddNote(key="checkout-button", text="x"), ADA, world)
    await execute(AddNote(key="checkout-button", text="x"), ADA, world)
    await database.close()


async def test_a_pool_that_is_used_up_is_busy(postgres_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"POOL_SIZE": 1, "POOL_OVERFLOW": 0, "PATIENCE_SECONDS": 0.1}.items():
        monkeypatch.setattr(postgres, name, value)
    database = await postgres_place.open()
    async with database.uow(WORKSPACE):
        with pytest.raises(Busy):
            async with database.reading(WORKSPACE):
                pass
    await database.ping()
    await database.close()


async def test_a_lost_connection_is_said_and_the_next_one_works(postgres_place: Place) -> None:
    database = await postgres_place.open()

    async def lose() -> None:
        async with database.uow(WORKSPACE) as uow:
            await uow.experiments.count(Filter())
            disconnect(postgres_place)
            await uow.experiments.count(Filter())

    with pytest.raises(Unavailable, match="did not answer"):
        await lose()
    async with database.uow(WORKSPACE) as uow:
        assert await uow.experiments.count(Filter()) == 0
    disconnect(postgres_place)
    async with database.uow(WORKSPACE) as uow:
        assert await uow.experiments.count(Filter()) == 0
    await database.close()


def disconnect(place: Place) -> None:
    with psycopg.connect(place.url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_a_reading_unit_of_work_cannot_write(database: Database) -> None:
    async with database.reading(WORKSPACE) as reading:
        with pytest.raises((DBAPIError, Unavailable)):
            await reading.schedules.once("a", "b", "c", MONDAY)
    async with database.uow(WORKSPACE) as uow:
        assert await uow.schedules.once("a", "b", "c", MONDAY)


async def test_a_reading_unit_of_work_sees_one_moment(database: Database) -> None:
    world = world_on(database)
    async with database.reading(WORKSPACE) as reading:
        assert await reading.experiments.count(Filter()) == 0
        await draft(world)
        assert await reading.experiments.count(Filter()) == 0


async def test_a_cancelled_change_leaves_nothing_and_the_next_one_works(database: Database) -> None:
    reached = asyncio.Event()

    async def stay() -> None:
        async with database.uow(WORKSPACE) as uow:
            await uow.schedules.once("a", "b", "c", MONDAY)
            reached.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stay())
    await reached.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    async with database.uow(WORKSPACE) as uow:
        assert await uow.schedules.once("a", "b", "c", MONDAY)


@pytest.mark.parametrize("migrate", [False, True])
async def test_a_database_that_is_not_there_is_unavailable(migrate: bool, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot reach its database"):
        await Database.open(f"sqlite:///{tmp_path}/missing/bunsen.db", migrate=migrate)
    with pytest.raises(Unavailable, match="cannot reach its database"):
        await Database.open(f"postgresql://nobody@/nothing?host={tmp_path}", migrate=migrate)


async def test_a_wrong_statement_is_our_mistake_and_not_the_databases(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.snapshot() as transaction:
            await transaction.rows(text("SELECT 1 FROM nowhere"))


@pytest.mark.parametrize("url", ["mysql://secret@host/x", "nonsense secret", "sqlite://", "sqlite:///:memory:"])
async def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Unavailable, match="SQLite") as refused:
        await Database.open(url)
    assert "secret" not in refused.value.words


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
async def test_both_spellings_of_sqlite_open_the_same_file(scheme: str, sqlite_place: Place) -> None:
    database = await Database.open(sqlite_place.url.replace("sqlite", scheme, 1))
    await database.ping()
    await database.close()


def test_the_short_name_of_postgresql_is_understood() -> None:
    assert parsed("postgres://bunsen@localhost/bunsen").drivername == "postgresql"
