"""Readouts by every method, of every kind of metric, with guardrails, segments and phases."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.aggregate import Aggregate, Companion, Shape
from experiments.analysis.health import Provenance
from experiments.analysis.pairing import Phase
from experiments.analysis.readouts import Gathered, read, read_all
from experiments.design import Correction, DecisionRule, Direction, Limit, Method, Metric, MetricKind, MetricRole, Scale
from experiments.model import Status
from experiments.readout import GuardrailState, Readout, Standing, VerdictStatus
from tests.experiments.readings import CONVERSION, LATENCY, NOW, an_experiment, reading, rows_of, simulated

DAYS = range(1, 15)
SHARE = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION)
GUARD = LATENCY.model_copy(update={"limit": Limit(harm=0.02)})


def shares(rates: dict[str, float], *, per_day: int = 1_000) -> list[Aggregate]:
    return [
        Aggregate("conversion", variant, float(day), per_day * day, rate, rate * (1 - rate))
        for variant, rate in rates.items()
        for day in DAYS
    ]


def findings(readout: Readout) -> dict[str, str]:
    return {finding.code: finding.words for finding in readout.findings}


def test_a_fixed_design_only_monitors_before_its_planned_end() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 11}, days=range(1, 8))
    readout = reading(an_experiment(method=Method.FIXED), rows)
    (comparison,) = readout.comparisons
    assert (comparison.p, comparison.interval, comparison.fixed_p) == (None, None, None)
    assert comparison.standing is Standing.MONITORING
    assert comparison.difference == pytest.approx(1)
    assert readout.trails == ()
    assert readout.verdict.status is VerdictStatus.DAYS_LEFT
    assert readout.verdict.sentence.startswith("Monitoring only")


def test_a_fixed_design_is_read_at_its_end() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 11}, days=DAYS)
    readout = reading(an_experiment(method=Method.FIXED), rows)
    assert readout.verdict.status is VerdictStatus.SHIP
    assert "one planned look" in readout.verdict.sentence
    assert readout.comparisons[0].p == readout.comparisons[0].fixed_p


def test_one_look_taken_early_decides_nothing() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 11}, days=range(1, 8))
    readout = reading(an_experiment(method=Method.WELCH), rows)
    assert readout.comparisons[0].standing is Standing.BETTER
    assert readout.verdict.status is VerdictStatus.DAYS_LEFT
    assert reading(an_experiment(), rows).verdict.status is VerdictStatus.SHIP


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


def test_a_group_sequential_design_looks_at_each_twentieth_of_its_units() -> None:
    rows = simulated("conversion", {"control": 10, "treatment": 10.1}, days=14)
    experiment = an_experiment(method=Method.GROUP_SEQUENTIAL, planned_units=20_000)
    looks = reading(experiment, rows).trails[0].looks
    assert [look.n for look in looks] == [1_000 * day for day in DAYS]
    short = an_experiment(method=Method.GROUP_SEQUENTIAL, planned_units=5_000)
    assert [look.n for look in reading(short, rows).trails[0].looks] == [1_000, 2_000, 3_000, 4_000, 5_000]


def test_a_planned_look_is_shown_with_its_own_arms() -> None:
    rows = simulated("conversion", {"control": 10, "treatment": 10.1}, days=14)
    readout = reading(an_experiment(method=Method.GROUP_SEQUENTIAL, planned_units=5_000), rows)
    (comparison,) = readout.comparisons
    assert comparison.control.n + comparison.treatment.n == 5_000
    assert comparison.control.mean is not None
    assert comparison.treatment.mean is not None
    assert comparison.treatment.mean - comparison.control.mean == pytest.approx(comparison.difference)


def test_before_its_first_look_a_group_sequential_design_has_no_number() -> None:
    rows = simulated("conversion", {"control": 10, "treatment": 10.1}, days=3, per_day=100)
    comparison = reading(an_experiment(method=Method.GROUP_SEQUENTIAL, planned_units=100_000), rows).comparisons[0]
    assert comparison.refused == "The first planned look comes at 5,000 units of 100,000."


def test_what_crosses_the_boundary_ships_early() -> None:
    rows = simulated("conversion", {"control": 10, "treatment": 10.4}, days=7)
    readout = reading(an_experiment(method=Method.GROUP_SEQUENTIAL, planned_units=14_000), rows)
    assert readout.verdict.status is VerdictStatus.SHIP
    assert "safe at the planned looks" in readout.verdict.sentence


@pytest.mark.parametrize(
    ("mean", "state"),
    [
        (100.0, GuardrailState.HEALTHY),
        (101.0, GuardrailState.HEALTHY),
        (102.0, GuardrailState.INCONCLUSIVE),
        (106.0, GuardrailState.BREACHED),
    ],
)
def test_a_guardrail_is_read_against_its_limit(mean: float, state: GuardrailState) -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 11}, days=DAYS)
    harm = rows_of("latency", {"control": 100, "treatment": mean}, days=DAYS, variance=100)
    readout = reading(an_experiment(metrics=(CONVERSION, GUARD)), rows, harm)
    guarded = readout.comparisons[1]
    assert guarded.guardrail is state
    assert guarded.harm == pytest.approx(mean - 100)
    breached = state is GuardrailState.BREACHED
    assert (guarded.harm_p is not None and guarded.harm_p <= 0.05) == breached
    assert readout.verdict.status is (VerdictStatus.REVIEW if breached else VerdictStatus.SHIP)
    assert ("breaches the guardrail latency (limit 2.0 % worse): +6.0 %" in readout.verdict.sentence) == breached


def test_an_absolute_limit_is_in_the_metrics_own_unit() -> None:
    limit = Limit(harm=3.0, scale=Scale.ABSOLUTE)
    rows = rows_of("conversion", {"control": 10, "treatment": 11}, days=DAYS)
    harm = rows_of("latency", {"control": 100, "treatment": 106}, days=DAYS, variance=100)
    metrics = (CONVERSION, LATENCY.model_copy(update={"limit": limit}))
    assert "(limit 3 ms worse)" in reading(an_experiment(metrics=metrics), rows, harm).verdict.sentence
    wide = (CONVERSION, LATENCY.model_copy(update={"limit": Limit(harm=9.0, scale=Scale.ABSOLUTE)}))
    assert reading(an_experiment(metrics=wide), rows, harm).comparisons[1].guardrail is GuardrailState.HEALTHY


def test_missing_or_stale_data_are_inconclusive_never_healthy() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 11}, days=DAYS)
    harm = rows_of("latency", {"control": 100, "treatment": 100}, days=DAYS, variance=100)
    experiment = an_experiment(metrics=(CONVERSION, GUARD)).evolve(started_at=NOW - timedelta(days=14.5))
    fresh, stale = (
        read(experiment, [*rows, *harm], NOW + timedelta(days=late)).comparisons[1].guardrail for late in (0, 9)
    )
    assert (fresh, stale) == (GuardrailState.HEALTHY, GuardrailState.INCONCLUSIVE)
    assert read(experiment, rows, NOW).comparisons[1].guardrail is GuardrailState.INCONCLUSIVE


def test_alpha_is_shared_among_the_guardrails() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 10}, days=DAYS)
    harm = rows_of("latency", {"control": 100, "treatment": 100.5}, days=DAYS, variance=100)
    more = [Metric(key=f"guard-{number}", role=MetricRole.GUARDRAIL) for number in range(9)]
    others = [row for each in more for row in rows_of(each.key, {"control": 1, "treatment": 1}, days=DAYS)]
    alone = reading(an_experiment(metrics=(CONVERSION, LATENCY)), rows, harm).comparisons[1].harm_p
    shared = reading(an_experiment(metrics=(CONVERSION, LATENCY, *more)), rows, harm, others).comparisons[1].harm_p
    assert alone is not None
    assert shared == pytest.approx(10 * alone)


def test_segments_are_read_apart_from_the_verdict() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 10}, days=DAYS)
    cut = [
        Aggregate("conversion", variant, 14.0, 7_000, mean, 1.0, segment=f"country={country}")
        for country, treated in (("DE", 10.3), ("FR", 9.7))
        for variant, mean in (("control", 10.0), ("treatment", treated))
    ]
    few = [Aggregate("conversion", variant, 14.0, 20, 10.0, 1.0, segment="country=LU") for variant in ("control",)]
    readout = reading(an_experiment(), rows, cut, few)
    (segments,) = readout.segments
    assert (segments.dimension, list(segments.levels)) == ("country", ["DE", "FR", "LU"])
    assert segments.levels["DE"].standing is Standing.BETTER
    assert segments.levels["FR"].standing is Standing.WORSE
    assert segments.levels["LU"].refused
    assert segments.levels["DE"].family == "Benjamini–Hochberg over 3 comparisons"
    assert segments.p is not None
    assert segments.p < 1e-6
    assert [each.standing for each in readout.comparisons] == [Standing.UNCLEAR]


def test_one_level_alone_has_nothing_to_differ_from() -> None:
    cut = [
        Aggregate("conversion", variant, 14.0, 7_000, 10.0, 1.0, segment="os=ios")
        for variant in ("control", "treatment")
    ]
    (segments,) = reading(an_experiment(), cut).segments
    assert (segments.p, segments.i2) == (None, None)


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


def test_groups_that_differed_before_are_reported() -> None:
    rows = [
        row._replace(covariate=Companion(5.0 if row.variant == "control" else 5.2, 1.0, 0.1))
        for row in rows_of("conversion", {"control": 10, "treatment": 10}, days=DAYS)
    ]
    assert "pre_exposure_bias" in findings(reading(an_experiment(), rows))


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


def test_secondary_metrics_share_one_false_discovery_rate() -> None:
    more = [Metric(key=f"side-{number}") for number in range(4)]
    rows = rows_of("conversion", {"control": 10, "treatment": 10}, days=DAYS)
    others = [row for each in more for row in simulated(each.key, {"control": 5, "treatment": 5.02}, days=14)]
    readout = reading(an_experiment(metrics=(CONVERSION, *more)), rows, others)
    assert {each.family for each in readout.comparisons[1:]} == {"Benjamini–Hochberg over 4 comparisons"}
    assert readout.comparisons[0].family == ""


@pytest.mark.parametrize(
    ("correction", "words"),
    [
        (Correction.HOLM, "Holm over 2 treatments"),
        (Correction.BONFERRONI, "Bonferroni over 2 treatments"),
        (Correction.BENJAMINI_HOCHBERG, "Benjamini–Hochberg over 2 treatments"),
        (Correction.NONE, "not adjusted for 2 treatments"),
    ],
)
def test_the_family_of_the_treatments_is_named(correction: Correction, words: str) -> None:
    rows = simulated("conversion", {"control": 10, "blue": 10.05, "red": 10.02}, days=14)
    readout = reading(an_experiment("blue", "red", correction=correction), rows)
    assert [each.family for each in readout.comparisons] == [words, words]


def test_a_lopsided_metric_and_an_outlier_are_reported() -> None:
    rows = [
        row._replace(shape=Shape(12.0, 90_000.0))
        for row in rows_of("conversion", {"control": 10, "treatment": 10}, days=DAYS)
    ]
    assert {"skew", "outliers"} <= findings(reading(an_experiment(), rows)).keys()


def test_units_in_two_variants_are_reported() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 10}, days=DAYS)
    readout = read(an_experiment(), rows, NOW, Provenance(crossed=300, seen=28_000))
    assert readout.verdict.status is VerdictStatus.UNHEALTHY
    assert readout.verdict.sentence.startswith("No lift is shown: ")
    assert "do not fall on the variants" not in readout.verdict.sentence
    assert all(each.difference is None for each in readout.comparisons)


def test_each_phase_has_its_own_weights() -> None:
    rows = [
        Aggregate("conversion", variant, float(day), n, 10.0, 1.0)
        for day in DAYS
        for variant, n in (
            ("control", 900 * min(day, 7) + 500 * max(day - 7, 0)),
            ("treatment", 100 * min(day, 7) + 500 * max(day - 7, 0)),
        )
    ]
    whole = read(an_experiment(), rows, NOW)
    phases = (
        Phase(0.0, {"control": 9_000, "treatment": 1_000}),
        Phase(7.0, {"control": 5_000, "treatment": 5_000}),
    )
    parted = read(an_experiment(), rows, NOW, Provenance(phases=phases))
    assert "sample_ratio" in findings(whole)
    assert "sample_ratio" not in findings(parted)
    broken = read(an_experiment(), rows, NOW, Provenance(phases=(phases[0], Phase(7.0, phases[0].weights))))
    assert "since day 7" in findings(broken)["sample_ratio"]


def test_the_effect_by_days_since_exposure_shows_novelty() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 10.3}, days=DAYS)
    by_day = [
        Aggregate("conversion", variant, 14.0, 4_000, mean, 1.0, segment=f"since_exposure={day}")
        for day in range(10)
        for variant, mean in (("control", 10.0), ("treatment", 10 + 0.6 / (day + 1)))
    ]
    readout = reading(an_experiment(), rows, by_day)
    assert "novelty" in findings(readout)
    assert readout.segments == ()


def test_an_incomplete_newest_moment_is_left_out_and_said() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 10.3}, days=DAYS)
    readout = reading(an_experiment(), [row for row in rows if (row.variant, row.day) != ("treatment", 14)])
    assert readout.comparisons[0].control.n == 13_000
    assert "partial_period" in findings(readout)


def test_do_no_harm_with_every_method_needs_the_planned_end() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 10}, days=DAYS)
    for method in Method:
        experiment = an_experiment(method=method, rule=DecisionRule.DO_NO_HARM, planned_units=28_000)
        assert reading(experiment, rows).verdict.status is VerdictStatus.SHIP
        assert reading(experiment, rows[:10] + rows[14:24]).verdict.status is VerdictStatus.DAYS_LEFT


def test_many_experiments_are_read_as_each_of_them_alone() -> None:
    first = an_experiment(metrics=(CONVERSION, GUARD))
    other = an_experiment("blue", "red", alpha=0.01, method=Method.WELCH)
    third = an_experiment(metrics=(SHARE,))
    gathered = [
        Gathered(first, [*simulated("conversion", {"control": 10, "treatment": 10.1}, days=9),
                         *simulated("latency", {"control": 100, "treatment": 100}, days=9)]),
        Gathered(other, simulated("conversion", {"control": 10, "blue": 10.1, "red": 10}, days=14)),
        Gathered(third, shares({"control": 0.1, "treatment": 0.12})),
        Gathered(third, []),
    ]  # fmt: skip
    together = read_all(gathered, NOW)
    assert together == [read(*each[:2], NOW) for each in gathered]
    assert together[3].verdict.status is VerdictStatus.NO_DATA


ODD = st.one_of(st.floats(), st.sampled_from([0.0, 1.0, -1.0, 5e-324, 1e308, 1e15, math.inf, math.nan]))
ROWS = st.builds(
    Aggregate,
    st.sampled_from(["conversion", "latency"]),
    st.sampled_from(["control", "treatment", "nobody"]),
    st.one_of(st.floats(0, 30), ODD),
    st.one_of(st.integers(0, 5), st.integers(90, 10**15)),
    ODD,
    ODD,
    st.sampled_from(["", "os=ios", "since_exposure=1", "odd"]),
    st.none() | st.builds(Companion, ODD, ODD, ODD, ODD),
    st.none() | st.builds(Companion, ODD, ODD, ODD, ODD),
    st.none() | st.builds(Shape, ODD, ODD),
)


@given(st.lists(ROWS, max_size=12), st.sampled_from(list(Method)), st.sampled_from(list(MetricKind)))
@settings(max_examples=100, deadline=None)
def test_no_rows_however_odd_raise_or_give_what_is_not_a_number(
    rows: list[Aggregate], method: Method, kind: MetricKind
) -> None:
    metrics = (CONVERSION.model_copy(update={"kind": kind}), GUARD)
    readout = reading(an_experiment(metrics=metrics, method=method, planned_days=3), rows)
    assert "NaN" not in readout.model_dump_json()
    for each in readout.comparisons:
        numbers = (each.difference, each.relative, each.p, each.fixed_p, each.harm, each.harm_p)
        assert all(number is None or np.isfinite(number) for number in numbers)
        assert (each.refused is None) == (each.difference is not None)
        if each.refused:
            assert each.standing is Standing.REFUSED
            assert each.guardrail is not GuardrailState.HEALTHY


def test_a_lower_metric_can_be_the_better_one() -> None:
    errors = CONVERSION.model_copy(update={"direction": Direction.DOWN})
    rows = rows_of("conversion", {"control": 10, "treatment": 9.5}, days=DAYS)
    assert reading(an_experiment(metrics=(errors,)), rows).comparisons[0].standing is Standing.BETTER
