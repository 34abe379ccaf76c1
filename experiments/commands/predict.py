"""Predict: what somebody expects, before anybody can know."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from experiments.commands.base import Command
from experiments.model import Experiment
from experiments.permissions import Actor, Permission
from experiments.running import Prediction
from experiments.texts import Prose


class Predict(Command):
    """P(success), and the lift of the primary metric; a person's newest one counts. Private until the start."""

    needs = Permission.PREDICT
    revises = False

    probability: float = Field(ge=0, le=1)
    effect: float | None = Field(default=None, ge=-1, le=10)
    reason: Prose = ""

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "predicted any more; predictions are locked at the start")
        mine = Prediction(by=actor.user, at=now, probability=self.probability, effect=self.effect, reason=self.reason)
        others = tuple(each for each in before.predictions if each.by != actor.user)
        return before.evolve(predictions=(*others, mine))

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return "wrote down a prediction, which is private until the start"
