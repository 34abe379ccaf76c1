"""The verdict: what the rule makes of the data, when it may, and how it says so."""

from __future__ import annotations

import pytest

from experiments.aggregate import Aggregate
from experiments.design import DecisionRule, Metric, MetricRole
from experiments.model import Status
from experiments.readout import VerdictStatus
from tests.experiments.readings import CONVERSION, LATENCY, an_experiment, reading, rows_of

DAYS = (1, 2, 4, 7)
BOTH = (CONVERSION, LATENCY)
DO_NO_HARM = DecisionRule.DO_NO_HARM


def conversion(treatment: float, *, until: int = 7, **others: float) -> list[Aggregate]:
    days = [*(day for day in DAYS if day < until), until]
    return rows_of("conversion", {"control": 1.0, "treatment": treatment, **others}, days=days, variance=0.25)


def latency(treatment: float, *, until: int = 7) -> list[Aggregate]:
    return rows_of("latency", {"control": 100.0, "treatment": treatment}, days=[until], variance=400.0)


def test_nothing_yet() -> None:
    verdict = reading(an_experiment()).verdict
    assert verdict.status is VerdictStatus.NO_DATA
    assert verdict.sentence == "There are no data on conversion to compare yet."


def test_a_clear_gain_ships_before_the_planned_end() -> None:
    verdict = reading(an_experiment(metrics=BOTH), conversion(1.1), latency(100)).verdict
    assert verdict.status is VerdictStatus.SHIP
    assert verdict.sentence == (
        "Ship treatment: it raises conversion by 10.0 % (95 % interval 7.3 % to 12.8 %, safe under daily looks), "
        "and no guardrail is breached."
    )


def test_a_clear_loss_rolls_back() -> None:
    verdict = reading(an_experiment(), conversion(0.9)).verdict
    assert verdict.status is VerdictStatus.ROLL_BACK
    assert verdict.sentence.startswith(
        "Roll back: treatment lowers conversion by 10.0 % (95 % interval −12.5 % to −7.5 %, "
    )


@pytest.mark.parametrize(("until", "left"), [(4, 10), (7, 7), (13, 1)])
def test_while_nothing_is_clear_there_are_days_left(until: int, left: int) -> None:
    verdict = reading(an_experiment(), conversion(1.001, until=until)).verdict
    assert (verdict.status, verdict.days_left) == (VerdictStatus.DAYS_LEFT, left)
    assert "no clear difference in conversion" in verdict.sentence
    assert verdict.sentence.endswith(f"About {left} day{'s' if left > 1 else ''} left of 14.")


def test_after_the_planned_end_a_person_has_to_weigh_it() -> None:
    verdict = reading(an_experiment(), conversion(1.001, until=14)).verdict
    assert verdict.status is VerdictStatus.REVIEW
    assert verdict.sentence.startswith("The planned 14 days are over and the rule does not settle it: treatment shows")


@pytest.mark.parametrize("day", [1, 2])
def test_never_a_verdict_before_the_minimum_run_time(day: int) -> None:
    verdict = reading(an_experiment(), conversion(2.0, until=day)).verdict
    assert verdict.status is VerdictStatus.DAYS_LEFT
    assert verdict.sentence.startswith("Too early for a verdict: the data cover")


def test_a_plan_shorter_than_the_minimum_still_waits_for_it() -> None:
    short = an_experiment(planned_days=1)
    assert reading(short, conversion(2.0, until=2)).verdict.days_left == 1
    assert reading(short, conversion(2.0, until=3)).verdict.status is VerdictStatus.SHIP


def test_never_a_verdict_before_the_minimum_units() -> None:
    few = rows_of("conversion", {"control": 1.0, "treatment": 9.0}, days=[4], per_day=20)
    verdict = reading(an_experiment(), few).verdict
    assert verdict.status is VerdictStatus.DAYS_LEFT
    assert verdict.sentence.startswith("Too few units for a verdict: control has 80 units and every arm needs 100.")


def test_too_few_units_at_the_planned_end_is_for_a_person() -> None:
    few = rows_of("conversion", {"control": 1.0, "treatment": 9.0}, days=[14], per_day=5)
    assert reading(an_experiment(), few).verdict.status is VerdictStatus.REVIEW


def test_harm_to_a_guardrail_is_never_shipped_and_does_not_wait() -> None:
    verdict = reading(an_experiment(metrics=BOTH), conversion(1.1), latency(105)).verdict
    assert verdict.status is VerdictStatus.REVIEW
    assert "treatment breaches the guardrail latency: +5.0 %" in verdict.sentence


@pytest.mark.parametrize("rule", DecisionRule)
def test_a_guardrail_without_data_is_never_read_as_healthy(rule: DecisionRule) -> None:
    experiment = an_experiment(metrics=BOTH, rule=rule)
    waiting, over = reading(experiment, conversion(1.1)).verdict, reading(experiment, conversion(1.1, until=14)).verdict
    assert (waiting.status, over.status) == (VerdictStatus.DAYS_LEFT, VerdictStatus.REVIEW)
    assert "latency cannot be read yet" in waiting.sentence


def test_do_no_harm_ships_at_the_planned_end_and_not_before() -> None:
    experiment = an_experiment(metrics=BOTH, rule=DO_NO_HARM)
    before = reading(experiment, conversion(1.1), latency(100)).verdict
    after = reading(experiment, conversion(1.001, until=14), latency(100, until=14)).verdict
    assert before.status is VerdictStatus.DAYS_LEFT
    assert after.status is VerdictStatus.SHIP
    assert after.sentence.startswith("Ship treatment: the planned 14 days are over and nothing got worse; it shows no")


def test_do_no_harm_still_rolls_back_harm() -> None:
    experiment = an_experiment(metrics=BOTH, rule=DO_NO_HARM)
    assert reading(experiment, conversion(0.9), latency(100)).verdict.status is VerdictStatus.ROLL_BACK


def test_of_several_good_treatments_the_best_is_named() -> None:
    verdict = reading(an_experiment("treatment", "bolder"), conversion(1.1, bolder=1.2)).verdict
    assert verdict.status is VerdictStatus.SHIP
    assert verdict.sentence.startswith("Ship bolder (the best of treatment and bolder): it raises conversion by 20.0 %")


def test_one_bad_treatment_does_not_stop_a_good_one() -> None:
    verdict = reading(an_experiment("treatment", "bolder"), conversion(0.9, bolder=1.2)).verdict
    assert verdict.sentence.startswith("Ship bolder: it raises")


def test_one_bad_treatment_alone_does_not_roll_the_others_back() -> None:
    verdict = reading(an_experiment("treatment", "bolder"), conversion(0.9, bolder=1.0)).verdict
    assert verdict.status is VerdictStatus.DAYS_LEFT


def test_every_primary_metric_has_to_be_good() -> None:
    second = Metric(key="revenue", role=MetricRole.PRIMARY)
    experiment = an_experiment(metrics=(CONVERSION, second))
    flat = rows_of("revenue", {"control": 1.0, "treatment": 1.0}, days=[7])
    good = rows_of("revenue", {"control": 1.0, "treatment": 1.5}, days=[7])
    assert reading(experiment, conversion(1.1), flat).verdict.status is VerdictStatus.DAYS_LEFT
    assert reading(experiment, conversion(1.1), good).verdict.status is VerdictStatus.SHIP


def test_an_experiment_stopped_early_has_no_days_left() -> None:
    verdict = reading(an_experiment(status=Status.STOPPED), conversion(1.001)).verdict
    assert verdict.status is VerdictStatus.REVIEW
    assert verdict.sentence.startswith("It ended on day 7 of 14, before the rule could settle it:")


def test_do_no_harm_does_not_ship_what_was_stopped_early() -> None:
    experiment = an_experiment(metrics=BOTH, rule=DO_NO_HARM, status=Status.STOPPED)
    assert reading(experiment, conversion(1.1), latency(100)).verdict.status is VerdictStatus.REVIEW


def test_a_control_near_zero_is_told_in_the_metrics_own_unit() -> None:
    rows = rows_of("conversion", {"control": 0.0, "treatment": 0.2}, days=[7], variance=0.25)
    sentence = reading(an_experiment(), rows).verdict.sentence
    assert sentence.startswith("Ship treatment: it raises conversion by 0.2 per user (95 % interval 0.17")
    assert "per user, safe under daily looks" in sentence


def test_another_level_is_named() -> None:
    assert "99 % interval" in reading(an_experiment(alpha=0.01), conversion(1.1)).verdict.sentence
