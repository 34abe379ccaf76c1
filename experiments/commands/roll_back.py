"""RollBack: everybody gets control again, at once."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.alarm import found
from experiments.commands.base import Command
from experiments.model import LIVE, Experiment, Status
from experiments.numerals import share
from experiments.permissions import Actor, Permission
from experiments.running import Breach, Withdrawal
from experiments.texts import Prose


class RollBack(Command):
    """Take the treatment away from everybody; it never needs a second person, and never an unchanged revision."""

    needs = Permission.ROLL_BACK

    comment: Prose = ""
    breach: Breach | None = None

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.status is Status.ROLLED_BACK:
            raise self.done_before(before, "has been rolled back already")
        before = self.model_copy(update={"revision": None}).existing(before, "rolled back")
        withdrawal = Withdrawal(
            by=actor.user, at=now, comment=self.comment, share=served(before), since=_since(before, now)
        )
        stopped = {"stopped_at": now} if before.status in LIVE else {}
        return before.evolve(
            status=Status.ROLLED_BACK,
            withdrawal=withdrawal,
            loosening=None,
            booking=None,
            breach=found(self.breach, before, actor),
            **stopped,
        )

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        seen = f": “{self.comment}”" if self.comment else ""
        taken = f"{share(after.withdrawal.share)} → 0 %" if after.withdrawal else "0 %"
        return f"rolled it back ({taken}){seen}; everybody gets {after.control.key}"


def served(experiment: Experiment) -> int:
    """The share of everybody that the treatments reach now, in hundredths of a percent."""
    if experiment.rollout and experiment.status not in LIVE:
        return experiment.rollout.share
    if experiment.phase is None:
        return 0
    treated = sum(weight for key, weight in experiment.weights.items() if key != experiment.control.key)
    return treated * experiment.phase.exposure // 10_000


def _since(experiment: Experiment, now: datetime) -> datetime:
    if experiment.rollout and experiment.status not in LIVE:
        return experiment.rollout.at
    return experiment.started_at or now
