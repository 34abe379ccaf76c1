"""Readouts as the engine makes them from rows of simulated days: what each method, family and limit looks like."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from experiments.aggregate import Aggregate, Companion
from experiments.analysis.readouts import read
from experiments.design import Direction, Limit, Method, Metric, MetricKind, MetricRole
from experiments.readout import Readout
from tests.experiments.readings import NOW, an_experiment

CONVERSION = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION, unit="per user")
REVENUE = Metric(key="revenue", unit="€ per user")
TICKETS = Metric(key="support-tickets", direction=Direction.DOWN, unit="per user")
GUARDRAILS = (
    Metric(key="latency-p95", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, unit="ms", limit=Limit(harm=0.02)),
    Metric(
        key="error-rate", role=MetricRole.GUARDRAIL, kind=MetricKind.PROPORTION, direction=Direction.DOWN,
        unit="per user", limit=Limit(harm=0.10),
    ),
    Metric(key="refunds", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, unit="€ per user",
           limit=Limit(harm=0.01)),
)  # fmt: skip


def shares(
    metric: str, rates: Mapping[str, float], *, days: int, per_day: int = 1_000, seed: int = 1, segment: str = ""
) -> list[Aggregate]:
    """A proportion, drawn day by day, cumulated."""
    dice = np.random.default_rng(seed)
    rows = []
    for variant, rate in rates.items():
        hits = dice.binomial(per_day, rate, days).cumsum().tolist()
        for day, hit in enumerate(hits, start=1):
            n, mean = per_day * day, hit / (per_day * day)
            rows.append(Aggregate(metric, variant, float(day), n, mean, mean * (1 - mean) * n / (n - 1), segment))
    return rows


def means(
    metric: str, averages: Mapping[str, float], *, days: int, deviation: float, per_day: int = 1_000, seed: int = 1,
    correlation: float | None = None,
) -> list[Aggregate]:  # fmt: skip
    """A mean, drawn day by day, cumulated; with the covariate from before that it correlates with."""
    dice = np.random.default_rng(seed)
    rows = []
    for variant, average in averages.items():
        daily = dice.normal(average, deviation / per_day**0.5, days).cumsum().tolist()
        for day, total in enumerate(daily, start=1):
            before = None
            if correlation is not None:
                before = Companion(mean=20.0, variance=deviation**2, covariance=correlation * deviation**2)
            rows.append(
                Aggregate(metric, variant, float(day), per_day * day, total / day, deviation**2, covariate=before)
            )
    return rows


def _read(
    *treatments: str, title: str, rows: Sequence[Aggregate], metrics: Sequence[Metric] = (CONVERSION,), **design: Any
) -> Readout:
    made = an_experiment(*treatments, metrics=metrics, **{"planned_units": 20_000, **design})
    return read(made.evolve(title=title), rows, NOW)


@functools.cache
def guarded() -> Readout:
    """Day 9 of 14: conversion better; one guardrail past its limit, one within it, one not settled."""
    days, arms = 9, ("control", "bigger-button")

    def both(control: float, lift: float) -> dict[str, float]:
        return dict(zip(arms, (control, control * (1 + lift)), strict=True))

    return _read(
        "bigger-button",
        title="Bigger checkout button",
        metrics=(CONVERSION, *GUARDRAILS),
        rows=[
            *shares("conversion", both(0.10, 0.14), days=days),
            *means("latency-p95", both(412, 0.06), days=days, deviation=90, seed=2),
            *shares("error-rate", both(0.20, -0.05), days=days, seed=3),
            *means("refunds", both(1.9, 0.004), days=days, deviation=4.0, seed=4),
        ],
    )


@functools.cache
def by_country() -> Readout:
    """Better in Germany and France, worse in the United States, too few units in the Netherlands."""
    lifts = {"DE": 0.25, "FR": 0.22, "US": -0.24, "NL": 0.10}
    rows = shares("conversion", {"control": 0.10, "shorter-form": 0.107}, days=8, per_day=1_500, seed=5)
    for place, (country, lift) in enumerate(lifts.items()):
        rows += shares(
            "conversion", {"control": 0.10, "shorter-form": 0.10 * (1 + lift)}, days=8,
            per_day=10 if country == "NL" else 500, seed=6 + place, segment=f"country={country}",
        )  # fmt: skip
    return _read("shorter-form", title="Shorter sign-up form", rows=rows)


@functools.cache
def families() -> Readout:
    """Two treatments adjusted by Holm, their secondary metrics by Benjamini–Hochberg."""
    arms = ("control", "bold", "quiet")
    return _read(
        "bold",
        "quiet",
        title="Two ways to say it",
        metrics=(CONVERSION, REVENUE, TICKETS),
        rows=[
            *shares("conversion", dict(zip(arms, (0.10, 0.12, 0.101), strict=True)), days=10, per_day=800, seed=10),
            *means("revenue", dict(zip(arms, (12.0, 12.4, 12.1), strict=True)), days=10, per_day=800, deviation=7,
                   seed=11),
            *means("support-tickets", dict(zip(arms, (0.41, 0.40, 0.46), strict=True)), days=10, per_day=800,
                   deviation=0.9, seed=12),
        ],
    )  # fmt: skip


@functools.cache
def cuped() -> Readout:
    """Revenue with a covariate from before exposure that takes away half of its variance."""
    return _read(
        "new-ranking",
        title="New ranking of search results",
        metrics=(REVENUE.model_copy(update={"role": MetricRole.PRIMARY}),),
        rows=means("revenue", {"control": 12.0, "new-ranking": 12.5}, days=7, deviation=8, correlation=0.7, seed=13),
    )


@functools.cache
def monitoring() -> Readout:
    """A design for one look at its planned end, on day 6 of 14."""
    return _once(6)


@functools.cache
def fixed() -> Readout:
    """The same at its planned end."""
    return _once(14)


def _once(days: int) -> Readout:
    arms = {"control": 0.10, "two-columns": 0.112}
    return _read(
        "two-columns",
        title="Two columns",
        method=Method.FIXED,
        metrics=(CONVERSION, REVENUE, GUARDRAILS[0]),
        rows=[
            *shares("conversion", arms, days=days, per_day=900, seed=14),
            *means("revenue", {"control": 12.0, "two-columns": 12.1}, days=days, per_day=900, deviation=7, seed=15),
            *means("latency-p95", {"control": 412, "two-columns": 411}, days=days, per_day=900, deviation=90, seed=16),
        ],
    )


@functools.cache
def group_sequential() -> Readout:
    """Looks that spend α, at day 10 of 14."""
    return _read(
        "new-model",
        title="New model for suggestions",
        method=Method.GROUP_SEQUENTIAL,
        metrics=(CONVERSION, GUARDRAILS[0]),
        rows=[
            *shares("conversion", {"control": 0.10, "new-model": 0.112}, days=10, seed=17),
            *means("latency-p95", {"control": 412, "new-model": 415}, days=10, deviation=90, seed=18),
        ],
    )


ALL: dict[str, Callable[[], Readout]] = {
    made.__name__: made for made in (guarded, by_country, families, cuped, monitoring, fixed, group_sequential)
}
