"""A replica whose monitor finds harm when a line comes in, or kills itself with SIGKILL in one of its transactions."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from experiments.aggregate import Aggregate
from experiments.measuring import Measured
from experiments.model import Experiment
from experiments.ports import World
from experiments.repositories import UnitOfWork
from handlers.monitor import watch
from storage import Database
from tests.experiments.stages import KEY
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
    """Die before, within or after writing transaction `number`, or never; says "ready" when it is connected."""
    database = await Database.open(url)
    transactions = 0

    def at(reached: str) -> None:
        if reached == step and transactions == number:
            os.kill(os.getpid(), signal.SIGKILL)

    @asynccontextmanager
    async def mortal(workspace: str) -> AsyncIterator[UnitOfWork]:
        nonlocal transactions
        at("before")
        async with database.uow(workspace) as uow:
            yield uow
            at("within")
        at("after")
        transactions += 1

    bench = MemoryWorld(WORKSPACE, at=now)
    world = await seeing_harm(bench, replace(bench.world, uow=mortal, reading=database.reading))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    await watch(world)
    await database.close()
