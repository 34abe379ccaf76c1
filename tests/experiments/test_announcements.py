"""What a change says: the card always, its thread when something happened, the channel when people are needed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from experiments.announcements import Announcement
from experiments.commands import (
    AddNote,
    AgreeToLoosening,
    ApproveReview,
    ChangeGuardrails,
    Command,
    CreateExperiment,
    EditExperiment,
    ImportAggregates,
    LogDecision,
    RequestChanges,
    RequestReview,
    StopExperiment,
)
from experiments.execute import execute
from experiments.model import Status
from tests.experiments.stages import KEY, METRICS, VARIANTS, a_command, lead_to
from tests.worlds import ADA, CHEN, MemoryWorld

CARD = ("card", "card", "")
CHANGE = ("change", "", "card")


async def said_by(kind: type[Command], status: Status, **fields: Any) -> list[Announcement]:
    bench = MemoryWorld()
    before = await lead_to(status, bench)
    bench.tables.outbox.update({number: replace(row, attempts=1) for number, row in bench.tables.outbox.items()})
    told = len(bench.tables.outbox)
    command = a_command(kind, before, turn=7).model_copy(update=fields)
    await execute(command, CHEN, bench.world)
    return [row.announcement for number, row in bench.tables.outbox.items() if number > told]


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        (EditExperiment, Status.DRAFT, [CARD]),
        (EditExperiment, Status.APPROVED, [CARD, CHANGE]),
        (EditExperiment, Status.IN_REVIEW, [CARD, CHANGE, ("review_settled", "review-1", "")]),
        (RequestReview, Status.DRAFT, [CARD, CHANGE, ("review_request", "review-1", "")]),
        (ApproveReview, Status.IN_REVIEW, [CARD, CHANGE, ("review_settled", "review-1", "")]),
        (RequestChanges, Status.IN_REVIEW, [CARD, CHANGE, ("review_settled", "review-1", "")]),
        (ImportAggregates, Status.RUNNING, [CARD]),
        (AddNote, Status.RUNNING, [CARD, CHANGE]),
        (StopExperiment, Status.RUNNING, [CARD, CHANGE]),
        (LogDecision, Status.STOPPED, [CARD, CHANGE, ("decision", "", "")]),
    ],
)
async def test_what_a_change_says(kind: type[Command], status: Status, said: list[tuple[str, str, str]]) -> None:
    announced = await said_by(kind, status)
    assert [(each.surface, each.slot, each.thread_of) for each in announced] == said
    assert {(each.stream, each.channel) for each in announced} == {(KEY, "C0EXPERIMENTS")}


@pytest.mark.parametrize(
    ("kind", "status", "to"),
    [(RequestChanges, Status.IN_REVIEW, "U0ADA"), (ApproveReview, Status.IN_REVIEW, "U0ADA"),
     (StopExperiment, Status.RUNNING, None)],
)  # fmt: skip
async def test_a_review_that_is_over_names_whose_move_it_is(
    kind: type[Command], status: Status, to: str | None
) -> None:
    [change] = [each for each in await said_by(kind, status) if each.surface == "change"]
    assert change.payload["changes"][0].get("to") == to


async def test_an_answered_or_dropped_request_is_settled_where_it_stands() -> None:
    for end in (AgreeToLoosening(key=KEY, agreed=False), a_command(StopExperiment, None)):
        bench = MemoryWorld()
        await lead_to(Status.RUNNING, bench)
        await execute(ChangeGuardrails(key=KEY, guardrails=()), ADA, bench.world)
        after = await execute(end, CHEN, bench.world)
        said = [row.announcement for row in bench.tables.outbox.values() if "loosening" in row.announcement.surface]
        assert [each.surface for each in said] == ["loosening_request", "loosening_settled"]
        assert said[0].slot == said[1].slot != ""
        assert after.loosening is None


async def test_creating_shows_the_card_alone() -> None:
    bench = MemoryWorld()
    await execute(a_command(CreateExperiment, None), ADA, bench.world)
    assert [row.announcement.surface for row in bench.tables.outbox.values()] == ["card"]


async def test_a_message_tells_the_state_of_its_own_change() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    versions = [
        row.announcement.payload["experiment"]["version"]
        for row in bench.tables.outbox.values()
        if row.announcement.surface == "card"
    ]
    assert versions == [1, 2, 3, 4, 5, 6]
    newest = bench.tables.outbox[len(bench.tables.outbox)].announcement
    assert newest.payload["actor"] == "U0ADA"
    assert newest.payload["sentence"] == "imported 4 aggregates from shop.csv up to day 1"


async def test_an_edit_that_leaves_the_design_is_quiet_and_says_so_in_the_log() -> None:
    bench = MemoryWorld()
    approved = await lead_to(Status.APPROVED, bench)
    after = await execute(EditExperiment(key=KEY, tags=("a", "b", "a")), CHEN, bench.world)
    assert (after.status, after.approval, after.tags) == (Status.APPROVED, approved.approval, ("a", "b"))
    newest = bench.tables.records[len(bench.tables.records)]
    assert newest.sentence == "edited the description; the design stays as it was"
    assert bench.tables.outbox[len(bench.tables.outbox)].announcement.surface == "card"


async def test_without_a_channel_nothing_is_said() -> None:
    bench = MemoryWorld()
    await execute(CreateExperiment(title="Idea", key=KEY), ADA, bench.world)
    await execute(
        EditExperiment.model_validate({"key": KEY, "variants": VARIANTS, "metrics": METRICS}), ADA, bench.world
    )
    assert bench.tables.outbox == {}
    assert len(bench.tables.records) == 2
