"""The design of an experiment: what is compared, on which metrics, and by which rule, as an approval approves it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import Field, field_validator

from experiments.canary import CanaryPlan, stepped
from experiments.factors import FactorWord, checked
from experiments.numerals import amount, percent, points, share, stated
from experiments.promql import MOST_QUERY, checked_query
from experiments.targeting import Condition, Exclusion
from experiments.texts import Frozen, Key, Line, Name, Prose, Words

FULL_WEIGHT = 10_000
DEFAULT_PLANNED_UNITS = 5_000
# An approval is bound to the hash of a design; what came later must not change it for a design that does not use it.
ADDED_LATER: dict[str, Any] = {
    "method": "always_valid",
    "correction": "holm",
    "limit": None,
    "exposure": FULL_WEIGHT,
    "expectation": None,
    "action": "warn",
    "missing": "warn",
    "minimum_units": 0,
    "denominator": None,
    "cap": None,
    "lookback_days": 0,
    "quantile": 0.5,
    "query": "",
    "audience": [],
    "exclusion": None,
    "canary": None,
    "factors": {},
}


class Kind(Words):
    MODEL_COMPARISON = "model_comparison"
    PROMPT_AB = "prompt_ab"
    FEATURE = "feature"
    INFRASTRUCTURE = "infrastructure"
    COST_OPTIMIZATION = "cost_optimization"

    @property
    def words(self) -> str:
        return "prompt A/B" if self is Kind.PROMPT_AB else super().words


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


class Method(Words):
    """How comparisons are read while data arrive.

    `always_valid` holds at every look, `group_sequential` at looks that spend α up to `planned_units`, `fixed` once, at
    the planned end; `welch` reads the newest look as if it had been the only one.
    """

    ALWAYS_VALID = "always_valid"
    GROUP_SEQUENTIAL = "group_sequential"
    FIXED = "fixed"
    WELCH = "welch"

    @property
    def words(self) -> str:
        return super().words.replace(" ", "-")


class Correction(Words):
    """What makes up for several treatments of a primary metric."""

    HOLM = "holm"
    BONFERRONI = "bonferroni"
    BENJAMINI_HOCHBERG = "benjamini_hochberg"
    NONE = "none"


class Scale(Words):
    RELATIVE = "relative"
    ABSOLUTE = "absolute"


class Action(Words):
    """What a guardrail does when it is breached, or when its data are missing."""

    WARN = "warn"
    PAUSE = "pause"
    STOP = "stop"
    ROLL_BACK = "roll_back"


class Variant(Frozen):
    """One arm. `weight` is its share of the exposed units in hundredths of a percent, `factors` its level of each."""

    key: Key
    weight: int = Field(ge=0, le=FULL_WEIGHT)
    is_control: bool = False
    description: Line = ""
    config: dict[str, Any] = {}
    factors: dict[FactorWord, FactorWord] = {}


class Limit(Frozen):
    """The harm a guardrail tolerates: 0.02 `relative` is 2 % of control, `absolute` is in the metric's own unit."""

    harm: float = Field(ge=0, allow_inf_nan=False)
    scale: Scale = Scale.RELATIVE

    def of(self, kind: MetricKind, unit: str) -> str:
        """The limit of such a metric in words: "2 %" of control, "0.5 points" of a proportion, "3 ms"."""
        if self.scale is Scale.RELATIVE:
            return stated(self.harm)
        if kind is MetricKind.PROPORTION:
            return points(self.harm)
        return f"{self.harm:.15g}" + ("" if unit.startswith("per ") else f" {unit}")


class Metric(Frozen):
    """What is measured per unit, in which direction it is good, and what it is for.

    `limit` is the harm a guardrail tolerates; without one any clear harm breaches it. `action` is what its breach
    leads to and `missing` what missing data lead to; nothing is said of it before `minimum_units` in every variant.

    A ratio divides by the metric `denominator`. `cap` is the quantile of the units' values at which they are cut off,
    `lookback_days` how far back a unit's values from before its exposure make the comparison more precise (CUPED),
    `quantile` the one that a quantile metric compares. With a `query`, in PromQL with {variant} and {window}, it comes
    from Prometheus instead of from events.
    """

    key: Key
    role: MetricRole = MetricRole.SECONDARY
    kind: MetricKind = MetricKind.MEAN
    direction: Direction = Direction.UP
    unit: Name = "per unit"
    limit: Limit | None = None
    action: Action = Action.WARN
    missing: Action = Action.WARN
    minimum_units: int = Field(default=0, ge=0, le=10**12)
    denominator: Key | None = None
    cap: float | None = Field(default=None, gt=0.5, lt=1)
    lookback_days: int = Field(default=0, ge=0, le=90)
    quantile: float = Field(default=0.5, gt=0, lt=1)
    query: str = Field(default="", max_length=MOST_QUERY)

    @field_validator("query")
    @classmethod
    def _can_be_asked(cls, query: str) -> str:
        return checked_query(query) if query.strip() else ""

    def valued(self, value: float) -> str:
        """A value in words: "4.1 %" of a proportion, "212 ms"."""
        if self.kind is MetricKind.PROPORTION:
            return percent(value)
        return amount(value) + ("" if self.unit.startswith("per ") else f" {self.unit}")

    def harmed(self, harm: float, control: float | None) -> str:
        """So much harm in the terms of the limit: relative to control, in points, or in the metric's own unit."""
        if self.limit is not None and self.limit.scale is Scale.RELATIVE and control:
            return percent(harm / abs(control))
        return points(harm) if self.kind is MetricKind.PROPORTION else self.valued(harm)


class Expectation(Frozen):
    """What the plan assumes: the primary metric's rate or mean in control, its spread per unit, and the eligible units
    of one day."""

    baseline: float = Field(allow_inf_nan=False)
    sd: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    per_day: int | None = Field(default=None, ge=1, le=10**12)


class Design(Frozen):
    """What an approval approves: nothing in here changes without voiding it.

    `smallest_effect` is relative to control (0.02 = 2 %). `planned_units` is the number of units in both arms at which
    the always-valid interval is tightest, and at which a group-sequential design has spent its α. `exposure` is the
    share of the eligible units that take part, in hundredths of a percent. `audience` are the conditions that make a
    unit eligible, `exclusion` the part of a group of experiments that share no units, `canary` the plan by which a
    canary gets more traffic.
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
    method: Method = Method.ALWAYS_VALID
    correction: Correction = Correction.HOLM
    exposure: int = Field(default=FULL_WEIGHT, ge=1, le=FULL_WEIGHT)
    expectation: Expectation | None = None
    audience: tuple[Condition, ...] = Field(default=(), max_length=20)
    exclusion: Exclusion | None = None
    canary: CanaryPlan | None = None

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
            raise ValueError(f"the weights sum to {share(total)}; make them sum to 100 %")
        checked({variant.key: variant.factors for variant in variants})
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
    def first_weights(self) -> dict[str, int]:
        """What every variant gets at the start: its weight, or the first step of a canary."""
        weights = {variant.key: variant.weight for variant in self.variants}
        return stepped(weights, self.control.key, self.canary.steps[0]) if self.canary else weights

    @property
    def primary(self) -> Metric | None:
        return next((metric for metric in self.metrics if metric.role is MetricRole.PRIMARY), None)

    @property
    def guardrails(self) -> tuple[Metric, ...]:
        return tuple(metric for metric in self.metrics if metric.role is MetricRole.GUARDRAIL)

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
        stated = self.model_dump(mode="json")
        for part in (stated, *stated["metrics"], *stated["variants"]):
            for name, default in ADDED_LATER.items():
                if part.get(name) == default:
                    part.pop(name, None)
        canonical = json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()
