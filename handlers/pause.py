"""Pause and resume: button or command → confirmation → PauseExperiment, ResumeExperiment → card."""

from __future__ import annotations

from experiments.commands import PauseExperiment, ResumeExperiment
from experiments.execute import execute
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers
from handlers.opening import Opening, showing
from handlers.surfaces.pause_modal import pause_modal, resume_modal
from handlers.turn import Ack, Turn

pause = Opening("pause", showing(pause_modal))
resume = Opening("resume", showing(resume_modal))


async def submit_pause(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await execute(PauseExperiment.model_validate({"key": about(turn.view)["key"], **answers(turn.view)}), actor, world)
    await ack()


async def submit_resume(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await execute(ResumeExperiment(key=about(turn.view)["key"]), actor, world)
    await ack()
