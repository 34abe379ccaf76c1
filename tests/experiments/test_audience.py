"""Who hears of a change: the own channel, channels and people that follow, and those who are needed."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from experiments.announcements import CARD, SETTLE_SECONDS, Announcement, Event
from experiments.audience import audience
from experiments.commands import AddNote, CreateExperiment, EditExperiment, LogDecision, RequestReview, StopExperiment
from experiments.execute import execute
from experiments.model import Experiment, Outcome, Status, StopReason
from experiments.preferences import Preferences
from tests.experiments.stages import KEY, METRICS, VARIANTS, lead_to
from tests.worlds import ADA, BO, CHEN, MONDAY, MemoryWorld

HOME, ELSEWHERE, DEE = "C0EXPERIMENTS", "C0LEADS", "U0DEE"
NIGHT: dict[str, Any] = {"quiet_from": time(8), "quiet_until": time(12), "tz": "UTC"}
EVERY: tuple[Event, ...] = tuple(Event)


def saying(event: Event, surface: str = "", **place: Any) -> Announcement:
    told = {"actor": "U0BO", "sentence": "did it"}
    return Announcement(surface=surface or event.value, stream=KEY, channel=HOME, payload=told, event=event, **place)


SAID = (
    saying(Event.CARD, "card", slot=CARD),
    saying(Event.CHANGE, "change", thread_of=CARD, settle=SETTLE_SECONDS),
    saying(Event.NEEDS_PEOPLE, "review_request", slot="review-1"),
    saying(Event.ALARM),
    saying(Event.DECISION),
)


async def running(**changes: Any) -> Experiment:
    bench = MemoryWorld()
    made = await lead_to(Status.RUNNING, bench)
    return made.evolve(changed_by="U0BO", **changes)


def told(heard: tuple[Announcement, ...], channel: str) -> list[str]:
    return [each.surface for each in heard if each.channel == channel]


async def test_the_own_channel_hears_of_all_that_a_change_says() -> None:
    heard = audience(SAID, [], await running(), MONDAY)
    assert told(heard, HOME) == ["card", "change", "review_request", "alarm", "decision"]
    assert len(heard) == len(SAID)


async def test_a_muted_channel_still_hears_who_is_needed_and_of_alarms() -> None:
    for muted in ({"muted_until": MONDAY + timedelta(hours=1)}, {"muted_keys": {KEY: MONDAY + timedelta(hours=1)}}):
        choice = Preferences.model_validate({"subject": HOME, **muted})
        assert told(audience(SAID, [choice], await running(), MONDAY), HOME) == ["card", "review_request", "alarm"]


async def test_what_a_channel_did_not_choose_is_not_said_there() -> None:
    choice = Preferences(subject=HOME, events=(Event.DECISION,))
    assert "change" not in told(audience(SAID, [choice], await running(), MONDAY), HOME)


async def test_in_quiet_hours_only_what_cannot_wait_is_said() -> None:
    choice = Preferences(subject=HOME, **NIGHT)
    heard = audience(SAID, [choice], await running(), MONDAY)
    until = MONDAY.replace(hour=12)
    assert {each.surface: each.due_at for each in heard} == {
        "card": None,
        "change": until,
        "review_request": until,
        "alarm": None,
        "decision": until,
    }


@pytest.mark.parametrize(("hours", "waits"), [(0.5, False), (1, False), (2, True)])
async def test_an_answer_that_is_due_within_an_hour_does_not_wait(hours: float, waits: bool) -> None:
    bench = MemoryWorld()
    asked = await lead_to(Status.IN_REVIEW, bench)
    assert asked.review is not None
    soon = asked.evolve(review=asked.review.model_copy(update={"due_at": MONDAY + timedelta(hours=hours)}))
    heard = audience(SAID, [Preferences(subject=HOME, **NIGHT)], soon, MONDAY)
    [request] = [each for each in heard if each.surface == "review_request"]
    assert (request.due_at is not None) is waits


async def test_a_channel_that_follows_gets_a_stream_of_its_own() -> None:
    choice = Preferences(subject=ELSEWHERE, everything=True, changed_by=DEE)
    heard = audience(SAID, [choice], await running(), MONDAY)
    theirs = [each for each in heard if each.channel == ELSEWHERE]
    assert [each.surface for each in theirs] == ["card", "change", "review_request", "alarm", "decision"]
    assert {each.stream for each in theirs} == {f"{KEY} {ELSEWHERE}"}
    assert [(each.slot, each.thread_of) for each in theirs[:2]] == [(CARD, ""), ("", CARD)]
    assert {each.payload["subscriber"] for each in theirs} == {DEE}
    assert len([each for each in heard if each.channel == HOME]) == len(SAID)


async def test_without_the_card_a_channel_hears_of_no_changes() -> None:
    choice = Preferences(subject=ELSEWHERE, everything=True, events=(Event.CHANGE, Event.DECISION))
    assert told(audience(SAID, [choice], await running(), MONDAY), ELSEWHERE) == ["decision"]


async def test_in_its_quiet_hours_all_but_the_card_waits() -> None:
    choice = Preferences(subject=ELSEWHERE, everything=True, **NIGHT)
    heard = audience(SAID, [choice], await running(), MONDAY)
    waits = {each.surface: each.due_at is not None for each in heard if each.channel == ELSEWHERE}
    assert waits == {"card": False, "change": True, "review_request": True, "alarm": True, "decision": True}


@pytest.mark.parametrize(
    ("events", "heard_of"),
    [(EVERY, Event.ALARM), ((Event.CHANGE, Event.DECISION), Event.DECISION), ((Event.CHANGE,), Event.CHANGE)],
)
async def test_a_person_gets_one_line_about_the_weightiest(events: tuple[Event, ...], heard_of: Event) -> None:
    choice = Preferences(subject=DEE, experiments=(KEY,), events=events)
    [line] = [each for each in audience(SAID, [choice], await running(), MONDAY) if each.channel == DEE]
    assert (line.surface, line.payload["event"], line.slot, line.thread_of) == ("news", heard_of.value, "", "")
    assert line.settle == (SETTLE_SECONDS if heard_of is Event.CHANGE else 0)


async def test_nobody_is_told_what_they_did_themselves() -> None:
    choice = Preferences(subject="U0BO", experiments=(KEY,), events=EVERY)
    assert told(audience(SAID, [choice], await running(), MONDAY), "U0BO") == []


@pytest.mark.parametrize(
    "choice",
    [
        Preferences(subject=DEE),
        Preferences(subject=DEE, projects=("another",)),
        Preferences(subject=DEE, experiments=(KEY,), muted_until=MONDAY + timedelta(hours=1)),
        Preferences(subject=DEE, experiments=(KEY,), events=()),
        Preferences(subject=ELSEWHERE, everything=True, muted_keys={KEY: MONDAY + timedelta(hours=1)}),
    ],
    ids=["chose nothing", "follows others", "muted all", "no kinds", "muted one"],
)
async def test_who_did_not_choose_it_hears_nothing(choice: Preferences) -> None:
    assert told(audience(SAID, [choice], await running(), MONDAY), choice.subject) == []


async def test_who_is_needed_is_told_directly_where_there_is_no_channel() -> None:
    bench = MemoryWorld()
    await execute(CreateExperiment(key=KEY, title="Idea", hypothesis="If a then b."), ADA, bench.world)
    design = {"key": KEY, "variants": VARIANTS, "metrics": METRICS}
    await execute(EditExperiment.model_validate(design), ADA, bench.world)
    await execute(RequestReview(key=KEY, reviewers=("U0BO", "U0CHEN")), ADA, bench.world)
    lines = [row.announcement for row in bench.tables.outbox.values()]
    assert [(each.surface, each.channel) for each in lines] == [("news", "U0BO"), ("news", "U0CHEN")]
    assert all(each.payload["needed"] for each in lines)


async def test_execute_tells_those_who_follow() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    for choice in (
        Preferences(subject=DEE, experiments=(KEY,)),
        Preferences(subject=ELSEWHERE, projects=("checkout", "general"), events=(Event.DECISION,)),
    ):
        bench.tables.preferences[choice.subject] = choice
    before = len(bench.tables.outbox)
    await execute(AddNote(key=KEY, text="Nothing for them."), BO, bench.world)
    await execute(StopExperiment(key=KEY, reason=StopReason.COMPLETED), CHEN, bench.world)
    await execute(LogDecision(key=KEY, outcome=Outcome.ABANDON, reasoning="No effect."), BO, bench.world)
    heard = [row.announcement for number, row in bench.tables.outbox.items() if number > before]
    others = [(each.channel, each.surface) for each in heard if each.channel != HOME]
    assert sorted(others) == [(ELSEWHERE, "decision"), (DEE, "news")]
