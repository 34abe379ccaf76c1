"""Every command at every stage: what is possible happens, all else is refused with what is possible instead."""

from __future__ import annotations

import pytest

from experiments.audit import state_hash
from experiments.commands import (
    COMMANDS,
    NEXT_STEPS,
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
from experiments.errors import AlreadyDone, BunsenError, IllegalTransition, KeyTaken
from experiments.execute import execute
from experiments.model import Status
from tests.experiments.stages import STEPS_TO, a_command, lead_to
from tests.worlds import CHEN, MemoryWorld

S = Status
LEADS_TO: dict[type[Command], dict[Status, Status]] = {
    CreateExperiment: {},
    EditExperiment: dict.fromkeys((S.DRAFT, S.IN_REVIEW, S.APPROVED), S.DRAFT),
    RequestReview: {S.DRAFT: S.IN_REVIEW},
    ApproveReview: {S.IN_REVIEW: S.APPROVED},
    RequestChanges: {S.IN_REVIEW: S.DRAFT},
    StartExperiment: {S.APPROVED: S.RUNNING},
    StopExperiment: dict.fromkeys((S.RUNNING, S.PAUSED), S.STOPPED),
    ImportAggregates: {each: each for each in (S.RUNNING, S.PAUSED, S.STOPPED)},
    AddNote: {each: each for each in S},
    LogDecision: {S.STOPPED: S.DECIDED},
    ArchiveExperiment: dict.fromkeys((S.STOPPED, S.DECIDED, S.ROLLED_OUT, S.ROLLED_BACK), S.ARCHIVED),
}
DONE_BEFORE: dict[type[Command], frozenset[Status]] = {
    ApproveReview: frozenset(S) - {S.DRAFT, S.IN_REVIEW},
    StartExperiment: frozenset({S.RUNNING}),
    StopExperiment: frozenset({S.STOPPED}),
    LogDecision: frozenset({S.DECIDED, S.ROLLING_OUT, S.ROLLED_OUT, S.ROLLED_BACK, S.ARCHIVED}),
    ArchiveExperiment: frozenset({S.ARCHIVED}),
}
MATRIX = [(kind, status) for kind in COMMANDS.values() for status in Status]
NAMES = [f"{kind.__name__}-{status}" for kind, status in MATRIX]


def refusal_of(kind: type[Command], status: Status) -> type[BunsenError]:
    if kind is CreateExperiment:
        return KeyTaken
    return AlreadyDone if status in DONE_BEFORE.get(kind, ()) else IllegalTransition


def test_the_table_names_every_command_and_stage() -> None:
    assert set(LEADS_TO) == set(COMMANDS.values())
    assert set(NEXT_STEPS) == set(Status)


@pytest.mark.parametrize(("kind", "status"), MATRIX, ids=NAMES)
async def test_a_command_at_a_stage(kind: type[Command], status: Status) -> None:
    bench = MemoryWorld()
    before = await lead_to(status, bench)
    tables, nudges = bench.tables.copy(), bench.nudges
    command = a_command(kind, before, turn=7)
    if status in LEADS_TO[kind]:
        after = await execute(command, CHEN, bench.world)
        newest = bench.tables.records[len(bench.tables.records)]
        assert after.status is LEADS_TO[kind][status]
        assert (after.version, bench.nudges) == (before.version + 1, nudges + 1)
        assert (newest.command, newest.actor, newest.state_hash) == (kind.__name__, "U0CHEN", state_hash(after))
        assert newest.sentence == command.sentence(before, after)
        return
    with pytest.raises(BunsenError) as refused:
        await execute(command, CHEN, bench.world)
    assert type(refused.value) is refusal_of(kind, status)
    if kind is CreateExperiment:
        assert "Choose another" in refused.value.words
    else:
        assert refused.value.words.endswith(f"You can {NEXT_STEPS[status]}.")
    assert (bench.tables, bench.nudges) == (tables, nudges)


@pytest.mark.parametrize("kind", [kind for kind in COMMANDS.values() if kind is not CreateExperiment])
async def test_nothing_can_be_done_to_what_is_not_there(kind: type[Command]) -> None:
    bench = MemoryWorld()
    with pytest.raises(BunsenError, match="/experiment list") as refused:
        await execute(a_command(kind, None), CHEN, bench.world)
    assert (refused.value.code, refused.value.field) == ("not_found", "key")
    assert not bench.tables.records


@pytest.mark.parametrize("kind", [kind for kind in COMMANDS.values() if kind is not CreateExperiment])
async def test_who_looked_at_an_older_revision_is_told(kind: type[Command]) -> None:
    bench = MemoryWorld()
    allowed = next(status for status in LEADS_TO[kind] if status in STEPS_TO)
    before = await lead_to(allowed, bench)
    command = a_command(kind, before, turn=7)
    with pytest.raises(BunsenError, match="Open it again") as refused:
        await execute(command.model_copy(update={"revision": before.revision - 1}), CHEN, bench.world)
    assert refused.value.code == "stale"
    after = await execute(command.model_copy(update={"revision": before.revision}), CHEN, bench.world)
    assert after.revision == before.revision + (0 if kind in {AddNote, ImportAggregates} else 1)
