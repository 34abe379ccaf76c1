"""Latency: quantiles gathered by what they measure, order-statistics intervals, and how many units came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from experiments.aggregate import Aggregate
from experiments.pictures.arrivals import arrivals_of
from experiments.pictures.latency import MOST_ROWS, families_of
from experiments.quantile_names import family_of
from experiments.stats.always_valid import mixing, multiplier
from experiments.stats.estimates import quantile_of
from tests.charts.pictures import latency as examples
from tests.charts.pictures.latency import P95, USUAL, pictured, quantile, service, timed
from tests.experiments.readings import an_experiment, rows_of


@pytest.mark.parametrize(
    ("key", "family"),
    [
        ("latency-p95", "latency"), ("latency-p99-9", "latency"), ("p50-latency", "latency"), ("median", "median"),
        ("time-to-first-token-median", "time-to-first-token"), ("p2p-time", "p2p-time"), ("q25-size", "size"),
        ("step-p1-time", "step-time"), ("answer", "answer"),
    ],
)  # fmt: skip
def test_a_family_is_what_is_measured(key: str, family: str) -> None:
    assert family_of(key) == family


def test_families_hold_their_quantiles_in_order_and_no_windows() -> None:
    metrics = (quantile(0.99), *USUAL[:3], quantile(0.5, "queue"), quantile(0.9).model_copy(update={"query": "x"}))
    found = families_of(an_experiment(metrics=metrics))
    assert {name: [each.quantile for each in members] for name, members in found.items()} == {
        "latency": [0.5, 0.95, 0.99],
        "queue": [0.5],
    }


def test_levels_are_the_quantiles_with_intervals_from_order_statistics() -> None:
    times = np.random.default_rng(7).gamma(2, 100, 4_000)
    found = quantile_of(times, 0.95)
    rows = [
        Aggregate("latency-p95", variant, 5.0, times.size, float(found.value[0]), float(found.variance[0]) * times.size)
        for variant in ("control", "near")
    ]
    (shown,) = pictured(service("near", metrics=(USUAL[0], P95)), rows).quantiles
    reach = float(multiplier(4_000 * float(mixing(0.05, 10_000)), 0.05))
    for level in shown.levels:
        assert level.value == pytest.approx(float(np.quantile(times, 0.95)))
        assert level.upper - level.value == pytest.approx(reach * float(found.se[0]))


def test_differences_are_those_of_the_readout_in_the_order_of_the_picture() -> None:
    data = examples.ordinary()
    assert [(each.metric, each.quantile) for each in data.quantiles] == [
        ("latency-p50", 0.5), ("latency-p95", 0.95), ("latency-p99", 0.99),
    ]  # fmt: skip
    for each in data.quantiles:
        assert [level.variant for level in each.levels] == ["control", "near", "cached"]
        assert [one.treatment.variant for one in each.comparisons] == ["near", "cached"]
        assert {one.metric for one in each.comparisons} == {each.metric}
        control = each.levels[0]
        for one, level in zip(each.comparisons, each.levels[1:], strict=True):
            assert one.difference == pytest.approx(level.value - control.value)


@pytest.mark.parametrize("made", [examples.by_the_hour, examples.monitoring])
def test_no_difference_before_its_time(made: Any) -> None:
    data = made()
    assert data.withheld
    assert not any(each.comparisons for each in data.quantiles)
    assert data.arrivals


def test_what_cannot_be_shown_says_why() -> None:
    assert "measures no quantile" in examples.none_measured().refused
    assert "from Prometheus" in examples.from_prometheus().refused
    assert examples.broken().refused.startswith("No lift is shown.")
    assert examples.empty().refused == "No data for latency-p50 from control yet."
    assert not examples.broken().quantiles


def test_the_highest_quantile_has_room_before_those_between() -> None:
    data = examples.crowded()
    assert [each.quantile for each in data.quantiles] == [0.5, 0.9, 0.99]
    assert (data.not_drawn, data.left_out) == (2, 3)
    assert sum(len(each.levels) for each in data.quantiles) <= MOST_ROWS


def test_arrivals_are_what_came_since_the_look_before() -> None:
    made = service("near")
    counts = [(1.0, 100), (2.0, 350), (5.0, 950)]
    rows = [Aggregate("answered", variant, day, n, 0.9, 0.09) for variant in ("control", "near") for day, n in counts]
    ours, theirs = arrivals_of(rows, made)
    assert ours.points == theirs.points
    assert [(point.day, point.n, point.value) for point in ours.points] == [(1, 100, 100), (2, 250, 250), (5, 600, 200)]
    assert ours.points[0].lower == pytest.approx(81.364, abs=1e-3), "Garwood's interval of 100 events"
    assert ours.points[0].upper == pytest.approx(121.627, abs=1e-3)


def test_arrivals_of_few_days_are_told_by_the_hour_and_short_looks_wait() -> None:
    rows = rows_of("answered", {"control": 0.9}, days=[place / 48 for place in range(1, 49)], per_day=2_400)
    (course,) = arrivals_of(rows, service("near"))
    assert len(course.points) == 24
    assert course.points[0].value == pytest.approx(100)


def test_the_rate_of_a_single_look_is_that_of_all_the_time() -> None:
    rows = [Aggregate("answered", variant, 6.0, 4_000, 0.9, 0.09) for variant in ("control", "near")]
    for course in arrivals_of(rows, service("near")):
        assert [(point.day, point.n) for point in course.points] == [(0, 4_000), (6, 4_000)]
        assert {point.value for point in course.points} == {4_000 / 6}


def test_each_phase_counts_anew() -> None:
    first, second = examples.in_phases().arrivals[0].stretches
    assert [point.day for point in first] == [1, 2, 3, 4]
    assert [point.day for point in second] == [5, 6, 7, 8, 9, 10]
    assert second[0].n > 2_000


def test_one_variant_may_be_chosen() -> None:
    medians = {"control": 400.0, "near": 380.0, "cached": 360.0}
    data = pictured(service("near", "cached"), timed(medians, days=4, per_day=300), variant="cached")
    assert [course.variant for course in data.arrivals] == ["control", "cached"]
    assert data.places == {"cached": 1}


def test_huge_counts_have_a_rate_too() -> None:
    rows = [Aggregate("answered", "control", day, int(day * 10**17), 0.9, 0.09) for day in (1.0, 2.0, 3.0)]
    (course,) = arrivals_of(rows, service("near"))
    assert course.last.value == pytest.approx(1e17)
