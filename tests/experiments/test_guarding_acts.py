"""What a look leads to: the strongest act of a running experiment, and go, wait or back at the gate of a rollout."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experiments.design import Action, Limit, Metric, Scale
from experiments.guarding.gate import Gate, gate
from experiments.guarding.look import Look
from experiments.guarding.verdict import GRACE, Act, verdict
from experiments.model import Experiment, Status
from experiments.running import Rollout
from tests.experiments.readings import NOW
from tests.experiments.watching import ERRORS, rates, running, seen

SAME, WORSE = {"control": 0.02, "treatment": 0.02}, {"control": 0.02, "treatment": 0.041}
HOUR = timedelta(hours=1)


def guardrail(key: str, action: Action, missing: Action = Action.WARN) -> Metric:
    return ERRORS.model_copy(update={"key": key, "action": action, "missing": missing})


def acted(experiment: Experiment, look: Look, **known: object) -> Act | None:
    return verdict(look, experiment, known.pop("missing_since", None), NOW, **known)  # type: ignore[arg-type]


def test_a_breach_is_told_with_its_numbers() -> None:
    experiment = running(guardrail("error-rate", Action.STOP))
    act = acted(experiment, seen(experiment, rates("error-rate", WORSE)))
    assert act is not None
    assert act.action is Action.STOP
    assert act.breach.words == (
        "error-rate is 4.1 % with treatment and 2.0 % with control: 2.1 points worse, more than the 0.50 points you "
        "allow (look 37, p below 0.0001)"
    )
    assert (act.breach.look, act.breach.phase, act.breach.units) == (37, 1, 20_000)
    assert (act.breach.value, act.breach.control, act.breach.missing) == (0.041, 0.02, False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"limit": Limit(harm=0.1)}, "105.0 % worse, more than the 10 % of control you allow"),
        ({"limit": None}, "2.1 points worse, and no harm is allowed"),
        (
            {"kind": "mean", "unit": "errors"},
            "is 0.041 errors with treatment and 0.02 errors with control: 0.021 errors",
        ),
    ],
)
def test_the_limit_is_said_in_its_own_unit(changes: dict[str, object], words: str) -> None:
    experiment = running(Metric.model_validate({**dict(ERRORS), **changes}))
    act = acted(experiment, seen(experiment, rates("error-rate", WORSE, 100_000)))
    assert act is not None
    assert words in act.breach.words


def test_the_strongest_of_several_actions_is_taken() -> None:
    order = (Action.WARN, Action.ROLL_BACK, Action.PAUSE, Action.STOP)
    experiment = running(*(guardrail(f"metric-{number}", action) for number, action in enumerate(order)))
    rows = [row for number in range(4) for row in rates(f"metric-{number}", WORSE, 50_000)]
    act = acted(experiment, seen(experiment, rows))
    assert act is not None
    assert act.action is Action.ROLL_BACK
    assert [each.action for each in act.others] == [Action.STOP, Action.PAUSE, Action.WARN]


def test_a_warning_is_given_once_in_a_phase() -> None:
    experiment = running(guardrail("error-rate", Action.WARN))
    look = seen(experiment, rates("error-rate", WORSE))
    first = acted(experiment, look)
    assert first is not None
    assert acted(experiment, look, told=first.told) is None
    warned = experiment.evolve(breach=first.breach)
    assert acted(warned, look) is None
    before = first.breach.model_copy(update={"phase": 0})
    assert acted(experiment.evolve(breach=before), look) is not None


def test_what_is_not_a_warning_is_called_for_until_it_is_done() -> None:
    experiment = running(guardrail("error-rate", Action.STOP))
    look = seen(experiment, rates("error-rate", WORSE))
    first = acted(experiment, look)
    assert first is not None
    assert acted(experiment.evolve(breach=first.breach), look, told=first.told) is not None


@pytest.mark.parametrize("status", [Status.PAUSED, Status.STOPPED])
def test_what_does_not_run_needs_no_protection(status: Status) -> None:
    experiment = running(guardrail("error-rate", Action.STOP)).evolve(status=status)
    assert acted(experiment, seen(experiment, rates("error-rate", WORSE))) is None


def test_missing_data_lead_to_their_action_after_the_grace_time() -> None:
    experiment = running(guardrail("error-rate", Action.STOP, missing=Action.PAUSE))
    look = seen(experiment, rates("error-rate", SAME), newest=NOW - HOUR)
    assert acted(experiment, look) is None
    assert acted(experiment, look, missing_since=NOW - GRACE + timedelta(seconds=1)) is None
    act = acted(experiment, look, missing_since=NOW - GRACE)
    assert act is not None
    assert (act.action, act.breach.missing) == (Action.PAUSE, True)
    assert act.breach.words == (
        "nobody knows whether treatment harms error-rate, for 30 minutes now: the newest data are 60 minutes old"
    )


def test_a_breach_counts_as_such_also_when_its_data_have_stopped() -> None:
    experiment = running(guardrail("error-rate", Action.STOP, missing=Action.WARN))
    look = seen(experiment, rates("error-rate", WORSE), newest=NOW - HOUR)
    act = acted(experiment, look, missing_since=NOW - HOUR)
    assert act is not None
    assert (act.action, act.breach.missing, act.others) == (Action.STOP, False, ())


def test_healthy_and_unclear_guardrails_lead_to_nothing() -> None:
    experiment = running(guardrail("error-rate", Action.ROLL_BACK))
    for n in (500, 100_000):
        assert acted(experiment, seen(experiment, rates("error-rate", SAME, n)), missing_since=NOW - HOUR) is None


def passed(
    rows_of: dict[str, float], n: int = 200_000, *, known: dict[str, object] | None = None, **plan: object
) -> Gate:
    """The gate of a rollout at 50 %, whose stage of an hour is over unless told otherwise."""
    given = {"variant": "treatment", "stages": (5_000, 10_000), "watched": ("error-rate",), "stage_at": NOW - HOUR}
    rollout = Rollout.model_validate({**given, "by": "U1", "at": NOW - HOUR, **plan})
    experiment = running().evolve(status=Status.ROLLING_OUT, rollout=rollout)
    return gate(seen(experiment, rates("error-rate", rows_of, n), **(known or {})), rollout, experiment, NOW)


def test_a_gate_opens_when_all_that_is_watched_is_healthy() -> None:
    found = passed(SAME)
    assert found.step == "go"
    assert found.words == "error-rate is within what you allow: on to 100 %."
    assert found.reasons == (
        "error-rate is 2.0 % with treatment and 2.0 % with control, within the 0.50 points you allow",
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n": 500}, "Not on to 100 % yet: error-rate is not clear yet: the data do not tell"),
        ({"known": {"newest": NOW - HOUR}}, "Not on to 100 % yet: nobody knows whether treatment harms error-rate"),
        ({"stage_hours": 1.5}, "50 % has not lasted its 1.5 hours yet; 30 minutes to go."),
        ({"paused_at": NOW}, "The rollout is paused at 50 %."),
        ({"watched": ("gone",)}, "what is watched is not measured any more"),
        ({"stages": (10_000,)}, "100 % is the last stage."),
    ],
)
def test_a_gate_waits_for_what_is_not_known(changes: dict[str, object], words: str) -> None:
    found = passed(SAME, **changes)  # type: ignore[arg-type]
    assert found.step == "wait"
    assert words in found.words


def test_a_gate_waits_while_the_split_is_broken() -> None:
    rollout = {"stages": (2_000, 10_000)}
    found = passed(SAME, **rollout)  # type: ignore[arg-type]
    assert found.step == "wait"
    assert "do not fall on the variants as planned" in found.words


@pytest.mark.parametrize("changes", [{}, {"stage_hours": 24.0}, {"paused_at": NOW}])
def test_a_breach_goes_back_at_once(changes: dict[str, object]) -> None:
    found = passed(WORSE, **changes)  # type: ignore[arg-type]
    assert found.step == "back"
    assert found.words.startswith("Back to control: error-rate is 4.1 % with treatment and 2.0 % with control")
    assert [each.variant for each in found.breached] == ["treatment"]


def test_it_waits_and_warns_where_going_back_was_switched_off() -> None:
    found = passed(WORSE, automatic_rollback=False)
    assert (found.step, found.warn) == ("wait", True)
    assert found.words.startswith("It stays at 50 % until you decide: error-rate is 4.1 %")


def test_where_nothing_is_watched_the_time_alone_decides() -> None:
    assert passed(SAME, watched=()).step == "go"
    assert passed(SAME, watched=(), stage_at=NOW).step == "wait"


def test_without_a_limit_the_smallest_effect_that_matters_is_allowed() -> None:
    free = ERRORS.model_copy(update={"limit": None})
    plan = {"variant": "treatment", "stages": (5_000, 10_000), "watched": ("error-rate",)}
    rollout = Rollout.model_validate({**plan, "by": "U1", "at": NOW - HOUR, "stage_at": NOW - HOUR})
    experiment = running(free, smallest_effect=0.1).evolve(status=Status.ROLLING_OUT, rollout=rollout)
    look = seen(experiment, rates("error-rate", {"control": 0.02, "treatment": 0.0201}, 400_000))
    assert look.guards[0].metric.limit == Limit(harm=0.1, scale=Scale.RELATIVE)
    assert gate(look, rollout, experiment, NOW).step == "go"
