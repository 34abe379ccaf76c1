"""Mann–Whitney and Hodges–Lehmann: against scipy, enumeration and direct sorting, laws, and refusals."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.errors import InsufficientData
from experiments.stats.ranks import mann_whitney
from experiments.stats.tails import Alternative

SETTLED = settings(deadline=None, max_examples=80)
SIDES: list[Alternative] = ["two-sided", "greater", "less"]
VALUES = st.lists(st.integers(-50, 50), min_size=1, max_size=25)
DISTINCT = st.lists(st.integers(-1000, 1000), min_size=2, max_size=30, unique=True)


@SETTLED
@given(VALUES, VALUES, st.sampled_from(SIDES), st.booleans())
def test_the_asymptotic_p_is_scipys(
    control: list[int], treatment: list[int], side: Alternative, corrected: bool
) -> None:
    assume(len(set(control + treatment)) > 1)
    found = mann_whitney(control, treatment, 0.05, side, "asymptotic", corrected=corrected)
    theirs = stats.mannwhitneyu(treatment, control, alternative=side, method="asymptotic", use_continuity=corrected)
    assert found.u == theirs.statistic
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-9, abs=1e-15)


@SETTLED
@given(DISTINCT, st.data(), st.sampled_from(SIDES))
def test_the_exact_p_is_scipys(values: list[int], data: st.DataObject, side: Alternative) -> None:
    cut = data.draw(st.integers(1, len(values) - 1))
    control, treatment = values[:cut], values[cut:]
    found = mann_whitney(control, treatment, 0.05, side)
    theirs = stats.mannwhitneyu(treatment, control, alternative=side, method="exact")
    assert found.exact
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-9)


def test_the_exact_p_counts_all_orders() -> None:
    orders = [sum(order) - 6 for order in itertools.combinations(range(1, 8), 3)]
    control, treatment = [1.0, 2.0, 5.0, 7.0], [3.0, 4.0, 6.0]
    found = mann_whitney(control, treatment, alternative="greater")
    assert found.u == 7
    assert found.p == pytest.approx(sum(u >= 7 for u in orders) / len(orders), rel=1e-12)


@SETTLED
@given(VALUES, VALUES, st.floats(0.01, 0.3), st.sampled_from(["auto", "asymptotic"]))
def test_the_shift_and_its_bounds_are_among_the_pairwise_differences(
    control: list[int], treatment: list[int], alpha: float, method: Any
) -> None:
    assume(len(set(control + treatment)) > 1)
    found = mann_whitney(control, treatment, alpha, method=method)
    pairs = np.subtract.outer(np.asarray(treatment, float), np.asarray(control, float))
    assert found.shift == np.median(pairs)
    for bound in (found.lower, found.upper):
        assert math.isinf(bound) or bound in pairs
    assert found.lower <= found.shift <= found.upper


@SETTLED
@given(DISTINCT, st.data(), st.floats(0.01, 0.3), st.sampled_from(["auto", "asymptotic"]))
def test_without_ties_the_interval_excludes_zero_exactly_when_the_test_rejects(
    values: list[int], data: st.DataObject, alpha: float, method: Any
) -> None:
    cut = data.draw(st.integers(1, len(values) - 1))
    for side in SIDES:
        found = mann_whitney(values[:cut], values[cut:], alpha, side, method)
        assume(abs(found.p - alpha) > 1e-9)
        assert (found.lower > 0 or found.upper < 0) == (found.p < alpha)


@SETTLED
@given(VALUES, VALUES, st.integers(-100, 100), st.sampled_from(SIDES))
def test_swapping_negates_and_moving_treatment_moves_the_shift(
    control: list[int], treatment: list[int], by: int, side: Alternative
) -> None:
    moved = [each + by for each in treatment]
    assume(len(set(control + treatment)) > 1 and len(set(control + moved)) > 1)
    mirrored: Alternative = {"greater": "less", "less": "greater"}.get(side, side)  # type: ignore[assignment]
    found = mann_whitney(control, treatment, 0.1, side, "asymptotic")
    back = mann_whitney(treatment, control, 0.1, mirrored, "asymptotic")
    assert (back.shift, back.lower, back.upper) == (-found.shift, -found.upper, -found.lower)
    assert back.p == pytest.approx(found.p, rel=1e-12)
    further = mann_whitney(control, moved, 0.1, side, "asymptotic")
    assert (further.shift, further.lower, further.upper) == (found.shift + by, found.lower + by, found.upper + by)


def test_so_few_values_reach_no_interval() -> None:
    for method in ("exact", "asymptotic"):
        found = mann_whitney([1.0, 2.0], [5.0, 7.0], method=method)  # type: ignore[arg-type]
        assert (found.lower, found.upper) == (-math.inf, math.inf)
        assert found.p > 0.05


def test_a_zero_among_the_differences_is_found_exactly() -> None:
    found = mann_whitney([0.1, 0.2, 0.3, 0.4, 0.5], [0.1, 0.2, 0.3, 0.4, 0.5])
    assert found.shift == 0
    assert found.p == 1


def test_large_offsets_and_denormals_keep_the_shift() -> None:
    steps = np.arange(40.0)
    assert mann_whitney(steps + 1e9, steps + 1e9 + 3).shift == 3
    tiny = mann_whitney([0.0, 5e-324], [1e-323, 2e-323])
    assert (tiny.u, tiny.shift) == (4, 1e-323)
    assert mann_whitney([1e99, -1e99, 3.0], [1e9, 1e9 + 1]).shift == pytest.approx(1e9 - 2.5)


def test_twenty_thousand_values_per_arm_need_no_matrix() -> None:
    grid = np.arange(20_000.0)
    found = mann_whitney(grid, grid + 250.0)
    assert found.shift == 250
    assert found.lower < 250 < found.upper
    assert not found.exact
    assert found.p == pytest.approx(stats.mannwhitneyu(grid + 250.0, grid, method="asymptotic").pvalue, rel=1e-9)


@pytest.mark.parametrize(
    ("control", "treatment", "words"),
    [
        ([], [1.0], "no values"),
        ([[1.0]], [1.0], "no values"),
        ([1.0, math.nan], [1.0], "missing"),
        ([1.0], [math.inf], "missing"),
        ([1.0], [1e200], "too large"),
        ([2.0, 2.0], [2.0], "the same"),
    ],
)
def test_odd_values_are_refused(control: Any, treatment: Any, words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        mann_whitney(control, treatment)


def test_the_exact_test_refuses_ties_and_crowds() -> None:
    with pytest.raises(InsufficientData, match="too many"):
        mann_whitney(np.arange(300.0), np.arange(300.0) + 0.5, method="exact")
    with pytest.raises(InsufficientData, match="ties"):
        mann_whitney([1, 2], [2, 3], method="exact")
    assert not mann_whitney([1, 2], [2, 3]).exact
