"""One look at guardrails: three-valued, never healthy without data, and as careful at every look as at the first."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.aggregate import Aggregate
from experiments.analysis.readouts import read
from experiments.design import Limit, Metric, MetricRole, Scale
from experiments.guarding.look import Guard, look
from experiments.guarding.watched import Watched
from experiments.model import Experiment, Status
from experiments.readout import GuardrailState
from experiments.running import Phase, Rollout
from tests.experiments.readings import CONVERSION, NOW
from tests.experiments.watching import ERRORS, START, rates, running, seen

HEALTHY, BREACHED, INCONCLUSIVE = GuardrailState.HEALTHY, GuardrailState.BREACHED, GuardrailState.INCONCLUSIVE
SAME, WORSE = {"control": 0.02, "treatment": 0.02}, {"control": 0.02, "treatment": 0.041}
LATENCY = Metric(
    key="latency", role=MetricRole.GUARDRAIL, direction="down", unit="ms", query='p95{variant="{variant}"}[{window}]'
)


def only(experiment: Experiment, rows: list[Aggregate], **known: object) -> Guard:
    (guard,) = seen(experiment, rows, **known).guards
    return guard


def test_harm_beyond_the_limit_is_a_breach_with_its_numbers() -> None:
    found = seen(running(), rates("error-rate", WORSE))
    (guard,) = found.guards
    assert (found.number, found.phase, found.breached) == (37, 1, (guard,))
    assert guard.state is BREACHED
    assert (guard.value, guard.control, guard.units) == (0.041, 0.02, 20_000)
    assert guard.harm == pytest.approx(0.021)
    assert guard.relative == pytest.approx(1.05)
    assert guard.limit == "0.50 points"
    assert guard.p is not None
    assert guard.p < 0.05


def test_harm_within_the_limit_is_healthy_once_that_is_sure() -> None:
    assert only(running(), rates("error-rate", SAME, 100_000)).state is HEALTHY
    unsure = only(running(), rates("error-rate", SAME, 500))
    assert (unsure.state, unsure.missing) == (INCONCLUSIVE, False)
    assert unsure.reason == "the data do not tell yet whether the harm is within its limit"


def test_the_state_is_that_of_the_readout() -> None:
    experiment, rows = running(), rates("error-rate", WORSE)
    (comparison,) = read(experiment, rows, NOW).comparisons
    guard = only(experiment, rows)
    assert (comparison.guardrail, comparison.harm, comparison.harm_p) == (guard.state, guard.harm, guard.p)


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"newest": None, "until": None}, "no data have come yet"),
        ({"newest": NOW - timedelta(minutes=16)}, "the newest data are 16 minutes old"),
        ({"until": NOW - timedelta(hours=5)}, "the newest data are 5 hours old"),
        ({"trouble": "The warehouse did not answer."}, "the warehouse did not answer"),
    ],
)
def test_missing_data_are_never_healthy_but_an_old_breach_is_one(known: dict[str, object], reason: str) -> None:
    quiet = only(running(), rates("error-rate", SAME, 100_000), **known)
    assert (quiet.state, quiet.missing, quiet.reason) == (INCONCLUSIVE, True, reason)
    harmful = only(running(), rates("error-rate", WORSE, 100_000), **known)
    assert (harmful.state, harmful.missing) == (BREACHED, True)


def test_no_rows_of_a_metric_are_missing_after_a_while() -> None:
    other = rates("conversion", SAME)
    experiment = running(CONVERSION, ERRORS)
    assert only(experiment, other).missing
    young = experiment.phases[0].model_copy(update={"started_at": NOW - timedelta(minutes=5)})
    assert not only(experiment.evolve(phases=(young,)), other).missing


def test_units_that_come_seldom_are_waited_for() -> None:
    rows = rates("error-rate", SAME, 180)
    assert not only(running(), rows, newest=NOW - timedelta(minutes=19)).missing
    assert only(running(), rows, newest=NOW - timedelta(minutes=21)).missing


@given(st.sampled_from([math.nan, math.inf, -math.inf]), st.sampled_from([4, 5]), st.sampled_from([0, 1]))
def test_what_is_no_number_is_missing(value: float, field: int, arm: int) -> None:
    rows = rates("error-rate", SAME, 100_000)
    rows[arm] = rows[arm]._replace(**{Aggregate._fields[field]: value})
    guard = only(running(), rows)
    assert (guard.state, guard.missing) == (INCONCLUSIVE, True)


def test_nothing_is_said_before_the_units_that_were_asked_for() -> None:
    careful = ERRORS.model_copy(update={"minimum_units": 10_001})
    guard = only(running(careful), rates("error-rate", WORSE))
    assert (guard.state, guard.missing) == (INCONCLUSIVE, False)
    assert guard.reason == "10,000 units in the smaller group so far; nothing is said before 10,001"
    few = only(running(), rates("error-rate", {"control": 0.02, "treatment": 0.9}, 99))
    assert few.reason == "99 units in the smaller group so far; 100 are needed"


def test_a_control_without_any_error_does_not_hide_harm() -> None:
    harmed = only(running(), rates("error-rate", {"control": 0.0, "treatment": 0.03}, 2_000))
    assert harmed.state is BREACHED
    calm = {"control": 0.0, "treatment": 0.0}
    assert only(running(), rates("error-rate", calm, 50_000)).state is HEALTHY
    assert only(running(), rates("error-rate", calm, 400)).state is INCONCLUSIVE


def test_a_broken_split_leaves_nothing_healthy_but_lets_a_breach_act() -> None:
    lost = {"control": 100_000, "treatment": 90_000}
    healthy = seen(running(), rates("error-rate", SAME, lost))
    assert healthy.split_broken
    assert healthy.guards[0].state is INCONCLUSIVE
    assert "do not fall on the variants as planned" in healthy.guards[0].reason
    assert seen(running(), rates("error-rate", WORSE, lost)).guards[0].state is BREACHED


def test_the_split_is_held_against_the_weights_of_the_phase() -> None:
    weights = {"control": 9_500, "treatment": 500}
    experiment = running()
    later = Phase(number=2, started_at=START + timedelta(hours=1), day=1 / 24, weights=weights)
    uneven = rates("error-rate", SAME, {"control": 95_000, "treatment": 5_000})
    assert seen(experiment, uneven).split_broken
    second = seen(experiment.evolve(phases=(*experiment.phases, later)), uneven)
    assert not second.split_broken
    assert second.phase == 2


def test_rows_of_an_earlier_phase_do_not_count() -> None:
    experiment = running()
    later = Phase(number=2, started_at=START + timedelta(hours=3), day=0.125, weights=experiment.weights)
    before = [row._replace(day=0.1) for row in rates("error-rate", WORSE, 100_000)]
    assert only(experiment.evolve(phases=(*experiment.phases, later)), before).reason.startswith("there are no data")


def test_alpha_is_shared_also_with_guardrails_that_have_no_data_yet() -> None:
    others = tuple(ERRORS.model_copy(update={"key": f"other-{number}"}) for number in range(3))
    rows = rates("error-rate", {"control": 0.02, "treatment": 0.034}, 4_000)
    alone, together = seen(running(), rows).guards[0], seen(running(ERRORS, *others), rows).guards[0]
    assert alone.p is not None
    assert together.p == pytest.approx(min(4 * alone.p, 1))


def test_each_treatment_is_a_guardrail_of_its_own() -> None:
    experiment = running(treatments=("blue", "red"))
    found = seen(experiment, rates("error-rate", {"control": 0.02, "blue": 0.02, "red": 0.05}, 50_000))
    assert {guard.variant: guard.state for guard in found.guards} == {"blue": HEALTHY, "red": BREACHED}


def test_a_rollout_watches_what_it_was_told_to_within_what_matters() -> None:
    rollout = Rollout(
        variant="blue", stages=(1_000, 10_000), watched=("conversion",), by="U1", at=START, stage_at=START
    )
    experiment = running(CONVERSION, ERRORS, treatments=("blue", "red")).evolve(
        status=Status.ROLLING_OUT, rollout=rollout
    )
    units = {"control": 90_000, "blue": 10_000}
    found = seen(experiment, rates("conversion", {"control": 0.3, "blue": 0.33}, units))
    (guard,) = found.guards
    assert (guard.metric.limit, guard.state, found.phase) == (Limit(harm=0.02), HEALTHY, 2)
    assert not found.split_broken


@pytest.mark.parametrize(("shift", "state"), [(0.0, HEALTHY), (30.0, BREACHED)])
def test_a_metric_without_units_is_read_by_pairs_of_windows(shift: float, state: GuardrailState) -> None:
    dice = np.random.default_rng(5)
    wave = 200 + 50 * np.sin(np.arange(180) / 10)
    windows = {
        "latency": {
            "control": tuple(wave + dice.normal(0, 5, 180)),
            "treatment": tuple(wave + shift + dice.normal(0, 5, 180)),
        }
    }
    limited = LATENCY.model_copy(update={"limit": Limit(harm=10.0, scale=Scale.ABSOLUTE)})
    guard = only(running(limited), [], windows=windows, newest_of={"latency": NOW})
    assert (guard.state, guard.units, guard.missing) == (state, 180, False)
    silent = only(running(limited), [], windows=windows)
    assert silent.missing
    assert silent.state is (INCONCLUSIVE if state is HEALTHY else BREACHED)


def test_experiments_are_read_together_as_they_would_be_alone() -> None:
    strict, plain = running(alpha=0.01), running(ERRORS, CONVERSION)
    kinds = [
        Watched(plain, rates("error-rate", WORSE), NOW, NOW),
        Watched(strict, rates("error-rate", WORSE, 3_000), NOW, NOW),
        Watched(plain, [], None, None),
        Watched(running(CONVERSION), rates("conversion", SAME), NOW, NOW),
    ]
    assert look(kinds, NOW) == [look([each], NOW)[0] for each in kinds]
    assert look([], NOW) == []
