"""What is in a project's store: which segments count, and which keys came; one small SQLite database.

A transaction here is the moment at which a compaction happens, for everybody and for good. The rollback journal, not a
write-ahead log, because its locks also hold on a folder that several machines share.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

EXPOSURES, OBSERVATIONS = "exposures", "observations"
PATIENCE_SECONDS = 20.0

TABLES = """
CREATE TABLE IF NOT EXISTS generation (number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS segment (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, day TEXT NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, rows INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gone (name TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS taken (
    key BLOB PRIMARY KEY, body BLOB NOT NULL, events INTEGER NOT NULL, received INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS taken_by_age ON taken (received);
INSERT INTO generation SELECT 0 WHERE NOT EXISTS (SELECT * FROM generation);
"""


class Segment(NamedTuple):
    """A Parquet file below the project's folder with events of one kind and day, of generations `first` to `last`."""

    name: str
    kind: str
    day: str
    first: int
    last: int
    rows: int


class Taken(NamedTuple):
    """A key that came, the SHA-256 of the events it came with and how many they were; `received` in Unix seconds."""

    key: bytes
    body: bytes
    events: int
    received: int


class Catalogue:
    """Any thread may ask; one at a time is answered."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA synchronous = EXTRA")
        if not self._is_made():
            with self._changing():
                for statement in TABLES.split(";")[:-1]:
                    self._db.execute(statement)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def now(self, after: int = 0) -> tuple[int, list[Segment]]:
        """The newest generation, and the segments with rows of later ones than `after`, oldest first."""
        with self._looking():
            number = self._number()
            rows = self._db.execute("SELECT * FROM segment WHERE last > ? ORDER BY last, name", (after,))
            return number, [Segment(*row) for row in rows]

    def taken(self, keys: Iterable[bytes]) -> dict[bytes, Taken]:
        """Those of the keys that came and were compacted."""
        found: dict[bytes, Taken] = {}
        with self._looking():
            for key in keys:
                if row := self._db.execute("SELECT * FROM taken WHERE key = ?", (key,)).fetchone():
                    found[key] = Taken(*row)
        return found

    def add(self, number: int, segments: Iterable[Segment], keys: Iterable[Taken]) -> bool:
        """Make this the next generation; false, and nothing changed, when somebody else has made it."""
        with self._changing():
            if self._number() != number - 1:
                return False
            self._db.execute("UPDATE generation SET number = ?", (number,))
            self._db.executemany("INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?)", segments)
            self._db.executemany("INSERT INTO taken VALUES (?, ?, ?, ?)", keys)
        return True

    def replace(self, old: Sequence[Segment], new: Segment | None, at: float) -> bool:
        """Put one segment, or nothing, in the place of others; false when those are no longer there."""
        with self._changing():
            present = sum(
                self._db.execute("SELECT count(*) FROM segment WHERE name = ?", (each.name,)).fetchone()[0]
                for each in old
            )
            if present < len(old):
                return False
            self._db.executemany("DELETE FROM segment WHERE name = ?", [(each.name,) for each in old])
            self._db.executemany("INSERT INTO gone VALUES (?, ?)", [(each.name, at) for each in old])
            if new:
                self._db.execute("INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?)", new)
        return True

    def gone(self, before: float) -> list[str]:
        """The names of files that were replaced before this time."""
        with self._looking():
            return [name for (name,) in self._db.execute("SELECT name FROM gone WHERE at < ?", (before,))]

    def known(self) -> set[str]:
        """The names of all files that count, or did."""
        with self._looking():
            return {name for (name,) in self._db.execute("SELECT name FROM segment UNION SELECT name FROM gone")}

    def removed(self, files: Iterable[str]) -> None:
        """These files are no more."""
        with self._changing():
            self._db.executemany("DELETE FROM gone WHERE name = ?", [(name,) for name in files])

    def forget(self, before: int) -> bool:
        """Forget some of the keys received before this time; whether there may be more of them."""
        with self._looking():
            old = self._db.execute("SELECT key FROM taken WHERE received < ? LIMIT 10000", (before,)).fetchall()
        if old:
            with self._changing():
                self._db.executemany("DELETE FROM taken WHERE key = ?", old)
        return bool(old)

    def _is_made(self) -> bool:
        with self._looking():
            return bool(self._db.execute("SELECT * FROM sqlite_master WHERE name = 'generation'").fetchone())

    def _number(self) -> int:
        return int(self._db.execute("SELECT number FROM generation").fetchone()[0])

    @contextmanager
    def _looking(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.execute("COMMIT")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
