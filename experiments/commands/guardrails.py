"""ChangeGuardrails, AgreeToLoosening: stricter at once, looser on a running experiment only when another agrees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import field_validator

from experiments.commands.base import Command
from experiments.commands.edit import redesigned
from experiments.design import Action, Design, Limit, Metric, MetricRole
from experiments.difference import differences
from experiments.errors import AlreadyDone, BadInput, Forbidden
from experiments.model import LIVE, Experiment
from experiments.permissions import Actor, Permission
from experiments.running import Loosening
from experiments.texts import Prose

STRICTNESS = {Action.WARN: 0, Action.PAUSE: 1, Action.STOP: 2, Action.ROLL_BACK: 3}


class ChangeGuardrails(Command):
    """All guardrails as they shall be from now on."""

    needs = Permission.GUARDRAILS

    guardrails: tuple[Metric, ...]
    comment: Prose = ""

    @field_validator("guardrails")
    @classmethod
    def _are_guardrails(cls, guardrails: tuple[Metric, ...]) -> tuple[Metric, ...]:
        return tuple(each.model_copy(update={"role": MetricRole.GUARDRAIL}) for each in guardrails)

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "given other guardrails")
        design = with_guardrails(before.design, self.guardrails)
        if design == before.design:
            raise AlreadyDone("These are the present guardrails; nothing was changed.")
        if before.status not in LIVE:
            return before.evolve(**redesigned(before, design, actor))
        if loosened(before.design.guardrails, self.guardrails):
            wish = Loosening(guardrails=self.guardrails, by=actor.user, at=now, comment=self.comment)
            return before.evolve(loosening=wish)
        return before.evolve(design=design, loosening=None)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        changes = _changes(before or after, self.guardrails)
        if after.loosening and after.loosening.guardrails == self.guardrails:
            return f"asks for looser guardrails ({changes}); somebody else has to agree"
        if after.status in LIVE:
            return f"tightened the guardrails ({changes})"
        return f"changed the guardrails ({changes})"


class AgreeToLoosening(Command):
    """Let the guardrails be looser, as another person asked; or refuse, and they stay as they are."""

    needs = Permission.AGREE

    agreed: bool = True

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "given other guardrails")
        wish = before.loosening
        if wish is None:
            raise AlreadyDone("Nobody asks for looser guardrails any more.", by=before.changed_by, at=before.updated_at)
        if self.agreed and actor.user == wish.by:
            raise Forbidden("You asked for this, so somebody else has to agree.")
        if not self.agreed:
            return before.evolve(loosening=None)
        return before.evolve(design=with_guardrails(before.design, wish.guardrails), loosening=None)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        if before is None or before.loosening is None:
            return "answered the question about the guardrails"
        changes = _changes(before, before.loosening.guardrails)
        return f"agreed to looser guardrails ({changes})" if self.agreed else f"kept the guardrails ({changes} refused)"


def with_guardrails(design: Design, guardrails: Sequence[Metric]) -> Design:
    """The design with these guardrails in place of those it has; a metric that is measured anyway keeps its place."""
    others = tuple(metric for metric in design.metrics if metric.role is not MetricRole.GUARDRAIL)
    if twice := {metric.key for metric in others} & {metric.key for metric in guardrails}:
        raise BadInput(f"{min(twice)} is measured in another role already; choose another metric.", field="guardrails")
    return design.model_validate({**dict(design), "metrics": (*others, *guardrails)})


def loosened(before: Sequence[Metric], after: Sequence[Metric]) -> bool:
    """Whether any guardrail is gone or would let more harm pass than before."""
    now = {metric.key: metric for metric in after}
    return any(metric.key not in now or _is_looser(metric, now[metric.key]) for metric in before)


def _is_looser(was: Metric, now: Metric) -> bool:
    if (was.kind, was.direction) != (now.kind, now.direction):
        return True
    if was.limit and now.limit and was.limit.scale is not now.limit.scale:
        return True
    return (
        _harm(now.limit) > _harm(was.limit)
        or STRICTNESS[now.action] < STRICTNESS[was.action]
        or STRICTNESS[now.missing] < STRICTNESS[was.missing]
        or now.minimum_units > was.minimum_units
    )


def _harm(limit: Limit | None) -> float:
    return limit.harm if limit else 0.0


def _changes(before: Experiment, guardrails: Sequence[Metric]) -> str:
    """What these guardrails change, old → new."""
    return "; ".join(each.words for each in differences(before.design, with_guardrails(before.design, guardrails)))
