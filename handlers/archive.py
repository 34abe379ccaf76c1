"""Archive: confirmation → ArchiveExperiment → card."""

from __future__ import annotations

from experiments.commands import ArchiveExperiment
from experiments.execute import execute
from experiments.model import ENDED, Experiment
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about
from handlers.opening import Opening
from handlers.surfaces.archive_modal import archive_modal
from handlers.surfaces.kit import View
from handlers.turn import Ack, Turn


async def _modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return archive_modal(experiment)


archive = Opening("archive", tuple(sorted(ENDED)), _modal)


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await execute(ArchiveExperiment(key=about(turn.view)["key"]), actor, world)
    await ack()
