"""What a guardrail found, in words for people."""

from __future__ import annotations

from datetime import datetime

from experiments.design import Metric, MetricKind, Scale
from experiments.guarding.look import Guard, Look
from experiments.numerals import amount, percent, points

SMALLEST_P = 0.0001


def breach_words(guard: Guard, look: Look) -> str:
    """“error-rate is 4.1 % with treatment and 2.0 % with control: 2.1 points worse, more than the 0.5 points you allow
    (look 37, p 0.0004)”."""
    p = f"p {amount(guard.p)}" if guard.p and guard.p >= SMALLEST_P else f"p below {SMALLEST_P}"
    allowed = f"more than the {guard.limit} you allow" if guard.limit else "and no harm is allowed"
    return f"{_compared(guard)}: {_worse(guard)}, {allowed} (look {look.number:,}, {p})"


def missing_words(guard: Guard, since: datetime | None, now: datetime) -> str:
    """“nobody knows whether treatment harms error-rate: the newest data are 35 minutes old”; how long it has been so,
    where that is known."""
    reason = guard.reason or "its data are missing"
    length = f", for {round((now - since).total_seconds() / 60):,} minutes now" if since else ""
    return f"nobody knows whether {guard.variant} harms {guard.metric.key}{length}: {reason}"


def healthy_words(guard: Guard) -> str:
    """“error-rate is 2.1 % with treatment and 2.0 % with control, within the 0.5 points you allow”."""
    return f"{_compared(guard)}, within the {guard.limit} you allow" if guard.limit else f"{_compared(guard)}, no worse"


def waiting_words(guard: Guard) -> str:
    """“error-rate is not clear yet: …”."""
    return f"{guard.metric.key} is not clear yet: {guard.reason}"


def _compared(guard: Guard) -> str:
    value, control = (_value(each, guard.metric) for each in (guard.value, guard.control))
    return f"{guard.metric.key} is {value} with {guard.variant} and {control} with {guard.control_variant}"


def _worse(guard: Guard) -> str:
    limit, harm = guard.metric.limit, guard.harm or 0.0
    if limit is not None and limit.scale is Scale.RELATIVE and guard.relative is not None:
        return f"{percent(guard.relative)} worse"
    if guard.metric.kind is MetricKind.PROPORTION:
        return f"{points(harm)} worse"
    return f"{_value(harm, guard.metric)} worse"


def _value(value: float | None, metric: Metric) -> str:
    if value is None:
        return "unknown"
    if metric.kind is MetricKind.PROPORTION:
        return percent(value)
    return amount(value) + ("" if metric.unit.startswith("per ") else f" {metric.unit}")
