"""Readouts by every method: fixed, one look, group-sequential, and corrections by their names."""

from __future__ import annotations

import pytest

from experiments.design import Correction, DecisionRule, Method, Metric, MetricKind, MetricRole
from experiments.readout import Standing, VerdictStatus
from tests.experiments.readings import CONVERSION, an_experiment, reading, rows_of, simulated

DAYS = range(1, 15)
SHARE = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION)


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


def test_do_no_harm_with_every_method_needs_the_planned_end() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 10}, days=DAYS)
    for method in Method:
        experiment = an_experiment(method=method, rule=DecisionRule.DO_NO_HARM, planned_units=28_000)
        assert reading(experiment, rows).verdict.status is VerdictStatus.SHIP
        assert reading(experiment, rows[:10] + rows[14:24]).verdict.status is VerdictStatus.DAYS_LEFT
