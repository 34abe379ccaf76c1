"""Every command at every stage: what is possible happens, all else is refused with what is possible instead."""

from __future__ import annotations

import pytest

from experiments.audit import state_hash
from experiments.commands import (
    COMMANDS,
    NEXT_STEPS,
    AddNote,
    AdvanceRollout,
    AgreeToLoosening,
    ApproveReview,
    ArchiveExperiment,
    CancelReview,
    ChangeGuardrails,
    CloneExperiment,
    Command,
    ConfigureTraffic,
    ConfirmPromotion,
    CreateExperiment,
    DeleteDraft,
    DeleteNote,
    EditExperiment,
    EditNote,
    ExpireReview,
    ImportAggregates,
    LogDecision,
    PauseExperiment,
    PauseRollout,
    Predict,
    PromoteVariant,
    RaiseAlarm,
    RecordMeasurements,
    RecordReading,
    RequestChanges,
    RequestReview,
    ResumeExperiment,
    ResumeRollout,
    RollBack,
    ScheduleStart,
    SetTesters,
    StartExperiment,
    StopExperiment,
    SuspendSchedule,
    Unschedule,
)
from experiments.errors import AlreadyDone, BunsenError, IllegalTransition, KeyTaken
from experiments.execute import execute
from experiments.model import Status
from tests.experiments.stages import a_command, lead_to, who_gives
from tests.worlds import CHEN, MemoryWorld

S = Status
Leads = dict[Status, Status]
BEFORE_REVIEW_COUNTS = (S.DRAFT, S.IN_REVIEW, S.APPROVED)
NEW = (CreateExperiment, CloneExperiment)


def _same(*stages: Status) -> Leads:
    return {each: each for each in stages}


NOT_ARCHIVED = _same(*(each for each in S if each is not S.ARCHIVED))
LEADS_TO: dict[type[Command], Leads] = {
    CreateExperiment: {},
    CloneExperiment: {},
    EditExperiment: dict.fromkeys(BEFORE_REVIEW_COUNTS, S.DRAFT),
    DeleteDraft: {S.DRAFT: S.ARCHIVED},
    Predict: _same(*BEFORE_REVIEW_COUNTS, S.SCHEDULED),
    RequestReview: {S.DRAFT: S.IN_REVIEW},
    ApproveReview: {S.IN_REVIEW: S.APPROVED},
    RequestChanges: {S.IN_REVIEW: S.DRAFT},
    CancelReview: {S.IN_REVIEW: S.DRAFT},
    ExpireReview: {S.IN_REVIEW: S.DRAFT},
    ScheduleStart: dict.fromkeys((S.APPROVED, S.SCHEDULED), S.SCHEDULED),
    Unschedule: {S.SCHEDULED: S.APPROVED},
    SuspendSchedule: {S.SCHEDULED: S.APPROVED},
    StartExperiment: dict.fromkeys((S.APPROVED, S.SCHEDULED), S.RUNNING),
    PauseExperiment: {S.RUNNING: S.PAUSED},
    ResumeExperiment: {S.PAUSED: S.RUNNING},
    ConfigureTraffic: _same(S.RUNNING, S.PAUSED),
    ChangeGuardrails: dict.fromkeys(BEFORE_REVIEW_COUNTS, S.DRAFT) | _same(S.RUNNING, S.PAUSED),
    AgreeToLoosening: _same(S.RUNNING, S.PAUSED),
    StopExperiment: dict.fromkeys((S.RUNNING, S.PAUSED), S.STOPPED),
    ImportAggregates: _same(S.RUNNING, S.PAUSED, S.STOPPED),
    RecordReading: _same(*S),
    RecordMeasurements: _same(S.RUNNING, S.PAUSED, S.STOPPED, S.ROLLED_BACK),
    RaiseAlarm: _same(S.RUNNING, S.PAUSED, S.ROLLING_OUT, S.ROLLED_OUT),
    SetTesters: _same(S.APPROVED, S.SCHEDULED, S.RUNNING, S.PAUSED, S.ROLLING_OUT),
    PauseRollout: _same(S.ROLLING_OUT),
    ResumeRollout: _same(S.ROLLING_OUT),
    AddNote: NOT_ARCHIVED,
    EditNote: NOT_ARCHIVED,
    DeleteNote: NOT_ARCHIVED,
    LogDecision: {S.STOPPED: S.DECIDED, S.ROLLED_BACK: S.ROLLED_BACK},
    PromoteVariant: _same(S.DECIDED),
    ConfirmPromotion: {S.DECIDED: S.ROLLING_OUT},
    AdvanceRollout: {S.ROLLING_OUT: S.ROLLED_OUT},
    RollBack: dict.fromkeys((S.RUNNING, S.PAUSED, S.ROLLING_OUT, S.ROLLED_OUT), S.ROLLED_BACK),
    ArchiveExperiment: dict.fromkeys((S.STOPPED, S.DECIDED, S.ROLLED_OUT, S.ROLLED_BACK), S.ARCHIVED),
}
DONE_BEFORE: dict[type[Command], frozenset[Status]] = {
    RequestReview: frozenset({S.IN_REVIEW}),
    ApproveReview: frozenset(S) - {S.DRAFT, S.IN_REVIEW},
    StartExperiment: frozenset({S.RUNNING}),
    PauseExperiment: frozenset({S.PAUSED}),
    ResumeExperiment: frozenset({S.RUNNING}),
    StopExperiment: frozenset({S.STOPPED}),
    LogDecision: frozenset({S.DECIDED, S.ROLLING_OUT, S.ROLLED_OUT, S.ARCHIVED}),
    PromoteVariant: frozenset({S.ROLLING_OUT, S.ROLLED_OUT}),
    ConfirmPromotion: frozenset({S.ROLLING_OUT, S.ROLLED_OUT}),
    AdvanceRollout: frozenset({S.ROLLED_OUT}),
    RollBack: frozenset({S.ROLLED_BACK}),
    ArchiveExperiment: frozenset({S.ARCHIVED}),
}
MATRIX = [(kind, status) for kind in COMMANDS.values() for status in Status]
NAMES = [f"{kind.__name__}-{status}" for kind, status in MATRIX]


def refusal_of(kind: type[Command], status: Status) -> type[BunsenError]:
    if kind in NEW:
        return KeyTaken
    return AlreadyDone if status in DONE_BEFORE.get(kind, ()) else IllegalTransition


def test_the_table_names_every_command_and_stage() -> None:
    assert set(LEADS_TO) == set(COMMANDS.values())
    assert set(NEXT_STEPS) == set(Status)


@pytest.mark.parametrize(("kind", "status"), MATRIX, ids=NAMES)
async def test_a_command_at_a_stage(kind: type[Command], status: Status) -> None:
    bench = MemoryWorld()
    before = await lead_to(status, bench, ready_for=kind)
    actor = who_gives(kind, CHEN)
    tables, nudges = bench.tables.copy(), bench.nudges
    command = a_command(kind, before, turn=7)
    if status in LEADS_TO[kind]:
        after = await execute(command, actor, bench.world)
        newest = bench.tables.records[len(bench.tables.records)]
        assert after.status is LEADS_TO[kind][status]
        assert (after.version, bench.nudges) == (before.version + 1, nudges + 1)
        assert (newest.command, newest.actor, newest.state_hash) == (kind.__name__, actor.user, state_hash(after))
        assert newest.sentence == command.sentence(before, after)
        return
    with pytest.raises(BunsenError) as refused:
        await execute(command, actor, bench.world)
    assert type(refused.value) is refusal_of(kind, status)
    if kind in NEW:
        assert "Choose another" in refused.value.words
    else:
        assert refused.value.words.endswith(f"You can {NEXT_STEPS[status]}.")
    assert (bench.tables, bench.nudges) == (tables, nudges)


@pytest.mark.parametrize("kind", [kind for kind in COMMANDS.values() if kind not in NEW])
async def test_nothing_can_be_done_to_what_is_not_there(kind: type[Command]) -> None:
    bench = MemoryWorld()
    with pytest.raises(BunsenError, match="/experiment list") as refused:
        await execute(a_command(kind, None), who_gives(kind, CHEN), bench.world)
    assert (refused.value.code, refused.value.field) == ("not_found", "key")
    assert not bench.tables.records


@pytest.mark.parametrize("kind", [kind for kind in COMMANDS.values() if kind not in {*NEW, RollBack}])
async def test_who_looked_at_an_older_revision_is_told(kind: type[Command]) -> None:
    bench = MemoryWorld()
    before = await lead_to(next(iter(LEADS_TO[kind])), bench, ready_for=kind)
    actor = who_gives(kind, CHEN)
    command = a_command(kind, before, turn=7)
    with pytest.raises(BunsenError, match="Open it again") as refused:
        await execute(command.model_copy(update={"revision": before.revision - 1}), actor, bench.world)
    assert refused.value.code == "stale"
    after = await execute(command.model_copy(update={"revision": before.revision}), actor, bench.world)
    assert after.revision == before.revision + (1 if kind.revises else 0)
