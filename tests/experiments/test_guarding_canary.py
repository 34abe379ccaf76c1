"""A canary's step: one judgement at its end decides, in between only a critical failure that is found twice."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest

from experiments.canary import CanaryPlan, window_seconds
from experiments.design import Direction, Limit, Metric, MetricRole
from experiments.guarding.canary import CanaryVerdict, between, canary, judged_metrics, step_of
from experiments.measuring import Samples
from tests.experiments.readings import CONVERSION, NOW, an_experiment

KEYS = ("errors", "latency", "cpu", "memory", "cost")
METRICS = tuple(Metric(key=key, role=MetricRole.GUARDRAIL, direction=Direction.DOWN) for key in KEYS)
PLAN = CanaryPlan(minutes=60, critical=("errors",))


def samples(
    *harmed: str, n: int = 60, factor: float = 2.0, variant: str = "canary"
) -> dict[str, dict[str, tuple[float, ...]]]:
    """Latency-like values; the canary's are `factor` times as large for the metrics that are harmed."""
    dice = np.random.default_rng(3)
    return {
        key: {
            "stable": tuple(100 + dice.normal(0, 5, n)),
            variant: tuple((100 + dice.normal(0, 5, n)) * (factor if key in harmed else 1)),
        }
        for key in KEYS
    }


def judged(found: Samples, plan: CanaryPlan = PLAN) -> CanaryVerdict:
    return canary(found, plan, METRICS, "stable")


@pytest.mark.parametrize(
    ("harmed", "grade", "score"),
    [((), "pass", 100.0), (("cpu",), "marginal", 80.0), (("cpu", "cost"), "fail", 60.0), (("errors",), "fail", 0.0)],
)
def test_the_score_is_the_share_of_metrics_that_pass_unless_a_critical_one_fails(
    harmed: tuple[str, ...], grade: str, score: float
) -> None:
    found = judged(samples(*harmed))
    assert (found.grade, found.score) == (grade, pytest.approx(score))
    assert [each.metric for each in found.metrics if each.failed] == list(harmed)
    assert found.critical == tuple(set(harmed) & {"errors"})


def test_each_metric_says_how_it_reads() -> None:
    words = [each.words for each in judged(samples("latency", n=60, factor=1.5)).metrics]
    assert words[1].startswith("latency is higher with canary than with stable, +4")
    assert words[0].startswith("errors is as good with canary as with stable")


def test_better_is_no_failure_whatever_the_direction() -> None:
    better = judged(samples("errors", factor=0.5))
    assert better.grade == "pass"
    up = [METRICS[0].model_copy(update={"direction": Direction.UP})]
    assert canary(samples("errors", factor=0.5), PLAN, up, "stable").grade == "fail"


def test_a_relative_limit_is_allowed() -> None:
    limited = [METRICS[0].model_copy(update={"limit": Limit(harm=0.5)})]
    for factor, grade in ((1.3, "pass"), (1.8, "fail")):
        assert canary(samples("errors", factor=factor), PLAN, limited, "stable").grade == grade


@pytest.mark.parametrize("found", [{}, samples(n=19), samples(n=0), {"errors": {"stable": (1.0,) * 60}}])
def test_too_few_samples_are_no_data(found: Samples) -> None:
    assert judged(found).grade == "nodata"


def test_a_metric_without_samples_is_waited_for_unless_the_canary_has_failed() -> None:
    blind = samples()
    blind["latency"]["canary"] = (math.nan,) * 60
    found = judged(blind)
    assert (found.grade, found.words) == ("nodata", "So far score 100; no data for latency.")
    failed = samples("errors")
    failed["latency"]["canary"] = ()
    assert judged(failed).grade == "fail"


def test_the_worst_of_several_canaries_counts() -> None:
    good, bad = samples(), samples("errors", variant="second")
    both = {key: {**good[key], **bad[key]} for key in KEYS}
    found = judged(both)
    assert found.grade == "fail"
    assert {each.variant for each in found.metrics} == {"second"}


def test_who_asks_again_later_hears_the_same() -> None:
    first, later = samples(), samples("errors", factor=9.0)
    longer = {key: {arm: first[key][arm] + later[key][arm] for arm in ("stable", "canary")} for key in KEYS}
    assert judged(longer) == judged(first)


def at(minutes: float, found: Samples, before: int = 0, plan: CanaryPlan = PLAN) -> tuple[str, int, str]:
    ask = canary if minutes >= plan.minutes else between
    start = NOW - timedelta(minutes=minutes)
    step = step_of(ask(found, plan, METRICS, "stable"), plan, start, NOW, before)
    return step.step, step.critical, step.words


def test_in_between_only_a_critical_failure_found_twice_in_a_row_goes_back() -> None:
    critical, other = samples("errors", n=30), samples("latency", "cpu", "memory", n=30)
    assert at(30, other)[:2] == ("wait", 0)
    assert at(30, critical)[:2] == ("wait", 1)
    assert at(31, samples(n=30), before=1)[:2] == ("wait", 0)
    step, _, words = at(31, critical, before=1)
    assert (step, words) == ("back", "Back to stable: errors failed, twice in a row.")
    assert at(59.5, samples())[2] == "The step is judged in 1 minute."


@pytest.mark.parametrize(
    ("harmed", "step", "words"),
    [
        ((), "go", "On to the next step. Healthy: score 100."),
        (("cpu",), "wait", "A person has to decide. Inconclusive: score 80, it takes 95 to pass."),
        (("errors",), "back", "Back to stable. Breached: errors failed, which is critical."),
    ],
)
def test_at_its_end_the_step_is_judged(harmed: tuple[str, ...], step: str, words: str) -> None:
    found = at(60, samples(*harmed))
    assert (found[0], found[2]) == (step, words)


def test_at_its_end_it_waits_for_data() -> None:
    step, _, words = at(60, {})
    assert step == "wait"
    assert words == "Waiting for data. There are no samples of the canary yet."


@pytest.mark.parametrize(("minutes", "seconds"), [(1, 15), (15, 15), (30, 30), (60, 60), (1_440, 1_440)])
def test_a_step_has_sixty_windows_if_they_are_long_enough(minutes: int, seconds: int) -> None:
    assert window_seconds(CanaryPlan(minutes=minutes)) == seconds


def test_secondary_metrics_are_not_judged() -> None:
    metrics = (CONVERSION, METRICS[0], Metric(key="clicks"), Metric(key="price", role=MetricRole.COST))
    assert [each.key for each in judged_metrics(an_experiment(metrics=metrics).design)] == [
        "conversion",
        "errors",
        "price",
    ]
