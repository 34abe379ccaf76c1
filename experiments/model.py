"""The words of the product as frozen types: experiment, design, variant, metric, review, decision."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
VERSION_IN_KEY = re.compile(r"(^|-)v\d+($|-)")
FULL_WEIGHT = 10_000
DEFAULT_PLANNED_UNITS = 5_000


class Frozen(BaseModel):
    """A value that never changes once made and knows no field but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _clean(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", UNPRINTABLE.sub("", value)).strip()
    return text if any(unicodedata.category(character)[0] not in "CZ" for character in text) else ""


def _clean_line(value: object) -> object:
    cleaned = _clean(value)
    return " ".join(cleaned.split()) if isinstance(cleaned, str) else cleaned


def _within(least: int, most: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        if len(value) < least:
            raise ValueError("please fill this in" if least == 1 else f"please write at least {least} characters")
        if len(value) > most:
            raise ValueError(f"this has {len(value):,} characters; at most {most:,} fit")
        return value

    return check


def _key(value: str) -> str:
    if not KEY.fullmatch(value):
        raise ValueError("a key has lower-case letters, digits and single hyphens between them, like checkout-button")
    if VERSION_IN_KEY.search(value):
        raise ValueError("leave the version out of the key; versions are counted for you")
    return value


def _clean_tag(value: object) -> object:
    cleaned = _clean(value)
    return re.sub(r"\s+", "-", cleaned.lower()).lstrip("#") if isinstance(cleaned, str) else cleaned


Key = Annotated[str, BeforeValidator(_clean), AfterValidator(_within(2, 60)), AfterValidator(_key)]
Title = Annotated[str, BeforeValidator(_clean_line), AfterValidator(_within(1, 120))]
Name = Annotated[str, BeforeValidator(_clean_line), AfterValidator(_within(1, 60))]
Line = Annotated[str, BeforeValidator(_clean_line), AfterValidator(_within(0, 200))]
Prose = Annotated[str, BeforeValidator(_clean), AfterValidator(_within(0, 3000))]
RequiredProse = Annotated[str, BeforeValidator(_clean), AfterValidator(_within(1, 3000))]
Tag = Annotated[str, BeforeValidator(_clean_tag), AfterValidator(_within(1, 40))]


class Words(StrEnum):
    """An enumeration whose members read as words: `prompt_ab` → "prompt ab"."""

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


class Status(Words):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DECIDED = "decided"
    ROLLING_OUT = "rolling_out"
    ROLLED_OUT = "rolled_out"
    ROLLED_BACK = "rolled_back"
    ARCHIVED = "archived"


class Kind(Words):
    MODEL_COMPARISON = "model_comparison"
    PROMPT_AB = "prompt_ab"
    FEATURE = "feature"
    INFRASTRUCTURE = "infrastructure"
    COST_OPTIMIZATION = "cost_optimization"

    @property
    def words(self) -> str:
        return "prompt A/B" if self is Kind.PROMPT_AB else super().words


class SourceKind(Words):
    PAPER = "paper"
    REPOSITORY = "repository"
    MODEL = "model"
    HYPOTHESIS = "hypothesis"
    INCIDENT = "incident"
    RECOMMENDATION = "recommendation"


class Unit(Words):
    USER = "user"
    SESSION = "session"
    REQUEST = "request"


class MetricKind(Words):
    PROPORTION = "proportion"
    MEAN = "mean"
    RATIO = "ratio"
    QUANTILE = "quantile"


class Direction(Words):
    UP = "up"
    DOWN = "down"


class MetricRole(Words):
    PRIMARY = "primary"
    SECONDARY = "secondary"
    GUARDRAIL = "guardrail"
    COST = "cost"


class DecisionRule(Words):
    CLEAR_SIGNALS = "clear_signals"
    DO_NO_HARM = "do_no_harm"


class StopReason(Words):
    COMPLETED = "completed"
    HARM = "harm"
    INSUFFICIENT_DATA = "insufficient_data"
    OTHER = "other"


class Outcome(Words):
    SHIP = "ship"
    ITERATE = "iterate"
    ABANDON = "abandon"


class NoteKind(Words):
    OBSERVATION = "observation"
    LEARNING = "learning"
    DECISION = "decision"
    INCIDENT = "incident"


class Source(Frozen):
    """Where the idea came from: a kind and a reference such as a link or a title."""

    kind: SourceKind = SourceKind.HYPOTHESIS
    reference: Line = ""


class Variant(Frozen):
    """One arm. `weight` is its share of the exposed units in hundredths of a percent."""

    key: Key
    weight: int = Field(ge=0, le=FULL_WEIGHT)
    is_control: bool = False
    description: Line = ""
    config: dict[str, Any] = {}


class Metric(Frozen):
    """What is measured per unit, in which direction it is good, and what it is for."""

    key: Key
    role: MetricRole = MetricRole.SECONDARY
    kind: MetricKind = MetricKind.MEAN
    direction: Direction = Direction.UP
    unit: Name = "per unit"


class Design(Frozen):
    """What an approval approves: nothing in here changes without voiding it.

    `smallest_effect` is relative to control (0.02 = 2 %), `planned_units` is the number of units in both arms at
    which the always-valid interval is tightest.
    """

    hypothesis: Prose = ""
    kind: Kind = Kind.FEATURE
    unit: Unit = Unit.USER
    variants: tuple[Variant, ...] = ()
    metrics: tuple[Metric, ...] = ()
    smallest_effect: float = Field(default=0.02, gt=0, le=10)
    planned_days: int = Field(default=14, ge=1, le=400)
    planned_units: int = Field(default=DEFAULT_PLANNED_UNITS, ge=100, le=10**12)
    alpha: float = Field(default=0.05, ge=0.0001, le=0.2)
    rule: DecisionRule = DecisionRule.CLEAR_SIGNALS

    @field_validator("variants")
    @classmethod
    def _variants_fit(cls, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        if not variants:
            return variants
        keys = [variant.key for variant in variants]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"two variants are called {twice[0]}; each needs a name of its own")
        if len(variants) < 2:
            raise ValueError("a comparison needs at least two variants, one of them the control")
        if sum(variant.is_control for variant in variants) != 1:
            raise ValueError("exactly one variant is the control; put it first")
        total = sum(variant.weight for variant in variants)
        if total != FULL_WEIGHT:
            raise ValueError(f"the weights sum to {total / 100:g} %; make them sum to 100 %")
        return variants

    @field_validator("metrics")
    @classmethod
    def _metrics_fit(cls, metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
        keys = [metric.key for metric in metrics]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"the metric {twice[0]} is named twice")
        return metrics

    @property
    def control(self) -> Variant:
        return next(variant for variant in self.variants if variant.is_control)

    @property
    def treatments(self) -> tuple[Variant, ...]:
        return tuple(variant for variant in self.variants if not variant.is_control)

    @property
    def primary(self) -> Metric | None:
        return next((metric for metric in self.metrics if metric.role is MetricRole.PRIMARY), None)

    def missing(self) -> dict[str, str]:
        """What must be filled in before anybody can review it: field → words."""
        gaps = {}
        if not self.hypothesis:
            gaps["hypothesis"] = "the hypothesis is empty (if … then … because …)"
        if not self.variants:
            gaps["variants"] = "no variants yet"
        if self.primary is None:
            gaps["primary_metric"] = "no primary metric yet"
        return gaps

    @property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON of the design; two designs share it exactly when they are equal."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


class Review(Frozen):
    """A request for approval of one exact design. `due_at` is when the answer is expected."""

    number: int
    design_hash: str
    requested_by: str
    requested_at: datetime
    due_at: datetime
    reviewers: tuple[str, ...] = ()
    question: Prose = ""


class Approval(Frozen):
    design_hash: str
    by: str
    at: datetime
    comment: Prose = ""


class Decision(Frozen):
    """What was concluded and why, with the number of the readout it rests on and what that readout said."""

    outcome: Outcome
    reasoning: RequiredProse
    next_steps: Prose = ""
    summary: Prose = ""
    by: str
    at: datetime
    readout_number: int


class Aggregate(NamedTuple):
    """Sufficient statistics of one metric in one variant from the start up to `day` (days since start)."""

    metric: str
    variant: str
    day: float
    n: int
    mean: float
    variance: float


class Note(Frozen):
    """A remark kept with an experiment."""

    kind: NoteKind
    text: RequiredProse
    by: str
    at: datetime


class Experiment(Frozen):
    """One question with its hypothesis, variants, metrics and decision, as it stood at one version.

    `version` counts every change; `revision` leaves out notes and data, so that a form stays valid while data arrive.
    `authors` are all who wrote the present design; none of them may approve it. `data_version` counts accepted
    batches of aggregates: readout number n is the reading of the first n batches. `data_digests` are the SHA-256
    of those batches, so that the same one is not taken twice.
    """

    workspace: str
    key: Key
    version: int = 0
    revision: int = 0
    title: Title
    status: Status = Status.DRAFT
    project: Name = "general"
    source: Source = Source()
    tags: tuple[Tag, ...] = ()
    channel: str = ""
    design: Design = Design()
    reviewers: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    owner: str
    created_at: datetime
    updated_at: datetime
    review_count: int = 0
    review: Review | None = None
    approval: Approval | None = None
    started_at: datetime | None = None
    started_by: str | None = None
    stopped_at: datetime | None = None
    stop_reason: StopReason | None = None
    stop_note: Prose = ""
    decision: Decision | None = None
    archived_from: Status | None = None
    data_version: int = 0
    data_day: float | None = None
    data_at: datetime | None = None
    data_digests: tuple[str, ...] = ()
    note_count: int = 0

    @model_validator(mode="after")
    def _states_agree(self) -> Self:
        approved = self.approval is not None and self.approval.design_hash == self.design.hash
        if self.status is Status.APPROVED and not approved:
            raise ValueError("an approved experiment carries the approval of its own design")
        if self.status is Status.IN_REVIEW and self.review is None:
            raise ValueError("an experiment in review carries its review")
        if self.status is Status.DECIDED and self.decision is None:
            raise ValueError("a decided experiment carries its decision")
        return self

    def evolve(self, **changes: Any) -> Experiment:
        """The same experiment with these fields changed, validated anew."""
        return Experiment.model_validate({**dict(self), **changes})

    @property
    def control(self) -> Variant:
        return self.design.control

    @property
    def owes_decision(self) -> bool:
        """Whether it was run here and nobody has written down yet what was concluded."""
        return self.status is Status.STOPPED and self.stopped_at is not None

    @property
    def is_live(self) -> bool:
        return self.status in LIVE


LIVE = frozenset({Status.RUNNING, Status.PAUSED})
ENDED = frozenset({Status.STOPPED, Status.DECIDED, Status.ROLLED_OUT, Status.ROLLED_BACK})
EDITABLE = frozenset({Status.DRAFT, Status.IN_REVIEW, Status.APPROVED})
