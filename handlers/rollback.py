"""Roll back: the red button (which asks once) or `/experiment rollback` → RollBack → card, time to safe."""

from __future__ import annotations

from experiments.commands import RollBack
from experiments.execute import execute
from experiments.model import Experiment
from experiments.permissions import Actor, Permission, states
from experiments.ports import World
from handlers.forms import about, answers, target
from handlers.opening import Opening
from handlers.surfaces.kit import View
from handlers.surfaces.rollback_modal import rollback_modal
from handlers.turn import Ack, Turn


async def _modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return rollback_modal(experiment)


rollback = Opening("rollback", states(Permission.ROLL_BACK), _modal)


async def by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """The question was asked by the button itself, so this is the one step."""
    await execute(RollBack(key=target(turn.value).key), actor, world)
    await ack()


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await execute(RollBack.model_validate({"key": about(turn.view)["key"], **answers(turn.view)}), actor, world)
    await ack()
