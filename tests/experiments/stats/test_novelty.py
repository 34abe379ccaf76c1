"""The trend of an effect over days since exposure: against least squares, its laws, refusals and false alarms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.novelty import FARTHEST, Course, Trend, trend

EFFECTS = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3)), min_size=5, max_size=30)


def of(pairs: list[tuple[float, float]]) -> Trend:
    return trend(range(len(pairs)), [effect for effect, _ in pairs], [error for _, error in pairs])


def largest_error(days: list[int], errors: np.ndarray, days_pooled: slice | None = None) -> tuple[np.ndarray, float]:
    """The weights of the days in an estimate, and its error at the worse of no and full correlation, by matrices."""
    design = np.column_stack([np.ones(len(days)), np.log1p(days)])
    if days_pooled is not None:
        design = np.zeros((len(days), 1))
        design[days_pooled] = 1
    parts = (np.linalg.inv(design.T @ (design / errors[:, None] ** 2)) @ (design / errors[:, None] ** 2).T)[-1]
    apart, together = np.diag(errors**2), np.minimum.outer(errors**2, errors**2)
    return parts, math.sqrt(max(parts @ apart @ parts, parts @ together @ parts))


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(0.1, 10)), min_size=5, max_size=30))
def test_the_slope_is_that_of_weighted_least_squares(pairs: list[tuple[float, float]]) -> None:
    effects, errors = np.array(pairs).T
    days = list(range(len(pairs)))
    found = of(pairs)
    for value, error, pooled in (
        (found.slope, found.slope_error, None),
        (found.early, found.early_error, slice(0, 3)),
        (found.late, found.late_error, slice(found.late_from, None)),
    ):
        parts, largest = largest_error(days, errors, pooled)
        assert error == pytest.approx(largest, rel=1e-6)
        assert value == pytest.approx(float(parts @ effects), abs=1e-6)


@given(EFFECTS)
def test_turning_the_sign_turns_the_trend_and_order_does_not_matter(pairs: list[tuple[float, float]]) -> None:
    found, turned = of(pairs), of([(-effect, error) for effect, error in pairs])
    assert (turned.slope, turned.p, turned.early, turned.late) == (-found.slope, found.p, -found.early, -found.late)
    assert turned.course == found.course
    backwards = trend(range(len(pairs))[::-1], *zip(*pairs[::-1], strict=True))
    assert backwards.slope == pytest.approx(found.slope, rel=1e-9, abs=1e-9 * found.slope_error)


@given(EFFECTS, st.floats(1e-6, 1e6))
def test_the_unit_of_the_metric_does_not_matter(pairs: list[tuple[float, float]], factor: float) -> None:
    errors = [error for _, error in pairs]
    assume(max(errors) < 0.999 * FARTHEST * min(errors))
    found, scaled = of(pairs), of([(effect * factor, error * factor) for effect, error in pairs])
    assert scaled.slope / scaled.slope_error == pytest.approx(found.slope / found.slope_error, rel=1e-6, abs=1e-6)
    assert scaled.late_error == pytest.approx(found.late_error * factor)


@given(st.floats(-1e6, 1e6), st.floats(-1e3, 1e3))
def test_a_constant_added_to_all_days_leaves_the_slope(level: float, step: float) -> None:
    effects = [step * day for day in range(10)]
    moved = trend(range(10), [effect + level for effect in effects], [2.0] * 10)
    assert moved.slope == pytest.approx(trend(range(10), effects, [2.0] * 10).slope, abs=1e-6)


def test_early_and_late_are_pooled_by_their_precision() -> None:
    found = trend([0, 1, 2, 3, 4, 9], [4.0, 2.0, 2.0, 9.0, 9.0, 1.0], [1.0, 1.0, 2.0, 1.0, 1.0, 0.5])
    assert found.early == pytest.approx((4 + 2 + 2 / 4) / 2.25)
    assert (found.late, found.late_error, found.late_from) == (1.0, 0.5, 5)


GOES = [
    (5, 1, Course.FADES),
    (1, 5, Course.GROWS),
    (5, -5, Course.TURNS),
    (5, -0.1, Course.FADES),
    (-0.1, 5, Course.GROWS),
    (-5, -1, Course.FADES),
    (-1, -5, Course.GROWS),
    (-5, 5, Course.TURNS),
]


@pytest.mark.parametrize(("early", "late", "course"), GOES)
def test_where_an_effect_goes(early: float, late: float, course: Course) -> None:
    assert trend(range(8), [early] * 4 + [late] * 4, [0.5] * 8).course is course


@pytest.mark.parametrize(
    ("days", "effects", "errors", "words"),
    [
        ([], [], [], "5 days"),
        ([0, 1, 2, 3], [1.0] * 4, [1.0] * 4, "5 days"),
        ([0, 1, 2, 3, 3], [1.0] * 5, [1.0] * 5, "one effect"),
        ([-1, 0, 1, 2, 3], [1.0] * 5, [1.0] * 5, "one effect"),
        ([0, 1, 2, 3, 4], [1.0] * 4, [1.0] * 5, "one effect"),
        ([0, 1, 2, 3, 4], [1.0] * 4 + [math.nan], [1.0] * 5, "not a number"),
        ([0, 1, 2, 3, 4], [1.0] * 4 + [1e200], [1.0] * 5, "too large"),
        ([0, 1, 2, 3, 4], [1.0] * 5, [1.0] * 4 + [0.0], "zero"),
        ([0, 1, 2, 3, 4], [1.0] * 5, [1.0] * 4 + [math.nan], "not a number"),
        ([0, 1, 2, 3, 4], [1.0] * 5, [1.0] * 4 + [math.inf], "not a number"),
        ([3, 4, 5, 6, 7], [1.0] * 5, [1.0] * 5, "first 3 days"),
        ([0, 1, 2, 3, 4], [1.0] * 5, [1.0, 1.0, 1.0, 1e90, 1e90], "too far apart"),
        ([0, 1, 2, 3, 4], [1.0] * 5, [1e-90, 1.0, 1.0, 1.0, 1.0], "too far apart"),
    ],
)
def test_what_has_no_trend_is_refused(days: list[int], effects: list[float], errors: list[float], words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        trend(days, effects, errors)


@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=12))
def test_odd_effects_are_refused_or_give_plain_numbers(pairs: list[tuple[float, float]]) -> None:
    try:
        found = of(pairs)
    except InsufficientData:
        return
    numbers = (found.slope, found.slope_error, found.p, found.early, found.early_error, found.late, found.late_error)
    assert all(math.isfinite(number) for number in numbers)
    assert 0 <= found.p <= 1


def rate(effects: np.ndarray, errors: np.ndarray, alpha: float) -> float:
    days = range(effects.shape[1])
    rows = zip(effects.tolist(), errors.tolist(), strict=True)
    return float(np.mean([trend(days, row, of_row).p <= alpha for row, of_row in rows]))


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_a_steady_effect_is_called_changing_as_often_as_alpha_says(alpha: float) -> None:
    runs = 5_000
    errors = np.ones((runs, 14))
    effects = np.random.default_rng(3).normal(2.0, errors)
    assert abs(rate(effects, errors, alpha) - alpha) <= 3 * math.sqrt(alpha * (1 - alpha) / runs)


@pytest.mark.parametrize("correlation", [0.0, 0.4, 0.9])
def test_units_that_come_day_by_day_and_stay_like_themselves_do_not_look_like_novelty(correlation: float) -> None:
    """Early days have all units, late days only the first to come; a naive error finds a trend in every fifth run."""
    dice, runs, per_day, days = np.random.default_rng(4), 600, 20, 21
    sums = np.zeros((2, runs, days))
    for arrived in range(days):
        shape = (2, runs, per_day)
        of_unit = dice.normal(0.0, math.sqrt(correlation), (*shape, 1))
        seen = of_unit + dice.normal(0.0, math.sqrt(1 - correlation), (*shape, days - arrived))
        sums[:, :, : days - arrived] += seen.sum(axis=2)
    n = per_day * np.arange(days, 0, -1)
    effects, errors = sums[1] / n - sums[0] / n, np.tile(np.sqrt(2 / n), (runs, 1))
    assert rate(effects, errors, 0.05) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)
    assert rate(effects + np.exp(-np.arange(days) / 3), errors, 0.01) > 0.9
