"""Comparisons, always-valid, Fieller: what holds for any sound data, and that odd data are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats import always_valid
from experiments.stats.comparison import Compared, compare
from experiments.stats.estimates import of_means
from experiments.stats.fieller import relative_lift
from experiments.stats.moments import Moments
from experiments.stats.refusal import Refusal, refusals
from experiments.stats.tails import Alternative

SOUND = st.builds(
    Moments.given,
    st.integers(2, 10**15),
    st.floats(-1e4, 1e4),
    st.floats(1e-3, 1e9),
)
ODD_COUNT = st.one_of(st.integers(-3, 3), st.just(10**15), st.floats())
ODD = st.builds(Moments.given, ODD_COUNT, st.floats(), st.floats())
LEVEL = st.floats(0.001, 0.2)


def welch(
    control: Moments, treatment: Moments, alpha: float = 0.05, alternative: Alternative = "two-sided"
) -> Compared:
    return compare(of_means(control), of_means(treatment), alpha=alpha, alternative=alternative).at(0)


@given(SOUND, SOUND)
def test_swapping_the_arms_negates(control: Moments, treatment: Moments) -> None:
    there, back = welch(control, treatment), welch(treatment, control)
    assert there.effect == -back.effect
    assert there.p == back.p
    assert (there.lower, there.upper) == (-back.upper, -back.lower)


@given(SOUND, SOUND, LEVEL)
def test_the_interval_excludes_zero_exactly_when_p_is_below_the_level(
    control: Moments, treatment: Moments, alpha: float
) -> None:
    found = welch(control, treatment, alpha)
    assume(abs(float(found.p) - alpha) > 1e-9)
    assert (found.lower > 0 or found.upper < 0) == (found.p < alpha)


@given(SOUND, SOUND, LEVEL, st.integers(100, 10**7))
def test_always_valid_p_and_interval_and_lift_agree_about_zero(
    control: Moments, treatment: Moments, alpha: float, planned: int
) -> None:
    rho2 = always_valid.mixing(0.05, planned)
    found = always_valid.compare_always_valid(of_means(control), of_means(treatment), rho2, alpha=alpha).at(0)
    assume(abs(found.p - alpha) > 1e-7 * alpha)
    assert (found.lower > 0 or found.upper < 0) == (found.p < alpha)
    if found.lift is not None and found.lift_lower is not None and found.lift_upper is not None:
        assert found.lift_lower <= found.lift <= found.lift_upper
        assert (found.lift_lower > 0 or found.lift_upper < 0) == (found.p < alpha)


@given(st.floats(0, 30), st.floats(1e-3, 1e6))
def test_always_valid_never_promises_more_than_one_planned_look(z: float, k: float) -> None:
    assert always_valid.p_value(z, k) >= math.erfc(z / math.sqrt(2))
    assert always_valid.multiplier(k, 0.05) > 1.96


def test_the_interval_is_tightest_at_the_planned_units() -> None:
    rho2 = always_valid.mixing(0.05, 5_000)
    units = np.array([2_000, 4_000, 5_000, 6_000, 12_000])
    assert always_valid.multiplier(units * rho2, 0.05).argmin() == 2


def test_a_negative_control_keeps_the_sign_of_the_difference() -> None:
    worse = relative_lift(-10.0, 0.01, -11.0, 0.01, 1.96)
    assert worse.bounded
    assert worse.lift == pytest.approx(-0.1)
    assert worse.lower < worse.lift < worse.upper < 0


def test_a_control_too_close_to_zero_has_no_lift() -> None:
    found = relative_lift([0.0, 0.001, 1e-200, 5.0], 0.01, 1.0, 0.01, 1.96)
    assert found.bounded.tolist() == [False, False, False, True]


@given(st.lists(st.tuples(ODD, ODD), min_size=1, max_size=5))
@settings(max_examples=300)
def test_odd_data_are_refused_or_give_plain_numbers(pairs: list[tuple[Moments, Moments]]) -> None:
    for control, treatment in pairs:
        if refusals(of_means(control), of_means(treatment)).any():
            with pytest.raises(InsufficientData):
                welch(control, treatment)
        else:
            found = welch(control, treatment)
            assert all(math.isfinite(number) for number in (found.effect, found.lower, found.upper, found.p))


@pytest.mark.parametrize(
    ("control", "reason"),
    [
        ((0, 0.0, 0.0), Refusal.TOO_FEW),
        ((1, 5.0, 0.0), Refusal.TOO_FEW),
        ((1_000, 5.0, 0.0), Refusal.CONSTANT),
        ((1_000, 1e9, 1e-30), Refusal.CONSTANT),
        ((1_000, math.nan, 1.0), Refusal.NOT_A_NUMBER),
        ((1_000, math.inf, 1.0), Refusal.NOT_A_NUMBER),
        ((1_000, 1.0, -1.0), Refusal.NOT_A_NUMBER),
        ((-5, 1.0, 1.0), Refusal.NOT_A_NUMBER),
        ((1_000, 1e200, 1.0), Refusal.TOO_LARGE),
        ((10**15, 1.0, 1.0), Refusal.SOUND),
        ((2, 1.0, 1.0), Refusal.SOUND),
    ],
)
def test_each_flaw_has_its_reason(control: tuple[float, float, float], reason: Refusal) -> None:
    sound, odd = of_means(Moments.given(1_000, 1.0, 1.0)), of_means(Moments.given(*control))
    assert refusals(odd, sound).tolist() == refusals(sound, odd).tolist() == [reason]
    assert bool(reason.words) == (reason is not Refusal.SOUND)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, math.nan])
def test_a_level_outside_zero_and_one_is_refused(alpha: float) -> None:
    with pytest.raises(InsufficientData):
        always_valid.multiplier(1.0, alpha)


@given(st.lists(st.floats(-1e6, 1e6), max_size=40), st.lists(st.floats(-1e6, 1e6), max_size=40))
def test_merging_is_as_good_as_counting_together(first: list[float], second: list[float]) -> None:
    merged, whole = Moments.of(first).merge(Moments.of(second)), Moments.of(first + second)
    assert merged.n == whole.n
    assert float(merged.mean) == pytest.approx(float(whole.mean), rel=1e-9, abs=1e-7)
    assert float(merged.m2) == pytest.approx(float(whole.m2), rel=1e-9, abs=1e-3)


@given(SOUND, SOUND)
def test_the_two_one_sided_readings_share_the_two_sided_one(control: Moments, treatment: Moments) -> None:
    greater, less = welch(control, treatment, 0.025, "greater"), welch(control, treatment, 0.025, "less")
    both = welch(control, treatment, 0.05)
    assert float(greater.p + less.p) == pytest.approx(1)
    assert 2 * min(float(greater.p), float(less.p)) == pytest.approx(float(both.p))
    assert (greater.lower, less.upper) == (both.lower, both.upper)
    assert math.isinf(float(greater.upper))
    assert math.isinf(float(less.lower))


def test_ten_thousand_comparisons_are_one_call() -> None:
    count = 10_000
    arm = Moments.given(np.full(count, 1000), np.linspace(0, 1, count), np.ones(count))
    other = Moments.given(np.full(count, 1000), np.full(count, 0.5), np.ones(count))
    assert compare(of_means(arm), of_means(other)).p.shape == (count,)
