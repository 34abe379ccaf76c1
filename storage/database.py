"""`Database`: one open database and the units of work on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy import URL, literal, make_url, select
from sqlalchemy import Engine as SyncEngine
from sqlalchemy.exc import ArgumentError

from experiments.errors import Unavailable
from experiments.repositories import UnitOfWork as UnitOfWorkPort
from storage.engine import Engine, Transaction
from storage.revision import is_current
from storage.sqlite import SqliteEngine, sqlite_path
from storage.unit_of_work import UnitOfWork


class Database:
    """All that is kept, of all workspaces; every unit of work sees one of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, url: str, *, migrate: bool = False) -> Database:
        """Connect to `sqlite:///…` or `postgresql://…`; with `migrate`, bring its tables up to date first."""
        address = parsed(url)
        try:
            database = await cls._connected(address)
            if migrate and not await is_current(database._engine):
                from storage.migrate import upgrade  # Alembic takes as long to load as all the rest of storage

                await database.close()
                await asyncio.to_thread(upgrade, address)
                database = await cls._connected(address)
            return database
        except Unavailable as error:
            raise Unavailable(
                "Bunsen cannot reach its database. Is the server running, does the folder exist, "
                "and is BUNSEN_DATABASE_URL right?",
                reason="database",
            ) from error

    @classmethod
    @asynccontextmanager
    async def ready(cls, url: str) -> AsyncIterator[Database]:
        """Connected for as long as this lasts; `Unavailable` where the tables are not those of this version."""
        database = await cls.open(url)
        try:
            if not await database.is_current():
                words = "The tables of the database are not those of this version of Bunsen. Run bunsen migrate."
                raise Unavailable(words, reason="database")
            yield database
        finally:
            await database.close()

    @classmethod
    async def _connected(cls, address: URL) -> Database:
        database = cls(_engine(address))
        async with AsyncExitStack() as undo:
            undo.push_async_callback(database.close)
            await database.ping()
            undo.pop_all()
        return database

    async def is_current(self) -> bool:
        """Whether its tables are those of this version."""
        return await is_current(self._engine)

    @property
    def sync_engine(self) -> SyncEngine:
        """The engine whose events see every statement."""
        return self._engine.sync

    @asynccontextmanager
    async def uow(self, workspace: str) -> AsyncIterator[UnitOfWorkPort]:
        """A unit of work that commits when left without an error."""
        async with self._engine.writing() as transaction:
            yield UnitOfWork(transaction, workspace)

    @asynccontextmanager
    async def reading(self, workspace: str) -> AsyncIterator[UnitOfWorkPort]:
        """A unit of work that sees one moment and never writes."""
        async with self._engine.reading() as transaction:
            yield UnitOfWork(transaction, workspace)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        """A transaction that sees one moment of the tables themselves, for what no repository tells."""
        async with self._engine.reading() as transaction:
            yield transaction

    async def ping(self) -> None:
        """Return when the database answers; `Busy` or `Unavailable` when it does not."""
        async with self._engine.reading() as transaction:
            await transaction.rows(select(literal(1)))

    async def close(self) -> None:
        await self._engine.close()


def _engine(address: URL) -> Engine:
    if address.get_backend_name() == "sqlite":
        return SqliteEngine(address)
    from storage.postgres import PostgresEngine

    return PostgresEngine(address)


def parsed(url: str) -> URL:
    """The address of a database Bunsen knows; `Unavailable` otherwise. The words never repeat it: it has a password."""
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except ArgumentError as error:
        raise _unknown() from error
    if backend == "sqlite":
        sqlite_path(address)
    elif backend not in {"postgresql", "postgres"}:
        raise _unknown()
    return address.set(drivername="postgresql") if backend == "postgres" else address


def _unknown() -> Unavailable:
    return Unavailable(
        "Bunsen keeps its data in SQLite or PostgreSQL. "
        "Set BUNSEN_DATABASE_URL to sqlite:///bunsen.db or postgresql://user@host/name.",
        reason="database_url",
    )
