"""What a guardrail found, in words for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from experiments.guarding.look import Guard, Look
from experiments.numerals import amount, listed

SMALLEST_P = 0.0001


def breach_words(guard: Guard, look: Look) -> str:
    """“error-rate is 4.1 % with treatment and 2.0 % with control: 2.1 points worse, more than the 0.5 points you allow
    (look 37, p 0.0004)”."""
    p = f"p {amount(guard.p)}" if guard.p and guard.p >= SMALLEST_P else f"p below {SMALLEST_P}"
    allowed = f"more than the {guard.limit} you allow" if guard.limit else "and no harm is allowed"
    return f"{_compared(guard)}: {_worse(guard)}, {allowed} (look {look.number:,}, {p})"


def missing_words(guard: Guard, since: datetime | None, now: datetime, others: Sequence[Guard] = ()) -> str:
    """“nobody knows whether treatment harms error-rate: the newest data are 35 minutes old”; how long it has been so,
    where that is known, and of what `others` the same is true."""
    reason = guard.reason or "its data are missing"
    length = f", for {round((now - since).total_seconds() / 60):,} minutes now" if since else ""
    more = listed([f"{each.metric.key} with {each.variant}" for each in others]) if others else ""
    same = f"; nor is it known of {more}" if more else ""
    return f"nobody knows whether {guard.variant} harms {guard.metric.key}{length}: {reason}{same}"


def healthy_words(guard: Guard) -> str:
    """“error-rate is 2.1 % with treatment and 2.0 % with control, within the 0.5 points you allow”."""
    return f"{_compared(guard)}, within the {guard.limit} you allow" if guard.limit else f"{_compared(guard)}, no worse"


def waiting_words(guard: Guard) -> str:
    """“error-rate is not clear yet: …”."""
    return f"{guard.metric.key} is not clear yet: {guard.reason}"


def _compared(guard: Guard) -> str:
    metric = guard.metric
    value, control = ("unknown" if each is None else metric.valued(each) for each in (guard.value, guard.control))
    return f"{metric.key} is {value} with {guard.variant} and {control} with {guard.control_variant}"


def _worse(guard: Guard) -> str:
    return f"{guard.metric.harmed(guard.harm or 0.0, guard.control)} worse"
