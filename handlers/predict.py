"""Predict: odds, effect and reason → Predict → kept for the person alone until the start."""

from __future__ import annotations

from experiments.commands import Predict
from experiments.execute import execute
from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers
from handlers.opening import Opening
from handlers.surfaces.kit import View
from handlers.surfaces.predict_modal import predict_modal, predicted_modal
from handlers.turn import Ack, Turn


async def _modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return predict_modal(experiment, turn.user)


predict = Opening("predict", _modal)


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    after = await execute(Predict.model_validate({"key": about(turn.view)["key"], **answers(turn.view)}), actor, world)
    await ack(response_action="update", view=predicted_modal(after, actor.user))
