"""StartExperiment: send traffic to the approved design."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.base import Command
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Permission


class StartExperiment(Command):
    """Begin to collect data; only what was approved runs."""

    needs = Permission.START

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.status is Status.RUNNING:
            raise self.done_before(before, "is running already; the first press started it")
        before = self.existing(before, "started", Status.APPROVED)
        return before.evolve(status=Status.RUNNING, started_at=now, started_by=actor.user)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        shares = ", ".join(f"{variant.key} {variant.weight / 100:g} %" for variant in after.design.variants)
        return f"started it ({shares}; planned for {after.design.planned_days} days)"
