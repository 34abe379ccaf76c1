"""Exposures that evaluation records, held for a moment and written as batches of their own."""

from __future__ import annotations

import math
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import NamedTuple, Protocol

import msgspec
import structlog
from msgspec import UNSET, UnsetType

from bot.connectors.events.refusals import NotStored
from bot.connectors.events.wire import (
    LARGEST_WHOLE,
    LONGEST_KEY,
    LONGEST_VALUE,
    MOST_ATTRIBUTES,
    Exposure,
)

Keep = Callable[[str, bytes, str], int]

log = structlog.get_logger(__name__)


class Dropped(Protocol):
    """Where it is counted what could not be kept."""

    dropped: int


class _Batch(NamedTuple):
    project: str
    content: bytes
    key: str
    rows: int


class Recorder:
    """Holds at most so many exposures; `keep` writes a batch and says how many of it break the rules.

    A batch that the disk refuses is tried again under the same key, so that it counts once.
    """

    def __init__(self, keep: Keep, counts: Dropped, most: int) -> None:
        self._keep = keep
        self._counts = counts
        self._most = most
        self._held: dict[str, list[Exposure]] = {}
        self._rows = 0
        self._unwritten: deque[_Batch] = deque()
        self._told = 0
        self._taking = threading.Lock()
        self._draining = threading.Lock()

    def add(self, project: str, rows: Iterable[Exposure]) -> None:
        """Take as many as there is room for; the others are dropped and counted."""
        given = list(rows)
        with self._taking:
            fitting = given[: max(0, self._most - self._rows)]
            self._held.setdefault(project, []).extend(fitting)
            self._rows += len(fitting)
            self._counts.dropped += len(given) - len(fitting)

    def drain(self) -> int:
        """Write everything; what cannot be written now stays for the next time. How many batches were written."""
        with self._draining:
            with self._taking:
                held, self._held = self._held, {}
            for project, rows in held.items():
                lines = [line for row in rows if (line := _line(row))]
                self._give_up(len(rows) - len(lines))
                if lines:
                    self._unwritten.append(_Batch(project, b"\n".join(lines), uuid.uuid4().hex, len(lines)))
            written = 0
            while self._unwritten and self._written(self._unwritten[0]):
                self._unwritten.popleft()
                written += 1
            self._tell()
            return written

    def _written(self, batch: _Batch) -> bool:
        try:
            left_out = self._keep(batch.project, batch.content, batch.key)
        except NotStored as error:
            log.error(
                "exposures of evaluation could not be stored; they wait", why=str(error.__cause__), rows=batch.rows
            )
            return False
        with self._taking:
            self._rows -= batch.rows
            self._counts.dropped += left_out
        return True

    def _give_up(self, rows: int) -> None:
        with self._taking:
            self._rows -= rows
            self._counts.dropped += rows

    def _tell(self) -> None:
        if self._counts.dropped > self._told:
            log.warning("exposures of evaluation were dropped", rows=self._counts.dropped - self._told)
            self._told = self._counts.dropped


def _line(row: Exposure) -> bytes | None:
    """The exposure as it would come over the wire; nothing when it cannot be written down."""
    try:
        return msgspec.json.encode(msgspec.structs.replace(row, attributes=_flat(row.attributes)))
    except UnicodeError:
        return None


def _flat(attributes: Mapping[str, object] | UnsetType) -> dict[str, str | float | int | bool] | UnsetType:
    """Those attributes that an event may carry: evaluation is also asked with nested and very long ones."""
    if attributes is UNSET:
        return UNSET
    fitting = ((name, value) for name, value in attributes.items() if 1 <= len(name) <= LONGEST_KEY)
    return dict(islice(((name, value) for name, value in fitting if _fits(value)), MOST_ATTRIBUTES))  # type: ignore[misc]


def _fits(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE and "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, bool) or (isinstance(value, int) and abs(value) <= LARGEST_WHOLE)
