"""StopExperiment: end the experiment; traffic returns to control and the data stay."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.alarm import found
from experiments.commands.base import Command
from experiments.model import Experiment, Status, StopReason
from experiments.permissions import Actor, Permission
from experiments.running import Breach
from experiments.texts import Prose


class StopExperiment(Command):
    """End the experiment; traffic returns to control and the data stay."""

    needs = Permission.STOP

    reason: StopReason
    comment: Prose = ""
    breach: Breach | None = None

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.status is Status.STOPPED:
            raise self.done_before(before, "has been stopped already")
        before = self.existing(before, "stopped")
        return before.evolve(
            status=Status.STOPPED,
            stopped_at=now,
            stop_reason=self.reason,
            stop_note=self.comment,
            booking=None,
            loosening=None,
            breach=found(self.breach, before, actor),
        )

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        seen = f": “{self.comment}”" if self.comment else ""
        return f"stopped it ({self.reason.words}){seen}; traffic returned to {after.control.key}"
