"""Paired comparisons: published examples, laws, and refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.paired import McNemarMethod, differences, mcnemar, paired_interval, paired_t
from experiments.stats.tails import Alternative

SETTLED = settings(deadline=None, max_examples=60)
SPLIT = st.integers(0, 50)
SCORES = st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=2, max_size=30)
METHODS: list[McNemarMethod] = ["exact", "mid-p", "chi-square", "corrected"]
EXAMPLES = st.tuples(SPLIT, SPLIT, SPLIT).filter(lambda split: sum(split) > 0)


def test_students_sleep_data() -> None:
    """R: t.test(extra ~ group, paired = TRUE): t = −4.0621, p = 0.002833, −2.4598858 to −0.7001142."""
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    gap = differences(second, first)
    found = paired_t(gap.n, gap.mean, gap.variance)
    assert float(found.t) == pytest.approx(-4.062127683382037, rel=1e-10)
    assert float(found.p) == pytest.approx(0.00283289019738427, rel=1e-9)
    assert [float(found.lower), float(found.upper)] == pytest.approx([-2.4598858, -0.7001142], abs=1e-7)
    less = paired_t(gap.n, gap.mean, gap.variance, alternative="less")
    assert float(less.p) == pytest.approx(float(found.p) / 2, rel=1e-12)
    assert np.isinf(less.lower)


@SETTLED
@given(SCORES, st.floats(0.001, 0.3))
def test_the_interval_excludes_zero_exactly_when_p_is_below_the_level(
    scores: list[tuple[float, float]], alpha: float
) -> None:
    ours, theirs = zip(*scores, strict=True)
    gap, back = differences(ours, theirs), differences(theirs, ours)
    assume(float(gap.variance) > 1e-9)
    found = paired_t(gap.n, gap.mean, gap.variance, alpha)
    swapped = paired_t(back.n, back.mean, back.variance, alpha)
    assert float(swapped.difference) == pytest.approx(-float(found.difference), abs=1e-12)
    assert float(swapped.p) == pytest.approx(float(found.p), rel=1e-9, abs=1e-15)
    assume(abs(float(found.p) - alpha) > 1e-9)
    assert (float(found.lower) > 0 or float(found.upper) < 0) == (float(found.p) < alpha)


def test_an_offset_common_to_both_runs_changes_nothing() -> None:
    ours, theirs = np.arange(8.0), np.asarray([1, 1, 3, 5, 4, 6, 6, 9.0])
    plain, far = differences(ours, theirs), differences(ours + 1e9, theirs + 1e9)
    assert (float(plain.mean), float(plain.m2)) == (float(far.mean), float(far.m2))


@SETTLED
@given(SPLIT, SPLIT)
def test_mcnemars_exact_and_mid_p_are_sums_of_binomial_chances(only_control: int, only_treatment: int) -> None:
    n = only_control + only_treatment
    assume(n > 0)
    fewer = min(only_control, only_treatment)
    tail = sum(math.comb(n, k) for k in range(fewer + 1)) / 2**n
    assert float(mcnemar(only_control, only_treatment).p) == pytest.approx(min(1, 2 * tail), rel=1e-9)
    mid = 2 * tail - math.comb(n, fewer) / 2**n
    expected = mid if only_control != only_treatment else 1
    assert float(mcnemar(only_control, only_treatment, "mid-p").p) == pytest.approx(expected, rel=1e-9)


def test_the_approval_ratings_of_agresti() -> None:
    """R's ?mcnemar.test (Agresti 1990): 150 against 86 gives 16.8178 corrected, p = 4.115e-05; 17.3559 without."""
    corrected, plain = mcnemar(150, 86, "corrected"), mcnemar(150, 86, "chi-square")
    assert (float(corrected.chi_square), float(corrected.p)) == pytest.approx((16.81779661, 4.114562e-05), rel=1e-6)
    assert (float(plain.chi_square), float(plain.p)) == pytest.approx((17.35593220, 3.099293e-05), rel=1e-6)
    assert float(mcnemar(86, 150).p) == pytest.approx(3.71593614e-05, rel=1e-6)


@SETTLED
@given(SPLIT, SPLIT, st.sampled_from(METHODS))
def test_swapping_the_runs_keeps_the_p(only_control: int, only_treatment: int, method: McNemarMethod) -> None:
    assume(only_control + only_treatment > 0)
    there, back = mcnemar(only_control, only_treatment, method), mcnemar(only_treatment, only_control, method)
    assert float(there.p) == float(back.p)
    assert 0 < float(there.p) <= 1
    if only_control == only_treatment:
        assert float(there.p) == pytest.approx(1, rel=1e-12)


def test_tangos_interval_is_the_published_one() -> None:
    """Fagerland, Lydersen & Laake 2014, airway hyper-responsiveness: 7 against 1 of 21 gives −0.517 to −0.026.

    The others: the likelihood maximised numerically by scipy's bounded search.
    """
    found = paired_interval([7, 9, 5, 0, 0], [1, 21, 30, 4, 0], [21, 75, 400, 44, 10])
    assert found.lower == pytest.approx([-0.51723228, 0.01760603, 0.03578217, 0.00331389, -0.27753280], abs=1e-7)
    assert found.upper == pytest.approx([-0.02600303, 0.29786072, 0.09410526, 0.21159239, 0.27753280], abs=1e-7)


@SETTLED
@given(EXAMPLES, st.floats(0.001, 0.3))
def test_tangos_interval_excludes_zero_exactly_when_mcnemars_chi_square_rejects(
    split: tuple[int, int, int], alpha: float
) -> None:
    only_control, only_treatment, _ = split
    n = sum(split)
    found = paired_interval(only_control, only_treatment, n, alpha)
    back = paired_interval(only_treatment, only_control, n, alpha)
    assert -1 <= float(found.lower) <= float(found.estimate) <= float(found.upper) <= 1
    assert float(back.lower) == pytest.approx(-float(found.upper), abs=1e-12)
    assume(only_control + only_treatment > 0)
    p = float(mcnemar(only_control, only_treatment, "chi-square").p)
    assume(abs(p - alpha) > 1e-9)
    assert (float(found.lower) > 0 or float(found.upper) < 0) == (p < alpha)


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_one_sided_bounds_are_those_of_twice_the_level(alternative: Alternative) -> None:
    one, both = paired_interval(9, 21, 75, 0.05, alternative), paired_interval(9, 21, 75, 0.1)
    bounds = (float(both.lower), math.inf) if alternative == "greater" else (-math.inf, float(both.upper))
    assert (float(one.lower), float(one.upper)) == bounds


def test_different_examples_are_refused() -> None:
    with pytest.raises(InsufficientData, match="same examples"):
        differences([1, 2], [1, 2, 3])
    for odd in (math.nan, math.inf, 1e200):
        with pytest.raises(InsufficientData, match="missing or too large"):
            differences([1.0, odd], [1.0, 2.0])


@pytest.mark.parametrize(
    ("n", "mean", "variance", "words"),
    [
        (0, 0.0, 0.0, "two pairs"),
        (1, 1.0, 0.0, "two pairs"),
        (10, 1.0, 0.0, "the same"),
        (10, 1.0, -1.0, "the same"),
        (10, 1.0, 1e-40, "the same"),
        (10, math.nan, 1.0, "missing"),
        (10, 1.0, math.inf, "missing"),
        (math.inf, 1.0, 1.0, "missing"),
    ],
)
def test_odd_differences_are_refused(n: float, mean: float, variance: float, words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        paired_t(n, mean, variance)


@pytest.mark.parametrize("method", METHODS)
def test_runs_that_agree_everywhere_cannot_be_told_apart(method: McNemarMethod) -> None:
    with pytest.raises(InsufficientData, match="told apart"):
        mcnemar(0, 0, method)
    with pytest.raises(InsufficientData, match="negative"):
        mcnemar(-1, 3, method)


def test_more_discordant_examples_than_examples_are_refused() -> None:
    with pytest.raises(InsufficientData, match="larger"):
        paired_interval(6, 6, 10)
    with pytest.raises(InsufficientData, match="no units"):
        paired_interval(0, 0, 0)
