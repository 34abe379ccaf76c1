"""Archive: confirmation → ArchiveExperiment → card."""

from __future__ import annotations

from experiments.commands import ArchiveExperiment
from experiments.execute import execute
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about
from handlers.opening import Opening, showing
from handlers.surfaces.archive_modal import archive_modal
from handlers.turn import Ack, Turn

archive = Opening("archive", showing(archive_modal))


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await execute(ArchiveExperiment(key=about(turn.view)["key"]), actor, world)
    await ack()
