"""Stop: button or `/experiment stop` → reason modal → StopExperiment → card."""

from __future__ import annotations

from experiments.commands import StopExperiment
from experiments.execute import execute
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers
from handlers.opening import Opening, showing
from handlers.readings import read_again
from handlers.surfaces.stop_modal import stop_modal
from handlers.turn import Ack, Turn

stop = Opening("stop", showing(stop_modal))


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    command = StopExperiment.model_validate({"key": about(turn.view)["key"], **answers(turn.view)})
    after = await execute(command, actor, world)
    await ack()
    turn.later(read_again(after, world))
