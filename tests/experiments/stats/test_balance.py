"""Differences from before exposure: exact values, laws, refusals, and its promise under daily looks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.balance import ALPHA, balances
from experiments.stats.moments import Moments
from experiments.stats.refusal import Refusal

SOUND = st.builds(Moments.given, st.integers(100, 10**12), st.floats(-1e4, 1e4), st.floats(1e-3, 1e6))


def test_the_difference_and_its_p_are_exact() -> None:
    """p against the normal mixture at 60 digits (mpmath 1.3); (11 − 10) / √((4 + 9) / 2) = 0.392232."""
    found = balances(Moments.given(400, 10.0, 4.0), Moments.given(500, 11.0, 9.0), [0], 5_000).at(0)
    assert found.difference == pytest.approx(0.392232270276368)
    assert found.p == pytest.approx(3.13850058263366e-6)


@given(SOUND, SOUND)
def test_swapping_the_arms_negates(control: Moments, treatment: Moments) -> None:
    there, back = balances(control, treatment, [0], 5_000).at(0), balances(treatment, control, [0], 5_000).at(0)
    assert there.difference == -back.difference
    assert there.p == back.p


@given(SOUND, SOUND, st.floats(1e-3, 1e3))
def test_the_unit_of_the_metric_does_not_matter(control: Moments, treatment: Moments, factor: float) -> None:
    scaled = [Moments.given(arm.n, arm.mean * factor, arm.variance * factor**2) for arm in (control, treatment)]
    found, other = balances(control, treatment, [0], 5_000).at(0), balances(*scaled, [0], 5_000).at(0)
    assert other.difference == pytest.approx(found.difference, rel=1e-6, abs=1e-9)
    assert math.log(max(other.p, 1e-300)) == pytest.approx(math.log(max(found.p, 1e-300)), rel=1e-6, abs=1e-6)


def test_p_is_the_smallest_so_far_and_the_difference_the_newest() -> None:
    n, control, treatment = [200, 2_000, 20_000], [0.0, 0.0, 0.0], [0.6, 0.3, 0.001]
    found = [
        balances(Moments.given(n[:k], control[:k], 1.0), Moments.given(n[:k], treatment[:k], 1.0), [0], 5_000).at(0)
        for k in (1, 2, 3)
    ]
    assert [each.difference for each in found] == pytest.approx(treatment)
    assert found[0].p > found[1].p == found[2].p


def test_odd_looks_are_passed_over_and_odd_comparisons_refused_alone() -> None:
    n = [50, 400, 400, 400, 99, 400, 400]
    mean = [90.0, 1.0, math.nan, 1.0, 1.0, 5.0, 1.0]
    variance = [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0]
    found = balances(Moments.given(n, 0.0, 1.0), Moments.given(n, mean, variance), [0, 2, 4, 5, 6, 7], 5_000)
    assert found.status.tolist() == [0, 0, Refusal.TOO_FEW, Refusal.CONSTANT, 0, Refusal.TOO_FEW]
    assert found.rows.tolist() == [0, 1, 4]
    assert found.difference.tolist() == [1.0, 1.0, 1.0]
    assert found.p.tolist() == [found.p[0]] * 3
    for row, words in ((2, "fewer than 100 units"), (3, "the same value"), (5, "fewer than 100 units")):
        with pytest.raises(InsufficientData, match=words):
            found.at(row)


@pytest.mark.parametrize(
    ("n", "mean", "variance", "planned", "reason"),
    [
        (0, 0.0, 0.0, 5_000, Refusal.TOO_FEW),
        (1, 1.0, 0.0, 5_000, Refusal.TOO_FEW),
        (99, 1.0, 1.0, 5_000, Refusal.TOO_FEW),
        (100, 1.0, 0.0, 5_000, Refusal.CONSTANT),
        (100, 1e9, 1e-30, 5_000, Refusal.CONSTANT),
        (100, math.inf, 1.0, 5_000, Refusal.NOT_A_NUMBER),
        (100, 1.0, -1.0, 5_000, Refusal.NOT_A_NUMBER),
        (100, 1e200, 1.0, 5_000, Refusal.TOO_LARGE),
        (100, 1.0, 1.0, 0, Refusal.NOT_A_NUMBER),
        (100, 1.0, 1.0, math.nan, Refusal.NOT_A_NUMBER),
        (10**15, 100.0, 1.0, 5_000, Refusal.SOUND),
        (100, 0.0, 1e-300, 5_000, Refusal.SOUND),
    ],
)
def test_what_cannot_be_compared_says_why(
    n: float, mean: float, variance: float, planned: float, reason: Refusal
) -> None:
    odd, sound = Moments.given(n, mean, variance), Moments.given(500, 1.0, 1.0)
    for found in (balances(odd, sound, [0], planned), balances(sound, odd, [0], planned)):
        assert found.status.tolist() == [reason]
        assert found.p.size == (reason is Refusal.SOUND)
        assert np.isfinite(found.difference).all()


def test_28_daily_looks_call_sound_groups_different_no_more_often_than_promised() -> None:
    dice, runs, per_day = np.random.default_rng(9), 4_000, 200
    n = np.arange(1, 29) * per_day
    daily = dice.normal(5.0, 2.0 / math.sqrt(per_day), size=(2, runs, 28))
    means = (daily.cumsum(axis=2) / np.arange(1, 29)).reshape(2, -1)
    arms = [Moments.given(np.tile(n, runs), mean, 4.0) for mean in means]
    found = balances(arms[0], arms[1], np.arange(runs) * 28, 2 * n[-1])
    assert (found.p <= ALPHA).mean() <= ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)
    shifted = Moments(arms[1].n, arms[1].mean + 0.25, arms[1].m2)
    assert (balances(arms[0], shifted, np.arange(runs) * 28, 2 * n[-1]).p <= ALPHA).mean() > 0.9
