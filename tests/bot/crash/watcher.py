"""A replica whose monitor finds harm when a line comes in, or kills itself with SIGKILL in one of its transactions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from experiments.aggregate import Aggregate
from experiments.measuring import Measured
from experiments.model import Experiment
from experiments.ports import World
from handlers.monitor import watch
from storage import Database
from tests.experiments.stages import KEY
from tests.mortal import mortal, when_told
from tests.worlds import WORKSPACE, MemoryWorld


def harm(experiment: Experiment, now: datetime) -> Measured:
    """Twice as slow in treatment, beyond any doubt."""
    day = (now - (experiment.started_at or now)) / timedelta(days=1)
    rows = [
        Aggregate(metric.key, variant, day, 5_000, mean, mean)
        for metric in experiment.design.metrics
        for variant, mean in (("control", 0.5), ("treatment", 1.0 if metric.key == "latency" else 0.5))
    ]
    return Measured(tuple(rows), now, now)


async def seeing_harm(bench: MemoryWorld, world: World) -> World:
    """The world with these data."""
    async with world.reading(WORKSPACE) as reading:
        bench.measurements.rows[KEY] = harm(await reading.experiments.find(KEY), bench.clock.now())
    return replace(world, measurements=bench.measurements)


async def main(url: str, number: int, step: str, now: datetime) -> None:
    """Die at this step of writing transaction `number`, or never."""
    database = await Database.open(url)
    bench = MemoryWorld(WORKSPACE, at=now)
    uow = mortal(database, step, number)
    world = await seeing_harm(bench, replace(bench.world, uow=uow, reading=database.reading))
    when_told()
    await watch(world)
    await database.close()
