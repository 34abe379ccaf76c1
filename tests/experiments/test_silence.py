"""One metric that falls silent is missing as soon as that can hardly be chance; one that is only rare never is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from experiments.design import Action, Metric, MetricKind
from experiments.guarding.look import Look
from experiments.guarding.verdict import GRACE, verdict
from experiments.measuring import Heard
from experiments.model import Experiment
from experiments.readout import GuardrailState
from experiments.running import Phase
from experiments.watch import Pulse, Watch
from tests.experiments.lives import PER_DAY, PER_HOUR, Life, alarms, lived, noticed
from tests.experiments.readings import CONVERSION, NOW
from tests.experiments.watching import ERRORS, START, rates, running, seen

HEALTHY, INCONCLUSIVE = GuardrailState.HEALTHY, GuardrailState.INCONCLUSIVE
SAME = {"control": 0.02, "treatment": 0.02}
RUNS = 10
ALIVE = {
    "three a day": Life(share=0.00025),
    "one in two hours": Life(),
    "five an hour": Life(share=0.01),
    "by day and by night": Life(share=0.01, day=True),
    "not at the weekend": Life(share=0.1, day=True, week=True),
    "days late, then ten times the traffic": Life(per_hour=100, share=0.01, delay=72, grows=10),
    "a day late, a new phase every other day": Life(share=0.1, delay=24, phase=2, day=True),
    "four phases a day": Life(share=0.01, phase=0.25, day=True),
    "always the same people": Life(share=0.1, people=2_000, day=True, week=True),
    "twenty at once": Life(share=0.0005, bursts=20, day=True),
    "all in the night": Life(share=0.1, batched=True),
}


@pytest.mark.parametrize("life", ALIVE.values(), ids=ALIVE.keys())
def test_a_metric_that_is_alive_is_never_called_silent_in_two_weeks_of_looks(life: Life) -> None:
    dice = np.random.default_rng(11)
    found = [list(alarms(lived(dice, life))) for _ in range(RUNS)]
    assert found == [[]] * RUNS


@pytest.mark.parametrize(
    ("life", "soonest", "latest"),
    [
        (Life(share=0.1), 0.5, 0.7),
        (Life(share=0.01), 2.3, 4.0),
        (Life(share=0.001), 15, 45),
        (Life(share=0.1, phase=1), 0.5, 0.8),
        (Life(share=0.01, people=2_000), 70, 73),
    ],
    ids=["fifty an hour", "five an hour", "one in two hours", "in a later phase", "when everybody has come"],
)
def test_one_that_dies_is_noticed_when_chance_is_ruled_out(life: Life, soonest: float, latest: float) -> None:
    """At a steady rate that takes about 14 times the usual gap, and never less than a quarter of an hour."""
    dice = np.random.default_rng(12)
    for _ in range(3):
        hours = noticed(lived(dice, life), dies=8 * PER_DAY + 12 * PER_HOUR)
        assert hours is not None
        assert soonest <= hours <= latest


def test_one_that_is_dead_when_a_phase_begins_is_noticed_by_what_was_known_before() -> None:
    life = Life(share=0.1, phase=2)
    hours = noticed(lived(np.random.default_rng(13), life), dies=4 * PER_DAY)
    assert hours is not None
    assert hours < 3, "14 times the ten minutes in which it was heard of five times"


PULSE = Pulse(since=START, at=NOW - timedelta(minutes=40), units=180_000, times=150, newest=NOW - timedelta(minutes=41),
              of=300, warmed=timedelta(minutes=2), warmed_units=500)  # fmt: skip
HEARD = Heard(NOW - timedelta(minutes=41), 300)


def with_pulse(experiment: Experiment, pulse: Mapping[str, Pulse], heard: Mapping[str, Heard], **known: Any) -> Look:
    rows = [row for metric in experiment.design.metrics for row in rates(metric.key, SAME, 100_000)]
    return seen(experiment, rows, heard=heard, pulses=pulse, **known)


def test_a_silent_metric_is_missing_while_the_others_are_read() -> None:
    other = ERRORS.model_copy(update={"key": "crashes"})
    alive = PULSE._replace(at=NOW - timedelta(minutes=4))
    found = with_pulse(running(ERRORS, other), {"error-rate": PULSE, "crashes": alive}, {"error-rate": HEARD})
    silent, well = found.guards
    assert (silent.state, silent.missing) == (INCONCLUSIVE, True)
    assert silent.reason == "nothing has come of error-rate for 40 minutes, while 20,000 more users came"
    assert (well.state, well.missing) == (HEALTHY, False)
    assert not found.healthy
    assert found.missing == (silent,)


def test_where_nobody_new_has_come_it_may_be_that_everybody_has() -> None:
    full = PULSE._replace(units=200_000)
    assert with_pulse(running(), {"error-rate": full}, {"error-rate": HEARD}).healthy
    days = timedelta(days=4)
    long = running().evolve(phases=(running().phases[0].model_copy(update={"started_at": START - 5 * days}),))
    old = full._replace(since=START - 5 * days, at=NOW - days)
    (guard,) = with_pulse(long, {"error-rate": old}, {}).guards
    assert guard.reason == "nothing has come of error-rate for 96 hours, while other events came"


@pytest.mark.parametrize(
    "pulse",
    [
        PULSE._replace(times=0),
        PULSE._replace(times=5),
        PULSE._replace(of=5),
        PULSE._replace(at=NOW - timedelta(minutes=14)),
        PULSE._replace(units=199_000),
    ],
    ids=["never heard of", "seldom heard of", "of few units", "only just silent", "few units since"],
)
def test_a_silence_that_may_be_chance_is_none(pulse: Pulse) -> None:
    assert with_pulse(running(), {"error-rate": pulse}, {"error-rate": HEARD}).healthy


def test_a_ratio_is_missing_without_what_it_is_divided_by() -> None:
    ratio = ERRORS.model_copy(update={"key": "per-order", "kind": MetricKind.RATIO, "denominator": "orders"})
    alive = PULSE._replace(at=NOW)
    orders = Metric(key="orders")
    found = with_pulse(running(ratio, orders), {"per-order": alive, "orders": PULSE}, {})
    assert found.guards[0].missing
    assert "nothing has come of orders" in found.guards[0].reason
    assert found.pulses.keys() == {"per-order", "orders"}


def test_what_was_heard_is_kept_from_look_to_look_and_through_an_outage() -> None:
    experiment = running()
    first = with_pulse(experiment, {}, {"error-rate": HEARD}).pulses["error-rate"]
    assert (first.times, first.since, first.at) == (0, NOW, NOW), "how it was before the first look is not known"
    newer = Heard(NOW - timedelta(seconds=5), 301)
    known = with_pulse(experiment, {"error-rate": PULSE}, {"error-rate": newer}).pulses
    assert known == {
        "error-rate": PULSE._replace(times=151, at=NOW, units=200_000, newest=newer.newest, of=301),
    }
    assert with_pulse(experiment, known, {}, trouble="The warehouse did not answer.").pulses == known
    watch = Watch(key="shop", next_at=NOW, pulses=known)
    assert Watch.model_validate_json(watch.model_dump_json(exclude_defaults=True)) == watch


def test_a_new_phase_is_given_as_long_as_the_first_took_and_then_counts_by_itself() -> None:
    experiment = running()
    weights = experiment.weights

    def phased(minutes: int) -> Experiment:
        begun = NOW - timedelta(minutes=minutes)
        return experiment.evolve(phases=(*experiment.phases, Phase(number=2, started_at=begun, weights=weights)))

    before = PULSE._replace(at=NOW - timedelta(minutes=41), times=1_000, of=2_000)
    late = before._replace(warmed=timedelta(minutes=5))
    assert with_pulse(phased(40), {"error-rate": before}, {}).missing
    assert not with_pulse(phased(40), {"error-rate": late}, {}).missing
    heard = {"error-rate": Heard(NOW - timedelta(minutes=1), 9)}
    found = with_pulse(phased(40), {"error-rate": before}, heard).pulses["error-rate"]
    assert (found.times, found.since, found.units) == (1, NOW - timedelta(minutes=40), 200_000)
    seldom = before._replace(times=4, since=NOW - timedelta(minutes=42), at=NOW - timedelta(minutes=41, seconds=59))
    assert not with_pulse(phased(40), {"error-rate": seldom}, {}).missing


def test_one_warning_speaks_for_all_that_are_silent() -> None:
    experiment = running(ERRORS, CONVERSION, treatments=("blue", "red"))
    rows = rates("error-rate", {"control": 0.02, "blue": 0.02, "red": 0.02}, 100_000)
    found = seen(experiment, rows, heard={}, pulses={"error-rate": PULSE._replace(units=250_000)})
    act = verdict(found, experiment, NOW - GRACE, NOW)
    assert act is not None
    assert (act.action, act.warnings) == (Action.WARN, ())
    assert act.breach.words == (
        "nobody knows whether blue harms error-rate, for 30 minutes now: nothing has come of error-rate for 40 "
        "minutes, while 50,000 more users came; nor is it known of error-rate with red"
    )
    assert act.told == {("error-rate", "blue", True), ("error-rate", "red", True)}
    assert verdict(found, experiment, NOW - GRACE, NOW, act.told) is None
