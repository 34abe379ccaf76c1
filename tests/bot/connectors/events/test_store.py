"""Accepted events are there once: however often they come, whoever compacts, and after every restart."""

from __future__ import annotations

import asyncio
import gzip
import resource
from collections import Counter
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from structlog.testing import capture_logs

from bot.connectors.events import EventStore, Limits
from bot.connectors.events.refusals import BadLines, KeyConflict, NotStored, Overloaded
from bot.connectors.events.store import folder_of
from tests.bot.connectors.events.examples import NOW, exposure, lines, observation, rows, units

KEY = "batch-0001"
IDLE = Limits(compaction_seconds=3600.0, recording_seconds=3600.0)


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[EventStore]:
    store = EventStore(tmp_path, clock, limits=IDLE)
    async with store.running():
        yield store


def another(tmp_path: Path, clock: Clock) -> EventStore:
    """Another replica on the same folder, or the next process."""
    return EventStore(tmp_path, clock, limits=IDLE)


def batch(*names: str) -> bytes:
    return lines(*(exposure(name) for name in names))


def all_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@contextmanager
def full_disk() -> Iterator[list[MutableMapping[str, Any]]]:
    """No file can grow beyond a hundred bytes while inside; gives what is logged."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with capture_logs() as logs:
            yield logs
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_what_is_accepted_is_read(store: EventStore) -> None:
    body = lines(exposure("u1"), observation("u1", 2.5), observation("u2", time="2026-11-01T23:59:59.999999Z"))
    assert await store.accept("shop", body) == (3, False, 0)
    found = store.files("shop")
    assert [row["unit"] for row in rows(found.exposures)] == ["u1"]
    assert sorted((row["unit"], row["value"]) for row in rows(found.observations)) == [("u1", 2.5), ("u2", 1.5)]
    assert {path.parent.name for path in found.observations} == {"day=2026-11-01", "day=2026-11-21"}
    assert found.until == NOW
    names = [str(path) for path in found.observations]
    assert duckdb.read_parquet(names).aggregate("sum(value)").fetchall() == [(4.0,)]


@pytest.mark.parametrize("compacted", [False, True])
@pytest.mark.parametrize("key", ["", KEY])
async def test_what_comes_again_counts_once(
    compacted: bool, key: str, store: EventStore, tmp_path: Path, clock: Clock
) -> None:
    body = batch("u1", "u2")
    assert await store.accept("shop", body, key=key) == (2, False, 0)
    if compacted:
        store.files("shop")
    assert await store.accept("shop", gzip.compress(body), key=key, gzipped=True) == (2, True, 0)
    assert await another(tmp_path, clock).accept("shop", body, key=key) == (2, True, 0)
    clock.time += timedelta(days=89, hours=23)
    assert await store.accept("shop", body, key=key) == (2, True, 0)
    assert units(store.files("shop")) == {"u1": 1, "u2": 1}


@pytest.mark.parametrize("compacted", [False, True])
async def test_a_key_with_other_events_is_a_conflict(compacted: bool, store: EventStore) -> None:
    await store.accept("shop", batch("u1"), key=KEY)
    if compacted:
        store.files("shop")
    with pytest.raises(KeyConflict, match="came before with other events"):
        await store.accept("shop", batch("u2"), key=KEY)
    assert await store.accept("other", batch("u2"), key=KEY) == (1, False, 0)
    assert units(store.files("shop")) == {"u1": 1}
    assert units(store.files("other")) == {"u2": 1}


async def test_a_batch_with_a_bad_line_leaves_nothing(store: EventStore) -> None:
    with pytest.raises(BadLines):
        await store.accept("shop", batch("u1") + b"{}\n", key=KEY)
    assert await store.accept("shop", batch("u1"), key=KEY) == (1, False, 0)
    with pytest.raises(BadLines, match="there is no event in the body"):
        await store.accept("shop", b"\n\n")
    assert units(store.files("shop")) == {"u1": 1}


async def test_replicas_that_get_the_same_batch_at_once_count_it_once(tmp_path: Path, clock: Clock) -> None:
    replicas = [another(tmp_path, clock) for _ in range(3)]
    bodies = [batch(f"u{number}") for number in range(20)]
    sent = [each.accept("shop", body) for body in bodies for each in replicas for _ in range(2)]
    reading = [asyncio.to_thread(each.files, "shop") for each in replicas for _ in range(4)]
    answers = await asyncio.gather(*sent, *reading)
    assert Counter(answer.repeated for answer in answers[: len(sent)]) == {False: 20, True: 100}  # type: ignore[union-attr]
    for each in replicas:
        assert units(each.files("shop")) == {f"u{number}": 1 for number in range(20)}


async def test_replicas_that_get_one_key_with_two_bodies_at_once_keep_one(tmp_path: Path, clock: Clock) -> None:
    replicas = [another(tmp_path, clock) for _ in range(4)]
    for number in range(10):
        sent = [each.accept("shop", batch(f"u{n}"), key=f"{KEY}-{number}") for n, each in enumerate(replicas)]
        answers = await asyncio.gather(*sent, return_exceptions=True)
        assert Counter(type(answer).__name__ for answer in answers) == {"Receipt": 1, "KeyConflict": 3}
    assert units(replicas[0].files("shop")).total() == 10


async def test_each_reader_gets_what_is_new_once(store: EventStore, tmp_path: Path, clock: Clock) -> None:
    readers = {store: Counter[str](), another(tmp_path, clock): Counter[str]()}
    marks = dict.fromkeys(readers, 0)
    for number in range(30):
        await store.accept("shop", batch(*(f"u{number}-{n}" for n in range(number + 1))))
        for reader in [*readers][: 1 + number % 2]:
            found = reader.since("shop", marks[reader])
            readers[reader] += units(found)
            marks[reader] = found.number
        if number % 4 == 0:
            store._tidy()
    whole = units(store.files("shop"))
    assert whole.total() == sum(range(31)) == len(whole)
    for reader, seen in readers.items():
        assert seen + units(reader.since("shop", marks[reader])) == whole
    assert len(store.files("shop").exposures) < 10


async def test_a_reader_can_go_on_with_files_that_were_merged(store: EventStore) -> None:
    for number in range(5):
        await store.accept("shop", batch(f"u{number}"))
        found = store.files("shop")
    store._tidy()
    assert len(found.exposures) == 5
    assert len(store.files("shop").exposures) == 1
    assert units(found) == units(store.files("shop"))


async def test_old_days_go_and_with_them_keys_that_can_do_no_harm(store: EventStore, clock: Clock) -> None:
    old = lines(observation("old", time="2026-11-19T10:00:00Z"))
    await store.accept("shop", old, key=KEY)
    await store.accept("shop", batch("new"))
    store.files("shop")
    clock.time = NOW + timedelta(days=89)
    store._tidy()
    assert units(store.files("shop")) == {"new": 1}
    with pytest.raises(KeyConflict):
        await store.accept("shop", batch("new"), key=KEY)
    clock.time = NOW + timedelta(days=91, seconds=1)
    store._tidy()
    assert units(store.files("shop")) == {}
    for each in (old, batch("new")):
        with pytest.raises(BadLines, match="is too old"):
            await store.accept("shop", each, key=KEY)


async def test_a_full_disk_is_told_and_leaves_nothing(store: EventStore, tmp_path: Path) -> None:
    await store.accept("shop", batch("u1"))
    before = all_in(tmp_path)
    with full_disk() as logs, pytest.raises(NotStored) as refusal:
        await store.accept("shop", batch("u2"))
    assert refusal.value.retry_after > 0
    assert "File too large" in logs[0]["why"]
    assert all_in(tmp_path) == before
    assert await store.accept("shop", batch("u2")) == (1, False, 0)
    with full_disk(), pytest.raises(NotStored):
        store.files("shop")
    assert units(store.files("shop")) == {"u1": 1, "u2": 1}


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").touch()
    store = EventStore(tmp_path / "file", clock, limits=IDLE)
    async with store.running():
        with pytest.raises(NotStored):
            await store.accept("shop", batch("u1"))
    assert store.counts.failed == 1


async def test_more_than_fits_is_told_when_to_come_again(tmp_path: Path, clock: Clock) -> None:
    store = EventStore(tmp_path, clock, limits=Limits(batches=2, bytes=100))
    with store.room(60):
        with pytest.raises(Overloaded) as refusal, store.room(60):
            raise AssertionError
        assert refusal.value.retry_after == 1
        with store.room(40), pytest.raises(Overloaded), store.room(0):
            raise AssertionError
    with store.room(1_000):
        assert store.counts.overloaded == 2


@pytest.mark.parametrize("name", ["Ünï / ..", "..", "", "A" * 60, "shop", "👩‍👧" * 20, "a" * 64, "CON"])
async def test_any_name_of_a_project_is_a_folder_of_its_own(name: str, store: EventStore, tmp_path: Path) -> None:
    await store.accept(name, batch("u1"))
    assert (tmp_path / "events" / folder_of(name) / "incoming").is_dir()
    assert len(folder_of(name).encode()) <= 64
    assert "." not in folder_of(name)
    assert folder_of(name).lower() == folder_of(name)
