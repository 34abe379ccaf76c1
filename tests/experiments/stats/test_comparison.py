"""Comparisons of every metric kind: the laws that hold for any sound data, and refusals for all that is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from experiments.errors import InsufficientData
from experiments.stats.always_valid import compare_always_valid, mixing
from experiments.stats.comparison import Comparisons, Test, compare
from experiments.stats.estimates import Estimates, of_means, of_proportions
from experiments.stats.moments import Moments
from experiments.stats.refusal import Refusal

ARMS = st.builds(
    lambda n, mean, variance: Moments.given(n, mean, variance),
    st.integers(2, 10**15),
    st.floats(-1e4, 1e4),
    st.floats(1e-3, 1e6),
)
TESTS = st.sampled_from(["welch", "z", "pooled"])
SCALES = st.floats(1e-6, 1e6)
ODD_NUMBERS = st.one_of(
    st.floats(), st.sampled_from([0.0, 1.0, 2.0, -1.0, 1e15, 5e-324, 1e-310, 1e308, math.inf, math.nan])
)
ODD = st.builds(Estimates.given, ODD_NUMBERS, ODD_NUMBERS, ODD_NUMBERS)


def the_columns(found: Comparisons) -> list[np.ndarray]:
    lift = found.lift
    return [found.effect, found.se, found.statistic, found.p, lift.lift, lift.lower, lift.upper]


@given(ARMS, ARMS, TESTS)
def test_swapping_the_arms_negates(control: Moments, treatment: Moments, test: Test) -> None:
    ours, theirs = of_means(control), of_means(treatment)
    there, back = compare(ours, theirs, test=test), compare(theirs, ours, test=test)
    assert there.effect == -back.effect
    assert float(there.p[0]) == pytest.approx(float(back.p[0]), rel=1e-12)
    assert float(there.lower[0]) == pytest.approx(-float(back.upper[0]), rel=1e-12)


@given(ARMS, ARMS, SCALES)
def test_scaling_the_metric_scales_effect_and_interval_and_leaves_lift_and_p(
    control: Moments, treatment: Moments, scale: float
) -> None:
    def scaled(arm: Moments) -> Estimates:
        return of_means(Moments(arm.n, arm.mean * scale, arm.m2 * scale * scale))

    plain, large = compare(of_means(control), of_means(treatment)), compare(scaled(control), scaled(treatment))
    assume(not plain.status.any() and not large.status.any())
    size = float(np.abs(plain.effect[0])) + float(plain.se[0])
    for name in ("effect", "lower", "upper"):
        ours, theirs = float(getattr(plain, name)[0]), float(getattr(large, name)[0])
        assert theirs / scale == pytest.approx(ours, rel=1e-9, abs=1e-9 * size + 1e-11 * float(abs(control.mean)))
    difference = abs(float(treatment.mean - control.mean))
    assume(difference > 1e-6 * float(abs(control.mean)))
    assert float(large.p[0]) == pytest.approx(float(plain.p[0]), rel=1e-6, abs=1e-12)
    if plain.lift.bounded[0] and large.lift.bounded[0]:
        assert float(large.lift.lift[0]) == pytest.approx(float(plain.lift.lift[0]), rel=1e-9)


@given(st.lists(st.floats(-100, 100), min_size=4, max_size=30), st.sampled_from([0.0, 1.0, -7.5, 1e9]))
def test_adding_a_constant_leaves_the_difference_and_its_variance(values: list[float], constant: float) -> None:
    steps = np.round(np.array(values) * 8) / 8
    half = len(steps) // 2
    arms = steps[:half], steps[half:]
    plain = [Moments.of(arm) for arm in arms]
    moved = [Moments.of(arm + constant) for arm in arms]
    for here, there in zip(plain, moved, strict=True):
        assert float(there.m2) == pytest.approx(float(here.m2), rel=1e-12, abs=1e-6)
    assert float(moved[1].mean - moved[0].mean) == pytest.approx(float(plain[1].mean - plain[0].mean), abs=1e-6)


def test_at_an_offset_of_a_billion_the_variance_keeps_its_digits() -> None:
    values = np.tile([0.0, 1.0, 2.0, 3.0], 250)
    near, far = Moments.of(values), Moments.of(values + 1e9)
    assert float(far.m2) == float(near.m2) == 1250.0


@given(ARMS, ARMS, TESTS, st.floats(0.001, 0.2), st.booleans())
def test_the_lift_excludes_zero_exactly_when_the_test_rejects(
    control: Moments, treatment: Moments, test: Test, alpha: float, always_valid: bool
) -> None:
    arms = of_means(control), of_means(treatment)
    if always_valid:
        found = compare_always_valid(*arms, mixing(0.05, 5_000), alpha=alpha).at(0)
    else:
        found = compare(*arms, alpha=alpha, test=test).at(0)
    assume(abs(found.p - alpha) > 1e-7 * alpha)
    if found.lift_lower is not None and found.lift_upper is not None:
        assert (found.lift_lower > 0 or found.lift_upper < 0) == (found.p < alpha)
    assert (found.lower > 0 or found.upper < 0) == (found.p < alpha)


@given(ODD, ODD, TESTS, st.sampled_from(["two-sided", "greater", "less"]))
def test_no_input_gives_what_is_not_a_number(control: Estimates, treatment: Estimates, test: Test, side: str) -> None:
    for found in (
        compare(control, treatment, test=test, alternative=side),  # type: ignore[arg-type]
        compare_always_valid(control, treatment, mixing(0.05, 5_000), alternative=side),  # type: ignore[arg-type]
    ):
        if found.status[0]:
            assert not found.rows.size
            assert all(not column.size for column in the_columns(found))
            with pytest.raises(InsufficientData, match=r"\.$"):
                found.at(0)
        else:
            assert not any(np.isnan(column).any() for column in [*the_columns(found), found.lower, found.upper])
            assert 0 <= found.p[0] <= 1


@pytest.mark.parametrize("test", ["welch", "z", "pooled"])
@pytest.mark.parametrize(
    ("n", "hits"),
    [(0, 0), (1, 1), (2, 0), (2, 2), (1_000, 1_000), (1_000, 0), (10**15, 10**15)],
)
def test_nothing_or_everything_converted_is_no_winner(test: Test, n: int, hits: int) -> None:
    odd, sound = of_proportions(n, hits), of_proportions(1_000, 500)
    assert compare(sound, odd, test=test).status[0] in (Refusal.TOO_FEW, Refusal.CONSTANT)
    assert compare(odd, sound, test=test).status[0] in (Refusal.TOO_FEW, Refusal.CONSTANT)


def test_a_refused_row_leaves_the_others_in_their_places() -> None:
    control = Estimates.given([500, 1, 500, 500], [1.0, 1.0, math.nan, 2.0], 0.01)
    treatment = Estimates.given([500, 500, 500, 500], [1.5, 1.5, 1.5, 2.5], 0.01)
    found = compare(control, treatment, alpha=[0.05, 0.05, 0.05, 0.5], null=[0.0, 0.0, 0.0, 0.5])
    assert found.status.tolist() == [0, Refusal.TOO_FEW, Refusal.NOT_A_NUMBER, 0]
    assert found.rows.tolist() == [0, 3]
    assert found.at(3).effect == 0.5
    assert found.at(3).p == pytest.approx(1.0)
    assert found.at(3).upper - found.at(3).lower < found.at(0).upper - found.at(0).lower


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize(("test", "equal"), [("welch", False), ("pooled", True)])
def test_the_t_tests_agree_with_scipy(test: Test, equal: bool, alternative: str) -> None:
    dice = np.random.default_rng(2)
    first, second = dice.normal(3, 1, 12), dice.normal(4, 3, 30)
    found = compare(of_means(Moments.of(first)), of_means(Moments.of(second)), test=test, alternative=alternative)  # type: ignore[arg-type]
    reference = stats.ttest_ind(second, first, equal_var=equal, alternative=alternative)
    interval = reference.confidence_interval(0.95)
    assert float(found.p[0]) == pytest.approx(reference.pvalue, rel=1e-10)
    assert found.lower[0] == pytest.approx(interval.low)
    assert found.upper[0] == pytest.approx(interval.high)


def test_one_sided_lifts_have_one_bound() -> None:
    arms = Estimates.given(500, 10.0, 0.01), Estimates.given(500, 11.0, 0.01)
    assert compare(*arms, alternative="greater").at(0).lift_upper == math.inf
    assert compare(*arms, alternative="less").at(0).lift_lower == -math.inf


def test_a_control_too_close_to_zero_has_no_lift_but_an_effect() -> None:
    found = compare(Estimates.given(500, 0.05, 0.01), Estimates.given(500, 1.0, 0.01)).at(0)
    assert (found.lift, found.lift_lower, found.lift_upper) == (None, None, None)
    assert found.effect == pytest.approx(0.95)


def test_non_inferiority_is_a_null_that_is_not_zero() -> None:
    arms = of_proportions(1_000, 960), of_proportions(1_000, 950)
    plain = compare(*arms, test="z", alternative="greater")
    against_margin = compare(*arms, test="z", alternative="greater", null=-0.03)
    assert plain.p[0] > 0.5
    assert against_margin.p[0] < 0.05
    assert (against_margin.lower[0] > -0.03) == (against_margin.p[0] < 0.05)
