"""PauseRollout, ResumeRollout: hold a rollout at its present share, and let it go on."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.base import Command
from experiments.model import Experiment
from experiments.numerals import share
from experiments.permissions import Actor, Permission
from experiments.running import Rollout
from experiments.texts import Prose


class PauseRollout(Command):
    """Stay at the present share until somebody lets it go on."""

    needs = Permission.ADVANCE

    comment: Prose = ""

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "held")
        rollout = _of(before)
        if rollout.paused_at:
            raise self.done_before(before, "is held at this share already")
        return before.evolve(rollout=rollout.model_copy(update={"paused_at": now}))

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        why = f": {self.comment}" if self.comment else ""
        return f"holds the rollout at {share(_of(after).share)}{why}"


class ResumeRollout(Command):
    """Let it go on from stage to stage; the present stage begins anew, so that it is looked at for its whole length."""

    needs = Permission.ADVANCE

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "let go on")
        rollout = _of(before)
        if rollout.paused_at is None:
            raise self.done_before(before, "goes on already")
        return before.evolve(rollout=rollout.model_copy(update={"paused_at": None, "stage_at": now}))

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"lets the rollout go on from {share(_of(after).share)}"


def _of(experiment: Experiment) -> Rollout:
    if experiment.rollout is None:
        raise ValueError("what is rolled out carries its rollout")
    return experiment.rollout
