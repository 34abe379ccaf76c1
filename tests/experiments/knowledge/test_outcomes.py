"""What one experiment adds to what many say together: which effect stands for it, as what it counts when it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from experiments.commands.record_reading import RecordReading
from experiments.design import Direction, MetricKind
from experiments.knowledge.learning import Lesson
from experiments.knowledge.outcomes import effect_of, ended_of, good, trial_of
from experiments.model import Experiment, Status
from experiments.readout import Interval, Standing, VerdictStatus
from experiments.running import Effect, Reading, Rollout, Significance
from tests.charts import readings
from tests.handlers.surfaces.situations import NOW, experiment


def effect(treatment: str, lift: float, standing: Standing = Standing.UNCLEAR, **more: Any) -> Effect:
    given: dict[str, Any] = {
        "metric": "conversion", "kind": MetricKind.PROPORTION, "direction": Direction.UP, "treatment": treatment,
        "lift": lift, "lower": lift - 0.01, "upper": lift + 0.01, "error": 0.005, "standing": standing, "units": 100,
    }  # fmt: skip
    return Effect(**given | more)


def ended(*effects: Effect, status: Status = Status.STOPPED, **more: Any) -> Experiment:
    reading = Reading(
        number=1, day=14, status=VerdictStatus.REVIEW, sentence="Look.", significance=Significance.NOT_SIGNIFICANT,
        at=NOW, effects=effects, **more,
    )  # fmt: skip
    return experiment(Status.STOPPED).evolve(status=status, reading=reading, started_at=NOW - timedelta(days=14))


def test_the_effect_is_that_of_the_first_better_treatment_never_just_the_largest() -> None:
    luckiest = effect("two", 0.2)
    assert effect_of(ended(effect("one", 0.01), luckiest)) == effect("one", 0.01)
    better = effect("three", 0.03, Standing.BETTER)
    assert effect_of(ended(effect("one", 0.01), luckiest, better)) == better
    assert effect_of(ended()) is None


def test_what_was_shipped_stands_for_its_experiment() -> None:
    found = ended(effect("one", 0.05, Standing.BETTER), effect("two", 0.01))
    shipped = Rollout(variant="two", stages=(10_000,), by="U1", at=NOW, stage_at=NOW)
    assert effect_of(found.evolve(status=Status.ROLLED_OUT, rollout=shipped)) == effect("two", 0.01)


def test_a_lift_in_a_bad_direction_is_turned() -> None:
    slower = effect("one", 0.02, direction=Direction.DOWN, lower=0.01, upper=0.04)
    assert good(slower) == (-0.02, Interval(lower=-0.04, upper=-0.01))
    trial = trial_of(ended(slower))
    assert trial is not None
    assert (trial.lift, trial.hit, trial.variance) == (-0.02, False, pytest.approx(0.005**2))


def test_what_still_runs_has_no_outcome() -> None:
    running = ended(effect("one", 0.05, Standing.BETTER), status=Status.RUNNING)
    assert trial_of(running) is None
    assert ended_of(running) is None


@pytest.mark.parametrize(
    ("found", "lesson"),
    [
        (ended(effect("one", 0.05, Standing.BETTER)), Lesson.WIN),
        (ended(effect("one", 0.05, Standing.BETTER), harmed=True), Lesson.HARM_AVOIDED),
        (ended(effect("one", -0.05, Standing.WORSE)), Lesson.HARM_AVOIDED),
        (ended(effect("one", 0.0, upper=0.001)), Lesson.POWERED_NEUTRAL),
        (ended(effect("one", 0.0, upper=0.5, units=10**9)), Lesson.POWERED_NEUTRAL),
        (ended(effect("one", 0.0, upper=0.5)), Lesson.UNDERPOWERED),
        (ended(effect("one", 0.0, upper=None)), Lesson.UNDERPOWERED),
        (ended(effect("one", 0.05, Standing.BETTER), invalid=True), Lesson.INVALID),
        (ended(), Lesson.INVALID),
    ],
)
def test_the_lesson_of_an_end(found: Experiment, lesson: Lesson) -> None:
    over = ended_of(found)
    assert over is not None
    assert over.lesson is lesson


def test_a_reading_keeps_what_the_readout_says_of_the_primary_metric() -> None:
    readout = readings.guarded()
    command = RecordReading.of(readout)
    [first, *_] = readout.primary
    [kept, *_] = command.effects
    assert (kept.metric, kept.treatment, kept.lift) == (first.metric, first.treatment.variant, first.relative)
    assert kept.units == first.control.n + first.treatment.n
    assert command.harmed == any(each.guardrail == "breached" for each in readout.comparisons)
    assert not command.invalid
