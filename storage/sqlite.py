"""SQLite: one writer and a few readers, each a connection with a thread of its own.

What may wait or take long runs in the thread: a writer's beginning (for the lock) and commit (for the disk), bulk
inserts and questions with many rows. Readers wait for nobody, and once the writer holds the lock nor does it; their
small statements run where they are called, because handing one to a thread costs several times what it does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Executable, Row, Table, create_engine, event
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from experiments.errors import Busy, Unavailable
from storage.engine import PATIENCE_SECONDS, Transaction, Values, in_words

READERS = 3
WRITE, READ = "BEGIN IMMEDIATE", "BEGIN"
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={round(PATIENCE_SECONDS * 1000)}",
)
T = TypeVar("T")


class SqliteEngine:
    """A SQLite file. Writers of this process queue in order; those of others are waited for by SQLite itself."""

    def __init__(self, url: URL) -> None:
        self.sync = sqlite_engine(url)
        self._writer = _Lane(self.sync, WRITE, asyncio.Lock())
        long_ = asyncio.Lock()
        self._readers = [_Lane(self.sync, READ, long_) for _ in range(READERS)]
        self._turn = asyncio.Lock()
        self._free: asyncio.LifoQueue[_Lane] = asyncio.LifoQueue()
        for lane in self._readers:
            self._free.put_nowait(lane)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        await _patiently(self._turn.acquire())
        try:
            async with self._writer.transaction() as transaction:
                yield transaction
        finally:
            self._turn.release()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        lane = await _patiently(self._free.get()) if self._free.empty() else self._free.get_nowait()
        try:
            async with lane.transaction() as transaction:
                yield transaction
        finally:
            self._free.put_nowait(lane)

    async def close(self) -> None:
        for lane in (self._writer, *self._readers):
            await lane.close()
        self.sync.dispose()


def sqlite_engine(url: URL) -> Engine:
    """An engine that leaves the beginning of transactions to us: the driver's own way begins too late for a lock."""
    engine = create_engine(
        url.set(drivername="sqlite"),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
        execution_options={"preserve_rowcount": True},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", WRITE))

    return engine


async def _patiently(waiting: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await waiting
    except TimeoutError as error:
        raise Busy from error


class _Lane:
    """A connection and its thread. Calls run one after the other, also those whose caller was cancelled."""

    def __init__(self, engine: Engine, begin: str, long_: asyncio.Lock) -> None:
        self._engine = engine
        self._long = long_
        self._begin = begin
        self._writes = begin == WRITE
        self._thread_is_busy = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._connection: Connection | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        in_order = False
        try:
            with in_words():
                connection = await self._begun()
                yield _SqliteTransaction(self, connection, writing=self._writes)
                if self._writes:
                    await self.call(connection.commit)
            in_order = True
        finally:
            if in_order:
                self._roll_back()
            else:
                self._thread_is_busy = True
                self._thread.submit(self._roll_back)

    async def _begun(self) -> Connection:
        """A reader's beginning waits for nothing, unless its thread still works for a caller that has gone."""
        if self._connection is not None and not self._writes and not self._thread_is_busy:
            return self._open()
        connection = await self.call(self._open)
        self._thread_is_busy = False
        return connection

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    async def in_turn(self, function: Callable[..., T]) -> T:
        """What takes long, in the thread; of those that share the lock one at a time."""
        async with self._long:
            return await self.call(function)

    async def close(self) -> None:
        if self._connection is not None:
            await self.call(self._connection.close)
        self._thread.shutdown()

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(begin=self._begin)
            if not self._writes:
                self._connection.exec_driver_sql("PRAGMA query_only=ON")
                self._connection.rollback()
        self._connection.begin()
        return self._connection

    def _roll_back(self) -> None:
        """Leave nothing open, whatever happened; after a commit there is nothing to do."""
        if self._connection is None:
            return
        try:
            self._connection.rollback()
        except DBAPIError:
            self._connection.invalidate()
            self._connection = None


class _SqliteTransaction:
    def __init__(self, lane: _Lane, connection: Connection, *, writing: bool) -> None:
        self._lane = lane
        self._connection = connection
        self.writing = writing

    async def rows(
        self, statement: Executable, values: Values | None = None, *, many: bool = False
    ) -> Sequence[Row[Any]]:
        def ask() -> Sequence[Row[Any]]:
            return self._connection.execute(statement, values).all()

        return await self._lane.in_turn(ask) if many else ask()

    async def change(self, statement: Executable, values: Values | None = None) -> int:
        return self._connection.execute(statement, values).rowcount

    async def insert_many(self, table: Table, same: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
        values = [{**same, **row} for row in rows]
        await self._lane.call(lambda: self._connection.execute(insert(table), values))

    async def one_writer(self, workspace: str) -> None:
        """`BEGIN IMMEDIATE` has seen to it."""

    def insert(self, table: Table) -> Insert:
        return insert(table)


def sqlite_path(url: URL) -> Path:
    """The file of the database; `Unavailable` when there is none, as for one in memory."""
    if not url.database or url.database == ":memory:":
        raise Unavailable("Bunsen keeps SQLite in a file, like sqlite:///bunsen.db.", reason="database_url")
    return Path(url.database)
