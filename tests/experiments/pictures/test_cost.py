"""Cost: per unit and per success with intervals that are wide enough; ranges of money only where prices are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.aggregate import Aggregate, Companion
from experiments.design import Direction, Metric, MetricKind, MetricRole
from experiments.model import Experiment
from experiments.pictures import arrivals
from experiments.pictures.cost import cost_metrics
from experiments.pictures.levels import Level
from experiments.pictures.returns import currency_of
from experiments.policy import Project
from experiments.running import Phase
from tests.charts.pictures import cost as examples
from tests.charts.pictures.cost import EACH, SOLVED, TOKENS, chats, pictured
from tests.experiments.readings import NOW, an_experiment, rows_of


def widths(spent: tuple[Level, ...]) -> list[float]:
    return [each.upper - each.lower for each in spent if each.upper is not None and each.lower is not None]


def test_cost_per_success_is_their_ratio_with_the_widest_interval() -> None:
    data = examples.ordinary()
    for unit, success in zip(data.per_unit, data.per_success, strict=True):
        rate = unit.value / success.value
        assert 0.3 < rate < 0.45
        half, part = (success.upper - success.lower) / 2, (unit.upper - unit.lower) / 2
        reach = part / math.sqrt(0.06**2 / unit.n)
        widest = (0.06 / math.sqrt(unit.n) + success.value * math.sqrt(rate * (1 - rate) / unit.n)) / rate
        assert half == pytest.approx(widest * reach, rel=1e-3)
    assert not data.exact


def test_a_measured_ratio_is_exact_and_narrower_where_the_two_go_together() -> None:
    dice = np.random.default_rng(1)
    hits = (dice.random(20_000) < 0.4).astype(float)
    paid = hits * 2 + dice.normal(1, 0.1, hits.size)
    spread = np.cov(paid, hits)
    below = Companion(float(hits.mean()), float(spread[1, 1]), float(spread[0, 1]))
    both = [
        Aggregate(
            "cost-per-solved", variant, 5.0, hits.size, float(paid.mean()), float(spread[0, 0]), denominator=below
        )
        for variant in ("control", "small")
    ]
    apart = [
        row._replace(metric=metric, mean=mean, variance=variance, denominator=None)
        for row in both
        for metric, mean, variance in (
            ("model-cost", row.mean, row.variance), ("solved", below.mean, below.variance)
        )
    ]  # fmt: skip
    exact = pictured(chats("small", metrics=(SOLVED, TOKENS, EACH)), [*both, *apart])
    widest = pictured(chats("small"), apart)
    assert exact.exact
    assert not widest.exact
    assert [each.value for each in exact.per_success] == pytest.approx([each.value for each in widest.per_success])
    assert max(widths(exact.per_success)) < min(widths(widest.per_success))


def test_a_ratio_alone_has_its_numerator_as_the_cost_of_a_unit() -> None:
    made = chats("small", metrics=(SOLVED, EACH))
    rows = [
        Aggregate("cost-per-solved", variant, 5.0, 9_000, mean, 0.01, denominator=Companion(0.4, 0.24, 0.0))
        for variant, mean in (("control", 0.2), ("small", 0.1))
    ]
    solved = rows_of("solved", {"control": 0.4, "small": 0.4}, days=[5.0], per_day=1_800, variance=0.24)
    data = pictured(made, [*rows, *solved], metric="cost-per-solved")
    assert [each.value for each in data.per_unit] == [0.2, 0.1]
    assert [each.value for each in data.per_success] == pytest.approx([0.5, 0.25])
    savings = data.returns[0].savings
    assert savings.lower < 0.1 * data.units < savings.upper
    assert savings.upper - savings.lower < 0.02 * data.units


def test_savings_are_the_difference_times_the_eligible_units_of_30_days() -> None:
    data = examples.ordinary()
    assert data.units == pytest.approx(3 * 1_800 * 30 / 0.5), "all variants, at half exposure"
    compared, found = data.comparisons[0], data.returns[0]
    assert found.savings.lower == pytest.approx(-compared.interval.upper * data.units)
    assert found.savings.upper == pytest.approx(-compared.interval.lower * data.units)
    assert found.together.lower == pytest.approx(found.savings.lower + found.worth.lower)
    assert found.together.upper == pytest.approx(found.savings.upper + found.worth.upper)
    assert data.spent == pytest.approx(10 * 380)
    assert found.ratio.lower == pytest.approx(found.together.lower / data.spent - 1)
    assert (data.saved_in, data.in_money, data.missing) == ("EUR", True, ())


def test_without_prices_there_are_savings_and_what_to_fill_in() -> None:
    data = examples.unfunded()
    (found,) = data.returns
    assert found.savings
    assert (found.worth, found.together, found.ratio) == (None, None, None)
    assert (data.saved_in, data.in_money) == ("€", False)
    assert data.missing == (
        "For the return, state in the settings of project chats: what one more of solved is worth; its currency, and "
        "what one more of model-cost is worth if that is no money; what a day of an experiment costs.",
    )
    tokens = examples.in_tokens()
    assert (tokens.saved_in, tokens.in_money) == ("tokens", False)


def test_what_is_no_money_may_have_a_price() -> None:
    priced = Project(name="general", worth={"solved": 1.0, "model-cost": -0.002}, currency="USD", day_cost=10.0)
    rows = examples.spent({"control": 0.41, "small": 0.40}, {"control": 1.24, "small": 1.01})
    data = pictured(
        chats("small", metrics=(SOLVED, TOKENS.model_copy(update={"unit": "tokens"}))), rows, project=priced
    )
    compared = data.comparisons[0]
    assert data.returns[0].savings.lower == pytest.approx(-compared.interval.upper * data.units * 0.002)
    assert data.returns[0].together is not None
    assert data.in_money


def test_money_of_another_currency_is_not_added() -> None:
    dollars = examples.FUNDED.model_copy(update={"currency": "USD"})
    rows = examples.spent({"control": 0.41, "small": 0.40}, {"control": 0.124, "small": 0.101})
    data = pictured(chats("small"), rows, project=dollars)
    assert not data.in_money
    assert data.returns[0].together is None
    assert data.saved_in == "€"


def test_where_cost_is_the_primary_metric_savings_are_all() -> None:
    (found,) = examples.only_cost().returns
    assert found.together == found.savings
    assert found.worth is None
    assert found.ratio is not None
    assert examples.only_cost().per_success == ()


@pytest.mark.parametrize("made", [examples.early, examples.monitoring])
def test_no_range_before_a_difference_may_be_shown(made: Any) -> None:
    data = made()
    assert data.withheld
    assert not data.returns + data.comparisons
    assert all(each.value is not None for each in data.per_unit)


def test_a_broken_split_and_a_design_without_cost_show_nothing() -> None:
    assert examples.broken().refused.startswith("No lift is shown.")
    assert not examples.broken().per_unit
    assert "measures no cost" in examples.costless().refused


def test_a_primary_that_counts_no_successes_has_no_cost_per_success() -> None:
    errors = SOLVED.model_copy(update={"key": "errors", "direction": Direction.DOWN})
    rows = examples.spent({"control": 0.41, "small": 0.40}, {"control": 0.124, "small": 0.101})
    renamed = [row._replace(metric="errors") if row.metric == "solved" else row for row in rows]
    data = pictured(chats("small", metrics=(errors, TOKENS)), renamed)
    assert data.per_success == ()
    assert data.no_success == "No cost per success: errors does not count successes per unit."


def test_cost_metrics_are_those_of_the_role_or_else_of_money() -> None:
    revenue = Metric(key="revenue", unit="$ per user")
    p95 = Metric(key="p95", role=MetricRole.COST, kind=MetricKind.QUANTILE)
    assert [each.key for each in cost_metrics(an_experiment(metrics=(SOLVED, TOKENS, revenue, p95)))] == ["model-cost"]
    assert [each.key for each in cost_metrics(an_experiment(metrics=(SOLVED, revenue)))] == ["revenue"]


@pytest.mark.parametrize(
    ("unit", "currency"),
    [("€ per user", "EUR"), ("EUR", "EUR"), ("usd per 1,000 tokens", "USD"), ("£/order", "GBP"), ("per user", ""),
     ("ms", ""), ("", ""), ("$", "USD"), ("seconds", "")],
)  # fmt: skip
def test_currencies_are_known_by_sign_and_code(unit: str, currency: str) -> None:
    assert currency_of(unit) == currency


def phased(exposure: int = 10_000) -> Experiment:
    made = chats("small", metrics=(SOLVED,))
    phase = {"control": 5_000, "small": 5_000}
    return made.evolve(
        phases=(
            Phase(number=1, started_at=NOW, weights=phase),
            Phase(number=2, started_at=NOW, day=10.0, weights=phase, exposure=exposure),
        )
    )


def test_eligible_units_are_those_of_the_newest_phase_at_full_exposure() -> None:
    before = rows_of("solved", {"control": 0.4, "small": 0.4}, days=[5.0, 10.0], per_day=9_000)
    later = rows_of("solved", {"control": 0.4, "small": 0.4}, days=[2.0, 4.0], per_day=500)
    after = [row._replace(day=row.day + 10) for row in later]
    assert arrivals.eligible_per_day([*before, *after], phased(2_500)) == pytest.approx(4_000)
    assert arrivals.eligible_per_day([*before, *after], phased(0)) is None
    assert arrivals.eligible_per_day([], phased()) is None


def test_days_on_which_nobody_came_do_not_count() -> None:
    made = chats("small", metrics=(SOLVED,))
    rows = rows_of("solved", {"control": 0.4, "small": 0.4}, days=[float(day) for day in range(1, 15)], per_day=500)
    paused = [row._replace(day=float(day)) for row in rows if row.day == 14 for day in range(15, 40)]
    assert arrivals.eligible_per_day([*rows, *paused], made) == pytest.approx(1_000)


@settings(max_examples=25)
@given(
    st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.floats(1e-6, 1e6), st.floats(1e-6, 1e3), st.floats(-1, 1),
    st.integers(100, 10**6),
)  # fmt: skip
def test_no_correlation_makes_an_interval_wider_than_the_one_shown(
    cost: float, success: float, spread: float, other: float, correlation: float, n: int
) -> None:
    """Cauchy and Schwarz: whatever the true covariance, the interval of what was aggregated apart covers it."""
    control = Aggregate("model-cost", "control", 5.0, n, cost, spread)
    hits = Aggregate("orders", "control", 5.0, n, success, other)
    orders = Metric(key="orders", role=MetricRole.PRIMARY)
    made = chats("small", metrics=(orders, TOKENS))
    found = pictured(made, [control, hits]).per_success
    if not found or found[0].value is None:
        return
    known = Companion(success, other, correlation * math.sqrt(spread * other))
    exact = EACH.model_copy(update={"denominator": "orders"})
    with_it = pictured(chats("small", metrics=(orders, TOKENS, exact)), [
        control, hits, control._replace(metric="cost-per-solved", denominator=known)
    ]).per_success  # fmt: skip
    if with_it[0].value is not None:
        assert widths(with_it)[0] <= widths(found)[0] * (1 + 1e-9) + 1e-12
