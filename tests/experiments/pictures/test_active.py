"""What the picture of all that runs is given: conditions, order, samples, powers and dates, and what is refused."""

from __future__ import annotations

import doctest
from datetime import timedelta

import pytest

from experiments.design import Action, Expectation, Method
from experiments.model import Status
from experiments.pictures import condition
from experiments.pictures.active import MOST, Row, pressing
from experiments.pictures.condition import Level, condition_of
from experiments.pictures.significance import significance_of
from experiments.readout import VerdictStatus
from experiments.running import Breach, Phase, Reading, Significance
from experiments.sizing import sizing
from tests.charts.pictures.active import week
from tests.experiments.pictures.attempts import NOW
from tests.experiments.pictures.underway import Underway, pictured, underway
from tests.experiments.readings import reading


def row(of: Underway, **more: object) -> Row:
    (found,) = pictured([of], **more).rows
    return found


def read_as(status: VerdictStatus, **more: bool) -> Reading:
    return Reading(
        number=1, day=3, status=status, sentence="Read.", significance=Significance.NOT_SHOWN, at=NOW, **more
    )


BREACH = Breach(metric="error-rate", variant="treatment", action=Action.PAUSE, words="errors rose by 40 %.", at=NOW)


def test_the_examples_hold() -> None:
    assert doctest.testmod(condition).failed == 0


def test_a_broken_split_is_trouble_and_gives_nothing_away() -> None:
    found = row(underway(day=9, per_day=2_600, lost=0.06))
    assert found.condition.level is Level.TROUBLE
    assert found.condition.reason.startswith("The split is broken")
    assert (found.projected.words, found.projected.first) == ("no date: no lift is shown", None)


def test_a_breached_guardrail_is_trouble() -> None:
    found = row(underway(day=10, per_day=2_100, errors=0.075)).condition
    assert (found.level, found.reason) == (Level.TROUBLE, "error-rate in treatment is past its limit.")


def test_missing_data_of_a_guardrail_are_never_healthy() -> None:
    calm = underway()
    assert row(calm).condition.level is Level.HEALTHY
    found = row(calm, missing={"running-1": NOW - timedelta(hours=7)}).condition
    assert (found.level, found.reason) == (
        Level.TROUBLE, "Data of a guardrail are missing since 20 Nov 05:00 UTC.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "level", "reason"),
    [
        ({"status": Status.PAUSED}, Level.NEEDS_A_LOOK, "It is paused, no units come."),
        ({"status": Status.PAUSED, "breach": BREACH}, Level.TROUBLE, "Paused by its guardrail: errors rose by 40 %."),
        ({"breach": BREACH}, Level.NEEDS_A_LOOK, "A guardrail warned on 20 Nov: errors rose by 40 %."),
        ({"breach": BREACH.model_copy(update={"phase": 2})}, Level.HEALTHY, "No data yet."),
        ({"reading": read_as(VerdictStatus.SHIP)}, Level.HEALTHY, "Ready to decide: its rule says to ship."),
        ({"reading": read_as(VerdictStatus.ROLL_BACK)}, Level.TROUBLE, "Its rule says to roll back."),
        ({"reading": read_as(VerdictStatus.REVIEW, harmed=True)}, Level.TROUBLE, "A guardrail is past its limit."),
        (
            {"reading": read_as(VerdictStatus.UNHEALTHY, invalid=True)},
            Level.TROUBLE,
            "Its data do not hold, so no lift is shown.",
        ),
        ({"data_version": 0, "data_at": None}, Level.NEEDS_A_LOOK, "No data have arrived since it was started."),
        ({"data_at": NOW - timedelta(days=4)}, Level.NEEDS_A_LOOK, "No data since 16 Nov 12:00 UTC."),
        ({"started_at": NOW - timedelta(days=25)}, Level.NEEDS_A_LOOK, "Its planned end passed 4 days ago."),
    ],
)
def test_what_is_kept_with_it_already_tells(changes: dict[str, object], level: Level, reason: str) -> None:
    found = condition_of(underway().experiment.evolve(**changes), NOW)
    assert (found.level, found.reason) == (level, reason)


def test_a_change_of_weights_begins_the_planned_days_anew() -> None:
    made = underway(day=25).experiment
    changed = Phase(
        number=2, started_at=NOW - timedelta(days=5), day=20.0, weights={"control": 2_000, "treatment": 8_000}
    )
    found = row(Underway(made.evolve(phases=(*made.phases, changed)), ()))
    assert condition_of(made, NOW).reason == "Its planned end passed 4 days ago."
    assert (found.day, found.end, found.began) == (5.0, NOW + timedelta(days=16), made.started_at)
    assert "planned end" not in found.condition.reason


def test_sample_power_and_date_are_those_of_the_plan() -> None:
    made = underway(day=12, per_day=1_900)
    plan = significance_of(reading(made.experiment, made.rows), made.experiment).prospect
    assert plan is not None
    assert plan.path is not None
    found = row(made)
    assert plan.needed is not None
    assert (found.sample.units, found.sample.needed) == (plan.units, plan.needed)
    assert found.sample.share == pytest.approx(plan.units / plan.needed)
    assert (found.power.now, found.power.planned) == (plan.power_now, plan.power_planned)
    assert found.projected.words == plan.path.when
    assert found.projected.first is not None
    assert (found.projected.first - made.experiment.started_at).days == int(plan.path.first)  # type: ignore[operator]
    assert (found.day, found.planned_days) == (12.0, 21)


def test_before_an_interval_may_be_read_the_plan_alone_counts() -> None:
    early = underway(day=2, per_day=2_400)
    found = row(early)
    expected = sizing(early.experiment.design, baseline=0.2, per_day=found.sample.units / 2)
    assert found.sample.needed == expected.units
    assert found.power.planned == pytest.approx(expected.power)
    assert found.condition.reason == "Too early for a verdict."
    assert found.projected.words == "no date yet: too early"
    blind = row(underway(day=2, per_day=2_400, design={"expectation": None}))
    assert (blind.sample.share, blind.power.now, blind.sample.why) == (None, None, "no expectation is in its plan")


def test_without_units_nothing_is_known() -> None:
    found = row(underway(day=2, per_day=0))
    assert (found.sample.units, found.sample.share, found.power.why) == (0, None, "no units yet")
    assert found.condition.level is Level.NEEDS_A_LOOK


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (underway(status=Status.PAUSED), "no date while it is paused"),
        (underway(day=14, design={"method": Method.FIXED}), "read once, at its end"),
        (underway(started_at=None, phases=()), "no date: start not known"),
        (underway(day=20, per_day=20_000), "precise enough now"),
        (underway(day=6, per_day=120, design={"smallest_effect": 0.001}), "no date: interval too wide"),
    ],
)
def test_where_there_is_no_date_it_says_why(made: Underway, words: str) -> None:
    found = row(made).projected
    assert (found.words, found.first, found.last) == (words, None, None)


def test_trouble_comes_first_then_what_ends_soonest() -> None:
    found = pictured(week())
    levels = [each.condition.level for each in found.rows]
    assert levels == sorted(levels, key=list(Level).index)
    for level in Level:
        ends = [each.end for each in found.rows if each.condition.level is level and each.end]
        assert ends == sorted(ends)
    assert found.total == 10
    assert found.levels == {Level.TROUBLE: 2, Level.NEEDS_A_LOOK: 3, Level.HEALTHY: 5}


def test_those_that_are_not_read_are_counted_with_what_is_known_of_them() -> None:
    harmed = underway(90).experiment.evolve(reading=read_as(VerdictStatus.REVIEW, harmed=True))
    some = [*(underway(number) for number in range(4)), Underway(harmed, ())]
    assert pressing([each.experiment for each in some], NOW)[0].key == "running-90"
    assert pressing([each.experiment for each in some], NOW, {"running-2": NOW})[0].key == "running-2"
    found = pictured(some, 2)
    assert (len(found.rows), found.total, found.levels[Level.TROUBLE]) == (2, 5, 1)
    assert MOST <= 20


def test_an_hour_within_the_same_data_is_the_same_picture() -> None:
    assert pictured(week()).model_dump_json() == pictured(week()).model_dump_json()
    assert pictured([]).basis.as_of == NOW
    stale = pictured([underway(age=2.0)])
    assert stale.basis.as_of == NOW - timedelta(days=2)


def test_a_plan_nobody_can_meet_is_refused_in_words() -> None:
    tiny = {"smallest_effect": 1e-6, "expectation": Expectation(baseline=1e-6, per_day=1)}
    found = row(underway(day=2, per_day=3, design=tiny))
    assert found.sample.share is None
    assert found.sample.why
