"""What each change leaves in the log, to be read after the actor's name."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.commands import (
    AddNote,
    ApproveReview,
    ArchiveExperiment,
    Command,
    CreateExperiment,
    EditExperiment,
    ImportAggregates,
    LogDecision,
    RequestChanges,
    RequestReview,
    StartExperiment,
    StopExperiment,
)
from experiments.execute import execute
from experiments.model import NoteKind, Status, StopReason
from tests.experiments.stages import a_command, lead_to
from tests.worlds import CHEN, MemoryWorld

S = Status
SENTENCES: list[tuple[type[Command], Status, dict[str, Any], str]] = [
    (EditExperiment, S.DRAFT, {}, "edited the draft"),
    (EditExperiment, S.IN_REVIEW, {}, "edited the design, which voids the request for review"),
    (EditExperiment, S.APPROVED, {}, "edited the design, which voids the approval"),
    (RequestReview, S.DRAFT, {}, "asked for a review"),
    (RequestChanges, S.IN_REVIEW, {}, "asked for changes: Say what will count as a success."),
    (StartExperiment, S.APPROVED, {}, "started it (control 50 %, treatment 50 %; planned for 14 days)"),
    (StopExperiment, S.RUNNING, {}, "stopped it (completed); traffic returned to control"),
    (
        StopExperiment,
        S.RUNNING,
        {"reason": StopReason.INSUFFICIENT_DATA, "comment": "Nobody came."},
        "stopped it (insufficient data): “Nobody came.”; traffic returned to control",
    ),
    (ImportAggregates, S.RUNNING, {}, "imported 4 aggregates from shop.csv up to day 7"),
    (ImportAggregates, S.RUNNING, {"origin": ""}, "imported 4 aggregates up to day 7"),
    (AddNote, S.DRAFT, {"kind": NoteKind.LEARNING}, "noted (learning): Looks fine so far (7)."),
    (LogDecision, S.STOPPED, {}, "decided to ship: It sells more and is as quick as before."),
    (ArchiveExperiment, S.DECIDED, {}, "archived it"),
]


@pytest.mark.parametrize(("kind", "status", "fields", "sentence"), SENTENCES)
async def test_a_sentence_says_what_happened(
    kind: type[Command], status: Status, fields: dict[str, Any], sentence: str
) -> None:
    bench = MemoryWorld()
    before = await lead_to(status, bench)
    await execute(a_command(kind, before, turn=7).model_copy(update=fields), CHEN, bench.world)
    assert bench.tables.records[len(bench.tables.records)].sentence == sentence


async def test_creating_and_approving_say_so_too() -> None:
    bench = MemoryWorld()
    created = await execute(a_command(CreateExperiment, None), CHEN, bench.world)
    assert bench.tables.records[1].sentence == "created the draft"
    asked = await lead_to(S.IN_REVIEW, other := MemoryWorld())
    approved = await execute(a_command(ApproveReview, asked), CHEN, other.world)
    assert other.tables.records[4].sentence == f"approved the design ({approved.design.hash[:8]})"
    assert created.design.hash[:8] not in other.tables.records[4].sentence


async def test_a_record_keeps_what_was_asked_but_not_thousands_of_rows() -> None:
    bench = MemoryWorld()
    await lead_to(S.DECIDED, bench)
    payloads = {record.command: record.payload for record in bench.tables.records.values()}
    assert payloads["StopExperiment"] == {"key": "bigger-button", "reason": "completed"}
    assert payloads["LogDecision"]["reasoning"] == "It sells more and is as quick as before."
    assert payloads["ImportAggregates"]["rows"] == 4
    assert len(payloads["ImportAggregates"]["sha256"]) == 64
