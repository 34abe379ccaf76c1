"""Event rates: R's poisson.test, the laws of an exact test, and refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.rates import rate, rate_ratio
from experiments.stats.tails import Alternative, normal_p

SETTLED = settings(deadline=None, max_examples=60)
COUNT = st.one_of(st.integers(0, 40), st.integers(0, 10**9))
EXPOSURE = st.floats(0.1, 1e6)
SIDES: list[Alternative] = ["two-sided", "greater", "less"]


def test_one_rate_is_rs_poisson_test() -> None:
    """R's ?poisson.test: 137 in 24.19893 gives 5.661407 (4.753125, 6.692709)."""
    found = rate(137, 24.19893)
    assert float(found.estimate) == pytest.approx(5.661407, rel=1e-6)
    assert [float(found.lower), float(found.upper)] == pytest.approx([4.753125, 6.692709], rel=1e-6)
    assert float(rate(137, 24.19893, 5.661407).p) == pytest.approx(1, abs=1e-6)


def test_no_event_leaves_at_most_three_by_the_rule_of_three() -> None:
    found = rate(0, 1.0, alternative="less")
    assert (float(found.lower), float(found.upper)) == (0, pytest.approx(-math.log(0.05), rel=1e-12))
    assert np.isinf(rate(0, 1.0, alternative="greater").upper)


@SETTLED
@given(COUNT, EXPOSURE, st.floats(0.001, 0.2), st.sampled_from(SIDES[1:]))
def test_the_interval_of_a_rate_ends_where_its_test_turns(x: int, time: float, alpha: float, side: Alternative) -> None:
    found = rate(x, time, 1.0, alpha, side)
    end = float(found.lower if side == "greater" else found.upper)
    assume(end > 0)
    assert float(rate(x, time, end, alpha, side).p) == pytest.approx(alpha, rel=1e-5)


@SETTLED
@given(COUNT, EXPOSURE, COUNT, EXPOSURE, st.floats(0.001, 0.2), st.sampled_from(SIDES[1:]))
def test_the_interval_of_a_ratio_ends_where_its_test_turns(
    x_c: int, time_c: float, x_t: int, time_t: float, alpha: float, side: Alternative
) -> None:
    assume(x_c + x_t > 0)
    found = rate_ratio(x_c, time_c, x_t, time_t, 1.0, alpha, side)
    end = float(found.lower if side == "greater" else found.upper)
    assume(0 < end < math.inf)
    assert float(rate_ratio(x_c, time_c, x_t, time_t, end, alpha, side).p) == pytest.approx(alpha, rel=1e-3)


@SETTLED
@given(COUNT, EXPOSURE, COUNT, EXPOSURE)
def test_swapping_the_arms_inverts_the_ratio(x_c: int, time_c: float, x_t: int, time_t: float) -> None:
    assume(x_c + x_t > 0)
    there, back = rate_ratio(x_c, time_c, x_t, time_t), rate_ratio(x_t, time_t, x_c, time_c)
    with np.errstate(divide="ignore"):
        assert float(1 / there.lower) == pytest.approx(float(back.upper), rel=1e-9)
        assert float(1 / there.estimate) == pytest.approx(float(back.estimate), rel=1e-9)
    assert float(there.p) == pytest.approx(float(back.p), rel=1e-6, abs=1e-9)
    greater = rate_ratio(x_c, time_c, x_t, time_t, alternative="greater")
    less = rate_ratio(x_t, time_t, x_c, time_c, alternative="less")
    assert float(greater.p) == pytest.approx(float(less.p), rel=1e-6, abs=1e-12)


def test_a_side_without_events_has_an_open_end() -> None:
    found = rate_ratio([0, 5], 100.0, [5, 0], 100.0)
    assert found.estimate.tolist() == [math.inf, 0]
    assert float(found.upper[0]) == math.inf
    assert float(found.lower[1]) == 0
    assert float(found.p[0]) == pytest.approx(2 * 0.5**5, rel=1e-12)


def test_many_events_meet_the_normal_limit() -> None:
    n, z = 10**14, 2.5
    found = rate_ratio(n, 1.0, n + z * math.sqrt(2 * n), 1.0)
    assert float(found.p) == pytest.approx(float(normal_p(z)), rel=1e-4)
    assert float(found.lower) > 1


@pytest.mark.parametrize(
    ("x", "time", "words"),
    [
        (-1, 1.0, "negative"),
        (math.nan, 1.0, "missing"),
        (1.5, 1.0, "whole"),
        (1, 0.0, "exposure"),
        (1, -1.0, "exposure"),
        (1, math.nan, "exposure"),
        (1, math.inf, "exposure"),
    ],
)
def test_odd_events_are_refused(x: float, time: float, words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        rate(x, time)
    with pytest.raises(InsufficientData, match=words):
        rate_ratio(5, 1.0, x, time)


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(InsufficientData, match="no events"):
        rate_ratio(0, 1.0, 0, 1.0)
    for null in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(InsufficientData, match="positive"):
            rate_ratio(1, 1.0, 1, 1.0, null)
        with pytest.raises(InsufficientData, match="positive"):
            rate(1, 1.0, null)


def test_an_expected_number_beyond_all_counts_is_refused() -> None:
    with pytest.raises(InsufficientData, match="positive"):
        rate(2, 1e99, 1e300)
