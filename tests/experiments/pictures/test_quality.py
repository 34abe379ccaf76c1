"""Quality: levels with intervals that hold at every look, phases kept apart, and differences only where they may be."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.aggregate import Aggregate, Companion
from experiments.design import Direction, Metric, MetricKind
from experiments.pictures.levels import MOST_POINTS, Point, course_of, levels, thinned
from experiments.pictures.quality import metrics_of, quality_of
from experiments.running import Phase
from experiments.stats.always_valid import mixing, multiplier
from tests.charts.pictures import quality as examples
from tests.experiments.readings import NOW, an_experiment, reading, rows_of

MEAN = Metric(key="revenue", unit="€ per user")


def test_a_level_is_the_mean_with_an_interval_that_holds_at_every_look() -> None:
    experiment = an_experiment(metrics=(MEAN,), planned_units=5_000)
    (point,) = course_of(
        MEAN, "control", rows_of("revenue", {"control": 12.0}, days=[4.0], variance=9.0), experiment
    ).points
    k = 4_000 * float(mixing(0.05, 2_500))
    half = float(multiplier(k, 0.05)) * math.sqrt(9.0 / 4_000)
    assert point == Point(4.0, 4_000, 12.0, pytest.approx(12 - half), pytest.approx(12 + half))
    assert half > 1.96 * math.sqrt(9.0 / 4_000), "wider than an interval for one look"


def test_a_ratio_is_of_its_units_and_a_share_stays_one() -> None:
    ratio = Metric(key="cost-per-order", kind=MetricKind.RATIO, denominator="orders")
    row = Aggregate("cost-per-order", "control", 3.0, 5_000, 2.5, 6.0, denominator=Companion(4.0, 9.0, 4.5))
    (point,), _ = levels(ratio, [row], an_experiment().design)
    assert point.value == pytest.approx(0.625)
    assert (point.upper - point.lower) / 2 / float(
        multiplier(5_000 * float(mixing(0.05, 2_500)), 0.05)
    ) == pytest.approx(math.sqrt(0.24316406 / 5_000))
    share = Metric(key="seen", kind=MetricKind.PROPORTION)
    (near_one,), _ = levels(share, [Aggregate("seen", "control", 3.0, 120, 0.99, 0.0099)], an_experiment().design)
    assert near_one.upper == 1.0


def test_few_units_and_no_spread_are_refused_in_words() -> None:
    experiment = an_experiment(metrics=(MEAN,))
    few = course_of(MEAN, "control", [Aggregate("revenue", "control", 1.0, 99, 2.0, 1.0)], experiment)
    flat = course_of(MEAN, "control", [Aggregate("revenue", "control", 1.0, 500, 2.0, 0.0)], experiment)
    none = course_of(MEAN, "control", [], experiment)
    assert not few.stretches + flat.stretches + none.stretches
    assert few.refused == "Only 99 units in control so far; 100 are needed."
    assert flat.refused.startswith("All units of an arm have the same value")
    assert none.refused == "No data for revenue from control yet."


def test_phases_are_lines_of_their_own() -> None:
    data = examples.in_phases()
    assert data.phases == (6.0,)
    assert data.planned_end == 20.0
    for course in data.levels:
        first, second = course.stretches
        assert [point.day for point in first] == [1, 2, 3, 4, 5, 6]
        assert [point.day for point in second] == [7, 8, 9, 10, 11, 12, 13]
    assert data.levels[0].stretches[1][0].n == 600, "counted anew since the phase began"
    (difference,) = data.differences
    assert [point.day for point in difference.points] == [7, 8, 9, 10, 11, 12, 13]


def test_missing_data_part_a_line() -> None:
    for course in (*examples.with_a_gap().levels, *examples.with_a_gap().differences):
        before, after = course.stretches
        assert before[-1].day == 40
        assert after[0].day == 85


def test_looks_once_a_week_are_no_gap() -> None:
    rows = rows_of("revenue", {"control": 12.0}, days=[7.0, 14.0, 21.0])
    assert len(course_of(MEAN, "control", rows, an_experiment(metrics=(MEAN,))).stretches) == 1


def test_differences_are_those_of_the_readout() -> None:
    data = examples.ordinary()
    assert [course.variant for course in data.differences] == ["short-prompt", "no-examples"]
    for course, compared in zip(data.differences, data.comparisons, strict=True):
        assert course.last.value == pytest.approx(compared.difference)
        assert course.variant == compared.treatment.variant
    assert [course.variant for course in data.agreement] == ["control", "short-prompt", "no-examples"]


def test_one_variant_may_be_chosen_and_keeps_its_look() -> None:
    rates = {"control": 0.61, "short-prompt": 0.64, "no-examples": 0.60}
    made = examples.assistant("short-prompt", "no-examples")
    data = examples.pictured(made, examples.judged(rates), variant="no-examples")
    assert [course.variant for course in data.levels] == ["control", "no-examples"]
    assert data.places == {"no-examples": 1}
    assert data.left_out == 0


def test_a_broken_split_shows_nothing_and_gives_no_level_away() -> None:
    data = examples.broken()
    assert data.refused.startswith("No lift is shown. The split is broken")
    assert not data.levels + data.differences + data.comparisons


@pytest.mark.parametrize(
    ("made", "words"), [(examples.early, "No difference yet."), (examples.monitoring, "Monitoring only")]
)
def test_no_difference_before_its_time(made: Any, words: str) -> None:
    data = made()
    assert data.withheld.startswith(words)
    assert not data.differences + data.comparisons
    assert all(course.stretches for course in data.levels)


def test_more_treatments_than_fit_are_counted() -> None:
    data = examples.crowded()
    assert len(data.levels) == 6
    assert data.left_out == 3


def test_a_design_without_a_level_says_so() -> None:
    made = an_experiment(metrics=(Metric(key="latency", kind=MetricKind.QUANTILE, direction=Direction.DOWN),))
    assert metrics_of(made) == ()
    data = quality_of(made, [], reading(made), metric="latency")
    assert "no mean, proportion or ratio" in data.refused


def test_a_variant_without_traffic_in_the_newest_phase_ends_there() -> None:
    made = examples.assistant("short-prompt", "no-examples", metrics=(examples.HELPFUL,))
    weights = {"control": 5_000, "short-prompt": 5_000, "no-examples": 0}
    first = {each.key: each.weight for each in made.design.variants}
    phases = (
        Phase(number=1, started_at=NOW, weights=first),
        Phase(number=2, started_at=NOW + timedelta(days=4), day=4.0, weights=weights),
    )
    rates = {"control": 0.6, "short-prompt": 0.62, "no-examples": 0.61}
    before = examples.shares("helpful", rates, days=4, per_day=500)
    after = [row._replace(day=row.day + 4) for row in examples.shares("helpful", rates, days=5, per_day=500)]
    kept = [row for row in after if row.variant != "no-examples"]
    data = examples.pictured(made.evolve(phases=phases), [*before, *kept])
    assert data.levels[2].last.day == 4
    assert [course.variant for course in data.differences] == ["short-prompt"]


@given(st.lists(st.integers(1, 400), max_size=6))
def test_thinning_keeps_the_ends_of_every_stretch(sizes: list[int]) -> None:
    stretches = [[Point(float(day), 1, 0.0, 0.0, 0.0) for day in range(size)] for size in sizes]
    kept = thinned(stretches)
    assert [(each[0], each[-1]) for each in kept] == [(each[0], each[-1]) for each in stretches]
    assert sum(map(len, kept)) <= MOST_POINTS + 2 * len(sizes)
