"""Start: confirmation with the checklist → StartExperiment → card."""

from __future__ import annotations

from experiments.commands import StartExperiment
from experiments.execute import execute
from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about
from handlers.opening import Opening
from handlers.sizes import items_of, sized
from handlers.surfaces.kit import View
from handlers.surfaces.start_modal import start_modal
from handlers.turn import Ack, Turn


async def _modal(experiment: Experiment, turn: Turn, world: World) -> View:
    async with world.reading(experiment.workspace) as uow:
        data = (await uow.policies.get()).project(experiment.project).source
    actor = await world.people.actor(turn.workspace, turn.user)
    items = await items_of(experiment, await sized(experiment.design), actor, world)
    return start_modal(experiment, items, routed=world.routing.connects(experiment.project), data=data)


start = Opening("start", _modal)


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen = about(turn.view)
    await execute(StartExperiment(key=seen["key"], revision=seen["revision"]), actor, world)
    await ack()
