"""What the repositories need of a database: transactions that run SQLAlchemy Core statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Engine as SyncEngine
from sqlalchemy import Executable, Row, Table
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from experiments.errors import Busy, Unavailable

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]
PATIENCE_SECONDS = 2.0
BUSY_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED")
BUSY_POSTGRES = frozenset({"55P03", "57014", "40P01", "40001"})
"""lock_not_available, query_canceled, deadlock_detected, serialization_failure"""


class Transaction(Protocol):
    """One open transaction; `writing` says whether it may change anything."""

    writing: bool

    async def rows(
        self, statement: Executable, values: Values | None = None, *, many: bool = False
    ) -> Sequence[Row[Any]]:
        """All rows of the answer; with `many`, it may take long to find them and nobody else is held up."""
        ...

    async def change(self, statement: Executable, values: Values | None = None) -> int:
        """Execute it and say how many rows it touched."""
        ...

    async def insert_many(self, table: Table, same: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows of which some columns are all the `same`, the quickest way this database has."""
        ...

    async def one_writer(self, workspace: str) -> None:
        """From here to the end of the transaction no other one changes experiments of this workspace."""
        ...

    def insert(self, table: Table) -> PostgresInsert | SqliteInsert:
        """An insert of this database's dialect, for `on_conflict_…`."""
        ...


class Engine(Protocol):
    """A database that was connected to."""

    @property
    def sync(self) -> SyncEngine:
        """The engine whose events see every statement."""
        ...

    def writing(self) -> AbstractAsyncContextManager[Transaction]: ...
    def reading(self) -> AbstractAsyncContextManager[Transaction]: ...
    async def close(self) -> None: ...


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what a database says when it cannot answer into `Busy` and `Unavailable`."""
    try:
        yield
    except PoolTimeoutError as error:
        raise Busy from error
    except DBAPIError as error:
        if _is_busy(error):
            raise Busy from error
        if _is_out_of_reach(error):
            raise Unavailable(
                "The database did not answer, so this may not have been saved. Look, and try again in a moment.",
                reason="database",
            ) from error
        raise


def _is_busy(error: DBAPIError) -> bool:
    name = getattr(error.orig, "sqlite_errorname", None) or ""
    return name.startswith(BUSY_SQLITE) or getattr(error.orig, "sqlstate", None) in BUSY_POSTGRES


def _is_out_of_reach(error: DBAPIError) -> bool:
    """SQLite calls a wrong statement an operational error too; that is our mistake and is raised as it is."""
    if error.connection_invalidated:
        return True
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlite_errorname", None) != "SQLITE_ERROR"
