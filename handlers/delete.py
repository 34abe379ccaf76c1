"""Delete: confirmation → DeleteDraft → card."""

from __future__ import annotations

from experiments.commands import DeleteDraft
from experiments.execute import execute
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about
from handlers.opening import Opening, showing
from handlers.surfaces.delete_modal import delete_modal
from handlers.turn import Ack, Turn

delete = Opening("delete", showing(delete_modal))


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen = about(turn.view)
    await execute(DeleteDraft(key=seen["key"], revision=seen["revision"]), actor, world)
    await ack(response_action="clear")
