"""Skewness of proportions, the units it asks for, and the share of the largest unit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.errors import InsufficientData
from experiments.stats.skew import largest_share, proportion_skewness, units_needed


@pytest.mark.parametrize("rate", [1e-9, 0.01, 0.3, 0.5, 0.999])
def test_the_skewness_of_a_proportion_is_that_of_a_coin(rate: float) -> None:
    assert float(proportion_skewness(rate)) == pytest.approx(
        float(stats.bernoulli(rate).stats("s")), rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, math.nan, [0.5, 1.0]])
def test_a_proportion_without_spread_is_refused(rate: float | list[float]) -> None:
    with pytest.raises(InsufficientData):
        proportion_skewness(rate)


def test_a_rate_as_small_as_they_get_has_a_finite_skewness() -> None:
    assert np.isfinite(proportion_skewness([5e-324, 1e-300])).all()


def test_the_rule_of_355() -> None:
    """Kohavi et al. 2014, table 1: skewness and the thousands of units it asks for, revenue to time to success."""
    for skewness, thousands in ((17.9, 114), (5.2, 9.7), (3.6, 4.7), (2.1, 1.55)):
        assert units_needed(skewness) == pytest.approx(thousands * 1_000, rel=0.025)
    assert units_needed(-2.0) == units_needed(2.0)


def test_with_that_many_units_either_side_is_missed_in_two_to_three_percent() -> None:
    dice = np.random.default_rng(11)
    n, runs = int(units_needed(2.0)), 20_000
    means, squares = np.empty(runs), np.empty(runs)
    for start in range(0, runs, 1_000):
        values = dice.standard_exponential((1_000, n), dtype=np.float32)
        means[start : start + 1_000] = values.mean(axis=1)
        squares[start : start + 1_000] = values.var(axis=1, ddof=1)
    t = (means - 1) / np.sqrt(squares / n)
    band = 3 * math.sqrt(0.025 * 0.975 / runs)
    assert 0.02 - band <= (t > 1.96).mean() <= (t < -1.96).mean() <= 0.03 + band


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=30))
def test_the_largest_share_is_that_of_the_values(values: list[float]) -> None:
    share = float(largest_share(len(values), float(np.mean(values)), max(values)))
    assert share == pytest.approx(max(values) / sum(values), rel=1e-9)
    assert share <= 1


@given(st.floats(), st.floats(), st.floats())
def test_odd_numbers_have_no_share_or_a_plain_one(n: float, mean: float, largest: float) -> None:
    assert 0 <= float(largest_share(n, mean, largest)) <= 1
