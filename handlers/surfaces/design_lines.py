"""Variants, metrics and guardrails as the lines in which forms take them; `handlers/lines.py` reads them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from experiments.canary import CanaryPlan
from experiments.design import Action, Design, Limit, Metric, MetricKind, MetricRole, Scale, Variant
from experiments.factors import cell_words
from experiments.targeting import Exclusion

MEASURED = (
    "Before the unit can come per METRIC (what a ratio divides by), cap 99 %, cuped 14 days, quantile 95 %; "
    "after it prometheus and a query with {variant} and {window}."
)
"""What every line of a metric may say besides, for the hint below its field."""


def variants_text(design: Design) -> str:
    """The variants, the control first, a line each."""
    ordered = sorted(design.variants, key=lambda variant: not variant.is_control)
    lines = [" ".join((variant.key, f"{variant.weight / 100:g}", *_levels(variant))) for variant in ordered]
    if ordered and any(variant.key == "control" for variant in ordered[1:]):
        lines[0] += " (control)"
    return "\n".join(lines)


def _levels(variant: Variant) -> tuple[str, ...]:
    return (cell_words(variant.factors),) if variant.factors else ()


def primary_text(metric: Metric) -> str:
    """The primary metric with its unit and how it is measured."""
    return " ".join((metric.key, *_measured(metric)))


def other_metrics_text(design: Design) -> str:
    """The metrics that are neither the primary one nor a guardrail, a line each."""
    others = [each for each in design.metrics if each != design.primary and each.role is not MetricRole.GUARDRAIL]
    return "\n".join(" ".join((each.key, each.kind, each.direction, each.role, *_measured(each))) for each in others)


def guardrails_text(guardrails: Iterable[Metric]) -> str:
    """Guardrails with their limit, number of units and actions, a line each; what is the default is left out.

    >>> guardrails_text([Metric(key="latency", direction="down", limit=Limit(harm=0.02), action="stop", unit="ms")])
    'latency mean down limit 2 % stop in ms'
    """
    return "\n".join(
        " ".join((each.key, each.kind, each.direction, *_limit(each.limit), *_when(each), *_measured(each)))
        for each in guardrails
    )


def overrides_text(overrides: Mapping[str, str]) -> str:
    """Units with the variant each of them sees, a line each."""
    return "\n".join(f"{unit} = {variant}" for unit, variant in overrides.items())


def audience_text(design: Design) -> str:
    """The conditions of who is eligible, a line each."""
    return "\n".join(condition.words for condition in design.audience)


def exclusion_text(exclusion: Exclusion | None) -> str:
    """The place in an exclusion group: checkout 0-50."""
    if exclusion is None:
        return ""
    return f"{exclusion.group} {exclusion.first / 100:g}-{exclusion.end / 100:g}"


def steps_text(plan: CanaryPlan | None) -> str:
    """The steps of a canary in percent: 5, 25, 50."""
    return ", ".join(f"{step / 100:g}" for step in plan.steps) if plan else ""


def _limit(limit: Limit | None) -> tuple[str, ...]:
    """Exactly as it is kept, without an exponent."""
    if limit is None:
        return ()
    harm = Decimal(repr(limit.harm))
    return ("limit", _plain(harm * 100), "%") if limit.scale is Scale.RELATIVE else ("limit", _plain(harm))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _when(metric: Metric) -> tuple[str, ...]:
    words: tuple[str, ...] = ("from", str(metric.minimum_units), "units") if metric.minimum_units else ()
    if metric.action is not Action.WARN:
        words = (*words, _action(metric.action))
    return words if metric.missing is Action.WARN else (*words, "missing", _action(metric.missing))


def _action(action: Action) -> str:
    return action.value.replace("_", "")


def _measured(metric: Metric) -> tuple[str, ...]:
    """How it is measured, the unit last but for a query, which takes the rest of its line."""
    words: list[str] = []
    if metric.denominator and metric.kind is MetricKind.RATIO:
        words += ["per", metric.denominator]
    if metric.cap is not None:
        words += ["cap", _percent(metric.cap)]
    if metric.lookback_days:
        words += ["cuped", f"{metric.lookback_days} days"]
    if metric.quantile != Metric(key=metric.key).quantile and metric.kind is MetricKind.QUANTILE:
        words += ["quantile", _percent(metric.quantile)]
    query = ("prometheus", " ".join(metric.query.splitlines())) if metric.query else ()
    return (*words, *_unit(metric), *query)


def _percent(share: float) -> str:
    return f"{_plain(Decimal(repr(share)) * 100)} %"


def _unit(metric: Metric) -> tuple[str, ...]:
    """Of a ratio always after `in`, since `per` names there what it is divided by."""
    if metric.unit == Metric(key=metric.key).unit:
        return ()
    is_plain = metric.unit.lower().startswith("per ") and metric.kind is not MetricKind.RATIO
    return (metric.unit,) if is_plain else ("in", metric.unit)
