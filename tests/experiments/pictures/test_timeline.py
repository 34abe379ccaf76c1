"""A timeline by the log: when it was in which lane, who saw a treatment when, what is to come, and what is marked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experiments.commands import (
    AddNote,
    AdvanceRollout,
    ConfigureTraffic,
    ConfirmPromotion,
    DeleteNote,
    EditExperiment,
    LogDecision,
    PauseExperiment,
    PauseRollout,
    PromoteVariant,
    ResumeExperiment,
    RollBack,
    StopExperiment,
)
from experiments.design import Action
from experiments.model import Outcome, StopReason
from experiments.permissions import guardrail
from experiments.pictures.exposure import exposure_of, projected
from experiments.pictures.timeline import MOST_MARKS, Timeline
from tests.charts.pictures.timeline import BO, CREATED, EXAMPLES, METRICS, Life

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def lanes(found: Timeline) -> list[tuple[str, str, float, float]]:
    """Lane, manner, and from when to when in hours since the first entry."""
    return [
        (each.lane, each.manner, (each.start - found.start) / HOUR, (each.end - found.start) / HOUR)
        for each in found.stretches
    ]


def shares(life: Life) -> list[tuple[float, int]]:
    return [((each.at - CREATED) / HOUR, each.share) for each in exposure_of(life.experiment, life.records)]


def test_each_state_is_a_stretch_in_its_lane() -> None:
    life = Life().started().after(days=3).does(PauseExperiment).after(days=1).does(ResumeExperiment).after(days=2)
    life.does(StopExperiment, reason=StopReason.COMPLETED).after(days=1)
    assert lanes(life.shipped(stages=(1_000, 10_000), stage_hours=10).seen(hours=4)) == [
        ("draft", "active", 0, 7),
        ("review", "active", 7, 27),
        ("review", "waiting", 27, 41),
        ("run", "active", 41, 113),
        ("run", "paused", 113, 137),
        ("run", "active", 137, 185),
        ("analysis", "active", 185, 209),
        ("decision", "waiting", 209, 227),
        ("rollout", "active", 227, 231),
        ("rollout", "planned", 231, 237),
    ]


def test_times_in_a_lane_are_summed_without_what_is_planned() -> None:
    found = EXAMPLES["running"]()
    assert found.lasted("run") == 5 * DAY
    assert found.lasted("review") == 34 * HOUR
    assert EXAMPLES["rolled_out"]().lasted("rollout") == timedelta(), "nothing is made up after the last entry"


def test_who_sees_it_follows_weights_exposure_pauses_and_stages() -> None:
    life = Life(exposure=5_000).started()
    assert shares(life) == [(41, 2_500)]
    life.after(hours=1).does(ConfigureTraffic, exposure=10_000)
    life.after(hours=1).does(ConfigureTraffic, weights={"control": 8_000, "short": 2_000})
    life.after(hours=1).does(PauseExperiment).after(hours=1).does(ConfigureTraffic, exposure=5_000)
    life.after(hours=1).does(ResumeExperiment).after(hours=1).does(StopExperiment, reason=StopReason.COMPLETED)
    life.shipped(stages=(1_000, 9_500), holdback=500).after(hours=2).does(AdvanceRollout, stage=0)
    life.after(hours=5).does(RollBack)
    assert shares(life) == [
        (41, 2_500), (42, 5_000), (43, 2_000), (44, 0), (46, 1_000), (47, 0), (65, 1_000), (67, 9_500), (72, 0),
    ]  # fmt: skip


def test_a_rollout_without_stages_is_for_everybody() -> None:
    life = Life().started().after(days=1).does(StopExperiment, reason=StopReason.COMPLETED).shipped()
    assert shares(life)[-1][1] == 10_000
    assert life.seen().standing == "Rolled out to everybody."


def test_what_waits_for_a_second_person_is_not_given_to_anybody() -> None:
    life = Life().started().after(days=1).does(StopExperiment, reason=StopReason.COMPLETED)
    life.does(LogDecision, outcome=Outcome.SHIP, reasoning="We want it.")
    life.after(hours=1).does(PromoteVariant, variant="short", stages=(2_000, 10_000))
    assert shares(life)[-1][1] == 0
    life.after(hours=1).does(ConfirmPromotion, BO)
    assert shares(life)[-1] == (67, 2_000)
    assert [mark.kind for mark in life.seen().marks][-1] == "approval"


def test_what_is_planned_of_a_run_ends_at_its_planned_days_or_its_booked_stop() -> None:
    life = Life().started()
    start = life.now
    assert [(each.at - start, each.share) for each in projected(life.experiment, start + 2 * DAY)] == [
        (2 * DAY, 5_000), (14 * DAY, 0),
    ]  # fmt: skip
    assert projected(life.experiment, start + 15 * DAY) == ()
    booked = EXAMPLES["booked"]()
    assert [plan.words for plan in booked.plans] == ["booked start"]
    assert booked.beyond.startswith("booked stop 12 Mar 2026")


def test_what_is_planned_of_a_rollout_are_its_stages_unless_it_is_held() -> None:
    life = Life().started().after(days=14).does(StopExperiment, reason=StopReason.COMPLETED)
    life.shipped(stages=(1_000, 5_000, 10_000), stage_hours=6)
    begun = life.now
    assert [((each.at - begun) / HOUR, each.share) for each in projected(life.experiment, begun + 2 * HOUR)] == [
        (2, 1_000), (6, 5_000), (12, 10_000),
    ]  # fmt: skip
    assert [(each.at - begun) / HOUR for each in projected(life.experiment, begun + 9 * HOUR)] == [9, 9, 15]
    assert projected(life.after(hours=1).does(PauseRollout).experiment, life.now) == ()


def test_while_it_goes_on_the_picture_reaches_to_now_and_on_to_the_plan() -> None:
    found = EXAMPLES["running"]()
    assert found.now == found.basis.as_of
    [plan] = found.plans
    assert found.end > plan.at > found.now
    assert not found.beyond


def test_a_plan_that_is_far_away_is_told_and_does_not_squeeze_the_past() -> None:
    found = Life(planned_days=365).started().seen(hours=1)
    assert found.plans == ()
    assert found.beyond == "planned end 4 Mar 2027 01:40 UTC"
    assert found.end - found.start < 8 * (found.basis.as_of - found.start)


@pytest.mark.parametrize("later", [timedelta(), timedelta(days=700)])
def test_what_has_ended_stays_as_it_was(later: timedelta) -> None:
    life = Life().started().after(days=4).does(StopExperiment, reason=StopReason.HARM)
    life.after(hours=5).does(LogDecision, outcome=Outcome.ABANDON, reasoning="It does harm.")
    found = life.seen(days=later.days)
    assert found == life.seen()
    assert (found.now, found.basis.as_of, found.ahead, found.beyond) == (None, life.now, (), "")
    assert (found.outcome, found.decided_at) == (Outcome.ABANDON, life.now)
    assert found.plans == (), "a plan that was overtaken is no news"


def test_what_was_rolled_back_is_analysed_until_somebody_decides() -> None:
    life = Life().started().after(days=2).does(RollBack).after(days=1)
    assert life.seen().now is not None
    life.does(LogDecision, outcome=Outcome.ITERATE, reasoning="Another attempt.").after(days=9)
    found = life.seen()
    assert found.now is None
    assert lanes(found)[-1] == ("analysis", "active", 89, 113)


def test_marks_tell_approvals_changes_alarms_notes_and_the_decision() -> None:
    kinds = [(mark.kind, mark.words.split()[0]) for mark in EXAMPLES["ordinary"]().marks]
    assert kinds == [
        ("change", "Asked"), ("approval", "Approved"), ("change", "Started"), ("alarm", "Warned:"),
        ("change", "Changed"), ("alarm", "Paused"), ("change", "Resumed"), ("change", "Stopped"),
        ("decision", "Decided"), ("change", "Promoted"), ("change", "Went"), ("change", "Went"),
    ]  # fmt: skip


def test_an_alarm_says_what_was_found_and_alarms_until_something_else_happens() -> None:
    life = Life().started().after(days=1)
    life.does(PauseExperiment, guardrail("T1"), **life.breached(Action.PAUSE, "error-rate is 2 points worse"))
    found = life.seen(hours=1)
    assert found.marks[-1].words == "Paused it: error-rate is 2 points worse"
    assert found.alarming
    assert life.does(AddNote, text="We look at it.").seen().alarming
    assert not life.after(hours=1).does(ResumeExperiment).seen().alarming


def test_edits_of_a_draft_are_no_marks_and_one_that_voids_an_approval_is() -> None:
    life = Life()
    assert life.seen(hours=1).marks == ()
    life.approved().after(hours=1).does(EditExperiment, metrics=METRICS[:1])
    assert life.seen().marks[-1].words.startswith("Edited the design, which voids")


def test_of_many_marks_those_that_matter_have_room_and_the_others_are_counted() -> None:
    found = EXAMPLES["crowded"]()
    assert len(found.marks) == MOST_MARKS
    assert {mark.kind for mark in found.marks} == {"alarm", "approval", "change"}
    assert any(mark.words.startswith("Started") for mark in found.marks)
    assert list(found.marks) == sorted(found.marks, key=lambda mark: mark.at)
    assert found.left_out == 52
    assert max(len(mark.words) for mark in found.marks) <= 200


def test_the_words_of_a_note_that_was_deleted_are_gone() -> None:
    life = Life().started().after(hours=1).does(AddNote, text="The password is swordfish.")
    life.does(DeleteNote, number=1)
    [note] = [mark for mark in life.seen(hours=1).marks if mark.kind == "note"]
    assert note.words == "Noted (observation) (deleted since)"


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("draft", "Draft: nobody sees a treatment yet."),
        ("in_review", "In review: nobody sees a treatment yet."),
        ("booked", "Scheduled to start on 5 Mar 2026 11:40 UTC."),
        ("running", "Running: 25 % of everybody sees a treatment."),
        ("paused", "Paused: everybody gets control until it is resumed."),
        ("ordinary", "Rolling out: 50 % of everybody sees a treatment."),
        ("an_hour", "Rolled back, without a decision: everybody gets control."),
        ("a_year", "Archived, decided to abandon."),
    ],
)
def test_how_it_stands(name: str, standing: str) -> None:
    assert EXAMPLES[name]().standing == standing


def test_without_a_log_there_is_a_reason() -> None:
    assert EXAMPLES["empty"]().refused == "Nothing is written in its log."


@pytest.mark.parametrize("name", EXAMPLES)
def test_everything_lies_within_the_picture(name: str) -> None:
    found = EXAMPLES[name]()
    assert found.start < found.end or found.refused
    for moment in (
        *(each.start for each in found.stretches), *(each.end for each in found.stretches),
        *(each.at for each in (*found.levels, *found.ahead, *found.plans, *found.marks)), *found.phases,
    ):  # fmt: skip
        assert found.start <= moment <= found.end
