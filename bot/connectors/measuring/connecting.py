"""A warehouse from its URL: read-only, limited in time, with words for what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.connectors.measuring.warehouse import SECONDS, Warehouse
from experiments.errors import BadInput
from experiments.sources import DataSource

if TYPE_CHECKING:
    from ibis import BaseBackend

POSTGRES = ("postgres", "postgresql")
CONNECT_SECONDS = 10


def open_warehouse(url: str, source: DataSource, *, seconds: int = SECONDS) -> Warehouse:
    """The warehouse at this URL; nothing is connected before something is asked.

    `BadInput` for a scheme that ibis does not know.
    """
    scheme = urlsplit(url).scheme.partition("+")[0]
    if scheme in POSTGRES:
        return Warehouse(lambda: _postgres(url, seconds), source, explain=_explained)
    if scheme == "duckdb":
        return Warehouse(lambda: _duckdb(url), source, limit=lambda backend: _interrupted(backend, seconds))
    if not scheme:
        raise BadInput(f"The connection {source.connection} is no URL.", field="connection")
    return Warehouse(lambda: _any(url), source)


def _postgres(url: str, seconds: int) -> BaseBackend:
    import ibis
    import psycopg

    options = (
        f"-c default_transaction_read_only=on -c statement_timeout={seconds * 1000} -c TimeZone=UTC "
        f"-c lock_timeout={CONNECT_SECONDS * 1000} -c idle_in_transaction_session_timeout={seconds * 1000}"
    )
    connection = psycopg.connect(url, options=options, autocommit=True, connect_timeout=CONNECT_SECONDS)
    backend: BaseBackend = ibis.postgres.from_connection(connection)
    return backend


def _duckdb(url: str) -> BaseBackend:
    import duckdb
    import ibis

    parts = urlsplit(url)
    path = Path(parts.netloc + parts.path)
    connection = duckdb.connect(
        str(path),
        read_only=True,
        config={"enable_external_access": False, "autoload_known_extensions": False, "lock_configuration": False},
    )
    backend: BaseBackend = ibis.duckdb.from_connection(connection)
    backend.raw_sql("SET TimeZone = 'UTC'").fetchall()
    return backend


def _any(url: str) -> BaseBackend:
    import ibis

    backend: BaseBackend = ibis.connect(url)
    return backend


@contextmanager
def _interrupted(backend: BaseBackend, seconds: int) -> Iterator[None]:
    """After so many seconds whatever runs is interrupted."""
    timer = threading.Timer(seconds, backend.con.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _explained(error: Exception) -> str | None:
    """What PostgreSQL's error means, in words that name nothing secret."""
    import psycopg.errors as pg

    words: tuple[tuple[type[Exception], str], ...] = (
        (pg.QueryCanceled, "The warehouse took too long. Narrow the SQL, or read a table made for it."),
        (pg.ReadOnlySqlTransaction, "The SQL wants to change something; Bunsen only reads."),
        (pg.InsufficientPrivilege, "Bunsen's account may not read that. Grant it SELECT on both tables."),
        (pg.UndefinedTable, "There is no such table in the warehouse, or Bunsen's account does not see it."),
        (pg.UndefinedColumn, "The SQL names a column that is not there."),
        (pg.UndefinedFunction, "The SQL calls a function that is not there."),
        (pg.InvalidTextRepresentation, "A column holds text where a number or a time is needed; cast it in the SQL."),
        (pg.InvalidDatetimeFormat, "The column time holds something that is no time."),
        (pg.InvalidPassword, "The warehouse refused Bunsen's password. The operator has to correct it."),
        (pg.OperationalError, "The warehouse cannot be reached. The operator should look at its address and network."),
    )
    return next((text for kind, text in words if isinstance(error, kind)), None)
