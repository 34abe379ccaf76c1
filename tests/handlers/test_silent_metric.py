"""From the application's events to the owner: one metric's source goes quiet, and that is said once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.connectors.measuring.embedded import Embedded
from experiments.design import Action
from experiments.model import Experiment, Status
from experiments.running import Phase
from handlers.monitor import watch
from tests.bot.connectors.measuring.reference import Exposure, Observation
from tests.bot.connectors.measuring.stores import Store
from tests.experiments.stages import KEY
from tests.handlers.test_monitor import ERRORS, put, records, running, said
from tests.worlds import MemoryWorld

ALIVE, BOTH = ("error-rate", "conversion"), ("control", "treatment")


class Shop:
    """An application whose users are shown both variants and do what it then tells of."""

    def __init__(self, bench: MemoryWorld, folder: Path) -> None:
        self.bench, self.store, self.users = bench, Store(folder / "events"), 0
        self.embedded = Embedded(self.store, folder)
        bench.world = replace(bench.world, measurements=self.embedded)

    async def sells(self, users: int, metrics: Sequence[str], **later: float) -> Experiment:
        """So many users come and each has a value of these metrics; then there is a look."""
        self.bench.clock.advance(**later)
        at = self.bench.clock.now() - timedelta(seconds=30)
        names = [f"user-{number}" for number in range(self.users, self.users + users)]
        self.users += users
        exposed = [Exposure(KEY, BOTH[number % 2], name, at) for number, name in enumerate(names)]
        self.store.take(exposed, [Observation(metric, name, 0.0, at) for name in names for metric in metrics])
        await watch(self.bench.world)
        return self.bench.tables.experiments[KEY]


@pytest.mark.parametrize(
    ("action", "status", "command"),
    [(Action.WARN, Status.RUNNING, "RaiseAlarm"), (Action.PAUSE, Status.PAUSED, "PauseExperiment")],
)
async def test_the_owner_hears_once_of_one_metric_whose_source_is_quiet(
    tmp_path: Path, action: Action, status: Status, command: str
) -> None:
    bench = MemoryWorld()
    before = await running(bench, metric={"missing": action})
    phase = Phase(number=1, started_at=bench.clock.now(), weights=before.weights)
    put(bench, before.evolve(phases=(phase,), started_at=bench.clock.now()))
    shop = Shop(bench, tmp_path)
    for _ in range(9):
        await shop.sells(40, ALIVE, minutes=2)
    await shop.sells(2_400, ["conversion"], minutes=80)
    assert records(bench, "guardrail") == [], "missing, but not for long enough to bother anybody"
    assert bench.tables.watches[KEY][0].missing_since is not None
    for minutes in (29, 2, 2, 40):
        after = await shop.sells(40, ["conversion"], minutes=minutes)
    shop.embedded.close()
    assert records(bench, "guardrail") == [command]
    assert said(bench, "guardrail") == 1
    assert after.status is status
    assert after.breach is not None
    assert (after.breach.metric, after.breach.missing) == (ERRORS.key, True)
    assert "for 31 minutes now: nothing has come of error-rate for 111 minutes" in after.breach.words
    assert "while 2,480 more users came" in after.breach.words


async def test_a_source_that_speaks_again_in_time_bothers_nobody(tmp_path: Path) -> None:
    bench = MemoryWorld()
    before = await running(bench)
    phase = Phase(number=1, started_at=bench.clock.now(), weights=before.weights)
    put(bench, before.evolve(phases=(phase,), started_at=bench.clock.now()))
    shop = Shop(bench, tmp_path)
    for _ in range(9):
        await shop.sells(40, ALIVE, minutes=2)
    await shop.sells(2_400, ["conversion"], minutes=80)
    assert bench.tables.watches[KEY][0].missing_since is not None
    await shop.sells(40, ALIVE, minutes=20)
    assert bench.tables.watches[KEY][0].missing_since is None
    await shop.sells(40, ALIVE, minutes=12)
    shop.embedded.close()
    assert records(bench, "guardrail") == []
