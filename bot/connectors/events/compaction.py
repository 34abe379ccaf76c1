"""Compaction: accepted batches become segments per kind and day, small segments larger ones, and old days go.

The order in which a batch moves, so that whoever looks or dies at any moment finds each event once:

1. new segments are written, with their folders fsynced. Nobody reads them yet; if we die they are forgotten files.
2. one transaction of the catalogue makes the next generation: it names the segments and takes the keys of the
   batches. From here on the events are read from the segments.
3. the files of the batches are removed. If we die before, their keys say that they were taken, so that happens later.

Readers read segments alone. A merge writes a larger segment, then swaps the names in one transaction; what it replaced
stays on the disk for `GRACE_SECONDS`, so that whoever was given the old names can read on. Two processes that do the
same find at the transaction that the other was quicker, and throw their own files away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import structlog

from bot.connectors.events import batches, disk, segments
from bot.connectors.events.catalogue import EXPOSURES, OBSERVATIONS, Catalogue, Segment, Taken

GRACE_SECONDS = 900.0
MOST_FILES = 1_000
MOST_BYTES = 32 * 2**20
DAMAGED = "damaged"
KEYS_OUTLIVE = timedelta(days=1)
"""How much longer a key is kept than an event may be old: then each event sent with it again is refused as too old."""

log = structlog.get_logger(__name__)


class Compaction:
    """The work on the files of one project. Other processes may do the same; a long merge delays no reader."""

    def __init__(self, root: Path, catalogue: Catalogue) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._catalogue = catalogue
        self._taking = threading.Lock()
        self._tidying = threading.Lock()

    def take_along(self) -> int:
        """Turn every batch that was accepted before this call into segments; how many batches there were."""
        with self._taking:
            return sum(self._next_generation(some) for some in _slices(sorted(batches.waiting(self._incoming))))

    def merge(self) -> int:
        """Make one segment of several small ones; how many are fewer now."""
        with self._tidying:
            _, present = self._catalogue.now()
            by_day = sorted(present, key=_kind_and_day)
            return sum(self._merge(segments.to_merge(list(some))) for _, some in groupby(by_day, _kind_and_day))

    def expire(self, now: datetime, retention: timedelta) -> int:
        """Drop whole days that are older than the retention, and keys that cannot do harm any more; how many files."""
        with self._tidying:
            oldest = (now - retention).date().isoformat()
            old = [each for each in self._catalogue.now()[1] if each.day < oldest]
            if old and self._catalogue.replace(old, None, time.time()):
                log.info("old events were dropped", before=oldest, rows=sum(each.rows for each in old))
            keys_before = int((now - retention - KEYS_OUTLIVE).timestamp())
            while self._catalogue.forget(keys_before):
                continue
            return len(old)

    def clear(self) -> None:
        """Remove what nobody reads any more, and what a process that died has left behind."""
        with self._tidying:
            if gone := self._catalogue.gone(time.time() - GRACE_SECONDS):
                segments.remove(self._root, gone)
                self._catalogue.removed(gone)
            for path in disk.forgotten(self._incoming):
                path.unlink(missing_ok=True)
            written = [
                path for kind in (EXPOSURES, OBSERVATIONS) for path in disk.forgotten(self._root, f"{kind}/day=*/*")
            ]
            known = self._catalogue.known()
            for path in written:
                if str(path.relative_to(self._root)) not in known:
                    path.unlink(missing_ok=True)

    def _next_generation(self, files: Sequence[Path]) -> int:
        """Take these batches along; again when another process was quicker."""
        while True:
            number = self._catalogue.now()[0] + 1
            known = self._catalogue.taken(bytes.fromhex(path.stem) for path in files)
            loaded = list(self._loaded(path for path in files if bytes.fromhex(path.stem) not in known))
            if loaded:
                made = segments.cut(self._root, pa.concat_tables(table for _, table in loaded), number)
                if not self._catalogue.add(number, made, (taken for taken, _ in loaded)):
                    segments.remove(self._root, [each.name for each in made])
                    continue
            for key in (*known, *(taken.key for taken, _ in loaded)):
                batches.path_of(self._incoming, key).unlink(missing_ok=True)
            return len(loaded)

    def _loaded(self, files: Iterator[Path]) -> Iterator[tuple[Taken, pa.Table]]:
        for path in files:
            try:
                yield batches.load(path)
            except FileNotFoundError:
                continue  # another process has taken it along; the catalogue will tell
            except (pa.ArrowInvalid, KeyError, ValueError) as error:
                log.error("a batch cannot be read; it was put aside", file=path.name, why=str(error))
                disk.make_folder(self._root / DAMAGED)
                path.replace(self._root / DAMAGED / path.name)

    def _merge(self, old: Sequence[Segment]) -> int:
        if not old:
            return 0
        new = segments.merge(self._root, old)
        if not self._catalogue.replace(old, new, time.time()):
            segments.remove(self._root, [new.name])
            return 0
        return len(old) - 1


def _kind_and_day(segment: Segment) -> tuple[str, str]:
    return segment.kind, segment.day


def _slices(files: Sequence[Path]) -> Iterator[list[Path]]:
    """So many files at a time as fit into memory many times over."""
    some: list[Path] = []
    size = 0
    for path in files:
        try:
            size += path.stat().st_size
        except FileNotFoundError:
            continue
        some.append(path)
        if len(some) >= MOST_FILES or size >= MOST_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some
