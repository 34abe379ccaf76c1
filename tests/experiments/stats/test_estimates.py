"""Estimates by kind of metric: ratios, quantiles, CUPED, and the joint moments behind them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.stats.comparison import compare
from experiments.stats.estimates import (
    adjust,
    of_means,
    of_proportions,
    of_quantiles,
    of_ratios,
    quantile_of,
    quantile_with,
)
from experiments.stats.moments import Joint, Moments
from experiments.stats.refusal import Refusal, flaws

ODD_NUMBERS = st.one_of(
    st.floats(), st.sampled_from([0.0, 1.0, 2.0, -1.0, 1e15, 5e-324, 1e308, math.inf, math.nan, 5.0, 9.0])
)
VALUES = st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=40)


def drawn(seed: int, n: int, correlation: float, effect: float = 0.0) -> np.ndarray:
    """Columns metric and covariate with this correlation."""
    dice = np.random.default_rng(seed)
    before = dice.normal(10, 2, n)
    return np.column_stack(
        (effect + correlation * before + math.sqrt(1 - correlation**2) * dice.normal(0, 2, n), before)
    )


@given(VALUES, st.randoms(use_true_random=False), st.integers(1, 6))
def test_merging_in_any_order_is_counting_together(values: list[tuple[float, float]], dice: object, parts: int) -> None:
    sample = np.array(values)
    pieces = [Joint.of(piece) for piece in np.array_split(sample, parts) if len(piece)]
    dice.shuffle(pieces)  # type: ignore[attr-defined]
    merged = pieces[0]
    for piece in pieces[1:]:
        merged = merged.merge(piece)
    whole = Joint.of(sample)
    scale = float(np.abs(sample).max()) + 1e-9
    assert merged.n == whole.n
    np.testing.assert_allclose(merged.mean, whole.mean, rtol=1e-12, atol=1e-12 * scale)
    np.testing.assert_allclose(merged.products, whole.products, rtol=1e-12, atol=1e-12 * scale**2 * len(values))


def test_the_joint_of_nothing_is_empty() -> None:
    nothing = Joint.of(np.empty((0, 2)))
    assert (float(nothing.n), nothing.mean.tolist(), nothing.covariance.tolist()) == (0, [0, 0], [[0, 0], [0, 0]])


def test_a_ratio_is_unit_level_not_per_event() -> None:
    dice = np.random.default_rng(4)
    views = dice.geometric(0.2, 20_000).astype(float)
    rate = dice.beta(2, 8, 20_000)
    clicks = dice.binomial(views.astype(int), rate).astype(float)
    arm = of_ratios(Joint.of(np.column_stack((clicks, views))))
    share = clicks.sum() / views.sum()
    per_event = share * (1 - share) / views.sum()
    assert arm.value[0] == pytest.approx(share)
    assert arm.variance[0] > 1.5 * per_event
    linear = (clicks - share * views) / views.mean()
    assert arm.variance[0] == pytest.approx(linear.var(ddof=1) / len(linear), rel=1e-12)


@pytest.mark.parametrize(
    ("mean", "reason"),
    [([1.0, 0.0], Refusal.DENOMINATOR), ([1.0, 0.05], Refusal.DENOMINATOR), ([1.0, 5.0], Refusal.SOUND)],
)
def test_a_ratio_needs_a_denominator(mean: list[float], reason: Refusal) -> None:
    arm = of_ratios(Joint.given(100, mean, [[1.0, 0.1], [0.1, 1.0]]))
    assert flaws(arm).tolist() == [reason]
    assert np.isfinite(arm.value).all()
    assert np.isfinite(arm.variance).all()


@pytest.mark.parametrize(
    ("n", "mean", "reason"),
    [(1, [1.0, 5.0], Refusal.TOO_FEW), (100, [1.0, math.nan], Refusal.NOT_A_NUMBER)],
)
def test_other_flaws_of_a_ratio_are_named_first(n: int, mean: list[float], reason: Refusal) -> None:
    assert flaws(of_ratios(Joint.given(n, mean, np.eye(2)))).tolist() == [reason]


@given(st.lists(ODD_NUMBERS, min_size=10, max_size=10), st.sampled_from([2, 3]))
def test_odd_joints_are_refused_or_give_plain_numbers(numbers: list[float], width: int) -> None:
    n, *rest = numbers
    mean, spread = np.array(rest[:width]), np.array(rest[3:9])
    covariance = np.array(
        [[spread[0], spread[3], spread[4]], [spread[3], spread[1], spread[5]], [*spread[4:], spread[2]]]
    )
    sound = Joint.given(500, np.ones(width), np.eye(width))
    odd = Joint.given(n, mean, covariance[:width, :width])
    done = adjust(sound, odd)
    for control, treatment in ((done.control, done.treatment), (of_ratios(sound), of_ratios(odd))):
        found = compare(control, treatment)
        assert found.status[0] or all(map(math.isfinite, (found.effect[0], found.p[0], found.lower[0])))


def test_cuped_takes_away_what_the_covariate_explains() -> None:
    control, treatment = (Joint.of(drawn(seed, 50_000, 0.8, effect)) for seed, effect in ((1, 0.0), (2, 0.1)))
    done = adjust(control, treatment)
    assert done.variance_left[0] == pytest.approx(1 - 0.8**2, abs=0.01)
    plain = compare(
        of_means(Moments.of(drawn(1, 50_000, 0.8)[:, 0])), of_means(Moments.of(drawn(2, 50_000, 0.8)[:, 0]))
    )
    adjusted = compare(done.control, done.treatment)
    assert adjusted.se[0] < 0.7 * plain.se[0]
    assert adjusted.lower[0] < 0.1 < adjusted.upper[0]


def test_cuped_keeps_control_a_base_of_the_lift() -> None:
    control, treatment = Joint.of(drawn(1, 5_000, 0.5)), Joint.of(drawn(2, 5_000, 0.5, 0.3))
    done = adjust(control, treatment)
    assert done.control.value[0] == pytest.approx(float(control.mean[0]), abs=0.1)


@pytest.mark.parametrize("spread", [0.0, 1e-320])
def test_a_covariate_without_variance_changes_nothing(spread: float) -> None:
    cov = [[4.0, 0.0], [0.0, spread]]
    done = adjust(Joint.given(500, [1.0, 2.0], cov), Joint.given(500, [1.2, 2.0], cov))
    assert done.theta.tolist() == [0.0]
    assert done.variance_left.tolist() == [1.0]
    assert done.control.value.tolist() == [1.0]


def test_cuped_of_a_ratio_is_the_adjusted_linearisation() -> None:
    dice = np.random.default_rng(9)
    arms = []
    for lift in (1.0, 1.05):
        before = dice.gamma(4, 1, 30_000)
        views = dice.poisson(3 + before).astype(float) + 1
        arms.append(np.column_stack((lift * views * dice.beta(2, 6, 30_000) + before, views, before)))
    done = adjust(Joint.of(arms[0]), Joint.of(arms[1]))
    plain = [of_ratios(Joint.of(arm[:, :2])) for arm in arms]
    assert done.variance_left[0] < 1
    both = np.vstack(arms)
    ratio = both[:, 0].sum() / both[:, 1].sum()
    linear = (both[:, 0] - ratio * both[:, 1]) / both[:, 1].mean()
    theta = np.cov(linear, both[:, 2])[0, 1] / both[:, 2].var(ddof=1)
    assert done.theta[0] == pytest.approx(theta, rel=1e-9)
    expected = plain[1].value[0] - plain[0].value[0] - theta * (arms[1][:, 2].mean() - arms[0][:, 2].mean())
    assert done.treatment.value[0] - done.control.value[0] == pytest.approx(expected, rel=1e-9)


def test_cuped_narrows_a_quantile_by_what_it_says_and_keeps_its_coverage() -> None:
    dice, runs = np.random.default_rng(20261121), 300
    covered, said, plain, adjusted = 0, [], [], []
    for _ in range(runs):
        before = dice.normal(size=(2, 1_000))
        values = np.exp(0.8 * before + 0.6 * dice.normal(size=(2, 1_000)))
        done = adjust(*(quantile_with(*arm, 0.5) for arm in zip(values, before, strict=True)))
        found = compare(done.control, done.treatment)
        covered += bool(found.lower[0] <= 0 <= found.upper[0])
        said.append(float(done.variance_left[0]))
        adjusted.append(float(found.effect[0]))
        plain.append(float(np.quantile(values[1], 0.5) - np.quantile(values[0], 0.5)))
    assert covered / runs == pytest.approx(0.95, abs=3 * math.sqrt(0.05 * 0.95 / runs))
    assert np.mean(said) == pytest.approx(0.6, abs=0.02)
    assert np.var(adjusted) / np.var(plain) == pytest.approx(0.6, abs=0.12)


@pytest.mark.parametrize(
    ("values", "reason"), [([], Refusal.TOO_FEW), ([1.0], Refusal.TOO_FEW), ([2.0] * 9, Refusal.CONSTANT)]
)
def test_a_quantile_of_next_to_nothing_is_refused_with_a_covariate_too(values: list[float], reason: Refusal) -> None:
    joint = quantile_with(values, np.arange(len(values)), 0.5)
    assert flaws(adjust(joint, joint).control).tolist() == [reason]


def test_a_constant_metric_has_nothing_left_to_adjust() -> None:
    cov = [[0.0, 0.0], [0.0, 1.0]]
    done = adjust(Joint.given(500, [1.0, 2.0], cov), Joint.given(500, [1.0, 2.0], cov))
    assert done.variance_left.tolist() == [1.0]
    assert flaws(done.control).tolist() == [Refusal.CONSTANT]


def test_quantiles_of_raw_values_cover_the_truth() -> None:
    dice = np.random.default_rng(5)
    covered = 0
    for _ in range(300):
        arm = quantile_of(dice.exponential(1.0, 800), 0.9)
        covered += abs(float(arm.value[0]) + math.log(0.1)) <= 1.96 * float(arm.se[0])
    assert covered / 300 == pytest.approx(0.95, abs=3 * math.sqrt(0.05 * 0.95 / 300))


def test_quantiles_that_cannot_be_are_refused() -> None:
    assert flaws(quantile_of([], 0.5)).tolist() == [Refusal.TOO_FEW]
    assert flaws(quantile_of([1.0, 1.0, 1.0], 0.5)).tolist() == [Refusal.CONSTANT]
    assert flaws(of_quantiles(100, 5.0, 6.0, 4.0)).tolist() == [Refusal.NOT_A_NUMBER]


def test_proportions_carry_their_sample_variance() -> None:
    values = np.array([1.0] * 30 + [0.0] * 70)
    ours, theirs = of_proportions(100, 30), of_means(Moments.of(values))
    assert ours.variance[0] == pytest.approx(theirs.variance[0])
