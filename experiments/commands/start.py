"""StartExperiment: send traffic to the approved design."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.base import Command
from experiments.errors import Stale
from experiments.model import Experiment, Status
from experiments.numerals import share
from experiments.permissions import Actor, Permission
from experiments.running import Phase


class StartExperiment(Command):
    """Begin to collect data, a canary with its first step; only what was approved runs.

    `booked_at` is the time for which it was scheduled.
    """

    needs = Permission.START

    booked_at: datetime | None = None

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.status is Status.RUNNING:
            raise self.done_before(before, "is running already; the first press started it")
        before = self.existing(before, "started")
        if self.booked_at and (before.booking is None or before.booking.start_at != self.booked_at):
            raise Stale("It is not booked for this time any more.")
        weights = before.design.first_weights
        phase = Phase(number=1, started_at=now, weights=weights, exposure=before.design.exposure)
        return before.evolve(
            status=Status.RUNNING,
            started_at=now,
            started_by=actor.user,
            phases=(phase,),
            booking=before.booking if before.booking and before.booking.stop_at else None,
        )

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        shares = ", ".join(f"{key} {share(weight)}" for key, weight in after.design.first_weights.items())
        booked = " as scheduled" if self.booked_at else ""
        return f"started it{booked} ({shares}; planned for {after.design.planned_days} days)"
