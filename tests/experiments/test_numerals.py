"""Numbers as people read them: the examples in the module, and that no sound number comes out empty or as NaN."""

from __future__ import annotations

import doctest
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import numerals
from experiments.design import Direction, Limit, Metric, MetricKind, MetricRole, Scale
from tests.experiments.readings import an_experiment, reading, rows_of


def test_the_examples_hold() -> None:
    assert doctest.testmod(numerals).failed == 0


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e200, max_value=1e200))
def test_every_number_keeps_its_size(value: float) -> None:
    for text in (numerals.percent(value).removesuffix(" %"), numerals.amount(value)):
        read = float(text.replace(",", "").replace(numerals.MINUS, "-"))
        assert abs(read) <= 1.1e2 * abs(value)
        assert (read > 0) == (value > 0)
        assert (read < 0) == (value < 0)


SHARES = st.floats(-100, 100).map(lambda value: round(value, 9))


@pytest.mark.parametrize("write", [numerals.percent_range, numerals.points_range, numerals.amount_range])
@given(ends=st.tuples(SHARES, SHARES))
def test_a_range_keeps_its_order_and_the_side_of_zero(
    write: Callable[[float, float], str], ends: tuple[float, float]
) -> None:
    low, high = sorted(ends)
    first, last = (_read(part) for part in write(low, high).split(" to "))
    assert first <= last
    for end, read in ((low, first), (high, last)):
        assert (read > 0, read < 0) == (end > 0, end < 0)


def _read(text: str) -> float:
    bare = text.removesuffix(" points").removesuffix(" %").replace(",", "")
    return float(bare.replace(numerals.MINUS, "-"))


@given(ends=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)))
def test_both_ends_have_the_same_decimals(ends: tuple[float, float]) -> None:
    low, high = (part.removesuffix(" %") for part in numerals.percent_range(*sorted(ends)).split(" to "))
    assert len(low.partition(".")[2]) == len(high.partition(".")[2])


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.00064, 0.188, "0.1 % to 18.8 %"), (0.00047, 0.0119, "0.05 % to 1.19 %"), (-0.31, 0.55, "−31.0 % to 55.0 %"),
        (0.9991, 0.9997, "99.91 % to 99.97 %"), (0.0, 0.2, "0 % to 20.0 %"), (0.0, 0.0, "0 % to 0 %"),
        (0.188, 0.188, "18.8 % to 18.8 %"), (1e-9, 0.3, "1.0e−07 % to 30.0 %"), (-8.0, 1e9, "−800.0 % to 1.0e+11 %"),
        (None, None, "unbounded"), (-math.inf, math.inf, "unbounded"), (math.nan, 0.1, "at most 10.0 %"),
        (0.012, None, "at least 1.2 %"),
    ],
)  # fmt: skip
def test_ranges(low: float | None, high: float | None, words: str) -> None:
    assert numerals.percent_range(low, high) == words


def test_a_signed_range_has_both_signs() -> None:
    assert numerals.percent_range(-0.01, 0.052, signed=True) == "−1.0 % to +5.2 %"


@pytest.mark.parametrize(
    ("share", "words"), [(0.0099999, "1.0 %"), (0.00099999, "0.10 %"), (0.0099, "0.99 %"), (0.9999999, "100.0 %")]
)
def test_decimals_are_chosen_after_rounding(share: float, words: str) -> None:
    assert numerals.percent(share) == words


SHARE = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION, unit="per user")
ERRORS = Metric(
    key="errors", role=MetricRole.GUARDRAIL, kind=MetricKind.PROPORTION, direction=Direction.DOWN, unit="per user",
    limit=Limit(harm=0.01, scale=Scale.ABSOLUTE),
)  # fmt: skip
LATENCY = ERRORS.model_copy(
    update={
        "key": "latency", "kind": MetricKind.MEAN, "unit": "ms", "limit": Limit(harm=2, scale=Scale.ABSOLUTE),
    }
)  # fmt: skip


def test_a_verdict_counts_proportions_in_points_where_control_is_close_to_zero() -> None:
    rows = rows_of("conversion", {"control": 0.0001, "treatment": 0.2}, days=[7], variance=0.1)
    sentence = reading(an_experiment(metrics=[SHARE]), rows).verdict.sentence
    assert sentence.startswith("Ship treatment: it raises conversion by 20.0 points (95 % interval 18.")
    assert " points, safe under daily looks)" in sentence


@pytest.mark.parametrize(
    ("metric", "means", "variance", "limit"),
    [
        (ERRORS, {"control": 0.10, "treatment": 0.15}, 0.1, "(limit 1.0 points worse)"),
        (LATENCY, {"control": 100.0, "treatment": 110.0}, 400.0, "(limit 2 ms worse)"),
    ],
)
def test_a_limit_is_in_points_or_in_the_metrics_unit(
    metric: Metric, means: dict[str, float], variance: float, limit: str
) -> None:
    primary = rows_of("conversion", {"control": 0.10, "treatment": 0.13}, days=[7], variance=0.1)
    guardrail = rows_of(metric.key, means, days=[7], variance=variance)
    sentence = reading(an_experiment(metrics=[SHARE, metric]), primary, guardrail).verdict.sentence
    assert f"breaches the guardrail {metric.key} {limit}: +" in sentence
