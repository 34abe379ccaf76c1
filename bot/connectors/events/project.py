"""The events of one project on the disk: a batch in, segments out."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from bot.connectors.events import batches, disk
from bot.connectors.events.catalogue import EXPOSURES, OBSERVATIONS, Catalogue, Taken
from bot.connectors.events.compaction import Compaction
from bot.connectors.events.intake import Reading, read
from bot.connectors.events.lines import Body
from bot.connectors.events.refusals import BadLines, KeyConflict, NotStored, Problem


class Receipt(NamedTuple):
    """How many events are kept; `repeated` when they were already. `left_out` counts those of `keep_good`."""

    accepted: int
    repeated: bool
    left_out: int = 0


class Generation(NamedTuple):
    """Parquet files with every event that came after a watermark, each once.

    They are the rows with `generation > after`; a file may hold older ones too. `number` is the next watermark, and
    everything accepted before `until` is in. The files can be read for at least a quarter of an hour.
    """

    number: int
    after: int
    until: datetime
    exposures: tuple[Path, ...]
    observations: tuple[Path, ...]


class Project:
    """Each method may be called by any thread of any process; `NotStored` when the disk refuses."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"
        with _refusals():
            disk.make_folder(self._incoming)
            self._catalogue = Catalogue(root / "catalogue.db")
        self._compaction = Compaction(root, self._catalogue)

    def close(self) -> None:
        self._catalogue.close()

    def take(
        self, body: Body, key: str, received: datetime, retention: timedelta, *, keep_good: bool = False
    ) -> Receipt:
        """Keep all events of the body under this key, or, without one, under the body's own digest.

        When this returns they last. `keep_good` leaves bad lines out instead of refusing the batch.
        """
        with _refusals():
            reading = read(body, received, retention)
            hashed = hashlib.sha256(key.encode() if key else b"\0" + reading.digest).digest()
            taken = Taken(hashed, reading.digest, len(reading.table), int(received.timestamp()))
            if before := self._known(hashed):
                return self._again(before, taken)
            if not keep_good:
                _require_good(reading)
            if taken.events and (before := self._put(reading.table, taken)):
                return self._again(before, taken)
            return Receipt(taken.events, repeated=False, left_out=reading.bad)

    def since(self, after: int, until: datetime) -> Generation:
        """What was accepted before now and is of later generations than this one."""
        with _refusals():
            self._compaction.take_along()
            number, found = self._catalogue.now(after)
        exposures, observations = (
            tuple(self._root / each.name for each in found if each.kind == kind) for kind in (EXPOSURES, OBSERVATIONS)
        )
        return Generation(number, after, until, exposures, observations)

    def tidy(self, now: datetime, retention: timedelta) -> int:
        """Compact, merge, and drop what is too old or belongs to nobody; how many batches were taken along."""
        with _refusals():
            taken_along = self._compaction.take_along()
            self._compaction.merge()
            self._compaction.expire(now, retention)
            self._compaction.clear()
        return taken_along

    def _put(self, table: pa.Table, taken: Taken) -> Taken | None:
        """Keep the batch, or give what was there already: another thread or process may have been quicker.

        Whoever finds the name free asks once more whether the key was taken, since a compaction may have freed it.
        """
        while True:
            mine = batches.put(self._incoming, table, taken)
            if before := self._catalogue.taken([taken.key]).get(taken.key):
                if mine:
                    batches.path_of(self._incoming, taken.key).unlink(missing_ok=True)
                return before
            disk.sync_folder(self._incoming)
            if mine:
                return None
            if before := self._known(taken.key):
                return before

    def _known(self, key: bytes) -> Taken | None:
        waiting = batches.find(self._incoming, key)
        return self._catalogue.taken([key]).get(key) or waiting

    def _again(self, before: Taken, taken: Taken) -> Receipt:
        if before.body != taken.body:
            raise KeyConflict(
                Problem(0, "Idempotency-Key", "this key came before with other events; a new batch needs a new key")
            )
        disk.sync_folder(self._incoming)
        return Receipt(before.events, repeated=True)


def _require_good(reading: Reading) -> None:
    if reading.bad:
        raise BadLines(*reading.problems, count=reading.bad)
    if not len(reading.table):
        raise BadLines(Problem(0, "", "there is no event in the body; write one JSON object a line"))


@contextmanager
def _refusals() -> Iterator[None]:
    """What the disk or the catalogue says, as one kind of refusal."""
    try:
        yield
    except (OSError, sqlite3.Error, pa.ArrowException) as error:
        raise NotStored(
            Problem(0, "", "the events could not be stored; send them again in a moment"), retry_after=5
        ) from error
