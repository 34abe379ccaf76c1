"""Ratios of shares and means: published and statsmodels' numbers, laws, and refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.proportions import pooled_z
from experiments.stats.risk_ratio import delta_lift, katz, log_delta, ratio_interval, ratio_test
from experiments.stats.tails import Alternative

SETTLED = settings(deadline=None, max_examples=60)
ARM = st.one_of(st.integers(1, 60), st.integers(1, 10**9)).flatmap(
    lambda n: st.tuples(st.one_of(st.integers(0, n), st.sampled_from([0, n])), st.just(n))
)
MEAN = st.floats(0.01, 1e6)
VARIANCE = st.floats(1e-6, 1e3)
Arm = tuple[int, int]


def test_koopmans_interval_is_the_published_one() -> None:
    """Koopman 1984: 36/40 against 16/80 gives 2.94 to 7.15; statsmodels 0.15 gives the digits of 56/70 to 48/80."""
    found = ratio_interval([16, 48], [80, 80], [36, 56], [40, 70])
    assert found.lower == pytest.approx([2.94, 1.0798215063618604], abs=5e-3)
    assert found.upper == pytest.approx([7.15, 1.6708055780191224], abs=5e-3)
    assert float(found.lower[1]) == pytest.approx(1.0798215063618604, rel=1e-9)
    assert float(found.upper[1]) == pytest.approx(1.6708055780191224, rel=1e-9)


def test_miettinen_and_nurminens_correction_of_the_ratio() -> None:
    """statsmodels 0.15 confint_proportions_2indep(56, 70, 48, 80, method="score", compare="ratio")."""
    found = ratio_interval(48, 80, 56, 70, corrected=True)
    assert [float(found.lower), float(found.upper)] == pytest.approx([1.0790471195344218, 1.6721453590897675], rel=1e-9)


def test_the_adjusted_log_interval_survives_an_arm_without_conversions() -> None:
    """statsmodels 0.15, method="log-adjusted"."""
    found = katz(48, 80, 56, 70, adjusted=True)
    assert [float(found.lower), float(found.upper)] == pytest.approx([1.0759671541199218, 1.6444774830364233], rel=1e-9)
    assert 0 < float(katz(0, 10, 5, 10, adjusted=True).lower) < float(katz(0, 10, 5, 10, adjusted=True).upper)


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_one_sided_ratios_end_at_zero_or_infinity(alternative: Alternative) -> None:
    for method in (katz, ratio_interval):
        found, both = method(48, 80, 56, 70, 0.05, alternative), method(48, 80, 56, 70, 0.1)
        if alternative == "greater":
            assert (float(found.lower), float(found.upper)) == (pytest.approx(float(both.lower)), math.inf)
        else:
            assert (float(found.lower), float(found.upper)) == (0, pytest.approx(float(both.upper)))


@SETTLED
@given(ARM, ARM)
def test_at_a_ratio_of_one_the_score_test_is_the_pooled_z(control: Arm, treatment: Arm) -> None:
    assume(0 < control[0] + treatment[0] < control[1] + treatment[1])
    assert float(ratio_test(*control, *treatment).z) == pytest.approx(float(pooled_z(*control, *treatment).z), rel=1e-6)


@SETTLED
@given(ARM, ARM, st.floats(0.05, 20), st.booleans())
def test_swapping_the_arms_inverts_the_ratio(control: Arm, treatment: Arm, null: float, corrected: bool) -> None:
    assume(control[0] + treatment[0] > 0)
    assume(abs(null - 1) > 1e-3)
    there = ratio_test(*control, *treatment, null=null, corrected=corrected)
    back = ratio_test(*treatment, *control, null=1 / null, corrected=corrected)
    assert float(back.z) == pytest.approx(-float(there.z), rel=1e-6, abs=1e-9)
    ours, theirs = ratio_interval(*control, *treatment), ratio_interval(*treatment, *control)
    with np.errstate(divide="ignore"):
        assert float(1 / ours.lower) == pytest.approx(float(theirs.upper), rel=1e-6)


@SETTLED
@given(ARM, ARM, st.floats(0.05, 20), st.floats(0.001, 0.3), st.sampled_from(["two-sided", "greater", "less"]))
def test_the_ratio_interval_excludes_a_null_exactly_when_the_test_rejects_it(
    control: Arm, treatment: Arm, null: float, alpha: float, side: Alternative
) -> None:
    assume(control[0] + treatment[0] > 0)
    assume(abs(null - 1) > 1e-3)
    test = ratio_test(*control, *treatment, null=null, alternative=side)
    bounds = ratio_interval(*control, *treatment, alpha, side)
    assume(abs(float(test.p) - alpha) > 1e-6)
    assert (float(bounds.lower) <= null <= float(bounds.upper)) == (float(test.p) > alpha)


def test_the_likeliest_share_maximises_the_likelihood() -> None:
    x_c, n_c, x_t, n_t, rho = 960, 1000, 950, 1000, 0.98
    share = float(ratio_test(x_c, n_c, x_t, n_t, null=rho).null_control)

    def slope(p: float) -> float:
        return x_c / p - (n_c - x_c) / (1 - p) + x_t / p - rho * (n_t - x_t) / (1 - rho * p)

    assert slope(share - 1e-9) > 0 > slope(share + 1e-9)


def test_ratios_with_an_empty_side() -> None:
    found = ratio_interval([0, 3, 10], [10, 10, 10], [3, 0, 10], [10, 10, 10])
    assert found.estimate.tolist() == [math.inf, 0, 1]
    assert float(found.upper[0]) == math.inf
    assert float(found.lower[1]) == 0
    assert float(found.lower[0]) == pytest.approx(1 / float(found.upper[1]), rel=1e-9)
    assert float(ratio_test(10, 10, 10, 10, null=0.9).z) > 0


@SETTLED
@given(MEAN, VARIANCE, MEAN, VARIANCE, st.floats(0.5, 4), st.floats(1e-3, 1e3))
def test_lifts_do_not_depend_on_the_unit(
    mean_c: float, var_c: float, mean_t: float, var_t: float, critical: float, scale: float
) -> None:
    assume(critical * math.sqrt(var_c / mean_c**2 + var_t / mean_t**2) < 20)
    for method in (log_delta, delta_lift):
        plain = method(mean_c, var_c, mean_t, var_t, critical)
        scaled = method(mean_c * scale, var_c * scale**2, mean_t * scale, var_t * scale**2, critical)
        assert float(scaled.lower) == pytest.approx(float(plain.lower), rel=1e-6, abs=1e-9)
        assert float(scaled.upper) == pytest.approx(float(plain.upper), rel=1e-6, abs=1e-9)
        assert float(plain.lower) <= mean_t / mean_c - 1 + 1e-9 <= float(plain.upper) + 2e-9


@SETTLED
@given(MEAN, VARIANCE, MEAN, VARIANCE, st.floats(0.5, 4))
def test_swapping_the_arms_inverts_the_log_lift(
    mean_c: float, var_c: float, mean_t: float, var_t: float, critical: float
) -> None:
    assume(critical * math.sqrt(var_c / mean_c**2 + var_t / mean_t**2) < 10)
    there, back = log_delta(mean_c, var_c, mean_t, var_t, critical), log_delta(mean_t, var_t, mean_c, var_c, critical)
    assert 1 + float(back.lower) == pytest.approx(1 / (1 + float(there.upper)), rel=1e-6)


def test_a_negative_control_keeps_the_sign_of_the_difference() -> None:
    found = delta_lift(-10.0, 0.04, -9.0, 0.04, 2.0)
    assert float(found.lift) == pytest.approx(0.1)
    assert float(found.se) == pytest.approx(math.sqrt(0.04 / 100 + 81 * 0.04 / 10**4))


@pytest.mark.parametrize(
    ("means", "words"),
    [
        ((0, 1, 1, 1, 2), "positive means"),
        ((1, 1, -1, 1, 2), "positive means"),
        ((1, 0, 1, 0, 2), "spread"),
        ((1, -1, 1, 3, 2), "spread"),
        ((1, 1, 1, 1, 0), "spread"),
        ((math.nan, 1, 1, 1, 2), "missing"),
        ((1, math.inf, 1, 1, 2), "missing"),
        ((1e-300, 1e-300, 1, 1, 2), "too close"),
        ((5e-324, 0.5, 0.5, 10, 2), "too close"),
        ((1e9, 1e-9, 5e-324, 1e15, 2), "too close"),
    ],
)
def test_odd_means_are_refused_on_the_log_scale(means: tuple[float, ...], words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        log_delta(*means)


@pytest.mark.parametrize("mean", [0.0, 1e-320, 5e-324])
def test_a_control_mean_of_nothing_has_no_lift(mean: float) -> None:
    with pytest.raises(InsufficientData, match="too close"):
        delta_lift(mean, 1.0, 1.0, 1.0, 2.0)


def test_counts_without_a_ratio_are_refused() -> None:
    with pytest.raises(InsufficientData, match="log interval"):
        katz(0, 10, 5, 10)
    with pytest.raises(InsufficientData, match="spread"):
        katz(10, 10, 10, 10)
    with pytest.raises(InsufficientData, match="too little of a conversion"):
        katz(1, 1, 1e-8, 1)
    for method in (ratio_test, ratio_interval):
        with pytest.raises(InsufficientData, match="Nobody"):
            method(0, 10, 0, 10)
    with pytest.raises(InsufficientData, match="Everybody"):
        ratio_test(10, 10, 10, 10)


@pytest.mark.parametrize("null", [0, -1, math.nan, math.inf, 1e300])
def test_a_ratio_to_test_against_is_positive(null: float) -> None:
    with pytest.raises(InsufficientData, match="positive"):
        ratio_test(5, 10, 5, 10, null=null)
