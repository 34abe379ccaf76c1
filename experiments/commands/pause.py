"""PauseExperiment, ResumeExperiment: give everybody control for a while."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.alarm import found
from experiments.commands.base import Command
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Permission
from experiments.running import Breach
from experiments.texts import Prose


class PauseExperiment(Command):
    """Everybody gets control until it is resumed; the data stay."""

    needs = Permission.PAUSE

    comment: Prose = ""
    breach: Breach | None = None

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.status is Status.PAUSED:
            raise self.done_before(before, "is paused already")
        before = self.existing(before, "paused")
        return before.evolve(status=Status.PAUSED, breach=found(self.breach, before, actor))

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"paused it: {self.comment}" if self.comment else "paused it"


class ResumeExperiment(Command):
    """Go on with the weights and the exposure it had."""

    needs = Permission.RESUME

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.status is Status.RUNNING:
            raise self.done_before(before, "is running already")
        return self.existing(before, "resumed").evolve(status=Status.RUNNING)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return "resumed it"
