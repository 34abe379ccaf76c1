"""Every state that a process can leave behind when it is killed is put in order by the next one."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from bot.connectors.events import EventStore, Limits, batches, segments
from bot.connectors.events.catalogue import Taken
from bot.connectors.events.disk import FORGOTTEN_AFTER
from bot.connectors.events.refusals import KeyConflict
from tests.bot.connectors.events.examples import NOW, exposure, lines, rows, units


@pytest.fixture
async def store(tmp_path: Path) -> EventStore:
    store = EventStore(tmp_path, lambda: NOW, limits=Limits())
    for name in ("u1", "u2"):
        await store.accept("shop", lines(exposure(name)), key=f"key-of-{name}")
    return store


def age(path: Path) -> Path:
    long_ago = time.time() - FORGOTTEN_AFTER - 1
    os.utime(path, (long_ago, long_ago))
    return path


def parquet(tmp_path: Path) -> set[str]:
    return {path.name for path in tmp_path.rglob("*.parquet")}


async def test_segments_that_no_generation_names_are_not_read_and_go(store: EventStore, tmp_path: Path) -> None:
    root = tmp_path / "events" / "shop"
    [path, _] = batches.waiting(root / "incoming")
    [orphan] = segments.cut(root, batches.load(path)[1], 1)
    assert units(store.files("shop")) == {"u1": 1, "u2": 1}
    store._tidy()
    assert (root / orphan.name).exists()
    age(root / orphan.name)
    store._tidy()
    assert not (root / orphan.name).exists()
    assert units(store.files("shop")) == {"u1": 1, "u2": 1}


async def test_batches_that_were_not_removed_are_not_counted_again(store: EventStore, tmp_path: Path) -> None:
    incoming = tmp_path / "events" / "shop" / "incoming"
    shutil.copytree(incoming, tmp_path / "before")
    first = store.files("shop")
    shutil.copytree(tmp_path / "before", incoming, dirs_exist_ok=True)
    assert await store.accept("shop", lines(exposure("u1")), key="key-of-u1") == (1, True, 0)
    second = store.files("shop")
    assert second.number == first.number
    assert units(second) == {"u1": 1, "u2": 1}
    assert list(incoming.iterdir()) == []


async def test_unfinished_files_of_the_dead_go_at_the_start_and_those_of_the_living_stay(
    store: EventStore, tmp_path: Path
) -> None:
    incoming = tmp_path / "events" / "shop" / "incoming"
    dead, alive = incoming / ".1.unfinished", incoming / ".2.unfinished"
    for path in (dead, alive):
        path.write_bytes(b"PAR1")
    age(dead)
    async with EventStore(tmp_path, lambda: NOW).running():
        assert not dead.exists()
        assert alive.exists()


async def test_a_damaged_batch_is_put_aside_and_the_others_count(store: EventStore, tmp_path: Path) -> None:
    [path, _] = sorted(batches.waiting(tmp_path / "events" / "shop" / "incoming"))
    lost = batches.load(path)[1]["unit"].to_pylist()
    path.write_bytes(path.read_bytes()[:-9])
    assert units(store.files("shop")) == {name: 1 for name in ("u1", "u2") if name not in lost}
    assert (tmp_path / "events" / "shop" / "damaged" / path.name).exists()


async def test_what_was_replaced_goes_when_nobody_can_be_reading_it(
    store: EventStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.files("shop")
    await store.accept("shop", lines(exposure("u3"), exposure("u4")))
    store._tidy()
    present = store.files("shop").exposures
    assert parquet(tmp_path) > {path.name for path in present}
    later = time.time() + 1_000
    monkeypatch.setattr(time, "time", lambda: later)
    store._tidy()
    assert parquet(tmp_path) == {path.name for path in present}
    assert units(store.files("shop")) == {"u1": 1, "u2": 1, "u3": 1, "u4": 1}


async def test_merged_rows_keep_their_generation_and_order(store: EventStore) -> None:
    store.files("shop")
    for name in ("u3", "u4"):
        await store.accept("shop", lines(exposure(name)))
        store.files("shop")
    store._tidy()
    [path] = store.files("shop").exposures
    found = [(row["generation"], row["unit"]) for row in rows((path,))]
    assert sorted(found[:2]) == [(1, "u1"), (1, "u2")]
    assert found[2:] == [(2, "u3"), (3, "u4")]


@pytest.mark.parametrize("same", [True, False])
async def test_a_key_that_another_replica_takes_and_compacts_meanwhile_counts_once(
    same: bool, store: EventStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is quick enough to come between the first look for the key and the file of that name."""
    put, other = batches.put, EventStore(tmp_path, lambda: NOW)

    def late(folder: Path, table: Any, taken: Taken) -> bool:
        monkeypatch.setattr(batches, "put", put)
        asyncio.run(other.accept("shop", lines(exposure("u3" if same else "u4")), key="key-of-u3"))
        other.files("shop")
        return put(folder, table, taken)

    monkeypatch.setattr(batches, "put", late)
    [answer] = await asyncio.gather(
        store.accept("shop", lines(exposure("u3")), key="key-of-u3"), return_exceptions=True
    )
    assert answer == (1, True, 0) if same else isinstance(answer, KeyConflict)
    assert units(store.files("shop")) == {"u1": 1, "u2": 1, "u3" if same else "u4": 1}
