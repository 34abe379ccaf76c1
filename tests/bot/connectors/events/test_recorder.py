"""What evaluation records is written soon, never twice, and counted when it cannot be kept."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.connectors.events import EventStore, Exposure, Limits
from tests.bot.connectors.events.examples import NOW, rows, units
from tests.bot.connectors.events.test_store import full_disk
from tests.patience import LONG

LATER = Limits(compaction_seconds=3600.0, recording_seconds=3600.0, recorded=5)


def seen(unit: str, **attributes: Any) -> Exposure:
    return Exposure("checkout-button", "treatment", unit, NOW, attributes, 2)


async def test_what_is_recorded_is_written_while_running(tmp_path: Path) -> None:
    store = EventStore(tmp_path, lambda: NOW, limits=Limits(recording_seconds=0.01))
    async with store.running():
        store.record("shop", [seen("u1", plan="pro")])
        async with asyncio.timeout(LONG):
            while not (found := await asyncio.to_thread(store.files, "shop")).exposures:
                continue
    [row] = rows(found.exposures)
    assert (row["unit"], row["phase"], row["attributes"]) == ("u1", 2, '{"plan":"pro"}')


async def test_what_is_recorded_last_is_written_on_leaving(tmp_path: Path) -> None:
    store = EventStore(tmp_path, lambda: NOW, limits=LATER)
    async with store.running():
        store.record("shop", [seen("u1")])
        store.record("other", [seen("u2")])
    after = EventStore(tmp_path, lambda: NOW)
    assert units(after.files("shop")) == {"u1": 1}
    assert units(after.files("other")) == {"u2": 1}


async def test_what_there_is_no_room_for_is_dropped_and_told(tmp_path: Path) -> None:
    store = EventStore(tmp_path, lambda: NOW, limits=LATER)
    with capture_logs() as logs:
        async with store.running():
            store.record("shop", [seen(f"u{number}") for number in range(4)])
            store.record("shop", [seen(f"v{number}") for number in range(4)])
            store._recorder.drain()
            store.record("shop", [seen("u9")])
    assert units(EventStore(tmp_path, lambda: NOW).files("shop")).total() == 6
    assert store.counts.dropped == 3
    assert [(entry["event"], entry["rows"]) for entry in logs] == [("exposures of evaluation were dropped", 3)]


@pytest.mark.parametrize("bad", [seen("\ud800"), seen(""), seen("x" * 201), seen("a\0"), seen("u1", a={})])
async def test_one_that_cannot_be_kept_does_not_spoil_the_others(bad: Exposure, tmp_path: Path) -> None:
    store = EventStore(tmp_path, lambda: NOW, limits=LATER)
    many = {f"a{number}": number for number in range(30)}
    odd = {"nested": {"a": 1}, "long": "x" * 201, "half": "\ud800", "nan": float("nan"), "n": "\0", "big": 2**70}
    store.record("shop", [bad, seen("good", **odd, ok=1), seen("many", **many)])
    store._recorder.drain()
    found = {row["unit"]: row["attributes"] for row in rows(store.files("shop").exposures)}
    assert found["good"] == '{"ok":1}'
    assert found["many"].count(":") == 20
    assert store.counts.dropped == (0 if bad.unit == "u1" else 1)


async def test_a_full_disk_makes_them_wait_and_they_count_once(tmp_path: Path) -> None:
    store = EventStore(tmp_path, lambda: NOW, limits=LATER)
    store.files("shop")
    store.record("shop", [seen("u1")])
    with full_disk() as logs:
        assert store._recorder.drain() == 0
    assert logs[0]["event"] == "exposures of evaluation could not be stored; they wait"
    store.record("shop", [seen("u2")])
    assert store._recorder.drain() == 2
    assert units(store.files("shop")) == {"u1": 1, "u2": 1}
