"""Segments that differ, and experiments that interact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.factorial import Cell, wald
from experiments.stats.heterogeneity import (
    heterogeneity,
    interaction,
    others,
    segments,
    variances_of_means,
    welch_james,
)
from experiments.stats.moments import Moments

effects = st.floats(-100, 100)
variances = st.floats(1e-3, 1e3)
studies = st.lists(st.tuples(effects, variances), min_size=2, max_size=8)
cells = st.tuples(st.integers(2, 10**6), effects, st.floats(0.01, 100))
CONTROL = Moments.given([40, 30, 25], [10.0, 12.0, 11.0], [25.0, 30.0, 18.0])
TREATMENT = Moments.given([41, 29, 33], [10.1, 14.0, 16.0], [26.0, 31.0, 22.0])


def test_the_spread_of_the_bcg_trials() -> None:
    """Colditz et al. 1994 as in R's metafor, dat.bcg: Q = 152.2330, I² = 92.12 %, τ² = 0.3088."""
    y = [-0.8893113339, -1.5853886572, -1.3480731483, -1.4415511900, -0.2175473222, -0.7861155858, -1.6208982236]
    y += [0.0119523335, -0.4694176487, -1.3713448035, -0.3393588283, 0.4459134006, -0.0173139482]
    v = [0.3255847650, 0.1945811214, 0.4153679654, 0.0200100319, 0.0512101722, 0.0069056185, 0.2230175724]
    v += [0.0039615793, 0.0564342105, 0.0730247936, 0.0124122140, 0.5325058452, 0.0714046597]
    found = heterogeneity(y, v)
    assert found.q == pytest.approx(152.2330, abs=1e-4)
    assert found.p == pytest.approx(1.99676e-26, rel=1e-4)
    assert found.i2 == pytest.approx(0.92117, abs=1e-5)
    assert found.tau2 == pytest.approx(0.308760, abs=1e-6)


def test_effects_that_agree_show_no_spread() -> None:
    found = heterogeneity([0.3, 0.3, 0.3], [1.0, 2.0, 4.0])
    assert (found.q, found.i2, found.tau2, found.p) == (0, 0, 0, 1)


@given(studies, st.floats(-1e9, 1e9), st.floats(1e-6, 1e6))
def test_shift_scale_and_order_leave_the_test_alone(
    found: list[tuple[float, float]], shift: float, scale: float
) -> None:
    y, v = map(np.array, zip(*found, strict=True))
    before = heterogeneity(y, v)
    rounding = 1e-12 * (abs(shift) + 100) ** 2 / v.min() + 1e-9
    assert heterogeneity(y + shift, v).q == pytest.approx(before.q, rel=1e-5, abs=rounding)
    scaled = heterogeneity(y[::-1] * scale, v[::-1] * scale**2)
    assert (scaled.q, scaled.p) == (pytest.approx(before.q, rel=1e-9), pytest.approx(before.p, rel=1e-6, abs=1e-290))
    assert scaled.tau2 == pytest.approx(before.tau2 * scale**2, rel=1e-6, abs=1e-9 * scale**2)
    assert 0 <= before.i2 < 1


@given(st.lists(studies, min_size=1, max_size=4), st.sampled_from([0.0, np.nan, np.inf, -1.0]))
def test_padding_never_influences(rows: list[list[tuple[float, float]]], filler: float) -> None:
    y, v, df = (np.full((len(rows), 10), filler) for _ in range(3))
    present = np.zeros(y.shape, dtype=bool)
    for at, row in enumerate(rows):
        y[at, 1 : len(row) + 1], v[at, 1 : len(row) + 1] = zip(*row, strict=True)
        df[at, 1 : len(row) + 1], present[at, 1 : len(row) + 1] = 20.0, True
    found = heterogeneity(y, v, df, present)
    for at, row in enumerate(rows):
        alone = heterogeneity(*zip(*row, strict=True), 20.0)
        for name in ("q", "df", "p", "i2", "tau2"):
            assert getattr(found, name)[at] == pytest.approx(float(getattr(alone, name)), rel=1e-9, abs=1e-300)


@given(st.lists(cells, min_size=6, max_size=6))
def test_segments_are_the_interaction_of_variant_and_segment(six: list[tuple[int, float, float]]) -> None:
    control, treatment = (Moments.given(*map(list, zip(*half, strict=True))) for half in (six[:3], six[3:]))
    found = segments(control, treatment)
    design = [
        Cell({"variant": variant, "segment": str(at % 3)}, *cell)
        for variant, at, cell in zip("ccc" + "ttt", range(6), six, strict=True)
    ]
    term = wald(design)[2]
    assert term.name == "variant:segment"
    assert found.q == pytest.approx(term.statistic, rel=1e-6, abs=1e-9)
    assert found.p == pytest.approx(term.p, rel=1e-6, abs=1e-290)


def test_padded_segments() -> None:
    padding = Moments.given(0, np.nan, -1)
    control, treatment = (
        Moments(*(np.append(getattr(arm, name), getattr(padding, name)) for name in ("n", "mean", "m2")))
        for arm in (CONTROL, TREATMENT)
    )
    found, alone = segments(control, treatment, [True, True, True, False]), segments(CONTROL, TREATMENT)
    assert (found.q, found.p, found.df) == (alone.q, alone.p, 2)
    with pytest.raises(InsufficientData, match="missing, negative"):
        segments(control, treatment)


def test_a_share_of_nearly_all_leaves_the_rest_exact() -> None:
    share = np.array([[1.0, 1e-30, 1e-30], [0.25, 0.5, 0.25]])
    assert others(share).tolist() == [[2e-30, 1.0, 1.0], [0.75, 0.5, 0.75]]


def test_variances_far_apart_still_give_a_spread() -> None:
    found = heterogeneity([0.0, 3e20, 1e20], [1e-20, 1e40, 1e40])
    assert found.q == pytest.approx(10.0, rel=1e-9)
    assert found.tau2 == pytest.approx(2e40, rel=1e-6)


def test_a_wald_statistic_with_known_variances_is_chi_square() -> None:
    f, p, df = welch_james(np.array(6.0), np.array(2.0), np.array(0.0))
    assert (f, p, df) == (3.0, pytest.approx(np.exp(-3.0), rel=1e-12), np.inf)


@given(st.lists(cells, min_size=4, max_size=4))
def test_an_interaction_turns_with_its_experiments(four: list[tuple[int, float, float]]) -> None:
    n, mean, variance = (np.reshape(each, (2, 2)) for each in zip(*four, strict=True))
    found = interaction(Moments.given(n, mean, variance))
    turned = interaction(Moments.given(n.T, mean.T, variance.T))
    assert turned.estimate == pytest.approx(float(found.estimate), abs=1e-9)
    assert turned.p == pytest.approx(float(found.p), rel=1e-9, abs=1e-290)
    negated = interaction(Moments.given(n[::-1], mean[::-1], variance[::-1]))
    assert (negated.lower, negated.upper) == (pytest.approx(-float(found.upper)), pytest.approx(-float(found.lower)))
    if abs(abs(found.z) - 1.959964) > 1e-5:
        assert (found.p < 0.05) == (found.lower > 0 or found.upper < 0)


def test_many_pairs_of_experiments_at_once() -> None:
    n, mean, variance = np.full((5, 2, 2), 100), np.arange(20.0).reshape(5, 2, 2) ** 2, np.ones((5, 2, 2))
    found = interaction(Moments.given(n, mean, variance), alpha=0.1)
    assert found.estimate.tolist() == [4.0] * 5
    assert found.upper.tolist() == pytest.approx([4 + 1.6448536 * 0.2] * 5)


@pytest.mark.parametrize(
    ("y", "v", "words"),
    [
        ([0.1], [0.1], "two effects"),
        ([], [], "two effects"),
        (0.1, 0.1, "two effects"),
        ([0.1, np.nan], [0.1, 0.1], "missing"),
        ([0.1, np.inf], [0.1, 0.1], "missing"),
        ([0.1, 0.1], [0.1, 0.0], "not above zero"),
        ([0.1, 0.1], [0.1, -1.0], "not above zero"),
        ([0.1, 0.1], [0.1, np.nan], "missing"),
        ([0.1, 1e60], [0.1, 0.1], "another unit"),
        ([0.1, 0.1], [0.1, 5e-324], "another unit"),
        ([0.1, 0.1], [0.1, 1e300], "another unit"),
    ],
)
def test_degenerate_effects_are_refused(y: list[float], v: list[float], words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        heterogeneity(y, v)


@pytest.mark.parametrize("df", [0.0, -1.0, np.nan])
def test_variances_without_degrees_of_freedom_are_refused(df: float) -> None:
    with pytest.raises(InsufficientData, match="degrees of freedom"):
        heterogeneity([0.1, 0.2], [1.0, 1.0], df)


@pytest.mark.parametrize(
    ("n", "mean", "variance", "words"),
    [
        (0, 1.0, 1.0, "two units"),
        (1, 1.0, 1.0, "two units"),
        (-3, 1.0, 1.0, "missing, negative"),
        (np.nan, 1.0, 1.0, "missing, negative"),
        (10, np.inf, 1.0, "missing, negative"),
        (10, 1.0, np.nan, "missing, negative"),
        (10, 1.0, -1.0, "missing, negative"),
        (10, 1.0, 0.0, "same value"),
        (10, 1e9, 1e-15, "same value"),
        (10, 1e60, 1e119, "another unit"),
        (10, 0.0, 1e-320, "another unit"),
        (10, 0.0, 1e60, "another unit"),
        (1e60, 0.0, 1e60, "another unit"),
    ],
)
def test_degenerate_groups_are_refused(n: float, mean: float, variance: float, words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        variances_of_means(Moments.given([5, n], [1.0, mean], [1.0, variance]))
    with pytest.raises(InsufficientData, match=words):
        interaction(Moments.given([[5, n], [5, 5]], [[1, mean], [1, 1]], [[1, variance], [1, 1]]))
    with pytest.raises(InsufficientData, match=words):
        segments(Moments.given([5, n], [1.0, mean], [1.0, variance]), TREATMENT.take(np.array([0, 1])))


def test_an_interaction_is_of_two_by_two() -> None:
    with pytest.raises(InsufficientData, match="two variants of each"):
        interaction(CONTROL)
    with pytest.raises(InsufficientData, match="level"):
        interaction(CONTROL, alpha=1.5)


def test_huge_counts_and_offsets() -> None:
    variance = [1e6, 1e6]
    control = Moments.given([10**15] * 2, [1e9, 1e9], variance)
    treatment = Moments.given([10**15] * 2, [1e9, 1e9 + 2**-10], variance)
    assert segments(control, treatment).q == pytest.approx(2**-20 / 4e-9, rel=1e-9)
    with pytest.raises(InsufficientData, match="same value"):
        segments(Moments.given([10**15] * 2, [1e9, 1e9], [1.0, 1.0]), treatment)
