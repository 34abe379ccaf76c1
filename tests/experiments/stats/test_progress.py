"""How far an experiment is and how many days are left, or why that cannot be said."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.design import sample_size
from experiments.stats.plan import Plan
from experiments.stats.population import Population
from experiments.stats.progress import DaysLeft, days_left, progress
from experiments.stats.sequential_power import AlwaysValid

CHECKOUT = Population.proportion(0.2)


@given(st.floats(1e-300, 1e300), st.floats(min_value=1e-300))
def test_progress_is_a_share(planned: float, width: float) -> None:
    assert 0 <= float(progress(planned, width)) <= 1


def test_progress_is_the_square_of_the_widths() -> None:
    assert progress([0.05, 0.05], [0.1, 0.01]).tolist() == [0.25, 1.0]
    assert float(progress(0.05, math.inf)) == 0


@pytest.mark.parametrize(
    ("planned", "width"), [(0.0, 1.0), (math.nan, 1.0), (math.inf, 1.0), (1.0, 0.0), (1.0, math.nan)]
)
def test_progress_without_widths_is_refused(planned: float, width: float) -> None:
    with pytest.raises(InsufficientData, match="widths"):
        progress(planned, width)


def test_days_are_what_is_missing_over_what_comes_each_day() -> None:
    plan = Plan(alpha=0.1, power=0.9)
    found = days_left(CHECKOUT, 0.02, 0.04, 1_000, 700, plan)
    assert found is not None
    for days, effect in ((found.least, 0.04), (found.most, 0.02)):
        assert days == math.ceil((float(sample_size(CHECKOUT, effect, plan)) - 1_000) / 700)
    assert days_left(CHECKOUT, 0.02, 0.04, 1e6, 700, plan) == DaysLeft(0, 0)


def test_a_fall_takes_as_long_as_a_rise() -> None:
    latency = Population(10.0, 25.0)
    assert days_left(latency, -0.5, -0.2, 100, 50) == days_left(latency, 0.2, 0.5, 100, 50)


def test_looking_every_day_takes_longer() -> None:
    fixed = days_left(CHECKOUT, 0.02, 0.04, 1_000, 700)
    always = days_left(CHECKOUT, 0.02, 0.04, 1_000, 700, Plan(sequential=AlwaysValid(20_000)))
    assert fixed is not None
    assert always is not None
    assert always.least > fixed.least
    assert always.most > fixed.most


@pytest.mark.parametrize(
    ("lower", "upper", "plan"),
    [
        (-0.01, 0.04, Plan()),
        (0.0, 0.04, Plan()),
        (-0.04, 0.0, Plan()),
        (0.01, math.inf, Plan()),
        (-math.inf, -0.01, Plan(goal="less")),
        (-0.04, -0.01, Plan(goal="greater")),
        (0.01, 0.04, Plan(goal="less")),
        (-0.03, 0.01, Plan(goal="greater", null=-0.02)),
        (-0.03, 0.01, Plan(goal="equivalence", null=0.02)),
    ],
)
def test_there_is_no_date_while_the_interval_reaches_the_null(lower: float, upper: float, plan: Plan) -> None:
    assert days_left(CHECKOUT, lower, upper, 1_000, 700, plan) is None


def test_a_margin_has_a_date_too() -> None:
    margin = days_left(CHECKOUT, -0.01, 0.01, 1_000, 700, Plan(goal="greater", null=-0.02))
    within = days_left(Population(0.0, 1.0), -0.02, 0.01, 1_000, 700, Plan(goal="equivalence", null=0.05))
    assert margin is not None
    assert within is not None
    assert 0 < margin.least < margin.most
    assert 0 < within.least < within.most


@pytest.mark.parametrize(
    ("lower", "upper", "units", "per_day", "words"),
    [
        (math.nan, 0.04, 1_000, 700, "interval"),
        (0.01, math.nan, 1_000, 700, "interval"),
        (0.04, 0.01, 1_000, 700, "interval"),
        (0.01, 0.04, 1_000, 0, "units"),
        (0.01, 0.04, 1_000, math.nan, "units"),
        (0.01, 0.04, -1, 700, "units"),
        (0.01, 0.04, math.inf, 700, "units"),
        (0.01, 0.9, 1_000, 700, "rate"),
        (1e-17, 0.04, 1_000, 700, "side|reach"),
        (1e-8, 0.04, 1_000, 1e-300, "never end"),
    ],
)
def test_what_cannot_be_projected_is_refused(
    lower: float, upper: float, units: float, per_day: float, words: str
) -> None:
    with pytest.raises(InsufficientData, match=words):
        days_left(CHECKOUT, lower, upper, units, per_day)


@settings(deadline=None)
@given(st.floats(), st.floats(), st.floats(), st.floats())
def test_no_input_however_odd_gives_days_that_are_none(
    lower: float, upper: float, units: float, per_day: float
) -> None:
    found: Any = None
    try:
        found = days_left(Population(10.0, 25.0), lower, upper, units, per_day)
    except InsufficientData:
        return
    assert found is None or 0 <= min(found.least, found.most) <= max(found.least, found.most) < 1e18
