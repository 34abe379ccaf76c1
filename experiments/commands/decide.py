"""LogDecision: what was concluded, why, and on which readout."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.base import Command
from experiments.errors import BadInput
from experiments.model import Decision, Experiment, Outcome, Status
from experiments.permissions import Actor, Permission
from experiments.texts import Line, Prose, RequiredProse


class LogDecision(Command):
    """Ship, iterate or abandon, with the reasoning; `readout_number` is the readout the person looked at."""

    needs = Permission.DECIDE

    outcome: Outcome
    reasoning: RequiredProse
    next_steps: Prose = ""
    summary: Prose = ""
    readout_number: int | None = None
    source: Line = ""

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.decision is not None:
            raise self.done_before(before, f"has its decision already: {before.decision.outcome.words}")
        before = self.existing(before, "decided")
        if before.status is Status.ROLLED_BACK and self.outcome is Outcome.SHIP:
            raise BadInput(
                "It was rolled back, so it cannot be shipped; clone it for another attempt.", field="outcome"
            )
        number = before.data_version if self.readout_number is None else self.readout_number
        if not 0 <= number <= before.data_version:
            raise BadInput(f"There is no readout {number}; the newest is {before.data_version}.")
        decision = Decision(
            outcome=self.outcome,
            reasoning=self.reasoning,
            next_steps=self.next_steps,
            summary=self.summary,
            by=actor.user,
            at=now,
            readout_number=number,
            advice=before.reading.status if before.reading else None,
            source=self.source,
        )
        status = Status.ROLLED_BACK if before.status is Status.ROLLED_BACK else Status.DECIDED
        return before.evolve(status=status, decision=decision)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"decided to {self.outcome.words}: {self.reasoning}"
