"""Roll back: the red button (which asks once) or `/experiment rollback` → RollBack → card, time to safe."""

from __future__ import annotations

from experiments.commands import RollBack
from experiments.execute import execute
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import target
from handlers.opening import Confirmation, showing
from handlers.surfaces.rollback_modal import rollback_modal
from handlers.turn import Ack, Turn

rollback = Confirmation("rollback", showing(rollback_modal), RollBack)


async def by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """The question was asked by the button itself, so this is the one step."""
    await execute(RollBack(key=target(turn.value).key), actor, world)
    await ack()
