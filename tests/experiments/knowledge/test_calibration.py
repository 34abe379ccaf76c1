"""Calibration: the parts add up to the score, a calibrated forecaster is not accused, few predictions get no curve."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.errors import InsufficientData
from experiments.knowledge.calibration import brier, curve, spiegelhalter

tenths = st.integers(0, 10).map(lambda tenth: tenth / 10)
predictions = st.lists(st.tuples(tenths, st.integers(0, 1)), min_size=1, max_size=40)
TWENTY = ([0.1] * 10 + [0.9] * 10, [0] * 9 + [1] * 10 + [0])


@given(predictions)
def test_the_parts_add_up_to_the_score(made: list[tuple[float, int]]) -> None:
    found = brier(*zip(*made, strict=True))
    assert found.reliability - found.resolution + found.uncertainty == pytest.approx(found.score, abs=1e-12)
    assert found.predictions == len(made)


@given(predictions)
def test_forecasting_the_opposite_of_the_opposite_is_the_same(made: list[tuple[float, int]]) -> None:
    one, other = brier(*zip(*made, strict=True)), brier(*zip(*[(1 - p, 1 - y) for p, y in made], strict=True))
    assert other.score == pytest.approx(one.score, abs=1e-12)
    assert other.reliability == pytest.approx(one.reliability, abs=1e-12)


def test_perfect_forecasts_and_the_average_mark_the_ends_of_the_skill() -> None:
    assert brier([1, 0, 1], [1, 0, 1]).skill == 1
    assert brier([0.5] * 4, [1, 0, 1, 0]).skill == 0


def test_without_any_variety_of_outcomes_there_is_no_skill() -> None:
    found = brier([0.9, 0.8], [1, 1])
    assert found.skill is None
    assert found.score == pytest.approx(0.025)


def test_forecasts_that_differ_by_rounding_are_one() -> None:
    assert brier([0.3, 0.1 + 0.2], [1, 0]) == brier([0.3, 0.3], [1, 0])


def test_the_test_holds_its_level_for_a_calibrated_forecaster() -> None:
    rng = np.random.default_rng(5)
    p = rng.uniform(0.05, 0.95, (2000, 60))
    found = [spiegelhalter(each, (rng.random(60) < each).astype(float)).p for each in p]
    assert np.mean(np.asarray(found) <= 0.05) == pytest.approx(0.05, abs=0.015)


def test_too_sure_is_above_zero_and_p_is_two_sided() -> None:
    found = spiegelhalter([0.9] * 10, [1] * 6 + [0] * 4)
    assert found.z == pytest.approx(10**0.5)
    assert found.p == pytest.approx(2 * stats.norm.sf(10**0.5), rel=1e-12)
    assert spiegelhalter([0.6] * 10, [1] * 10).z < 0


def test_the_tail_is_not_cut_off() -> None:
    assert 0 < spiegelhalter([0.99] * 10, [0] * 10).p < 1e-200


@given(predictions.filter(lambda made: len(made) >= 20), st.integers(1, 12), st.sampled_from(["width", "count"]))
def test_every_prediction_is_in_one_bin(
    made: list[tuple[float, int]], bins: int, by: Literal["width", "count"]
) -> None:
    p, y = zip(*made, strict=True)
    found = curve(p, y, bins, by)
    assert sum(each.count for each in found) == len(made)
    assert sum(each.count * each.observed for each in found) == pytest.approx(sum(y))
    assert len(found) <= bins
    for each in found:
        assert each.lower - 1e-12 <= each.forecast <= each.upper + 1e-12
        assert 0 <= each.observed_lower <= each.observed + 1e-12
        assert each.observed <= each.observed_upper + 1e-12 <= 1 + 2e-12


def test_bins_of_equal_width_by_hand() -> None:
    low, high = curve(*TWENTY, bins=10)
    assert (low.lower, low.upper, low.count, low.observed) == (0.1, 0.2, 10, 0.1)
    assert (high.lower, high.upper, high.count, high.observed) == (0.9, 1.0, 10, 0.9)
    assert (low.observed_lower, low.observed_upper) == pytest.approx((0.017876, 0.404150), abs=1e-6)


def test_a_forecast_on_an_edge_belongs_to_the_bin_above() -> None:
    assert [each.lower for each in curve([0.3] * 20, [0] * 20)] == [0.3]
    assert [each.lower for each in curve([1.0] * 20, [1] * 20)] == [0.9]


def test_bins_by_count_are_about_equally_full() -> None:
    p = np.linspace(0, 1, 100) ** 3
    assert [each.count for each in curve(p, p > 0.5, bins=4, by="count")] == [25] * 4


def test_one_and_the_same_forecast_is_one_bin() -> None:
    (only,) = curve([0.4] * 20, [1] * 8 + [0] * 12, by="count")
    assert (only.lower, only.upper, only.count) == (0.4, 0.4, 20)
    assert (only.forecast, only.observed) == pytest.approx((0.4, 0.4))


def test_a_wider_level_gives_a_wider_interval() -> None:
    narrow, wide = curve(*TWENTY, alpha=0.2)[0], curve(*TWENTY, alpha=0.01)[0]
    assert wide.observed_lower < narrow.observed_lower < narrow.observed_upper < wide.observed_upper


@pytest.mark.parametrize(
    ("p", "y", "words"),
    [
        ([], [], "at least one prediction"),
        ([0.5], [1, 0], "an outcome for each"),
        ([[0.5]], [[1]], "at least one prediction"),
        ([1.1], [1], "between 0 and 1"),
        ([float("nan")], [1], "between 0 and 1"),
        ([0.5], [0.5], "1 where it came true"),
        ([0.5], [float("nan")], "1 where it came true"),
    ],
)
def test_what_is_no_prediction_is_refused(p: list[float], y: list[float], words: str) -> None:
    for method in (brier, spiegelhalter, curve):
        with pytest.raises(InsufficientData, match=words):
            method(p, y)


@pytest.mark.parametrize("forecast", [0.0, 0.5, 1.0])
def test_forecasts_that_leave_nothing_to_vary_are_not_tested(forecast: float) -> None:
    with pytest.raises(InsufficientData, match="only 0, 50 or 100 %"):
        spiegelhalter([forecast] * 3, [0, 1, 1])


def test_no_curve_below_twenty_predictions_or_without_bins() -> None:
    with pytest.raises(InsufficientData, match="20 predictions with an outcome; here are 19"):
        curve([0.5] * 19, [1] * 19)
    with pytest.raises(InsufficientData, match="at least one bin"):
        curve(*TWENTY, bins=0)
