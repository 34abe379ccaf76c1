"""What is written of the state is found again, and where it cannot be, the events still are."""

from __future__ import annotations

import errno
import os
import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.connectors.measuring import state
from bot.connectors.measuring.embedded import Embedded
from experiments.design import Metric, MetricKind, MetricRole
from experiments.measuring import Measured
from tests.bot.connectors.measuring import worlds
from tests.bot.connectors.measuring.reference import Exposure, Observation
from tests.bot.connectors.measuring.stores import Store, contents

METRICS = (
    Metric(key="revenue", role=MetricRole.PRIMARY, lookback_days=2),
    Metric(key="bought", kind=MetricKind.PROPORTION),
)
SHOP = worlds.experiment("shop", metrics=METRICS)
EXPOSURES, OBSERVATIONS = worlds.events([SHOP], 60, seed=7)


def filled(folder: Path) -> Store:
    """A store of which all is counted, written and let go."""
    store = Store(folder / "events")
    store.take(EXPOSURES, OBSERVATIONS)
    embedded = Embedded(store, folder)
    embedded.measure_now([SHOP], worlds.LATER, detail=False)
    embedded.close()
    return store


def measured(store: Store, folder: Path) -> Measured:
    embedded = Embedded(store, folder)
    found = embedded.measure_now([SHOP], worlds.LATER, detail=False)["shop"]
    embedded.close()
    return found


def right(found: Measured, *further: Observation) -> None:
    rows, crossed = worlds.wanted(SHOP, EXPOSURES, [*OBSERVATIONS, *further], detail=False, until=worlds.LATER)
    assert worlds.differences(found, rows, shape=False) == []
    assert found.crossed == crossed


def written(folder: Path) -> Path:
    [path] = (folder / "measured").glob("*.npz")
    return path


def test_what_was_written_needs_no_events(tmp_path: Path) -> None:
    store = filled(tmp_path)
    for _, path in store.written["observations"]:
        path.unlink()
    right(measured(store, tmp_path))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    filled(folder)
    return written(folder)


@settings(max_examples=25)
@given(st.floats(0, 1, exclude_max=True), st.binary(min_size=0, max_size=9))
def test_a_damaged_file_is_as_good_as_none(whole: Path, at: float, instead: bytes) -> None:
    content = whole.read_bytes()
    place = int(at * len(content))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "measured").mkdir()
        nothing, everything = contents(folder), contents(whole.parent.parent)
        damaged = content[:place] + (instead + content[place + len(instead) :] if instead else b"")
        (folder / "measured" / whole.name).write_bytes(damaged)
        assert contents(folder) in (nothing, everything)


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    store = filled(tmp_path)
    path = written(tmp_path)
    os.truncate(path, path.stat().st_size // 2)
    for said in (["the state of measurements is made anew"], []):
        with capture_logs() as logs:
            right(measured(store, tmp_path))
        assert [each["event"] for each in logs] == said


@pytest.mark.parametrize(("name", "another"), [("VERSION", 0), ("SAMPLE", ("other", "numbers"))])
def test_one_of_another_version_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, another: object
) -> None:
    store = filled(tmp_path)
    before = written(tmp_path).read_bytes()
    monkeypatch.setattr(state, name, another)
    right(measured(store, tmp_path))
    assert written(tmp_path).read_bytes() != before


def test_little_that_is_new_is_written_later_and_counted_once_more_after_a_kill(tmp_path: Path) -> None:
    store = Store(tmp_path / "events")
    store.take(EXPOSURES, OBSERVATIONS)
    embedded = Embedded(store, tmp_path)
    embedded.measure_now([SHOP], worlds.LATER, detail=False)
    before = written(tmp_path).read_bytes()
    last = Observation("revenue", EXPOSURES[0].unit, 5.0, EXPOSURES[0].time + timedelta(hours=1))
    store.take([], [last])
    right(embedded.measure_now([SHOP], worlds.LATER, detail=False)["shop"], last)
    assert written(tmp_path).read_bytes() == before
    killed = tmp_path / "killed"
    (killed / "measured").mkdir(parents=True)
    (killed / "measured" / written(tmp_path).name).write_bytes(before)
    right(measured(store, killed), last)
    embedded.close()
    assert contents(tmp_path) == contents(killed)
    assert written(tmp_path).read_bytes() != before


def test_a_full_disk_does_not_stop_the_measuring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "events")
    store.take(EXPOSURES, OBSERVATIONS)
    embedded = Embedded(store, tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(np, "savez", full)
        right(embedded.measure_now([SHOP], worlds.LATER, detail=False)["shop"])
    assert [each["event"] for each in logs] == ["the state of measurements was not written"]
    assert [each.name for each in (tmp_path / "measured").iterdir()] == ["owner.lock"]
    embedded.close()
    right(measured(store, tmp_path))


def test_one_at_a_time_has_the_folder(tmp_path: Path) -> None:
    store = filled(tmp_path)
    first, second = Embedded(store, tmp_path), Embedded(store, tmp_path)
    first.measure_now([SHOP], worlds.LATER, detail=False)
    with pytest.raises(BlockingIOError):
        second.measure_now([SHOP], worlds.LATER, detail=False)
    first.close()
    right(second.measure_now([SHOP], worlds.LATER, detail=False)["shop"])
    second.close()


def test_a_value_too_large_to_be_squared_leaves_nothing_behind(tmp_path: Path) -> None:
    store, start = Store(tmp_path / "events"), worlds.START
    embedded = Embedded(store, tmp_path)
    exposures = [Exposure("shop", "control", f"u{number}", start) for number in range(9)]
    observations = [
        Observation("revenue", f"u{number}", 1e300 if number == 4 else float(number), start + timedelta(hours=1))
        for number in range(9)
    ]
    store.take(exposures, observations)
    embedded.measure_now([SHOP], worlds.LATER, detail=False)
    crossing = Exposure("shop", "blue", "u4", start + timedelta(hours=2))
    store.take([crossing], [])
    found = embedded.measure_now([SHOP], worlds.LATER, detail=False)["shop"]
    rows, _ = worlds.wanted(SHOP, [*exposures, crossing], observations, detail=False, until=worlds.LATER)
    assert worlds.differences(found, rows, shape=False) == []
    embedded.close()
