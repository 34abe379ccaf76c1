"""A body becomes columns: all its lines are good, or each bad one is told by its number."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET

from bot.connectors.events.explaining import explain
from bot.connectors.events.lines import Body
from bot.connectors.events.refusals import MOST_TOLD, Problem
from bot.connectors.events.wire import Event, Exposure, Observation, Stretch, is_key

TIME = pa.timestamp("us", tz="UTC")
BATCH = pa.schema(
    [
        ("experiment", pa.string()),
        ("phase", pa.int32()),
        ("variant", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
        ("time", TIME),
        ("received", TIME),
        ("attributes", pa.string()),
    ]
)
KEYS = ("experiment", "variant", "metric")
NAMES_REQUIRED = 5  # of an exposure as of an observation, the type included
QUOTE, COLON, BLANK = ord('"'), ord(":"), ord(" ")

# Decoding holds the interpreter; if several threads did it at once, the event loop would wait for each of them in turn.
_one_at_a_time = threading.Lock()
_decode = msgspec.json.Decoder(Event).decode
_encode = msgspec.json.Encoder(order="sorted").encode


class Reading(NamedTuple):
    """The good lines as a table of `BATCH`; what is wrong with the first bad ones, and how many lines are bad."""

    table: pa.Table
    digest: bytes
    problems: tuple[Problem, ...]
    bad: int


def read(body: Body, received: datetime, retention: timedelta) -> Reading:
    """Everything in the body; `BadLines` or `TooLarge` when it cannot be read to its end."""
    allowed = Stretch.at(received, retention)
    parts: list[pa.Table] = []
    problems: list[Problem] = []
    bad, number = 0, 1
    for lines in body.lines():
        with _one_at_a_time:
            if (part := _at_once(lines, allowed)) is None:
                events, wrong = _one_by_one(lines, number, allowed, MOST_TOLD - len(problems))
                problems += wrong.told
                bad += wrong.lines
                part = _columns(events)
        parts.append(part)
        number += len(lines)
    table = pa.concat_tables(parts) if parts else BATCH.empty_table()
    stamp = pa.repeat(pa.scalar(received, TIME), len(table))
    table = table.set_column(BATCH.get_field_index("received"), BATCH.field("received"), stamp)
    return Reading(table, body.digest, tuple(problems[:MOST_TOLD]), bad)


class _Wrong(NamedTuple):
    told: list[Problem]
    lines: int


def _at_once(lines: Sequence[bytes], allowed: Stretch) -> pa.Table | None:
    """The columns, or nothing when any line may be bad; then each has to be looked at."""
    try:
        events = [_decode(line) for line in lines if line]
        table = _columns(events)
    except (msgspec.MsgspecError, UnicodeError, OverflowError, RecursionError, pa.ArrowException):
        return None
    if not all(is_key(key) for name in KEYS for key in pc.unique(table[name]).to_pylist() if key is not None):
        return None
    times = table["time"].combine_chunks().cast(pa.int64()).to_numpy()
    if len(times) and not (_micros(allowed.oldest) <= times.min() and times.max() <= _micros(allowed.newest)):
        return None
    text = b"\n".join(lines)
    if b"\\" in text and b"\\u0000" in text:
        return None
    return table if _names_in(text) == _names_of(events, table) else None


def _names_of(events: Sequence[Event], table: pa.Table) -> int:
    """How many names these events have on the wire when none is given twice."""
    attributes = [event.attributes for event in events if event.attributes is not UNSET]
    phases = len(table) - table["phase"].null_count
    return int(NAMES_REQUIRED * len(events) + phases + len(attributes) + sum(map(len, attributes)))


def _names_in(text: bytes) -> int:
    """How many names there are if none is followed by a blank and no text holds a quote before a colon; else -1."""
    letters = np.frombuffer(text, np.uint8)
    colons = np.flatnonzero(letters == COLON)
    before = letters[colons - 1] if len(colons) else colons
    return -1 if (before <= BLANK).any() else int(np.count_nonzero(before == QUOTE))


def _one_by_one(lines: Sequence[bytes], first: int, allowed: Stretch, most: int) -> tuple[list[Event], _Wrong]:
    events: list[Event] = []
    told: list[Problem] = []
    bad = 0
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        event, found = _one(line, allowed, explained=len(told) < most)
        if event is not None:
            events.append(event)
            continue
        bad += 1
        told += [Problem(number, *each) for each in found]
    return events, _Wrong(told, bad)


def _one(line: bytes, allowed: Stretch, *, explained: bool) -> tuple[Event | None, list[tuple[str, str]]]:
    try:
        event: Event = _decode(line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return None, (explain(line, allowed) or [("", str(error))]) if explained else []
    wrong = explain(line, allowed)
    return (None, wrong) if wrong else (event, [])


def _micros(time: datetime) -> int:
    return (time - EPOCH) // timedelta(microseconds=1)


EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _columns(events: Sequence[Event]) -> pa.Table:
    """The table of these events, exposures first, without when they were received."""
    seen = [event for event in events if type(event) is Exposure]
    measured = [event for event in events if type(event) is Observation]
    return pa.concat_tables(
        [
            _table(
                seen,
                experiment=[event.experiment for event in seen],
                phase=[None if event.phase is UNSET else event.phase for event in seen],
                variant=[event.variant for event in seen],
            ),
            _table(
                measured,
                metric=[event.metric for event in measured],
                value=[event.value for event in measured],
            ),
        ]
    )


def _table(events: Sequence[Event], **columns: list[Any]) -> pa.Table:
    columns["unit"] = [event.unit for event in events]
    columns["time"] = [event.time for event in events]
    columns["attributes"] = [_encode(event.attributes) if event.attributes else None for event in events]
    return pa.table(
        [
            pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(len(events), field.type)
            for field in BATCH
        ],
        BATCH,
    )
