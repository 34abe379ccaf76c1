"""A canary's picture: what is judged and when, the means and the shift, the limits, the steps, and how it ended."""

from __future__ import annotations

import math
from datetime import timedelta
from statistics import fmean

import pytest

from experiments.canary import CanaryPlan
from experiments.design import Direction, Limit, Metric, MetricRole
from experiments.guarding.canary import canary, judged_metrics
from experiments.model import Status
from experiments.pictures.canary import MOST_METRICS, Canary, CanaryMetric, canary_of
from experiments.readout import GuardrailState
from experiments.running import Phase
from tests.charts.pictures import canary as examples
from tests.charts.pictures.canary import BEGAN, EXAMPLES, PLAN, experiment, sampled, shown


def metric(found: Canary, key: str) -> CanaryMetric:
    return next(each for each in found.metrics if each.key == key)


def test_at_the_gate_every_metric_is_as_the_judge_finds_it() -> None:
    made = experiment()
    samples = sampled(made, 60, {"latency-p95": 1.16})
    found = shown(made, samples, 31)
    verdict = canary(samples, PLAN, judged_metrics(made.design), "stable")
    assert found.score == pytest.approx(verdict.score) == pytest.approx(75.0)
    assert (found.level, found.pass_score, found.marginal_score) == (0.98, 95, 75)
    for each in verdict.metrics:
        one = metric(found, each.metric)
        assert (one.shift, one.lower, one.upper) == (each.shift, each.lower, each.upper)
        assert one.stable_mean == pytest.approx(fmean(samples[each.metric]["stable"]))
        assert one.canary_mean == pytest.approx(fmean(samples[each.metric]["canary"]))
    assert metric(found, "latency-p95").state is GuardrailState.BREACHED
    assert [each.key for each in found.metrics] == ["error-rate", "latency-p95", "answer-quality", "cost"]
    assert found.alarming
    assert found.standing == "A person has to decide. Inconclusive: score 75, it takes 95 to pass."


def test_before_the_gate_critical_metrics_alone_are_judged_and_there_is_no_score() -> None:
    found = EXAMPLES["in_a_step"]()
    assert [each.key for each in found.metrics if each.state is not None] == ["error-rate"]
    assert (found.score, found.level) == (None, 0.998)
    assert all(each.shift is None for each in found.metrics if each.key != "error-rate")
    assert found.standing == "Judged from 9 Mar 10:00 UTC on: to 50 % when it passes, back to stable when it fails."


def test_a_critical_failure_is_told_before_the_gate() -> None:
    made = experiment()
    found = shown(made, sampled(made, 30, {"error-rate": 2.0}), 15)
    assert found.standing.startswith("error-rate failed at the newest look;")
    assert found.alarming


def test_the_limit_is_a_value_in_the_bad_direction() -> None:
    found = EXAMPLES["ordinary"]()
    errors, quality = metric(found, "error-rate"), metric(found, "answer-quality")
    assert errors.stable_mean is not None
    assert quality.stable_mean is not None
    assert errors.limit == pytest.approx(errors.stable_mean * 1.25)
    assert quality.limit == pytest.approx(quality.stable_mean - 0.2)
    assert (errors.limit_words, quality.limit_words) == ("25 % worse", "0.2 worse")
    assert metric(found, "cost").limit is None
    assert metric(EXAMPLES["extreme"](), "negative").limit is None, "a share of a negative mean says nothing"


def test_windows_keep_their_place_and_only_those_that_count_are_there() -> None:
    found = EXAMPLES["gaps"]()
    errors = metric(found, "error-rate")
    assert [at for at, _ in errors.canary] == [*range(20), *range(32, 68)]
    assert metric(found, "cost").canary == ()
    assert metric(found, "cost").state is GuardrailState.INCONCLUSIVE
    assert metric(found, "cost").reason == "20 of each are needed"
    made = experiment()
    later = shown(made, sampled(made, 400), 200)
    assert all(len(each.stable) == len(each.canary) == 60 for each in later.metrics)


def test_the_same_windows_make_the_same_picture_whoever_asks_when() -> None:
    made = experiment()
    samples = sampled(made, 36)
    assert shown(made, samples, 18) == shown(made, samples, 18.4)
    longer = sampled(made, 90)
    assert shown(made, longer, 45) == shown(made, longer, 400)


def test_it_is_as_of_the_newest_window_that_has_a_value() -> None:
    made = experiment()
    samples = {key: {arm: (*values, math.nan, math.nan) for arm, values in arms.items()}
               for key, arms in sampled(made, 10).items()}  # fmt: skip
    found = shown(made, samples, 6)
    assert found.basis.as_of == BEGAN + timedelta(minutes=35)
    assert found.basis.facts[0] == "n = 10 windows of 30 seconds"
    assert EXAMPLES["begun"]().basis.as_of == BEGAN


def test_the_steps_carry_their_times() -> None:
    steps = EXAMPLES["rolled_back"]().steps
    half = timedelta(minutes=30)
    assert [(step.share, step.since, step.until) for step in steps] == [
        (500, BEGAN, BEGAN + half),
        (2_500, BEGAN + half, BEGAN + 2 * half),
        (5_000, BEGAN + 2 * half, BEGAN + 2 * half + timedelta(minutes=17.5)),
    ]
    ahead = EXAMPLES["in_a_step"]().steps
    assert (ahead[1].until, ahead[2].since) == (None, None)
    assert EXAMPLES["in_a_step"]().place == 1
    assert EXAMPLES["hostile"]().place is None


def test_what_ended_is_shown_as_it_was_then() -> None:
    back = EXAMPLES["rolled_back"]()
    assert back.is_over
    assert back.standing.startswith("Rolled back at 50 % on 9 Mar 10:17 UTC. Back to stable: error-rate failed, twice")
    assert back.level == 0.998, "its step was never judged, however late somebody asks"
    early = EXAMPLES["stopped_early"]()
    assert early.standing == "Stopped at 25 % on 9 Mar 09:39 UTC, before its step was judged."
    made = experiment(2, status=Status.STOPPED, ended=45)
    judged = shown(made, sampled(made, 60), 500)
    assert judged.standing == "Stopped at 50 % on 9 Mar 10:45 UTC. Healthy: score 100."
    assert not judged.alarming


def test_a_breach_of_another_time_did_not_end_it() -> None:
    back = experiment(2, status=Status.STOPPED, ended=45)
    breach = examples.breach(back).model_copy(update={"at": BEGAN})
    assert "error-rate failed" not in shown(back.evolve(breach=breach), sampled(back, 60), 50).standing


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("passed", "It passed its last step at 50 %. Stop it and log the decision, then promote it."),
        ("paused", "Paused at 25 %: everybody gets stable until it is resumed."),
        ("gaps", "Waiting for data. So far score 100; no data for cost."),
    ],
)
def test_how_it_stands(name: str, standing: str) -> None:
    assert EXAMPLES[name]().standing == standing


def test_without_a_plan_or_a_start_there_is_a_reason() -> None:
    assert EXAMPLES["empty"]().refused.startswith("It has no canary")
    waiting = experiment().evolve(status=Status.DRAFT, phases=(), started_at=None)
    assert canary_of(waiting, {}, BEGAN).refused == (
        "It has not started yet. Its canary will go 5 % → 25 % → 50 %, 30 minutes each."
    )


def test_of_many_metrics_the_critical_and_the_failed_come_first_and_the_rest_is_counted() -> None:
    found = EXAMPLES["hostile"]()
    assert len(found.metrics) == MOST_METRICS
    assert found.left_out == 3
    assert found.metrics[0].critical
    assert found.metrics[1].state is GuardrailState.BREACHED


def test_the_worst_of_several_canaries_is_shown() -> None:
    made = experiment()
    arms = (*made.design.variants, made.design.variants[1].model_copy(update={"key": "second", "weight": 0}))
    weights = {"stable": 5_000, "canary": 2_500, "second": 2_500}
    phase = Phase(number=3, started_at=made.phases[-1].started_at, weights=weights)
    several = made.evolve(design=made.design.model_copy(update={"variants": arms}), phases=(*made.phases[:-1], phase))
    samples = sampled(made, 60)
    worse = sampled(made, 60, {"latency-p95": 1.5})
    both = {key: {**arms, "second": worse[key]["canary"]} for key, arms in samples.items()}
    found = shown(several, both, 31)
    assert (found.variant, found.others, found.share) == ("second", 1, 5_000)


def test_values_beyond_all_measure_are_left_out() -> None:
    fast = Metric(key="latency", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, limit=Limit(harm=0.1))
    made = experiment(metrics=(fast,), plan=CanaryPlan(minutes=30))
    samples = {"latency": {"stable": (1.0, 1e300, math.inf, 2.0), "canary": (math.nan, -1e200, 3.0)}}
    [found] = shown(made, samples, 31).metrics
    assert found.stable == ((0, 1.0), (3, 2.0))
    assert found.canary == ((2, 3.0),)
