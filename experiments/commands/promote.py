"""PromoteVariant, ConfirmPromotion, AdvanceRollout: give what won to everybody, stage by stage."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, ValidationError

from experiments.commands.base import Command
from experiments.design import FULL_WEIGHT
from experiments.errors import AlreadyDone, BadInput, Forbidden
from experiments.faults import first_fault, sentence
from experiments.model import Experiment, Outcome, Status
from experiments.numerals import share
from experiments.permissions import Actor, Permission
from experiments.running import Rollout
from experiments.texts import Key


class PromoteVariant(Command):
    """Begin the rollout of a variant after the decision to ship. `stages` are shares in hundredths of a percent.

    Where the rule, fixed beforehand, did not say to ship, it waits for a second person.
    """

    needs = Permission.PROMOTE

    variant: Key
    stages: tuple[int, ...] = Field(default=(FULL_WEIGHT,), min_length=1, max_length=10)
    holdback: int = Field(default=0, ge=0, lt=FULL_WEIGHT)
    watched: tuple[Key, ...] = ()
    automatic_rollback: bool = True
    stage_hours: float = Field(default=1.0, ge=0, le=24 * 30)

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.status in {Status.ROLLING_OUT, Status.ROLLED_OUT}:
            raise self.done_before(before, "is being rolled out already")
        before = self.existing(before, "promoted")
        if before.decision is None or before.decision.outcome is not Outcome.SHIP:
            raise BadInput(f"“{before.title}” was not decided to ship, so there is nothing to promote.")
        if self.variant not in {each.key for each in before.design.treatments}:
            names = ", ".join(each.key for each in before.design.treatments)
            raise BadInput(f"There is no treatment {self.variant}; it has {names}.", field="variant")
        if unknown := set(self.watched) - {metric.key for metric in before.design.metrics}:
            raise BadInput(f"{min(unknown)} is not measured here.", field="watched")
        rollout = self._rollout(before, actor, now)
        if before.decision.is_against_advice:
            return before.evolve(promotion=rollout)
        return _begun(before, rollout)

    def _rollout(self, before: Experiment, actor: Actor, now: datetime) -> Rollout:
        plan = self.model_dump(
            include={"variant", "stages", "holdback", "watched", "automatic_rollback", "stage_hours"}
        )
        advice = before.decision.advice if before.decision else None
        try:
            return Rollout(**plan, by=actor.user, at=now, stage_at=now, advice=advice)
        except ValidationError as error:
            raise BadInput(sentence(first_fault(error)), field="stages") from error

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        if after.rollout is None:
            return f"wants to ship {self.variant}, which the rule did not advise; a second person has to confirm"
        return f"promoted {self.variant} ({after.rollout.plan})"


class ConfirmPromotion(Command):
    """A second person agrees to ship what the rule did not advise; or refuses, and nothing is shipped."""

    needs = Permission.CONFIRM

    agreed: bool = True

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.status in {Status.ROLLING_OUT, Status.ROLLED_OUT}:
            raise self.done_before(before, "is being rolled out already")
        before = self.existing(before, "confirmed")
        wish = before.promotion
        if wish is None:
            raise AlreadyDone("Nobody asks to promote it any more.", by=before.changed_by, at=before.updated_at)
        if not self.agreed:
            return before.evolve(promotion=None)
        decided_by = before.decision.by if before.decision else ""
        if actor.user in {wish.by, decided_by}:
            raise Forbidden("You decided or asked for this yourself, so somebody else has to confirm it.")
        return _begun(before, wish.model_copy(update={"confirmed_by": actor.user, "stage_at": now}))

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        if not self.agreed or after.rollout is None:
            return "refused to ship it against the rule's advice"
        return f"confirmed to ship {after.rollout.variant} against the rule's advice ({after.rollout.plan})"


class AdvanceRollout(Command):
    """Go from the stage that was looked at to the next one."""

    needs = Permission.ADVANCE

    stage: int = Field(ge=0)

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.status is Status.ROLLED_OUT:
            raise self.done_before(before, "is rolled out already")
        before = self.existing(before, "advanced")
        rollout = before.rollout
        if rollout is None or rollout.stage != self.stage:
            raise self.done_before(before, "is at another stage by now")
        return _begun(before, rollout.model_copy(update=_next(rollout, now)))

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        was, now = before.rollout if before else None, after.rollout
        if was is None or now is None:
            return "went on with the rollout"
        return f"went on with the rollout of {now.variant}: {share(was.share)} → {share(now.share)}"


def _next(rollout: Rollout, now: datetime) -> dict[str, object]:
    return {"stage": rollout.stage + 1, "stage_at": now, "paused_at": None}


def _begun(before: Experiment, rollout: Rollout) -> Experiment:
    status = Status.ROLLED_OUT if rollout.is_last else Status.ROLLING_OUT
    return before.evolve(status=status, rollout=rollout, promotion=None)
