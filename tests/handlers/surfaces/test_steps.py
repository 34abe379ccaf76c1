"""Buttons and menus offer what the table of permissions allows in a state, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.canary import CanaryPlan
from experiments.model import Experiment, Outcome, Status
from experiments.permissions import TABLE, Permission, Role, states
from experiments.readout import VerdictStatus
from handlers.surfaces.all_actions import DOES, all_actions
from handlers.surfaces.card import card
from handlers.surfaces.kit import Message
from handlers.surfaces.state import next_step, progress
from handlers.surfaces.steps import LABELS, LIKELIEST, MODALS, MOST_OPTIONS, NEEDS, buttons, verbs
from handlers.table import ACTIONS, COMMANDS
from tests.gallery.running import asking, booked, loosening, phased, promoted, read, withdrawn
from tests.handlers.surfaces.situations import BO, NOW, actor, design, experiment
from tests.handlers.surfaces.test_limits import nodes

ELSEWHERE = {
    Permission.CREATE: "there is no card yet",
    Permission.RECORD: "Bunsen does it by itself",
    Permission.MEASURE: "Bunsen does it by itself",
    Permission.WARN: "the monitor does it by itself",
    Permission.SETTINGS: "about the workspace",
}


def at(status: Status) -> Experiment:
    """An experiment in this state for which everything that the state allows makes sense."""
    match status:
        case Status.SCHEDULED:
            return booked(experiment(Status.APPROVED))
        case Status.RUNNING | Status.PAUSED:
            return loosening(phased(experiment(status, design=design(canary=CanaryPlan(steps=(6_000, 7_500))))))
        case Status.ROLLING_OUT:
            return promoted(experiment(Status.DECIDED), status)
        case Status.ROLLED_OUT:
            return promoted(experiment(Status.DECIDED), status, stage=3)
        case Status.ROLLED_BACK:
            return withdrawn(experiment(Status.STOPPED))
        case _:
            return experiment(status)


def held(rolling: Experiment) -> Experiment:
    """Its rollout stays where it is."""
    assert rolling.rollout is not None
    return rolling.evolve(rollout=rolling.rollout.model_copy(update={"paused_at": NOW}))


def offered(message: Message) -> set[str]:
    """The verbs of all buttons and menu entries of a message."""
    found = set()
    for node in nodes(message.blocks):
        if node.get("type") == "button":
            found.add(node["action_id"])
        if node.get("type") == "overflow":
            found |= {option["value"].partition(":")[0] for option in node["options"]}
    return found


def test_every_permission_of_a_person_has_its_step() -> None:
    assert set(NEEDS.values()) | ELSEWHERE.keys() == set(TABLE)
    assert NEEDS.keys() <= LABELS.keys()


@pytest.mark.parametrize("status", Status)
def test_what_is_offered_is_what_the_table_allows(status: Status) -> None:
    here = [at(status)]
    if status is Status.DECIDED:
        here.append(asking(experiment(status)))
    if status is Status.ROLLING_OUT:
        here.append(held(at(status)))
    fitting = {verb for each in here for verb in verbs(each)}
    beyond_the_table = {"results", "pictures"} if status in states(Permission.PREDICT) else set()
    beyond_the_table |= {"step"} if status is Status.PAUSED else set()
    assert fitting == {verb for verb, needs in NEEDS.items() if status in states(needs)} - beyond_the_table


@pytest.mark.parametrize("status", Status)
def test_everything_that_fits_is_reachable_from_the_card(status: Status) -> None:
    each = at(status)
    shown, fitting = offered(card(each)), set(verbs(each))
    if "more" in shown:
        listed = all_actions(each, actor(BO).model_copy(update={"role": Role.ADMIN}))
        shown |= {node["action_id"] for node in nodes(listed["blocks"]) if node.get("type") == "button"}
    assert {MODALS.get(verb, verb) for verb in fitting} <= shown | {MODALS.get(verb, verb) for verb in shown}


@pytest.mark.parametrize("status", Status)
def test_a_row_has_at_most_five_buttons_and_a_short_menu(status: Status) -> None:
    row: list[dict[str, Any]] = buttons(at(status))["elements"]
    assert sum(each["type"] == "button" for each in row) <= 5
    assert all(len(each["options"]) <= MOST_OPTIONS for each in row if each["type"] == "overflow")
    assert set(LIKELIEST[status]) <= {verb for verb in NEEDS if status in states(NEEDS[verb])}


def test_every_step_has_a_command_and_says_what_it_does() -> None:
    assert NEEDS.keys() <= COMMANDS.keys() | {"diff"}
    assert NEEDS.keys() == DOES.keys()
    assert {MODALS.get(verb, verb) for verb in NEEDS} <= ACTIONS.keys()


def test_a_viewer_is_shown_what_a_viewer_may_do() -> None:
    viewer = actor("U0EVE").model_copy(update={"role": Role.VIEWER})
    assert set(verbs(at(Status.RUNNING), viewer)) == {verb for verb, needs in NEEDS.items() if needs is Permission.READ}
    assert "predict" in verbs(at(Status.DRAFT), viewer)
    assert "stop" in verbs(at(Status.RUNNING), actor("U0ADA").model_copy(update={"role": Role.VIEWER})), "the owner may"


def test_rolling_back_asks_once_and_is_one_step_away_wherever_it_serves() -> None:
    for status in states(Permission.ROLL_BACK):
        reds = [node for node in nodes(card(at(status)).blocks) if node.get("style") == "danger"]
        [red] = [node for node in reds if "action_id" in node]
        assert red["action_id"] == "rollback"
        assert red["confirm"] in reds
        assert "Everybody gets control again" in red["confirm"]["text"]["text"]


def test_a_canary_has_a_next_step_until_its_last_one_and_while_it_runs() -> None:
    assert "step" in verbs(at(Status.RUNNING))
    assert "step" not in verbs(at(Status.PAUSED))
    assert "step" not in verbs(phased(experiment(Status.RUNNING))), "it is no canary"
    last = experiment(Status.RUNNING, design=design(canary=CanaryPlan(steps=(1_000, 5_000))))
    assert "step" not in verbs(phased(last))


def test_a_rollout_is_held_or_goes_on() -> None:
    rolling = at(Status.ROLLING_OUT)
    assert [verb for verb in verbs(rolling) if verb in ("hold", "go_on")] == ["hold"]
    assert [verb for verb in verbs(held(rolling)) if verb in ("hold", "go_on")] == ["go_on"]


def test_only_what_was_decided_to_ship_can_be_promoted() -> None:
    decided = experiment(Status.DECIDED)
    assert "promote" in verbs(decided)
    assert decided.decision is not None
    iterate = decided.evolve(decision=decided.decision.model_copy(update={"outcome": Outcome.ITERATE}))
    assert "promote" not in verbs(iterate)
    assert "promote" not in verbs(asking(decided))
    assert "confirm" in verbs(asking(decided))


def test_an_unfinished_draft_is_not_offered_for_review() -> None:
    assert "review" not in verbs(experiment(design=design(hypothesis="")))


def test_how_far_it_is_counts_from_the_newest_phase() -> None:
    moved = phased(experiment(Status.RUNNING), 2)
    assert progress(moved) == "phase 2, day 1 of 14"
    assert progress(moved.evolve(data_day=5.0)) == "phase 2, no data yet"
    assert progress(phased(experiment(Status.RUNNING))) == "day 6 of 14"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (VerdictStatus.SHIP, "stop it and log the decision"),
        (VerdictStatus.ROLL_BACK, "roll it back, or stop it"),
        (VerdictStatus.UNHEALTHY, "look at the health of its data"),
        (VerdictStatus.DAYS_LEFT, "look at the results now and then"),
    ],
)
def test_what_is_next_follows_the_newest_reading(status: VerdictStatus, words: str) -> None:
    assert words in next_step(read(experiment(Status.RUNNING), status))


def test_past_its_planned_end_it_is_to_be_stopped() -> None:
    late = experiment(Status.RUNNING).model_copy(update={"data_day": 14.0})
    assert "its planned time is over" in next_step(late)


def test_a_booked_start_is_changed_and_not_scheduled_again() -> None:
    assert "Change the time" in str(card(at(Status.SCHEDULED)).blocks)
    assert "Change the time" not in str(card(at(Status.APPROVED)).blocks)
