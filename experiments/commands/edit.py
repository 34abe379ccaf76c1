"""EditExperiment: change a draft; an edit after the request for approval voids it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from experiments.canary import CanaryPlan
from experiments.commands.base import Command
from experiments.design import (
    FULL_WEIGHT,
    Correction,
    DecisionRule,
    Design,
    Expectation,
    Kind,
    Method,
    Metric,
    Unit,
    Variant,
)
from experiments.errors import BadInput, Forbidden
from experiments.model import Experiment, Review, Source, SourceKind, Status
from experiments.permissions import Actor, Permission
from experiments.targeting import Condition, Exclusion
from experiments.texts import Line, Name, Prose, Tag, Title

DESIGN_FIELDS = frozenset(
    {
        "hypothesis",
        "kind",
        "unit",
        "variants",
        "metrics",
        "smallest_effect",
        "planned_days",
        "planned_units",
        "alpha",
        "rule",
        "method",
        "correction",
        "exposure",
        "expectation",
        "audience",
        "exclusion",
        "canary",
    }
)


def redesigned(before: Experiment, design: Design, actor: Actor) -> dict[str, Any]:
    """What another design changes: its author takes part, and what was asked or approved is void."""
    return {
        "design": design,
        "authors": tuple(dict.fromkeys((*before.authors, actor.user))),
        "status": Status.DRAFT,
        "review": None,
        "approval": None,
    }


class EditExperiment(Command):
    """New values for some fields; what is left out stays as it is, what is `cleared` goes back to nothing."""

    needs = Permission.EDIT

    title: Title | None = None
    project: Name | None = None
    source_kind: SourceKind | None = None
    source_reference: Line | None = None
    tags: tuple[Tag, ...] | None = None
    reviewers: tuple[str, ...] | None = None
    hypothesis: Prose | None = None
    kind: Kind | None = None
    unit: Unit | None = None
    variants: tuple[Variant, ...] | None = None
    metrics: tuple[Metric, ...] | None = None
    smallest_effect: float | None = Field(default=None, gt=0, le=10)
    planned_days: int | None = Field(default=None, ge=1, le=400)
    planned_units: int | None = Field(default=None, ge=100, le=10**12)
    alpha: float | None = Field(default=None, ge=0.0001, le=0.2)
    rule: DecisionRule | None = None
    method: Method | None = None
    correction: Correction | None = None
    exposure: int | None = Field(default=None, ge=1, le=FULL_WEIGHT)
    expectation: Expectation | None = None
    audience: tuple[Condition, ...] | None = Field(default=None, max_length=20)
    exclusion: Exclusion | None = None
    canary: CanaryPlan | None = None
    cleared: tuple[Literal["expectation", "exclusion", "canary"], ...] = ()

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "edited")
        given = {
            name: value for name, value in dict(self).items() if name in type(self).model_fields and value is not None
        }
        design = before.design.model_validate(
            {
                **dict(before.design),
                **dict.fromkeys(self.cleared),
                **{name: given[name] for name in DESIGN_FIELDS & given.keys()},
            }
        )
        source = Source(
            kind=self.source_kind or before.source.kind,
            reference=before.source.reference if self.source_reference is None else self.source_reference,
        )
        changes: dict[str, Any] = {name: given[name] for name in ("title", "project") if name in given}
        if self.tags is not None:
            changes["tags"] = tuple(dict.fromkeys(self.tags))
        if self.reviewers is not None:
            changes["reviewers"] = tuple(dict.fromkeys(self.reviewers))
        if design != before.design:
            changes |= redesigned(before, design, actor)
        elif before.review and before.status is Status.IN_REVIEW and "reviewers" in changes:
            changes["review"] = self._asked(before, before.review, actor, changes["reviewers"])
        return before.evolve(source=source, **changes)

    def _asked(self, before: Experiment, review: Review, actor: Actor, reviewers: tuple[str, ...]) -> Review:
        """The review that is under way, asking these people; only an author says whom, so nobody lets themselves in."""
        if set(reviewers) == set(review.reviewers):
            return review
        if authors := set(reviewers) & set(before.authors):
            raise BadInput(
                f"{len(authors)} of these reviewers wrote the design; choose somebody else to look at it.",
                field="reviewers",
            )
        if actor.user not in before.authors:
            raise Forbidden(
                "Only those who wrote the design choose who reviews it. Ask one of them.", field="reviewers"
            )
        return review.model_copy(update={"reviewers": reviewers})

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        if before is not None and before.status is not after.status:
            voided = "the approval" if before.status is Status.APPROVED else "the request for review"
            return f"edited the design, which voids {voided}"
        if after.status is Status.DRAFT:
            return "edited the draft"
        return "edited the description; the design stays as it was"
