"""Readouts of every kind of metric: proportions, ratios, with and without a covariate."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.aggregate import Aggregate, Companion
from experiments.design import Direction, Method, Metric, MetricKind, MetricRole
from experiments.model import Status
from experiments.readout import Standing, VerdictStatus
from tests.experiments.readings import CONVERSION, an_experiment, reading, rows_of

DAYS = range(1, 15)
SHARE = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION)


def test_a_proportion_read_once_has_newcombes_interval_and_the_pooled_p() -> None:
    rows = [
        Aggregate("conversion", variant, 14.0, n, hits / n, hits / n * (1 - hits / n))
        for variant, n, hits in (("control", 1_000, 200), ("treatment", 1_000, 250))
    ]
    comparison = reading(an_experiment(metrics=(SHARE,), method=Method.WELCH), rows).comparisons[0]
    assert comparison.interval is not None
    assert comparison.p == pytest.approx(0.00741965, rel=1e-6)
    assert comparison.interval.lower == pytest.approx(0.0134, abs=1e-4)
    assert comparison.interval.upper == pytest.approx(0.0864, abs=1e-4)


def test_a_small_proportion_is_read_exactly() -> None:
    rows = [
        Aggregate("conversion", variant, 14.0, n, hits / n, hits / n * (1 - hits / n))
        for variant, n, hits in (("control", 80, 48), ("treatment", 70, 56))
    ]
    readout = reading(an_experiment(metrics=(SHARE,), method=Method.WELCH, status=Status.STOPPED), rows)
    assert readout.comparisons[0].p == pytest.approx(0.012521129749209175)
    assert readout.verdict.status is VerdictStatus.REVIEW, "a hundred units per arm before any verdict"
    refused = reading(an_experiment(metrics=(SHARE,)), rows).comparisons[0]
    assert refused.refused == "Only 70 units in treatment so far; 100 are needed."


@given(st.integers(20, 400), st.integers(20, 400), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
@settings(max_examples=100, deadline=None)
def test_test_and_lift_of_a_proportion_never_contradict_each_other(n: int, m: int, first: float, second: float) -> None:
    counts = {"control": (n, round(first * n)), "treatment": (m, round(second * m))}
    rows = [
        Aggregate("conversion", variant, 14.0, size, hits / size, hits / size * (1 - hits / size))
        for variant, (size, hits) in counts.items()
    ]
    found = reading(an_experiment(metrics=(SHARE,), method=Method.WELCH), rows).comparisons[0]
    if found.relative_interval is None or found.p is None or abs(found.p - 0.05) < 1e-9:
        return
    low, high = found.relative_interval.lower, found.relative_interval.upper
    assert low is not None
    assert high is not None
    assert (low > 0 or high < 0) == (found.p < 0.05)


def test_a_covariate_from_before_exposure_narrows_the_interval() -> None:
    def rows(covariance: float) -> list[Aggregate]:
        return [
            row._replace(covariate=Companion(5.0, 1.0, covariance))
            for row in rows_of("conversion", {"control": 10, "treatment": 10.02}, days=DAYS)
        ]

    plain, adjusted = (reading(an_experiment(), rows(covariance)).comparisons[0] for covariance in (0.0, 0.8))
    assert plain.variance_left is None
    assert adjusted.variance_left == pytest.approx(1 - 0.8**2, abs=1e-3)
    assert adjusted.interval is not None
    assert plain.interval is not None
    wide = (plain.interval.upper or 0) - (plain.interval.lower or 0)
    assert (adjusted.interval.upper or 0) - (adjusted.interval.lower or 0) < 0.65 * wide


@pytest.mark.parametrize("with_covariate", [False, True])
def test_a_ratio_is_read_by_the_delta_method(with_covariate: bool) -> None:
    clicks = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.RATIO)
    before = Companion(3.0, 1.0, 0.2, 0.1) if with_covariate else None
    rows = [
        Aggregate("conversion", variant, 14.0, n, mean, spread, denominator=Companion(views, *second), covariate=before)
        for variant, n, mean, spread, views, second in (
            ("control", 5_000, 2.5, 6.0, 4.0, (9.0, 4.5)),
            ("treatment", 5_100, 2.7, 6.5, 4.1, (9.5, 4.8)),
        )
    ]
    comparison = reading(an_experiment(metrics=(clicks,), method=Method.WELCH), rows).comparisons[0]
    assert comparison.difference == pytest.approx(0.0335365853658538)
    assert comparison.control.mean == pytest.approx(0.625)
    assert comparison.p == pytest.approx(0.00074213707, rel=0.05 if with_covariate else 1e-6)


def test_a_ratio_with_a_denominator_of_zero_has_no_number() -> None:
    clicks = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.RATIO)
    rows = [
        Aggregate("conversion", variant, 14.0, 5_000, 2.5, 6.0, denominator=Companion(0.0, 9.0, 4.5))
        for variant in ("control", "treatment")
    ]
    comparison = reading(an_experiment(metrics=(clicks,)), rows).comparisons[0]
    assert comparison.refused == "The denominator of the ratio is too close to zero."
    assert comparison.control.mean is None


def test_a_lower_metric_can_be_the_better_one() -> None:
    errors = CONVERSION.model_copy(update={"direction": Direction.DOWN})
    rows = rows_of("conversion", {"control": 10, "treatment": 9.5}, days=DAYS)
    assert reading(an_experiment(metrics=(errors,)), rows).comparisons[0].standing is Standing.BETTER


@pytest.mark.parametrize("mean", [1.7, -0.2, 0.0, 1.0])
def test_what_only_claims_to_be_a_share_is_read_as_a_mean(mean: float) -> None:
    rows = [
        Aggregate("conversion", variant, 14.0, 5_000, value, 0.2)
        for variant, value in (("control", mean), ("treatment", mean))
    ]
    comparison = reading(an_experiment(metrics=(SHARE,), method=Method.WELCH), rows).comparisons[0]
    assert comparison.p == comparison.fixed_p == 1.0
