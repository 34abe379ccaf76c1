"""Two proportions: Newcombe's published intervals, laws that hold for any counts, and refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.bayes import beta
from experiments.stats.exact import fisher, odds_ratio
from experiments.stats.proportions import Method, interval, non_inferiority, pooled_z, unpooled_z, wilson
from experiments.stats.risk_ratio import katz, ratio_interval, ratio_test
from experiments.stats.score import score_interval, score_test
from experiments.stats.tails import Alternative

SETTLED = settings(deadline=None, max_examples=60)
ARM = st.one_of(st.integers(1, 60), st.integers(1, 10**12)).flatmap(
    lambda n: st.tuples(st.one_of(st.integers(0, n), st.sampled_from([0, n])), st.just(n))
)
Arm = tuple[int, int]
METHODS: list[Method] = ["newcombe", "wald", "agresti-caffo", "score", "miettinen-nurminen"]
ALWAYS: list[Method] = ["newcombe", "agresti-caffo", "score", "miettinen-nurminen"]
SIDES: list[Alternative] = ["two-sided", "greater", "less"]
PAIRS = [
    (48, 80, 56, 70),
    (3, 10, 9, 10),
    (2, 7, 6, 7),
    (0, 29, 5, 56),
    (0, 20, 0, 10),
    (0, 10, 0, 10),
    (0, 20, 10, 10),
    (0, 10, 10, 10),
]
NEWCOMBE_1998 = {
    ("wald", True): [(0.0441, 0.3559), (0.1605, 1), (0.0053, 1), (-0.0116, 0.1901)],
    ("wald", False): [(0.0575, 0.3425), (0.2605, 0.9395), (0.1481, 0.9947), (0.0146, 0.1640)],
    ("score", False): [(0.0533, 0.3377), (0.1821, 0.8370), (0.0544, 0.8478), (-0.0313, 0.1926),
                       (-0.1611, 0.2775), (-0.2775, 0.2775), (0.7225, 1), (0.6777, 1)],
    ("miettinen-nurminen", False): [(0.0528, 0.3382), (0.1700, 0.8406), (0.0342, 0.8534), (-0.0326, 0.1933),
                                    (-0.1658, 0.2844), (-0.2879, 0.2879), (0.7156, 1), (0.6636, 1)],
    ("newcombe", False): [(0.0524, 0.3339), (0.1705, 0.8090), (0.0582, 0.8062), (-0.0381, 0.1926),
                          (-0.1611, 0.2775), (-0.2775, 0.2775), (0.6791, 1), (0.6075, 1)],
    ("newcombe", True): [(0.0428, 0.3422), (0.1013, 0.8387), (-0.0290, 0.8423), (-0.0667, 0.2037),
                         (-0.2005, 0.3445), (-0.3445, 0.3445), (0.6014, 1), (0.5128, 1)],
}  # fmt: skip


@pytest.mark.parametrize(("method", "corrected"), NEWCOMBE_1998)
def test_the_intervals_are_those_of_newcombes_second_table(method: Method, corrected: bool) -> None:
    published = NEWCOMBE_1998[method, corrected]
    arms = np.asarray(PAIRS[: len(published)]).T
    found = interval(*arms, method=method, corrected=corrected)
    assert np.column_stack([found.lower, found.upper]) == pytest.approx(np.asarray(published), abs=5.1e-5)


def test_wilson_is_that_of_newcombes_first_table() -> None:
    """Newcombe 1998a, Table I: 81/263, 15/148, 0/20, 1/29, without and with continuity correction."""
    x, n = [81, 15, 0, 1], [263, 148, 20, 29]
    plain, corrected = wilson(x, n), wilson(x, n, corrected=True)
    assert plain.lower == pytest.approx([0.2553, 0.0624, 0, 0.0061], abs=5.1e-5)
    assert plain.upper == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5.1e-5)
    assert corrected.lower == pytest.approx([0.2535, 0.0598, 0, 0.0018], abs=5.1e-5)
    assert corrected.upper == pytest.approx([0.3682, 0.1644, 0.2005, 0.1963], abs=5.1e-5)


def test_a_one_sided_wilson_interval_ends_at_zero_or_one() -> None:
    assert float(wilson(3, 10, alternative="greater").upper) == 1
    assert float(wilson(3, 10, alternative="less").lower) == 0
    assert float(wilson(3, 10, 0.05, "less").upper) == float(wilson(3, 10, 0.1).upper)


def test_yates_correction_is_scipys_and_never_turns_the_sign() -> None:
    """scipy 1.17 chi2_contingency([[56, 14], [48, 32]], correction=True)."""
    found = pooled_z(48, 80, 56, 70, corrected=True)
    assert float(found.chi_square) == pytest.approx(6.114270410296224, rel=1e-12)
    assert float(found.p) == pytest.approx(0.013409475178668966, rel=1e-12)
    close = pooled_z(50, 100, 50.5, 100, corrected=True)
    assert (float(close.z), float(close.p)) == (0, 1)


def test_sides_of_a_z_test() -> None:
    greater, less = pooled_z(48, 80, 56, 70, "greater"), pooled_z(48, 80, 56, 70, "less")
    assert float(greater.p) == pytest.approx(0.008045081368196564 / 2, rel=1e-12)
    assert float(greater.p + less.p) == pytest.approx(1, rel=1e-12)
    assert float(pooled_z(500, 10**4, 2000, 10**4, "greater").p) > 0


@pytest.mark.parametrize(
    ("counts", "null", "variance", "control"),
    [
        ((1, 666616104, 0, 9733), -2.6279815461112555e-09, 3.942271306432418e-18, 2.6279815461112555e-09),
        ((0, 1, 3, 112842786), 1.8549296159018043e-08, 8.036364289956138e-09, 8.03636411894018e-09),
        ((5, 5, 0, 91025427), -5.1279984732347785e-08, 1.098594072039117e-08, 5.4929706418750353e-08),
        ((2343, 2343, 23470, 23470), 2.747900764322908e-09, 1.1728129563687364e-12, 0.9999999972520992),
        ((960, 1000, 950, 1000), -0.02, 8.763346702259e-05, 0.9639639484460224),
    ],
)
def test_the_likeliest_shares_keep_their_digits(
    counts: tuple[int, int, int, int], null: float, variance: float, control: float
) -> None:
    """mpmath, 50 digits: root of the constrained score equation by bisection."""
    found = score_test(*counts, null=null)
    assert float(found.se) ** 2 == pytest.approx(variance, rel=1e-8, abs=0)
    assert float(found.null_control) == pytest.approx(control, rel=1e-8, abs=0)
    assert float(found.null_treatment - found.null_control) == pytest.approx(null, abs=1e-15)


@SETTLED
@given(ARM, ARM, st.floats(-0.99, 0.99), st.booleans())
def test_swapping_or_mirroring_negates_the_score_test(
    control: Arm, treatment: Arm, null: float, corrected: bool
) -> None:
    assume(null != 0 or 0 < control[0] + treatment[0] < control[1] + treatment[1])
    found = score_test(*control, *treatment, null=null, corrected=corrected)
    swapped = score_test(*treatment, *control, null=-null, corrected=corrected)
    misses = [(n - x, n) for x, n in (control, treatment)]
    mirrored = score_test(*misses[0], *misses[1], null=-null, corrected=corrected)
    assert float(swapped.z) == pytest.approx(-float(found.z), rel=1e-6, abs=1e-9)
    assert float(mirrored.z) == pytest.approx(-float(found.z), rel=1e-6, abs=1e-9)
    assert float(found.p) == pytest.approx(float(swapped.p), rel=1e-4, abs=1e-9)


@SETTLED
@given(ARM, ARM)
def test_at_a_null_of_zero_the_score_test_is_the_pooled_z(control: Arm, treatment: Arm) -> None:
    assume(0 < control[0] + treatment[0] < control[1] + treatment[1])
    assert float(score_test(*control, *treatment).z) == pytest.approx(float(pooled_z(*control, *treatment).z), rel=1e-9)


@SETTLED
@given(ARM, ARM, st.floats(-0.9, 0.9), st.floats(0.001, 0.3), st.booleans(), st.sampled_from(SIDES))
def test_the_score_interval_excludes_a_null_exactly_when_the_test_rejects_it(
    control: Arm, treatment: Arm, null: float, alpha: float, corrected: bool, side: Alternative
) -> None:
    assume(null != 0)
    test = score_test(*control, *treatment, null=null, alternative=side, corrected=corrected)
    bounds = score_interval(*control, *treatment, alpha, side, corrected=corrected)
    assume(abs(float(test.p) - alpha) > 1e-6)
    inside = float(bounds.lower) <= null <= float(bounds.upper)
    assert inside == (float(test.p) > alpha)


@SETTLED
@given(ARM, ARM, st.floats(0.001, 0.3), st.sampled_from(ALWAYS))
def test_swapping_and_mirroring_negates_every_interval(
    control: Arm, treatment: Arm, alpha: float, method: Method
) -> None:
    found = interval(*control, *treatment, alpha, method)
    swapped = interval(*treatment, *control, alpha, method)
    misses = [(n - x, n) for x, n in (control, treatment)]
    mirrored = interval(*misses[0], *misses[1], alpha, method)
    for other in (swapped, mirrored):
        assert float(other.lower) == pytest.approx(-float(found.upper), abs=1e-9)
        assert float(other.upper) == pytest.approx(-float(found.lower), abs=1e-9)
    assert -1 <= float(found.lower) <= float(found.upper) <= 1


@SETTLED
@given(ARM, ARM, st.floats(0.001, 0.15), st.sampled_from(ALWAYS))
def test_a_stricter_level_widens_and_one_sided_bounds_are_those_of_twice_the_level(
    control: Arm, treatment: Arm, alpha: float, method: Method
) -> None:
    wide, narrow = interval(*control, *treatment, alpha, method), interval(*control, *treatment, 2 * alpha, method)
    assert float(wide.lower) <= float(narrow.lower) + 1e-12
    assert float(narrow.upper) <= float(wide.upper) + 1e-12
    greater = interval(*control, *treatment, alpha, method, "greater")
    less = interval(*control, *treatment, alpha, method, "less")
    assert float(greater.lower) == pytest.approx(float(narrow.lower), abs=1e-12)
    assert float(less.upper) == pytest.approx(float(narrow.upper), abs=1e-12)
    assert np.isinf(greater.upper)
    assert np.isinf(less.lower)


@SETTLED
@given(ARM, ARM, st.floats(0.001, 0.3))
def test_the_wald_interval_agrees_with_the_unpooled_test(control: Arm, treatment: Arm, alpha: float) -> None:
    assume(any(0 < x < n for x, n in (control, treatment)))
    test, bounds = unpooled_z(*control, *treatment), interval(*control, *treatment, alpha, "wald")
    assume(abs(float(test.p) - alpha) > 1e-9)
    assert (float(bounds.lower) > 0 or float(bounds.upper) < 0) == (float(test.p) < alpha)


def test_rows_are_read_at_once() -> None:
    arms = np.asarray(PAIRS).T
    for method in ALWAYS:
        together = interval(*arms, method=method)
        alone = [float(interval(*pair, method=method).lower) for pair in PAIRS]
        assert together.lower == pytest.approx(alone, abs=1e-12)


def test_a_relative_margin_in_both_directions() -> None:
    """Spotify's numbers mirrored: a decrease of misses is an increase of hits, but the margin is of the misses."""
    up = non_inferiority(960, 1000, 950, 1000, 0.0192, method="wald")
    down = non_inferiority(40, 1000, 50, 1000, 0.48, "decrease", method="wald", relative=True)
    assert float(down.null) == pytest.approx(0.0192, rel=1e-12)
    assert float(down.p) == pytest.approx(float(up.p), rel=1e-9)
    assert float(down.upper) == pytest.approx(-float(up.lower), rel=1e-9)
    assert np.isinf(down.lower)
    assert not down.passes


@SETTLED
@given(ARM, ARM, st.floats(0.001, 0.5), st.sampled_from(["increase", "decrease"]))
def test_non_inferiority_passes_exactly_when_the_bound_is_on_the_good_side(
    control: Arm, treatment: Arm, margin: float, direction: str
) -> None:
    found = non_inferiority(*control, *treatment, margin, direction)  # type: ignore[arg-type]
    assume(abs(float(found.p) - 0.05) > 1e-6)
    good = found.lower > found.null if direction == "increase" else found.upper < found.null
    assert bool(good) == bool(found.passes)


@pytest.mark.parametrize("margin", [-0.1, math.nan, math.inf])
def test_a_margin_is_a_share(margin: float) -> None:
    with pytest.raises(InsufficientData, match="margin"):
        non_inferiority(5, 10, 5, 10, margin)


@pytest.mark.parametrize(("x_c", "x_t"), [(0, 0), (10, 10)])
def test_arms_alike_to_the_last_unit_are_refused_where_nothing_can_be_said(x_c: int, x_t: int) -> None:
    for test in (pooled_z, unpooled_z, score_test):
        with pytest.raises(InsufficientData):
            test(x_c, 10, x_t, 10)
    with pytest.raises(InsufficientData, match="spread"):
        interval(x_c, 10, x_t, 10, method="wald")
    assert float(score_test(x_c, 10, x_t, 10, null=0.1).z) < 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("x", "n"), [(0, 0), (-1, 5), (6, 5), (math.nan, 5), (5, math.inf), (1, 1e16)])
def test_odd_counts_are_refused(method: Method, x: float, n: float) -> None:
    with pytest.raises(InsufficientData):
        interval(x, n, 3, 10, method=method)
    with pytest.raises(InsufficientData):
        interval(3, 10, x, n, method=method)


@pytest.mark.parametrize("null", [-1, 1, math.nan, 2])
def test_a_null_outside_the_possible_is_refused(null: float) -> None:
    with pytest.raises(InsufficientData, match="between"):
        score_test(3, 10, 5, 10, null=null)


def test_other_refusals() -> None:
    with pytest.raises(InsufficientData, match="not a number"):
        unpooled_z(3, 10, 5, 10, null=math.nan)
    with pytest.raises(InsufficientData, match="continuity"):
        interval(3, 10, 5, 10, method="score", corrected=True)
    with pytest.raises(InsufficientData, match="level"):
        interval(3, 10, 5, 10, alpha=0)


ODD = st.one_of(st.integers(-1, 3), st.sampled_from([10**15, 5e-324, 1e-300, 1e300, math.inf, math.nan]), st.floats())
EVERYTHING = [
    *(partial(interval, method=method) for method in METHODS),
    partial(score_test, null=0.01),
    pooled_z,
    partial(pooled_z, corrected=True),
    unpooled_z,
    partial(non_inferiority, margin=0.02, relative=True),
    fisher,
    odds_ratio,
    katz,
    ratio_test,
    ratio_interval,
    beta,
]


@settings(deadline=None, max_examples=150)
@given(ODD, ODD, ODD, ODD, st.sampled_from(EVERYTHING))
def test_no_odd_counts_give_a_number_that_is_none(
    x_c: float, n_c: float, x_t: float, n_t: float, compare: Callable[..., Any]
) -> None:
    try:
        found = compare(x_c, n_c, x_t, n_t)
    except InsufficientData:
        return
    numbers = [found] if isinstance(found, np.ndarray) else [getattr(found, each.name) for each in fields(found)]
    assert not any(np.isnan(each).any() for each in numbers)
