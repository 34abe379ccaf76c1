"""From the application's events to the owner: one metric's source goes quiet, and that is said once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.connectors.measuring.embedded import Embedded
from experiments.design import Action
from experiments.measuring import Heard
from experiments.model import Experiment, Status
from experiments.running import Phase
from handlers.monitor import watch
from tests.bot.connectors.measuring.reference import Exposure, Observation
from tests.bot.connectors.measuring.stores import Store
from tests.experiments.stages import KEY
from tests.handlers.test_monitor import ERRORS, HARMLESS, canary, measured, put, records, running, said, sampled
from tests.worlds import MemoryWorld

ALIVE, BOTH = ("error-rate", "conversion"), ("control", "treatment")


async def begun(bench: MemoryWorld, **metric: Action) -> None:
    """An experiment that starts now."""
    before, now = await running(bench, metric=metric), bench.clock.now()
    put(bench, before.evolve(phases=(Phase(number=1, started_at=now, weights=before.weights),), started_at=now))


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


async def test_the_owner_hears_once_of_one_metric_whose_source_is_quiet(tmp_path: Path) -> None:
    bench = MemoryWorld()
    await begun(bench)
    shop = Shop(bench, tmp_path)
    for _ in range(9):
        await shop.sells(40, ALIVE, minutes=2)
    await shop.sells(2_400, ["conversion"], minutes=80)
    assert records(bench, "guardrail") == [], "missing, but not for long enough to bother anybody"
    assert bench.tables.watches[KEY][0].missing_since is not None
    for minutes in (29, 2, 40):
        after = await shop.sells(40, ["conversion"], minutes=minutes)
    shop.embedded.close()
    assert records(bench, "guardrail") == ["RaiseAlarm"]
    assert said(bench, "guardrail") == 1
    assert after.breach is not None
    assert (after.breach.metric, after.breach.missing) == (ERRORS.key, True)
    assert "for 31 minutes now: nothing has come of error-rate for 111 minutes" in after.breach.words
    assert "while 2,480 more users came" in after.breach.words


async def look(bench: MemoryWorld, alive: Sequence[str], **later: float) -> Experiment:
    """More users come, of whom some have a value of these metrics; of the others nothing has come since the start."""
    bench.clock.advance(**later)
    now, start = bench.clock.now(), bench.tables.experiments[KEY].phases[0].started_at
    users = round((now - start) / timedelta(minutes=1)) * 50
    came = {key: Heard(now - timedelta(seconds=9), users // 5) for key in alive}
    bench.measurements.rows[KEY] = measured(bench, HARMLESS, n=users)._replace(heard=came)
    await watch(bench.world)
    return bench.tables.experiments[KEY]


async def test_what_the_guardrail_says_of_missing_data_is_done() -> None:
    bench = MemoryWorld()
    await begun(bench, missing=Action.PAUSE)
    for _ in range(30):
        await look(bench, ALIVE, minutes=2)
    for _ in range(28):
        after = await look(bench, ["conversion"], minutes=2)
    assert after.status is Status.RUNNING, "it took half an hour to be sure, and half an hour more is its grace"
    for _ in range(10):
        after = await look(bench, ["conversion"], minutes=2)
    assert after.status is Status.PAUSED
    assert records(bench, "guardrail") == ["PauseExperiment"]


async def test_a_source_that_speaks_again_in_time_bothers_nobody() -> None:
    bench = MemoryWorld()
    await begun(bench)
    for _ in range(30):
        await look(bench, ALIVE, minutes=2)
    for _ in range(28):
        await look(bench, ["conversion"], minutes=2)
    assert bench.tables.watches[KEY][0].missing_since is not None
    for _ in range(20):
        await look(bench, ALIVE, minutes=2)
    assert bench.tables.watches[KEY][0].missing_since is None
    assert records(bench, "guardrail") == []


async def test_a_canary_does_not_go_on_while_one_metric_is_silent() -> None:
    bench = MemoryWorld()
    before = await canary(bench)
    plan = before.design.canary
    assert plan is not None
    longer = before.design.model_copy(update={"canary": plan.model_copy(update={"minutes": 60})})
    put(bench, before.evolve(design=longer))
    for _ in range(40):
        await look(bench, ALIVE, minutes=0.5)
    for _ in range(100):
        await look(bench, ["conversion"], minutes=0.5)
    sampled(bench, HARMLESS, 60)
    after = await look(bench, ["conversion"], minutes=0.5)
    live = bench.tables.watches[KEY][0].live
    assert live is not None
    assert live.words.startswith("Waiting for data: nobody knows whether treatment harms error-rate: nothing has come")
    assert after.weights == {"control": 9_500, "treatment": 500}
    after = await look(bench, ALIVE, minutes=0.5)
    assert after.weights == {"control": 7_500, "treatment": 2_500}
