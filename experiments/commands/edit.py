"""EditExperiment: change a draft; an edit after the request for approval voids it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from experiments.commands.base import Command
from experiments.model import (
    EDITABLE,
    DecisionRule,
    Experiment,
    Kind,
    Line,
    Metric,
    Name,
    Prose,
    Source,
    SourceKind,
    Status,
    Tag,
    Title,
    Unit,
    Variant,
)
from experiments.permissions import Actor, Permission

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
    }
)


class EditExperiment(Command):
    """New values for some fields; what is left out stays as it is."""

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

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "edited", *EDITABLE)
        given = {
            name: value for name, value in dict(self).items() if name in type(self).model_fields and value is not None
        }
        design = before.design.model_validate(
            {**dict(before.design), **{name: given[name] for name in DESIGN_FIELDS & given.keys()}}
        )
        source = Source(
            kind=self.source_kind or before.source.kind,
            reference=before.source.reference if self.source_reference is None else self.source_reference,
        )
        changes: dict[str, Any] = {
            name: given[name] for name in ("title", "project", "tags", "reviewers") if name in given
        }
        if design != before.design:
            changes |= {
                "design": design,
                "authors": tuple(dict.fromkeys((*before.authors, actor.user))),
                "status": Status.DRAFT,
                "review": None,
                "approval": None,
            }
        return before.evolve(source=source, **changes)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        if before is not None and before.status is not after.status:
            voided = "the approval" if before.status is Status.APPROVED else "the request for review"
            return f"edited the design, which voids {voided}"
        return "edited the draft"
