"""What a command writes and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experiments.aggregate import Aggregate, Companion, Shape, Spread
from experiments.commands import (
    ArchiveExperiment,
    CreateExperiment,
    EditExperiment,
    ImportAggregates,
    LogDecision,
    RequestReview,
    StartExperiment,
    StopExperiment,
)
from experiments.design import Kind, MetricKind, MetricRole
from experiments.errors import BunsenError
from experiments.execute import execute
from experiments.model import Outcome, SourceKind, Status, StopReason
from tests.experiments.stages import HYPOTHESIS, KEY, lead_to, rows
from tests.worlds import ADA, BO, CHEN, WORKSPACE, MemoryWorld


async def test_create_writes_down_the_idea() -> None:
    bench = MemoryWorld()
    made = await execute(
        CreateExperiment(
            key=KEY,
            title=" Bigger  button ",
            kind=Kind.PROMPT_AB,
            project="checkout",
            source_kind=SourceKind.PAPER,
            source_reference="Fitts 1954",
            hypothesis=HYPOTHESIS,
            tags=("Check Out", "#check-out", "ui"),
            channel="C1",
        ),
        ADA,
        bench.world,
    )
    assert (made.workspace, made.key, made.title, made.project, made.channel) == (
        WORKSPACE,
        KEY,
        "Bigger button",
        "checkout",
        "C1",
    )
    assert (made.source.kind, made.source.reference) == (SourceKind.PAPER, "Fitts 1954")
    assert (made.design.kind, made.design.hypothesis, made.tags) == (Kind.PROMPT_AB, HYPOTHESIS, ("check-out", "ui"))
    assert (made.owner, made.authors, made.status) == ("U0ADA", ("U0ADA",), Status.DRAFT)
    assert (made.version, made.revision) == (1, 1)


async def test_edit_leaves_alone_what_it_does_not_name() -> None:
    bench = MemoryWorld()
    before = await lead_to(Status.DRAFT, bench)
    after = await execute(EditExperiment(key=KEY, source_reference="incident 12", planned_days=21), ADA, bench.world)
    assert (after.source.kind, after.source.reference) == (before.source.kind, "incident 12")
    assert after.design == before.design.model_copy(update={"planned_days": 21})
    moved = {"source", "design", "version", "revision", "updated_at"}
    assert after.model_dump(exclude=moved) == before.model_dump(exclude=moved)


async def test_edit_can_say_where_the_idea_came_from_after_all() -> None:
    bench = MemoryWorld()
    await lead_to(Status.DRAFT, bench)
    await execute(EditExperiment(key=KEY, source_reference="incident 12"), ADA, bench.world)
    after = await execute(EditExperiment(key=KEY, source_kind=SourceKind.INCIDENT), ADA, bench.world)
    assert (after.source.kind, after.source.reference) == (SourceKind.INCIDENT, "incident 12")


async def test_an_edit_to_the_same_design_voids_nothing() -> None:
    bench = MemoryWorld()
    approved = await lead_to(Status.APPROVED, bench)
    same = EditExperiment(key=KEY, hypothesis=approved.design.hypothesis, alpha=approved.design.alpha)
    after = await execute(same, CHEN, bench.world)
    assert (after.status, after.approval, after.authors) == (Status.APPROVED, approved.approval, approved.authors)


async def test_a_review_binds_the_design_and_has_a_date() -> None:
    bench = MemoryWorld()
    draft = await lead_to(Status.DRAFT, bench)
    now = bench.clock.now()
    after = await execute(RequestReview(key=KEY, question="Is it enough?"), CHEN, bench.world)
    assert after.review is not None
    assert (after.review.design_hash, after.review.requested_by) == (draft.design.hash, "U0CHEN")
    assert (after.review.number, after.review.question, after.review.reviewers) == (1, "Is it enough?", ())
    assert (after.review.requested_at, after.review.due_at) == (now, now + timedelta(days=2))


async def test_a_review_asks_those_who_were_chosen_in_the_draft_unless_told_otherwise() -> None:
    bench = MemoryWorld()
    await lead_to(Status.DRAFT, bench)
    await execute(EditExperiment(key=KEY, reviewers=("U0BO", "U0BO")), ADA, bench.world)
    asked = await execute(RequestReview(key=KEY), ADA, bench.world)
    assert asked.review is not None
    assert asked.review.reviewers == asked.reviewers == ("U0BO",)
    await execute(EditExperiment(key=KEY, planned_days=20), ADA, bench.world)
    again = await execute(RequestReview(key=KEY, reviewers=("U0CHEN",)), ADA, bench.world)
    assert again.review is not None
    assert (again.review.number, again.review.reviewers, again.reviewers) == (2, ("U0CHEN",), ("U0CHEN",))


async def test_a_life_keeps_who_and_when() -> None:
    bench = MemoryWorld()
    approved = await lead_to(Status.APPROVED, bench)
    assert approved.approval is not None
    assert (approved.approval.by, approved.approval.at) == ("U0BO", bench.clock.now())
    started = bench.clock.advance(days=1)
    running = await execute(StartExperiment(key=KEY), CHEN, bench.world)
    assert (running.started_at, running.started_by) == (started, "U0CHEN")
    ended = bench.clock.advance(days=14)
    stop = StopExperiment(key=KEY, reason=StopReason.HARM, comment="Slower for all.")
    stopped = await execute(stop, BO, bench.world)
    assert (stopped.stopped_at, stopped.stop_reason, stopped.stop_note) == (ended, StopReason.HARM, "Slower for all.")
    decision = LogDecision(
        key=KEY, outcome=Outcome.ABANDON, reasoning="It harms.", next_steps="Try small.", summary="S."
    )
    decided = (await execute(decision, BO, bench.world)).decision
    assert decided is not None
    assert (decided.outcome, decided.reasoning, decided.next_steps, decided.summary) == (
        Outcome.ABANDON,
        "It harms.",
        "Try small.",
        "S.",
    )
    assert (decided.by, decided.at, decided.readout_number) == ("U0BO", ended, 0)


async def test_archiving_remembers_where_it_ended() -> None:
    for status in (Status.STOPPED, Status.DECIDED):
        bench = MemoryWorld()
        await lead_to(status, bench)
        after = await execute(ArchiveExperiment(key=KEY), ADA, bench.world)
        assert (after.status, after.archived_from) == (Status.ARCHIVED, status)


async def test_data_run_elsewhere_bring_their_arms_and_metrics() -> None:
    bench = MemoryWorld()
    elsewhere = [
        (metric, variant, 30.4, 1000, mean, variance)
        for metric, mean, variance in (("bought", 0.2, 0.16), ("spent", 3.0, 2.0))
        for variant in ("holdback", "blue", "green")
    ]
    made = await execute(
        ImportAggregates.model_validate(
            {"key": KEY, "rows": elsewhere, "create": True, "control": "holdback", "title": "Colours", "channel": "C1"}
        ),
        ADA,
        bench.world,
    )
    assert [(each.key, each.weight) for each in made.design.variants] == [
        ("holdback", 3334),
        ("blue", 3333),
        ("green", 3333),
    ]
    assert made.control.key == "holdback"
    assert [(each.key, each.role, each.kind) for each in made.design.metrics] == [
        ("bought", MetricRole.PRIMARY, MetricKind.PROPORTION),
        ("spent", MetricRole.SECONDARY, MetricKind.MEAN),
    ]
    assert (made.title, made.channel, made.design.planned_days, made.data_day) == ("Colours", "C1", 30, 30.4)


@pytest.mark.parametrize("day", [0.2, 900.0])
async def test_data_of_any_length_make_a_design_that_holds(day: float) -> None:
    bench = MemoryWorld()
    made = await execute(
        ImportAggregates.model_validate({"key": KEY, "rows": rows(day), "create": True}), ADA, bench.world
    )
    assert made.design.planned_days == (1 if day < 1 else 400)


async def test_an_earlier_day_does_not_turn_the_data_back() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    await execute(ImportAggregates.model_validate({"key": KEY, "rows": rows(9.0)}), ADA, bench.world)
    late = await execute(ImportAggregates.model_validate({"key": KEY, "rows": rows(2.0)}), ADA, bench.world)
    assert (late.data_day, late.data_version, late.data_at) == (9.0, 3, bench.clock.now())


async def test_data_of_an_unknown_experiment_need_a_word_to_make_one() -> None:
    bench = MemoryWorld()
    with pytest.raises(BunsenError, match="There is no experiment “bigger-button”"):
        await execute(ImportAggregates.model_validate({"key": KEY, "rows": rows()}), ADA, bench.world)
    assert bench.tables.experiments == {}


PLAIN = (
    Aggregate("conversion", "control", 1.0, 1000, 0.1, 0.09),
    Aggregate("conversion", "treatment", 1.0, 1003, 0.11, 0.0979),
    Aggregate("revenue", "control", 2.5, 10**12, -1 / 3, 0.0),
)
RICH = (
    PLAIN[0]._replace(segment="country=DE"),
    PLAIN[0]._replace(denominator=Companion(2.0, 1.0, 0.5)),
    PLAIN[1]._replace(covariate=Companion(2.0, 1.0, 0.5, 0.25)),
    PLAIN[0]._replace(segment="country=FR", spread=Spread("0:1 2")),
    PLAIN[0]._replace(segment="country=IT", spread=Spread("0:1 3")),
    PLAIN[2]._replace(
        segment="household=👨\u200d👩\u200d👧 and others", denominator=Companion(1, 2, 3), shape=Shape(0.1, 9.0)
    ),
)


def test_plain_data_keep_the_digest_they_were_remembered_by() -> None:
    """SHA-256 of the compact JSON of rows of six fields, as batches imported earlier were remembered."""
    command = ImportAggregates(key=KEY, rows=PLAIN)
    assert command.digest == "99ace874ba8543c79cbf510d51f19aa7a80664a1f7ee56bdacc4681515e873cb"


def test_whatever_a_row_says_moves_the_digest() -> None:
    digests = {ImportAggregates(key=KEY, rows=(row,)).digest for row in (*PLAIN, *RICH)}
    assert len(digests) == len(PLAIN) + len(RICH)


def test_an_import_reads_back_from_its_json_as_it_was() -> None:
    command = ImportAggregates(key=KEY, rows=RICH)
    again = ImportAggregates.model_validate_json(command.model_dump_json())
    assert (again, again.digest) == (command, command.digest)
    assert [type(row.denominator) for row in again.rows] == [type(None), Companion, *[type(None)] * 3, Companion]
    assert (type(again.rows[2].covariate), type(again.rows[-1].shape)) == (Companion, Shape)
    assert type(again.rows[3].spread) is Spread


async def test_data_with_denominators_run_elsewhere_make_a_ratio() -> None:
    bench = MemoryWorld()
    pages = Companion(4.0, 2.0, 0.1)
    elsewhere = tuple(Aggregate("clicks", arm, 3.0, 900, 0.2, 0.16, "", pages) for arm in ("control", "blue"))
    made = await execute(ImportAggregates(key=KEY, rows=elsewhere, create=True), ADA, bench.world)
    assert [metric.kind for metric in made.design.metrics] == [MetricKind.RATIO]
