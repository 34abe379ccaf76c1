"""Variants, metrics and guardrails as the lines in which forms take them; `handlers/lines.py` reads them back."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from experiments.design import Action, Design, Limit, Metric, MetricRole, Scale


def variants_text(design: Design) -> str:
    """The variants, the control first, a line each."""
    ordered = sorted(design.variants, key=lambda variant: not variant.is_control)
    lines = [f"{variant.key} {variant.weight / 100:g}" for variant in ordered]
    if ordered and any(variant.key == "control" for variant in ordered[1:]):
        lines[0] += " (control)"
    return "\n".join(lines)


def primary_text(metric: Metric) -> str:
    """The primary metric with its unit."""
    return " ".join((metric.key, *_unit(metric)))


def other_metrics_text(design: Design) -> str:
    """The metrics that are neither the primary one nor a guardrail, a line each."""
    others = [each for each in design.metrics if each != design.primary and each.role is not MetricRole.GUARDRAIL]
    return "\n".join(" ".join((each.key, each.kind, each.direction, each.role, *_unit(each))) for each in others)


def guardrails_text(guardrails: Iterable[Metric]) -> str:
    """Guardrails with their limit, number of units and actions, a line each; what is the default is left out.

    >>> guardrails_text([Metric(key="latency", direction="down", limit=Limit(harm=0.02), action="stop", unit="ms")])
    'latency mean down limit 2 % stop in ms'
    """
    return "\n".join(
        " ".join((each.key, each.kind, each.direction, *_limit(each.limit), *_when(each), *_unit(each)))
        for each in guardrails
    )


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


def _unit(metric: Metric) -> tuple[str, ...]:
    if metric.unit == Metric(key=metric.key).unit:
        return ()
    return (metric.unit,) if metric.unit.lower().startswith("per ") else ("in", metric.unit)
