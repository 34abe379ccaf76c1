"""What is kept of every project between two measurements, in memory and, now and then, in a file.

The events are the log: a file has all up to its mark, so that after a crash what has come since is counted once more.
It appears whole or not at all, and one that cannot be read is made anew from the events.
"""

from __future__ import annotations

import fcntl
import os
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import structlog
from pydantic import TypeAdapter

from bot.connectors.events import disk
from bot.connectors.events.store import folder_of
from bot.connectors.measuring import duck
from bot.connectors.measuring.columns import Columns
from bot.connectors.measuring.kept import TABLES, Kept, KeptLook
from bot.connectors.measuring.mark import Mark

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = 7
SAMPLE = ("", "u", "user-1234567", "user-12345678", "an-id-that-is-as-long-as-those-of-sessions", "użytkownik 🎈")
"""Ids of units, by whose numbers one sees that another DuckDB still makes the same of them."""
UNREADABLE = (EOFError, KeyError, ValueError, NotImplementedError, zipfile.BadZipFile)
"""What comes of a damaged file; the last but one where it seems to be packed in a way that Python does not know."""
REST_SECONDS = 60.0
"""At least so long after a project was written it is not written again: what is small is counted sooner than that."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class About:
    """What is in a file beside the tables."""

    version: int
    sample: tuple[int, ...]
    mark: Mark
    looks: tuple[KeptLook, ...]


ABOUT = TypeAdapter(About)


class State:
    """The state of one folder, for one thread of one process at a time; BlockingIOError while another has it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "measured"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._owner = _owned(self._folder / "owner.lock")
        for forgotten in (*self._folder.glob(f"*{disk.UNFINISHED}"), *folder.glob("state.duckdb*")):
            forgotten.unlink()
        self._projects: dict[str, Kept] = {}
        self._rests_until: dict[str, float] = {}
        self.connection: DuckDBPyConnection = duck.connect(None, folder / "temporary")
        self._sample = duck.unit_numbers(self.connection, SAMPLE)

    def close(self) -> None:
        """Write what has changed, and let go of the folder."""
        for project, kept in self._projects.items():
            if kept.changes:
                self._write(project, kept)
        self.connection.close()
        self._owner.close()

    def of(self, project: str) -> Kept:
        """What is kept of a project."""
        if project not in self._projects:
            self._projects[project] = _read(self._path(project), self._sample)
        return self._projects[project]

    @contextmanager
    def changing(self, project: str) -> Iterator[Kept]:
        """What is kept of a project; after a failure it is again what was last written."""
        kept = self.of(project)
        done = False
        try:
            yield kept
            if kept.is_changed and time.monotonic() >= self._rests_until.get(project, 0.0):
                self._write(project, kept)
            done = True
        finally:
            if not done:
                del self._projects[project]

    def _path(self, project: str) -> Path:
        return self._folder / f"{folder_of(project)}.npz"

    def _write(self, project: str, kept: Kept) -> None:
        """Put all of it in the place of what was written before; where the disk refuses, that stays."""
        arrays: dict[str, Any] = {
            f"{table}.{name}": values
            for table, columns in kept.tables.items()
            for name, values in columns.items().items()
        }
        about = ABOUT.dump_json(
            About(VERSION, self._sample, kept.mark, tuple(kept.looks.values())), exclude_defaults=True
        )
        self._rests_until[project] = time.monotonic() + REST_SECONDS
        unfinished = self._folder / f"{uuid.uuid4().hex}{disk.UNFINISHED}"
        try:
            with unfinished.open("xb") as file:
                np.savez(file, about=np.frombuffer(about, np.uint8), **arrays)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._path(project))
            disk.sync_folder(self._folder)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            log.warning("the state of measurements was not written", project=project, reason=str(error))
        else:
            kept.changes = 0


def _owned(path: Path) -> IO[bytes]:
    """A file that this process alone has locked until it closes it or ends."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise
    return file


def _read(path: Path, sample: tuple[int, ...]) -> Kept:
    """What was written; nothing where that is of another version, has other numbers of units or cannot be read."""
    if not path.exists():
        return Kept()
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            if found.zip.testzip() is not None:
                raise zipfile.BadZipFile("its sums do not agree")
            about = ABOUT.validate_json(found["about"].tobytes())
            if (about.version, about.sample) != (VERSION, sample):
                return Kept()
            tables = {
                table: Columns.of(types, {name: found[f"{table}.{name}"] for name in types})
                for table, types in TABLES.items()
            }
    except UNREADABLE as error:
        log.warning("the state of measurements is made anew", path=path.name, reason=str(error))
        return Kept()
    return Kept.of(about.mark, about.looks, tables)
