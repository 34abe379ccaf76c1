"""Killed at any point, the measurer's state is that of before or that of after, and goes on to what is true."""

from __future__ import annotations

import itertools
import multiprocessing
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.connectors.measuring.embedded import Embedded
from experiments.design import Metric, MetricKind, MetricRole
from tests.bot.connectors.measuring import worlds
from tests.bot.connectors.measuring.dying import Death, measure
from tests.bot.connectors.measuring.stores import Store, contents

METRICS = (
    Metric(key="revenue", role=MetricRole.PRIMARY, lookback_days=2),
    Metric(key="bought", kind=MetricKind.PROPORTION),
    Metric(key="clicks-per-view", kind=MetricKind.RATIO, denominator="views", lookback_days=1),
)
SHOP = worlds.experiment("shop", metrics=METRICS)


@pytest.fixture(scope="module")
def processes() -> Iterator[Any]:
    """Processes that need not import anything any more."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["pytest", "tests.bot.connectors.measuring.dying"])
    return found


def killed_everywhere(processes: Any, store: Store, folder: Path, *, step: int, recount: bool = False) -> int:
    """Run to its end what is killed at one point after the other, before it or amidst it; how often it was killed and
    left the state as it was."""
    before, unchanged = contents(folder), 0
    for point in itertools.count(step=step):
        spins = None if point % 4 < 2 else 500 * (point % 7)
        work = processes.Process(
            target=measure, args=(store, folder, SHOP, Death(point, spins)), kwargs={"recount": recount}
        )
        work.start()
        work.join()
        if work.exitcode == 0:
            return unchanged
        assert work.exitcode == -signal.SIGKILL
        now = contents(folder)
        if now == before:
            unchanged += 1
        else:
            assert now[0] != before[0]
            before = now
    raise AssertionError("it was always killed")


def test_killed_at_every_point(tmp_path: Path, processes: Any) -> None:
    exposures, observations = worlds.events([SHOP], 60, seed=11)
    crossing = [
        each._replace(variant="blue" if each.variant == "control" else "control", time=each.time - timedelta(hours=1))
        for each in exposures[:6]
    ]
    store = Store(tmp_path / "events")
    store.take(exposures[::2], observations[::2])
    assert killed_everywhere(processes, store, tmp_path, step=2) > 3
    store.take([*exposures[1::2], *crossing], observations[1::2])
    assert killed_everywhere(processes, store, tmp_path, step=1) > 12
    assert killed_everywhere(processes, store, tmp_path, step=2, recount=True) > 3
    embedded = Embedded(store, tmp_path)
    found = embedded.measure_now([SHOP], worlds.LATER, detail=False)["shop"]
    rows, crossed = worlds.wanted(SHOP, [*exposures, *crossing], observations, detail=False, until=worlds.LATER)
    assert worlds.differences(found, rows, shape=False) == []
    assert found.crossed == crossed > 0
    assert embedded.recount("general", worlds.LATER) == {}
    embedded.close()
