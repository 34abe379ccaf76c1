"""Pooled effects of several experiments, the variance of true effects, and groups of experiments."""

from __future__ import annotations

from dataclasses import astuple
from typing import get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.heterogeneity import heterogeneity
from experiments.stats.meta import Pooled, Test, between, pooled
from experiments.stats.tau2 import Method

METHODS: tuple[Method, ...] = get_args(Method)
TESTS: tuple[Test, ...] = get_args(Test)
BCG_Y = [-0.8893113339202054, -1.5853886572014306, -1.3480731482996933, -1.4415511900213054, -0.21754732221129558]
BCG_Y += [-0.786115585818864, -1.6208982235983918, 0.011952333523840508, -0.4694176487381494, -1.3713448034727844]
BCG_Y += [-0.3393588283383906, 0.44591340057137874, -0.017313948216879815]
BCG_V = [0.32558476500396133, 0.19458112139814385, 0.4153679653679654, 0.020010031902247573, 0.05121017216963086]
BCG_V += [0.0069056184559087574, 0.22301724757231517, 0.0039615792978177295, 0.056434210463248966]
BCG_V += [0.07302479361302891, 0.01241221397155972, 0.5325058452001528, 0.0714046596839863]
effect = st.floats(-10, 10).map(lambda value: round(value, 6))
studies = st.lists(st.tuples(effect, st.floats(0.01, 100)), min_size=2, max_size=9)


def columns(found: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    y, v = map(np.array, zip(*found, strict=True))
    return y, v


def test_the_bcg_trials_by_every_test() -> None:
    """Estimate and z as R's metafor (DL −0.7141, se 0.1787); Knapp & Hartung's se 0.180697 as in statsmodels 0.15.0."""
    by = {test: pooled(BCG_Y, BCG_V, test=test) for test in TESTS}
    assert {round(each.estimate, 4) for each in by.values()} == {-0.7141}
    assert (by["z"].se, by["z"].p, by["z"].df) == (
        pytest.approx(0.178742, abs=1e-6),
        pytest.approx(6.46e-5, rel=1e-3),
        np.inf,
    )
    assert (by["t"].se, by["t"].df) == (by["z"].se, 12)
    assert (by["knha"].se, by["knha"].p) == (pytest.approx(0.1806966, abs=1e-7), pytest.approx(0.00192077, rel=1e-5))
    assert astuple(by["adhoc"]) == astuple(by["knha"]), "their variance is above the usual one here"
    assert (by["guarded"].se, round(by["guarded"].df, 3)) == (by["knha"].se, 11.026)
    assert by["z"].h2 == pytest.approx(by["z"].q / by["z"].q_df)


def test_the_default_is_the_guarded_one() -> None:
    assert pooled(BCG_Y, BCG_V) == pooled(BCG_Y, BCG_V, 0.05, method="DL", test="guarded", prediction="higgins")


def test_the_prediction_interval() -> None:
    y, v = [0.1, -0.04, 0.03, 0.2], np.square([0.03, 0.025, 0.02, 0.05])
    higgins, own = (pooled(y, v, test="z", prediction=each) for each in ("higgins", "test"))
    spread = np.sqrt(higgins.tau2 + higgins.se**2)
    assert higgins.prediction_upper == pytest.approx(higgins.estimate + 4.302652730 * spread), "t with 2 df"
    assert own.prediction_upper == pytest.approx(own.estimate + 1.959963985 * spread)
    knha = pooled(y, v, test="knha", prediction="test")
    assert knha.prediction_upper - knha.estimate == pytest.approx(3.182446305 * np.sqrt(knha.tau2 + knha.se**2))


def test_two_experiments_tell_nothing_of_the_next() -> None:
    found = pooled([0.1, 0.2], [0.01, 0.01])
    assert (found.prediction_lower, found.prediction_upper) == (-np.inf, np.inf)
    assert found.upper == pytest.approx(0.15 + 12.7062047 * np.sqrt(0.005)), "t with one df"


@pytest.mark.parametrize("method", METHODS)
@given(
    test=st.sampled_from(TESTS),
    found=studies,
    shift=st.floats(-1e6, 1e6),
    scale=st.sampled_from([-1e6, -1.0, 1e-6, 3.0]),
)
def test_the_laws_of_pooling(
    method: Method, test: Test, found: list[tuple[float, float]], shift: float, scale: float
) -> None:
    y, v = columns(found)
    assume(np.ptp(y) > 1e-3)
    ours = pooled(y, v, method=method, test=test)
    assert y.min() - 1e-9 <= ours.estimate <= y.max() + 1e-9
    assert ours.tau2 >= 0
    assert 0 <= ours.i2 < 1
    assert ours.prediction_lower <= ours.lower + 1e-9
    assert ours.upper - 1e-9 <= ours.prediction_upper
    if abs(ours.p - 0.05) > 1e-9:
        assert (ours.p < 0.05) == (ours.lower > 0 or ours.upper < 0), "p and interval tell the same story"
    moved = pooled(scale * y[::-1] + shift, scale**2 * v[::-1], method=method, test=test)
    rounding = 1e-6 * abs(scale) + 1e-9 * abs(shift)
    assert moved.estimate == pytest.approx(scale * ours.estimate + shift, rel=1e-6, abs=rounding)
    if abs(shift) < 1e3 * abs(scale):
        assert moved.se == pytest.approx(abs(scale) * ours.se, rel=1e-4)


@given(studies)
def test_the_guards_only_widen(found: list[tuple[float, float]]) -> None:
    y, v = columns(found)
    assume(np.ptp(y) > 1e-3)
    by = {test: pooled(y, v, test=test) for test in TESTS}
    width = {test: each.upper - each.lower for test, each in by.items()}
    slack = 1 + 1e-9
    assert width["z"] <= width["t"] * slack
    assert max(width["t"], width["knha"]) <= width["adhoc"] * slack <= width["guarded"] * slack**2
    assert 1 - 1e-9 <= by["guarded"].df <= len(found) - 1 + 1e-9


@given(st.lists(effect, min_size=2, max_size=9), st.floats(0.01, 100))
def test_equal_variances_make_the_guard_knapp_and_hartungs(y: list[float], v: float) -> None:
    guarded, adhoc = (pooled(y, [v] * len(y), test=test) for test in ("guarded", "adhoc"))
    assert guarded.df == pytest.approx(adhoc.df)
    assert (guarded.lower, guarded.upper) == (
        pytest.approx(adhoc.lower, rel=1e-6),
        pytest.approx(adhoc.upper, rel=1e-6),
    )


@given(studies)
def test_what_pooling_says_of_the_spread_is_cochrans(found: list[tuple[float, float]]) -> None:
    y, v = columns(found)
    ours, theirs = pooled(y, v, method="DL"), heterogeneity(y, v)
    assert (ours.q, ours.q_df) == (pytest.approx(float(theirs.q), rel=1e-9, abs=1e-12), theirs.df)
    assert ours.q_p == pytest.approx(float(theirs.p), rel=1e-6, abs=1e-290)
    assert (ours.tau2, ours.i2) == (
        pytest.approx(float(theirs.tau2), rel=1e-6, abs=1e-9),
        pytest.approx(float(theirs.i2), rel=1e-6, abs=1e-9),
    )


def test_intervals_of_few_unequal_experiments_keep_their_coverage() -> None:
    """Four experiments, one a hundred times as exact: in 10 000 runs 74 % by Knapp–Hartung, 99 % guarded."""
    random, variances, runs = np.random.default_rng(20), np.array([0.01, 1.0, 1.0, 1.0]), 2_000
    effects = random.normal(size=(runs, 4)) * np.sqrt(variances + 0.4)
    covered = dict.fromkeys(("knha", "guarded"), 0)
    for each in effects:
        for test in ("knha", "guarded"):
            found = pooled(each, variances, test=test)
            covered[test] += found.lower <= 0 <= found.upper
    assert covered["guarded"] / runs >= 0.94
    assert covered["knha"] / runs < 0.9


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("y", "v"),
    [
        ([0.0, 1.0, 3.0], [1e-50, 1.0, 1e50]),
        ([1e50, -1e50, 0.0], [1e-50, 1e-50, 1e-50]),
        ([1e9, 1e9 + 1, 1e9 + 3], [1e-15, 1.0, 1.0]),
        ([0.5, 0.5, 0.5], [1.0, 2.0, 3.0]),
        ([5e-324, 0.0, 1e-300], [1e-15, 1.0, 1e15]),
    ],
)
def test_extreme_effects_give_finite_numbers(method: Method, y: list[float], v: list[float]) -> None:
    for test in ("z", "t", "adhoc", "guarded"):
        found = pooled(y, v, method=method, test=test)
        assert np.isfinite(astuple(found)[:6]).all()
        assert found.se > 0
        assert 0 <= found.p <= 1
        assert 0 <= found.i2 <= 1
        assert min(y) <= found.estimate <= max(y)


def test_the_same_effects_have_no_knapp_hartung_interval() -> None:
    with pytest.raises(InsufficientData, match="All the effects are the same"):
        pooled([0.5, 0.5], [1.0, 2.0], test="knha")
    found = pooled([0.5, 0.5], [1.0, 1.0])
    assert (found.estimate, found.tau2, found.q) == (0.5, 0, 0)


@pytest.mark.parametrize(
    ("y", "v", "alpha", "words"),
    [
        ([0.1], [0.1], 0.05, "two effects"),
        ([], [], 0.05, "two effects"),
        ([0.1, 0.2], [0.1], 0.05, "its own variance"),
        ([[0.1, 0.2]], [[0.1, 0.1]], 0.05, "its own variance"),
        ([0.1, np.nan], [0.1, 0.1], 0.05, "missing"),
        ([0.1, 0.2], [0.1, 0.0], 0.05, "not above zero"),
        ([0.1, 0.2], [0.1, -0.1], 0.05, "not above zero"),
        ([0.1, 0.2], [np.nan, 0.1], 0.05, "missing"),
        ([0.1, 0.2], [np.inf, 0.1], 0.05, "missing"),
        ([0.1, 1e80], [0.1, 0.1], 0.05, "another unit"),
        ([0.1, 0.2], [0.1, 0.1], 0.0, "level of significance"),
        ([0.1, 0.2], [0.1, 0.1], np.nan, "level of significance"),
    ],
)
def test_what_cannot_be_pooled_is_refused(y: list[float], v: list[float], alpha: float, words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        pooled(y, v, alpha)


@given(st.lists(studies, min_size=2, max_size=4))
def test_the_spread_between_and_within_groups_adds_up(groups: list[list[tuple[float, float]]]) -> None:
    """Q of all = Q between + the sum of Q within, for one effect per group."""
    y, v = columns([each for group in groups for each in group])
    names = [at for at, group in enumerate(groups) for _ in group]
    found = between(y, v, names)
    within = sum(pooled(*columns(group), method="FE", test="z").q for group in groups)
    assert found.q + within == pytest.approx(pooled(y, v, method="FE", test="z").q, rel=1e-6, abs=1e-6)
    assert (found.df, found.groups) == (len(groups) - 1, tuple(range(len(groups))))


def test_groups_of_random_effects() -> None:
    """Each group with its own τ²: the z of the difference of the two estimates, squared."""
    random = ["random" if at in (1, 3, 5, 6) else "alternate" for at in range(13)]
    found = between(BCG_Y, BCG_V, random, "REML")
    parts: list[Pooled] = [
        pooled(
            *columns([(y, v) for y, v, name in zip(BCG_Y, BCG_V, random, strict=True) if name == group]),
            method="REML",
            test="z",
        )
        for group in ("alternate", "random")
    ]
    z = (parts[0].estimate - parts[1].estimate) / np.hypot(parts[0].se, parts[1].se)
    assert (found.q, found.df) == (pytest.approx(z**2), 1)
    assert found.p == pytest.approx(2 * special.ndtr(-abs(z)))
    assert (found.groups, found.ses) == (("alternate", "random"), tuple(part.se for part in parts))


def test_a_group_of_one_experiment() -> None:
    found = between([0.1, 0.2, 0.9], [0.01, 0.01, 0.04], ["web", "web", "app"])
    assert found.estimates == (pytest.approx(0.15), 0.9)
    assert found.q == pytest.approx((0.9 - 0.15) ** 2 / (0.005 + 0.04))
    with pytest.raises(InsufficientData, match="two effects"):
        between([0.1, 0.2, 0.9], [0.01, 0.01, 0.04], ["web", "web", "app"], "DL")


@pytest.mark.parametrize(
    ("y", "v", "groups", "words"),
    [
        ([0.1, 0.2], [0.1, 0.1], ["a"], "its group"),
        ([0.1, 0.2], [0.1], ["a", "b"], "its group"),
        ([0.1, 0.2], [0.1, 0.1], ["a", "a"], "two groups"),
        ([], [], [], "two groups"),
        ([0.1, np.nan], [0.1, 0.1], ["a", "b"], "missing"),
        ([0.1, 0.2], [0.1, 0.0], ["a", "b"], "not above zero"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(
    y: list[float], v: list[float], groups: list[str], words: str
) -> None:
    with pytest.raises(InsufficientData, match=words):
        between(y, v, groups)
