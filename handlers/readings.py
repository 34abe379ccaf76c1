"""Readings: data that nobody has read yet → readout → RecordReading, on which card, lists and alarms rest."""

from __future__ import annotations

from experiments.commands.record_reading import RecordReading
from experiments.execute import execute
from experiments.model import Experiment
from experiments.permissions import bunsen
from experiments.ports import World
from handlers.guarded import guarded
from handlers.reading import experiments_of, readout_of

MOST = 50


async def read_new(world: World) -> int:
    """Read what is unread, the newest first; how many were read. Of several replicas one records each reading."""
    unread = await experiments_of(world.workspace, world, unread=True, limit=MOST)
    return sum([await guarded(read_one(each, world), "reading", key=each.key) for each in unread])


async def read_one(experiment: Experiment, world: World) -> int:
    """Record what the data of one experiment say, unless that is known: 1 when there was something new."""
    if not experiment.data_version:
        return 0
    command = RecordReading.of(await readout_of(experiment, world))
    if command.is_known_to(experiment):
        return 0
    await execute(command, bunsen(experiment.workspace), world)
    return 1


async def read_again(experiment: Experiment, world: World) -> None:
    """Read the same data once more, because what they mean has changed: it has ended, or its traffic has."""
    await guarded(read_one(experiment, world), "reading", key=experiment.key)
