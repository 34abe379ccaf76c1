"""A distribution: every unit in one bin that all variants have, whatever the values, and near the truth."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite, log10

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.aggregate import Aggregate
from experiments.pictures.distribution import Distribution, distribution_of
from experiments.stats.spread import spread_of
from tests.charts.pictures import latency as examples

MOST = 80


def spread_over(**arms: Sequence[float]) -> Distribution:
    rows = [
        Aggregate("latency-p50", name, 1.0, len(each), 0.0, 0.0, spread=spread_of(each)) for name, each in arms.items()
    ]
    found = distribution_of(rows, ["latency-p50"], list(arms))
    assert found is not None
    return found


finite = st.floats(allow_nan=False, allow_infinity=False)
usual = st.floats(-1e15, 1e15) | st.sampled_from([0.0, 1.0, -1.0, 1e-9, 250.0, 1e15])


@given(st.lists(st.lists(usual | finite, min_size=1, max_size=250), min_size=1, max_size=6))
def test_every_unit_is_in_one_bin_whatever_its_value(values: list[list[float]]) -> None:
    data = spread_over(**{f"arm-{place}": each for place, each in enumerate(values)})
    assert all(isfinite(edge) for edge in data.edges)
    assert all(low < high for low, high in pairwise(data.edges))
    assert 2 < len(data.edges) <= MOST
    assert [shape.n for shape in data.shapes] == list(map(len, values))
    for shape in data.shapes:
        assert len(shape.shares) == len(data.edges) - 1
        assert min(*shape.shares, shape.below, shape.above) >= 0
        assert sum(shape.shares) + shape.below + shape.above == pytest.approx(1)
        assert shape.half[0] <= shape.half[1]
    assert Distribution.model_validate_json(data.model_dump_json()) == data


@given(st.lists(st.integers(-500, 500), min_size=1, max_size=100))
def test_of_up_to_a_hundred_units_each_is_counted_where_it_is(values: list[int]) -> None:
    data = spread_over(control=values)
    (shape,) = data.shapes
    counted, _ = np.histogram(values, data.edges)
    assert [share * len(values) for share in shape.shares] == pytest.approx(counted.tolist())
    assert shape.below * len(values) == pytest.approx(sum(value < data.edges[0] for value in values))


@pytest.mark.parametrize("spread", [0.5, 1.6])
def test_of_many_units_the_shares_are_those_of_the_units(spread: float) -> None:
    values = 400 * np.exp(spread * np.random.default_rng(5).standard_normal(20_000))
    data = spread_over(control=values.tolist())
    (shape,) = data.shapes
    counted, _ = np.histogram(values, data.edges)
    assert np.abs(np.array(shape.shares) - counted / values.size).max() < 0.005
    assert shape.half == pytest.approx(np.quantile(values, [0.25, 0.75]), rel=1e-2)
    assert data.log == (spread > 1)
    assert shape.below + shape.above < 0.02


def test_bins_are_round_and_of_one_width() -> None:
    data = spread_over(control=np.random.default_rng(5).normal(400, 50, 5_000).tolist())
    assert (data.step, data.log) == (10.0, False)
    assert all(edge % 10 == pytest.approx(0, abs=1e-6) for edge in data.edges)
    tail = spread_over(control=(10 ** np.random.default_rng(5).normal(2, 0.8, 5_000)).tolist())
    assert tail.log
    assert all(log10(high / low) == pytest.approx(tail.step) for low, high in pairwise(tail.edges))


def test_few_different_values_have_a_bin_each() -> None:
    values = 1 + np.random.default_rng(5).poisson(2, 5_000)
    data = spread_over(control=values.tolist())
    assert data.edges[:3] == (0.5, 1.5, 2.5)
    assert data.shapes[0].shares[0] == pytest.approx((values == 1).mean(), abs=0.01)


def test_all_alike_are_in_one_bin_around_them() -> None:
    for value in (0.0, -3.0, 250.0, 1e15, 1e-9):
        data = spread_over(control=[value] * 300, near=[value])
        for shape in data.shapes:
            assert max(shape.shares) == pytest.approx(1)
            place = shape.shares.index(max(shape.shares))
            assert data.edges[place] < value < data.edges[place + 1]
            assert shape.half == (value, value)


def test_what_is_not_above_zero_lies_below_a_scale_of_powers() -> None:
    values = [0.0] * 5 + (10 ** np.random.default_rng(5).normal(2, 1, 995)).tolist()
    data = spread_over(control=values)
    assert data.log
    assert data.shapes[0].below >= 0.004


def test_it_is_that_of_the_newest_look_and_of_the_metric_of_which_most_is_known() -> None:
    def row(metric: str, variant: str, day: float, value: float) -> Aggregate:
        return Aggregate(metric, variant, day, 9, 0.0, 0.0, spread=spread_of([value] * 9))

    rows = [
        row("p50", "control", 2.0, 20.0), row("p50", "control", 1.0, 10.0),
        row("p95", "control", 2.0, 30.0), row("p95", "near", 1.0, 40.0),
        row("p95", "near", 2.0, 50.0)._replace(segment="country=DE"), row("p95", "other", 2.0, 60.0),
        row("p99", "near", 2.0, 70.0)._replace(spread=None),
    ]  # fmt: skip
    data = distribution_of(rows, ["p50", "p95", "p99"], ["control", "near"])
    assert data is not None
    assert data.metric == "p95"
    assert [(shape.variant, shape.half) for shape in data.shapes] == [("control", (30, 30)), ("near", (40, 40))]
    assert distribution_of(rows[-1:], ["p99"], ["near"]) is None
    assert distribution_of([], [], []) is None


def test_a_new_phase_is_spread_anew_and_chosen_variants_alone() -> None:
    data = examples.in_phases()
    assert data.distribution
    assert [shape.n for shape in data.distribution.shapes] == [each.levels[0].n for each in data.quantiles[:1]] + [
        data.quantiles[0].levels[1].n
    ]
    assert examples.one_variant().distribution.shapes[0].variant == "control"
    assert examples.unknown().distribution is None
