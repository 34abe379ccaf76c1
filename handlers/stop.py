"""Stop: button or `/experiment stop` → reason modal → StopExperiment → card."""

from __future__ import annotations

from experiments.commands import StopExperiment
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers
from handlers.opening import Opening
from handlers.surfaces.kit import View
from handlers.surfaces.stop_modal import stop_modal
from handlers.turn import Ack, Turn


async def _modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return stop_modal(experiment)


stop = Opening("stop", (Status.RUNNING, Status.PAUSED), _modal)


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await execute(StopExperiment.model_validate({"key": about(turn.view)["key"], **answers(turn.view)}), actor, world)
    await ack()
