"""What handlers read before they show something: experiments and readouts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from experiments.aggregate import Aggregate
from experiments.errors import NotFound
from experiments.model import Experiment
from experiments.nearest import nearest
from experiments.permissions import Actor, Permission, allows
from experiments.pictures.basis import rounded
from experiments.ports import World
from experiments.readout import Readout
from experiments.repositories import Filter
from handlers.aside import ahead

STEP = timedelta(minutes=2)


async def experiment_of(key: str, actor: Actor, world: World) -> Experiment:
    """The experiment as it is now; `NotFound` also when the actor may not read it, with the keys it may have meant."""
    async with world.reading(actor.workspace) as uow:
        experiment = await uow.experiments.get(key)
        if experiment and not allows(Permission.READ, actor, experiment):
            return experiment
        readable = await uow.experiments.keys(Filter(projects=actor.readable))
    raise NotFound(key, await ahead(nearest, key, readable))


async def experiments_of(workspace: str, world: World, **which: Any) -> tuple[Experiment, ...]:
    """The experiments that pass the filter, newest change first; `projects=actor.readable` leaves out what they may
    not read."""
    async with world.reading(workspace) as uow:
        return await uow.experiments.list(Filter(**which))


async def readout_of(experiment: Experiment, world: World, number: int | None = None) -> Readout:
    """The readout of all data, computed off the event loop; or an earlier one by its number, as it was made then where
    it was kept (without its trails), else computed from the first batches."""
    if number is not None and number < experiment.data_version:
        async with world.reading(experiment.workspace) as uow:
            kept = await uow.readouts.get(experiment.key, number)
        if kept:
            return kept
        experiment = experiment.evolve(data_version=number)
    _, readout = await data_of(experiment, world)
    return readout


async def data_of(experiment: Experiment, world: World) -> tuple[tuple[Aggregate, ...], Readout]:
    """All its data, and their readout."""
    async with world.reading(experiment.workspace) as uow:
        rows = await uow.aggregates.of(experiment.key, experiment.data_version)
    return rows, await ahead(_read, experiment, rows, _moment(experiment, world.now()))


def _moment(experiment: Experiment, now: datetime) -> datetime:
    """As of when it is read: while it runs, now in steps of two minutes, afterwards when the last data came. So the
    same data give the same readout, and its pictures are not drawn again."""
    arrived = experiment.data_at
    if arrived is None or experiment.is_live:
        return max(rounded(now, STEP), arrived or experiment.created_at)
    return max(arrived, experiment.stopped_at or arrived)


def _read(experiment: Experiment, rows: Sequence[Aggregate], now: datetime) -> Readout:
    from experiments.analysis.health import Provenance  # numpy and scipy load when the first readout is asked for
    from experiments.analysis.readouts import read

    origin = experiment.measured
    provenance = Provenance(crossed=origin.crossed, seen=origin.seen) if origin else Provenance()
    return read(experiment, rows, now, provenance)
