"""Guardrails: the harm against its limit, in either good direction, on either scale, on either side of zero."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.stats import always_valid
from experiments.stats.estimates import Estimates
from experiments.stats.harm import harms, steadied
from experiments.stats.over_time import running

RHO2 = always_valid.mixing(0.1, 5_000)
MEANS = st.floats(-50, 50)


def arm(mean: float, n: int = 10_000, deviation: float = 5.0) -> Estimates:
    return Estimates.given(n, mean, deviation**2 / n)


@pytest.mark.parametrize("good", [1, -1])
@pytest.mark.parametrize("base", [100.0, -100.0])
@pytest.mark.parametrize(("relative", "limit"), [(True, 0.02), (False, 2.0)])
def test_harm_beyond_the_limit_is_a_breach_and_short_of_it_is_healthy(
    good: int, base: float, relative: bool, limit: float
) -> None:
    for harm, breached in ((1.0, False), (3.0, True)):
        found = harms(arm(base), arm(base - good * harm), good=good, rho2=RHO2, limit=limit, relative=relative)
        assert found.harm[0] == pytest.approx(harm)
        assert found.excess[0] == pytest.approx(harm - 2)
        assert (found.p_breached[0] < 0.001) == breached
        assert (found.p_healthy[0] < 0.001) == (not breached)


@given(MEANS, MEANS, st.floats(0, 0.5), st.sampled_from([1, -1]))
def test_it_is_never_both_healthy_and_breached(control: float, treatment: float, limit: float, good: int) -> None:
    found = harms(arm(control), arm(treatment), good=good, rho2=RHO2, limit=limit)
    assert max(found.p_breached[0], found.p_healthy[0]) == 1.0


def test_a_relative_limit_carries_the_uncertainty_of_control() -> None:
    few, many = (Estimates.given(n, 100.0, 400 / n) for n in (200, 200_000))
    treatment = Estimates.given(10_000, 94.0, 0.04)
    unsure, sure = (harms(control, treatment, good=1, rho2=RHO2, limit=0.02) for control in (few, many))
    assert unsure.excess[0] == sure.excess[0]
    assert unsure.p_breached[0] > sure.p_breached[0]


def test_rows_without_sound_data_are_left_out() -> None:
    control = Estimates.given([100, 100, 0], [1.0, math.nan, 1.0], 0.01)
    found = harms(control, control, good=[1.0, 1.0, 1.0], rho2=RHO2, limit=[0.1, 0.1, 0.1], relative=[True] * 3)
    assert found.status.tolist() == [0, 1, 3]
    assert found.rows.tolist() == [0]
    assert found.p_healthy.shape == (1,)


def test_the_overall_rate_of_false_stops_is_at_most_alpha() -> None:
    dice = np.random.default_rng(20261121)
    runs, looks, per_look = 1_500, 100, 150
    sums = dice.normal(0, math.sqrt(per_look), (2, runs, looks)).cumsum(axis=2)
    n = per_look * np.tile(np.arange(1, looks + 1), runs).astype(float)
    control, treatment = (Estimates.given(n, each.ravel() / n, 1 / n) for each in sums)
    found = harms(control, treatment, good=1, rho2=RHO2, limit=0.0, relative=False)
    smallest = running(np.minimum, found.p_breached, np.arange(runs) * looks).reshape(runs, looks)[:, -1]
    assert 0.005 < float((smallest <= 0.05).mean()) <= 0.05


def shares(control: float, treatment: float, units: tuple[int, int]) -> tuple[Estimates, Estimates]:
    ours, theirs = (
        Estimates.given(n, share, share * (1 - share) / n) for n, share in zip(units, (control, treatment), strict=True)
    )
    return ours, theirs


def test_a_small_arm_has_at_least_the_spread_of_all_units() -> None:
    ours, theirs = shares(0.02, 0.005, (19_000, 1_000))
    sure, careful = theirs, steadied(ours, theirs, good=1, limit=0.0, relative=False, proportion=True)[1]
    assert careful.variance[0] > 3 * sure.variance[0]
    rash = harms(ours, sure, good=1, rho2=RHO2, relative=False)
    steady = harms(ours, careful, good=1, rho2=RHO2, relative=False)
    assert rash.p_breached[0] < 0.001 < steady.p_breached[0]


@given(st.floats(0.001, 0.5), st.floats(0.001, 0.5), st.floats(0, 0.1), st.sampled_from([1, -1]), st.booleans())
def test_steadying_never_makes_anything_surer(
    control: float, treatment: float, limit: float, good: int, relative: bool
) -> None:
    arms = shares(control, treatment, (5_000, 700))
    after = steadied(*arms, good=good, limit=limit, relative=relative, proportion=True)
    for before, now in zip(arms, after, strict=True):
        assert now.variance[0] >= before.variance[0]
        assert now.value[0] == before.value[0]


def test_what_is_wrong_stays_wrong() -> None:
    good, bad = Estimates.given([1_000] * 3, 0.1, 1e-4), Estimates.given([1_000] * 3, 0.1, [-1.0, math.nan, -math.inf])
    for arms in ((good, bad), (bad, good)):
        found = harms(*steadied(*arms, good=1, limit=0.1, relative=False), good=1, rho2=RHO2)
        assert found.status.tolist() == [1, 1, 1]


def test_arms_of_one_and_the_same_value_stay_refused_unless_they_are_shares() -> None:
    alike = Estimates.given(5_000, 3.0, 0.0)
    assert harms(*steadied(alike, alike, good=1, limit=0.5, relative=False), good=1, rho2=RHO2).status.tolist() == [4]
    none = Estimates.given(5_000, 0.0, 0.0)
    arms = steadied(none, none, good=-1, limit=0.005, relative=False, proportion=True)
    assert harms(*arms, good=-1, rho2=RHO2, limit=0.005, relative=False).p_healthy[0] < 0.05
