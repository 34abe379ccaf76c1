"""Start: confirmation with the checklist → StartExperiment → card."""

from __future__ import annotations

from experiments.commands import StartExperiment
from experiments.model import Experiment
from experiments.ports import World
from handlers.opening import Confirmation
from handlers.sizes import items_of, sized
from handlers.surfaces.kit import View
from handlers.surfaces.start_modal import start_modal
from handlers.turn import Turn


async def _modal(experiment: Experiment, turn: Turn, world: World) -> View:
    async with world.reading(experiment.workspace) as uow:
        data = (await uow.policies.get()).project(experiment.project).source
    actor = await world.people.actor(turn.workspace, turn.user)
    items = await items_of(experiment, await sized(experiment.design), actor, world)
    return start_modal(experiment, items, routed=world.routing.connects(experiment.project), data=data)


start = Confirmation("start", _modal, StartExperiment, seen=("revision",))
