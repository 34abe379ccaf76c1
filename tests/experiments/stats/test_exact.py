"""Exact tests of counts: against R's and scipy's numbers, enumeration, and what holds for any counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.exact import binomial_test, clopper_pearson, fisher, odds_ratio, poisson_test
from experiments.stats.tails import Alternative, normal_p

SETTLED = settings(deadline=None, max_examples=60)
SIDES: list[Alternative] = ["two-sided", "greater", "less"]
ARM = st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
AS_LIKELY = 1 + 1e-7


def enumerated(chances: list[float], at: int, alternative: Alternative) -> float:
    if alternative == "greater":
        return sum(chances[at:])
    if alternative == "less":
        return sum(chances[: at + 1])
    return sum(each for each in chances if each <= chances[at] * AS_LIKELY)


@SETTLED
@given(ARM, st.floats(0.01, 0.99), st.sampled_from(SIDES))
def test_the_binomial_p_is_the_sum_over_outcomes(arm: tuple[int, int], null: float, alternative: Alternative) -> None:
    x, n = arm
    chances = [math.comb(n, k) * null**k * (1 - null) ** (n - k) for k in range(n + 1)]
    expected = min(enumerated(chances, x, alternative), 1.0)
    assert float(binomial_test(x, n, null, alternative)) == pytest.approx(expected, rel=1e-9, abs=0)


@SETTLED
@given(st.integers(0, 60), st.floats(0.01, 40), st.sampled_from(SIDES))
def test_the_poisson_p_is_the_sum_over_outcomes(x: int, mean: float, alternative: Alternative) -> None:
    chances = [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(300)]
    expected = min(enumerated(chances, x, alternative), 1.0)
    assert float(poisson_test(x, mean, alternative)) == pytest.approx(expected, rel=1e-8, abs=0)


@SETTLED
@given(ARM, ARM, st.sampled_from(SIDES))
def test_fishers_p_is_the_sum_over_tables(
    control: tuple[int, int], treatment: tuple[int, int], alternative: Alternative
) -> None:
    (x_c, n_c), (x_t, n_t) = control, treatment
    hits = x_c + x_t
    if hits in (0, n_c + n_t):
        with pytest.raises(InsufficientData):
            fisher(x_c, n_c, x_t, n_t)
        return
    lowest, highest = max(0, hits - n_c), min(hits, n_t)
    tables = range(lowest, highest + 1)
    chances = [math.comb(n_t, k) * math.comb(n_c, hits - k) / math.comb(n_c + n_t, hits) for k in tables]
    expected = min(enumerated(chances, x_t - lowest, alternative), 1.0)
    assert float(fisher(x_c, n_c, x_t, n_t, alternative)) == pytest.approx(expected, rel=1e-9, abs=0)


@SETTLED
@given(ARM, ARM)
def test_swapping_the_arms_turns_the_side_and_keeps_the_p(control: tuple[int, int], treatment: tuple[int, int]) -> None:
    if 0 < control[0] + treatment[0] < control[1] + treatment[1]:
        there, back = fisher(*control, *treatment, "greater"), fisher(*treatment, *control, "less")
        assert float(there) == pytest.approx(float(back), rel=1e-9)
        assert float(fisher(*control, *treatment)) == pytest.approx(float(fisher(*treatment, *control)), rel=1e-9)


def test_fisher_reads_many_tables_at_once_as_r_does() -> None:
    """R 4.2: fisher.test of (56/70, 48/80) and of Fisher's tea tasting (3 of 4 against 1 of 4)."""
    assert fisher([48, 1], [80, 4], [56, 3], [70, 4]) == pytest.approx([0.012521129749, 0.485714285714], rel=1e-9)
    assert float(fisher(1, 4, 3, 4, "greater")) == pytest.approx(0.242857142857, rel=1e-9)


def test_fisher_is_exact_with_large_margins() -> None:
    p = fisher(500_000, 10**6, 501_500, 10**6, "greater")
    z = (1_500 - 1) / math.sqrt(10**12 * (0.50075 * 0.49925) * 2e6 / 2e6 / 1e6 * 2) / 1
    assert float(p) == pytest.approx(float(normal_p(z, "greater")), rel=2e-3)


def test_the_odds_ratio_of_the_tea_tasting_is_rs() -> None:
    """R's ?fisher.test: 6.408309, 0.2117329 to 621.9337505, greater from 0.3135693, found by searches that stop early.

    So the bounds are also checked where they are defined: the tail of the tilted distribution 1, 16, 36, 16, 1.
    """
    found, greater = odds_ratio(1, 4, 3, 4), odds_ratio(1, 4, 3, 4, alternative="greater")
    assert float(found.estimate) == pytest.approx(6.408309, rel=1e-5)
    assert float(found.lower) == pytest.approx(0.2117329, rel=1e-4)
    assert float(found.upper) == pytest.approx(621.9337505, rel=1e-2)
    assert float(greater.lower) == pytest.approx(0.3135693, rel=1e-4)
    tables = np.asarray([1, 16, 36, 16, 1])
    for odds, tail, chance in ((found.lower, slice(3, 5), 0.025), (found.upper, slice(0, 4), 0.025)):
        tilted = tables * float(odds) ** np.arange(5)
        assert tilted[tail].sum() / tilted.sum() == pytest.approx(chance, rel=1e-9)
    assert np.isinf(greater.upper)
    assert float(odds_ratio(1, 4, 3, 4, alternative="less").lower) == 0


def test_an_odds_ratio_without_a_case_on_one_side_has_an_open_end() -> None:
    none, all_of_them = odds_ratio(3, 10, 0, 5), odds_ratio(0, 5, 3, 10)
    assert (float(none.estimate), float(none.lower)) == (0, 0)
    assert np.isinf(all_of_them.estimate)
    assert np.isinf(all_of_them.upper)
    assert float(none.upper) == pytest.approx(1 / float(all_of_them.lower), rel=1e-9)


@SETTLED
@given(ARM, st.floats(0.001, 0.3))
def test_clopper_and_pearson_hold_what_the_binomial_tails_allow(arm: tuple[int, int], alpha: float) -> None:
    x, n = arm
    found = clopper_pearson(x, n, alpha)
    assert 0 <= float(found.lower) <= x / n <= float(found.upper) <= 1
    if x > 0:
        assert float(binomial_test(x, n, found.lower, "greater")) == pytest.approx(alpha / 2, rel=1e-6)
    if x < n:
        assert float(binomial_test(x, n, found.upper, "less")) == pytest.approx(alpha / 2, rel=1e-6)


def test_one_sided_exact_bounds_end_at_zero_and_one() -> None:
    """Rule of three: none of 100 leaves at most 1 − 0.05^(1/100)."""
    less = clopper_pearson(0, 100, alternative="less")
    assert (float(less.lower), float(less.upper)) == (0, pytest.approx(1 - 0.05**0.01, rel=1e-12))
    assert float(clopper_pearson(100, 100, alternative="greater").upper) == 1


def test_enormous_counts_meet_the_normal_limit() -> None:
    n, z = 10**15, 2.0
    x = n // 2 + int(z / 2 * math.sqrt(n))
    assert float(binomial_test(x, n)) == pytest.approx(float(normal_p(z)), rel=1e-6)
    assert float(binomial_test(n // 2, n)) == pytest.approx(1, abs=1e-6)
    mean = 1e12
    assert float(poisson_test(mean + z * math.sqrt(mean), mean)) == pytest.approx(float(normal_p(z)), rel=1e-4)
    assert float(poisson_test(mean - z * math.sqrt(mean), mean)) == pytest.approx(float(normal_p(z)), rel=1e-4)


def test_shares_off_a_count_by_rounding_are_counts() -> None:
    assert float(binomial_test(0.1 * 3 * 10, 10)) == float(binomial_test(3, 10))


@pytest.mark.parametrize(
    ("x", "n", "words"),
    [
        (0, 0, "no units"),
        (-1, 5, "negative"),
        (6, 5, "larger than"),
        (math.nan, 5, "missing"),
        (1, math.inf, "missing"),
        (1, 1e17, "too large"),
        (1.5, 5, "whole"),
    ],
)
def test_odd_counts_are_refused(x: float, n: float, words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        binomial_test(x, n)


@pytest.mark.parametrize("null", [0, 5e-324, 1, -1, math.nan])
def test_a_share_of_zero_or_one_cannot_be_tested(null: float) -> None:
    with pytest.raises(InsufficientData, match="share"):
        binomial_test(1, 5, null)


@pytest.mark.parametrize("mean", [0, 5e-324, -1, math.nan, math.inf, 1e300])
def test_an_expected_number_must_be_positive(mean: float) -> None:
    with pytest.raises(InsufficientData, match="positive"):
        poisson_test(1, mean)


def test_tables_beyond_enumeration_are_sent_to_the_score_test() -> None:
    with pytest.raises(InsufficientData, match="score test"):
        fisher(10**9, 10**10, 10**9, 10**10)
