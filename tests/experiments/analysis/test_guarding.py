"""Guardrails and health through the readout: limits, missing data, phases, novelty, outliers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experiments.aggregate import Aggregate, Companion, Shape
from experiments.analysis.health import Provenance
from experiments.analysis.pairing import Phase
from experiments.analysis.readouts import read
from experiments.design import Limit, Method, Metric, MetricKind, MetricRole, Scale
from experiments.readout import GuardrailState, Readout, VerdictStatus
from tests.experiments.readings import CONVERSION, LATENCY, NOW, an_experiment, reading, rows_of

DAYS = range(1, 15)
GUARD = LATENCY.model_copy(update={"limit": Limit(harm=0.02)})


def findings(readout: Readout) -> dict[str, str]:
    return {finding.code: finding.words for finding in readout.findings}


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


def test_groups_that_differed_before_are_reported() -> None:
    rows = [
        row._replace(covariate=Companion(5.0 if row.variant == "control" else 5.2, 1.0, 0.1))
        for row in rows_of("conversion", {"control": 10, "treatment": 10}, days=DAYS)
    ]
    assert "pre_exposure_bias" in findings(reading(an_experiment(), rows))


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


def test_a_share_has_no_values_to_cap() -> None:
    rows = [
        row._replace(variance=0.09, shape=Shape(30.0, 1.0))
        for row in rows_of("conversion", {"control": 0.1, "treatment": 0.1}, days=DAYS)
    ]
    share = CONVERSION.model_copy(update={"kind": MetricKind.PROPORTION})
    assert not {"skew", "outliers"} & findings(reading(an_experiment(metrics=(share,)), rows)).keys()


@pytest.mark.parametrize(("method", "planned"), [(Method.FIXED, 5_000), (Method.GROUP_SEQUENTIAL, 1_000_000)])
def test_a_breach_does_not_wait_for_what_the_method_may_say_of_effects(method: Method, planned: int) -> None:
    rows = rows_of("conversion", {"control": 10, "blue": 11, "red": 11}, days=range(1, 6))
    harm = rows_of("latency", {"control": 100, "blue": 110, "red": 100}, days=range(1, 6), variance=100)
    experiment = an_experiment("blue", "red", metrics=(CONVERSION, GUARD), method=method, planned_units=planned)
    readout = reading(experiment, rows, harm)
    blue, red = readout.comparisons[2:]
    assert (blue.guardrail, red.guardrail) == (GuardrailState.BREACHED, GuardrailState.HEALTHY)
    assert blue.harm == pytest.approx(10)
    assert (blue.interval, blue.p) == (None, None)
    assert readout.verdict.status is VerdictStatus.DAYS_LEFT
    assert "blue breaches the guardrail latency (limit 2.0 % worse): it is 10 ms worse" in readout.verdict.sentence
    alone = reading(
        an_experiment("blue", metrics=(CONVERSION, GUARD), method=method, planned_units=planned), rows, harm
    )
    assert alone.verdict.status is VerdictStatus.REVIEW
    assert alone.verdict.sentence.startswith("No treatment is free of harm, so nothing can ship: blue breaches")
    assert "conversion by" not in alone.verdict.sentence, "the effect is not told before its time"
    assert "novelty" not in findings(alone)
