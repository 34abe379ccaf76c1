"""The split against the weights: exact values, many at once, odd counts, and its promise under daily looks."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats
from experiments.stats.sample_ratio import ALPHA, NoRatio, SampleRatio, chi_square, sample_ratio, sample_ratios

COUNTS = st.integers(0, 10**15)
WEIGHTS = st.integers(0, 10_000)


@st.composite
def experiments(draw: st.DrawFn, arms: int = 3) -> tuple[list[list[int]], list[int], int]:
    """Looks that never shrink, weights and planned units; some without looks, units or traffic."""
    steps = draw(st.lists(st.lists(st.integers(0, 10**6), min_size=arms, max_size=arms), max_size=4))
    looks = np.cumsum(np.array(steps, dtype=np.int64).reshape(-1, arms), axis=0).tolist()
    return looks, draw(st.lists(WEIGHTS, min_size=arms, max_size=arms)), draw(st.integers(100, 10**9))


def together(each: list[tuple[list[list[int]], list[int], int]]) -> Any:
    rows = [row for looks, _, _ in each for row in looks]
    starts = np.cumsum([0, *(len(looks) for looks, _, _ in each)])[:-1]
    weights, planned = np.array([weights for _, weights, _ in each]), [planned for _, _, planned in each]
    return sample_ratios(np.array(rows).reshape(-1, 3), starts, weights, planned)


def outcome(test: Any) -> SampleRatio | str:
    try:
        found = test()
    except InsufficientData as refused:
        return refused.words
    assert isinstance(found, SampleRatio)
    return found


@given(st.lists(experiments(), min_size=1, max_size=6))
def test_many_at_once_are_what_each_is_alone(each: list[tuple[list[list[int]], list[int], int]]) -> None:
    found = together(each)
    assert found.rows.tolist() == np.flatnonzero(found.status == 0).tolist()
    for row, (looks, weights, planned) in enumerate(each):
        batched, alone = (
            outcome(lambda row=row: found.at(row)),
            outcome(lambda e=(looks, weights, planned): sample_ratio(*e)),
        )
        if isinstance(alone, SampleRatio):
            assert isinstance(batched, SampleRatio)
            assert batched.p == pytest.approx(alone.p, rel=1e-9)
            assert batched.chi_square == pytest.approx(alone.chi_square, rel=1e-9)
            assert (batched.df, batched.largest_gap) == (alone.df, alone.largest_gap)
        else:
            assert batched == alone


@pytest.mark.parametrize(
    ("counts", "weights", "planned", "p"),
    [
        ([600, 400], [1, 1], 5_000, 4.1547006527988e-7),
        ([2_000, 3_100, 4_900], [2, 3, 5], 5_000, 1.0),
        ([3, 99_997], [1, 9_999], 5_000, 0.862014924394355),
        ([560, 440], [1, 1], 100, 0.0102168805167887),
        ([0, 40], [1, 1], 100, 1.34236312776365e-9),
        ([1_002_000, 998_000, 2_000_000], [1, 1, 2], 4_000_000, 0.403033403284869),
        ([5_250, 4_750], [1, 1], 10**12, 0.999998018660073),
        ([5 * 10**14 + 10**8, 5 * 10**14 - 10**8], [1, 1], 10**12, 2.65178717900086e-7),
    ],
)
def test_the_bayes_factor_is_exact(counts: list[int], weights: list[int], planned: int, p: float) -> None:
    """Against log-gamma functions at 60 digits (mpmath 1.3)."""
    assert sample_ratio(counts, weights, planned).p == pytest.approx(p, rel=1e-6)


def test_the_newest_look_alone_is_pearsons() -> None:
    """Kohavi, Tang & Xu 2020, ch. 21: p = 1.8e-6."""
    statistic, df, p = chi_square([821_588, 815_482], [1, 1])
    assert (statistic, df, p) == (pytest.approx(22.77436884), 1, pytest.approx(1.82179287e-6))
    found = sample_ratio([821_588, 815_482], [1, 1], 1_637_070)
    assert (found.chi_square, found.df, found.chi_square_p) == (statistic, df, p)
    assert found.rejects
    assert not sample_ratio([5_000, 5_030], [1, 1], 10_000).rejects


@given(st.lists(COUNTS, min_size=3, max_size=3), st.lists(st.integers(1, 10_000), min_size=3, max_size=3))
def test_order_scale_of_the_weights_and_empty_arms_do_not_matter(counts: list[int], weights: list[int]) -> None:
    if not sum(counts):
        return
    found = sample_ratio(counts, weights, 5_000)
    turned = sample_ratio(counts[::-1], [10 * weight for weight in weights[::-1]], 5_000)
    padded = sample_ratio([*counts, 123], [*weights, 0], 5_000)
    for other in (turned, padded):
        assert other.p == pytest.approx(found.p, rel=1e-6)
        assert other.chi_square == pytest.approx(found.chi_square, rel=1e-9, abs=1e-9)
        assert other.largest_gap == pytest.approx(found.largest_gap, abs=1e-12)
        assert other.df == 2
    assert 0 <= found.p <= 1
    assert 0 <= found.largest_gap <= 1


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=20))
def test_p_never_rises(steps: list[tuple[int, int]]) -> None:
    looks = np.cumsum(steps, axis=0)
    if not looks[0].sum():
        return
    p = [sample_ratio(looks[: index + 1], [1, 1], 1_000).p for index in range(len(looks))]
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in pairwise(p))


@pytest.mark.parametrize(
    ("counts", "weights", "planned", "reason"),
    [
        ([], [1, 1], 100, NoRatio.NO_UNITS),
        ([0, 0], [1, 1], 100, NoRatio.NO_UNITS),
        ([0, 0, 70], [1, 1, 0], 100, NoRatio.NO_UNITS),
        ([5e-324, 0], [1, 1], 100, NoRatio.NO_UNITS),
        ([5, 5], [1, 0], 100, NoRatio.ONE_ARM),
        ([5, 5], [0, 0], 100, NoRatio.ONE_ARM),
        ([5, 5], [5e-324, 5e-324], 100, NoRatio.ONE_ARM),
        ([5, 5], [1, 1e-300], 100, NoRatio.ONE_ARM),
        ([math.nan, 5], [1, 1], 100, NoRatio.NOT_A_COUNT),
        ([math.inf, 5], [1, 1], 100, NoRatio.NOT_A_COUNT),
        ([-1, 5], [1, 1], 100, NoRatio.NOT_A_COUNT),
        ([1e200, 5], [1, 1], 100, NoRatio.NOT_A_COUNT),
        ([5, 5], [math.nan, 1], 100, NoRatio.NOT_A_COUNT),
        ([5, 5], [math.inf, 1], 100, NoRatio.NOT_A_COUNT),
        ([5, 5], [-1, 1], 100, NoRatio.NOT_A_COUNT),
        ([5, 5], [1, 1], 0, NoRatio.NOT_A_COUNT),
        ([5, 5], [1, 1], math.nan, NoRatio.NOT_A_COUNT),
    ],
)
def test_what_cannot_be_a_split_says_why(
    counts: list[float], weights: list[float], planned: float, reason: NoRatio
) -> None:
    with pytest.raises(InsufficientData) as refused:
        sample_ratio(counts, weights, planned)
    assert refused.value.words == reason.words != ""
    with pytest.raises(InsufficientData):
        chi_square(counts, weights) if planned == 100 else sample_ratio(counts, weights, planned)


def test_an_odd_look_refuses_its_experiment_alone() -> None:
    looks = [[math.nan, 5], [600, 400], [600, 400], [0, 0], [610, 400]]
    found = sample_ratios(looks, [0, 2, 3, 3], np.ones((4, 2)), 5_000)
    assert found.status.tolist() == [NoRatio.NOT_A_COUNT, 0, NoRatio.NO_UNITS, 0]
    assert found.p.shape == (2,)
    assert found.at(1) == sample_ratio([600, 400], [1, 1], 5_000)
    assert found.at(3) == sample_ratio([[0, 0], [610, 400]], [1, 1], 5_000)


def test_all_refused_and_none_at_all_are_empty_columns() -> None:
    for found in (
        sample_ratios(np.zeros((0, 2)), [0, 0], np.ones((2, 2)), 5_000),
        sample_ratios(np.zeros((0, 2)), [], np.ones((0, 2)), 5_000),
    ):
        assert (found.status == NoRatio.NO_UNITS).all()
        for column in (found.rows, found.p, found.chi_square, found.df, found.chi_square_p, found.largest_gap):
            assert column.size == 0


@pytest.mark.parametrize("counts", [[1e100, 1e100], [1e100, 0], [0, 10**15], [1, 0], [10**15, 10**15 - 1]])
@pytest.mark.parametrize("weights", [[1, 1], [9_999, 1], [1e-11, 1], [1e-300, 1e-300]])
@pytest.mark.parametrize("planned", [1, 5_000, 1e100])
def test_extreme_counts_give_plain_numbers(counts: list[float], weights: list[float], planned: float) -> None:
    found = sample_ratio(counts, weights, planned)
    assert 0 <= found.p <= 1
    assert all(math.isfinite(each) and each >= 0 for each in (found.chi_square, found.chi_square_p, found.largest_gap))


def histories(seed: int, runs: int, shares: list[float], per_day: int = 400) -> Floats:
    daily = np.random.default_rng(seed).multinomial(per_day, shares, size=(runs, 28))
    return daily.cumsum(axis=1).reshape(-1, len(shares)).astype(np.float64)


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.9, 0.1], [0.4, 0.3, 0.3], [0.998, 0.001, 0.001]])
@pytest.mark.parametrize("planned", [500, 11_200])
def test_28_daily_looks_call_a_sound_split_broken_no_more_often_than_promised(
    shares: list[float], planned: int
) -> None:
    runs = 4_000
    found = sample_ratios(histories(28, runs, shares), np.arange(runs) * 28, np.tile(shares, (runs, 1)), planned)
    assert (found.p < ALPHA).mean() <= ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)


def test_a_two_point_gap_is_found_within_28_days() -> None:
    found = sample_ratios(histories(5, 500, [0.53, 0.47]), np.arange(500) * 28, np.ones((500, 2)), 11_200)
    assert (found.p < ALPHA).mean() > 0.95
