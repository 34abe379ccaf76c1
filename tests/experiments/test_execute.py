"""`execute` changes everything that belongs to a change, or nothing, and a repeated delivery acts once."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import patch

import pytest

from experiments.aggregate import Aggregate
from experiments.audit import broken_links
from experiments.commands import (
    COMMANDS,
    AddNote,
    Command,
    CreateExperiment,
    EditExperiment,
    ImportAggregates,
    RequestChanges,
    StartExperiment,
)
from experiments.errors import AlreadyDone, BunsenError, Busy, Stale
from experiments.execute import execute, execute_all
from experiments.model import NoteKind, Status
from experiments.repositories import Filter
from tests.experiments.commands.test_transitions import LEADS_TO, NEW
from tests.experiments.stages import KEY, a_command, lead_to, rows, who_gives
from tests.memory import MemoryAggregates, MemoryAudit, MemoryExperiments, MemoryNotes, MemoryOutbox
from tests.worlds import ADA, BO, CHEN, MONDAY, MemoryWorld, delivered


async def at_its_stage(kind: type[Command], bench: MemoryWorld) -> Command:
    """The command, when its experiment has been led to where it is possible."""
    if kind in NEW:
        return a_command(kind, None)
    before = await lead_to(next(iter(LEADS_TO[kind])), bench, ready_for=kind)
    return a_command(kind, before, turn=7)


@pytest.mark.parametrize("kind", COMMANDS.values())
async def test_a_repeated_delivery_acts_once_and_answers_the_same(kind: type[Command]) -> None:
    bench = MemoryWorld()
    command = await at_its_stage(kind, bench)
    actor = delivered(who_gives(kind, CHEN), "Ev123")
    first = await execute(command, actor, bench.world)
    kept = bench.tables.copy()
    bench.clock.advance(minutes=1)
    assert await execute(command, actor, bench.world) == first
    assert bench.tables == kept


@pytest.mark.parametrize("kind", COMMANDS.values())
async def test_deliveries_at_the_same_time_act_once(kind: type[Command]) -> None:
    bench = MemoryWorld()
    command = await at_its_stage(kind, bench)
    told = len(bench.tables.records)
    actor = delivered(who_gives(kind, CHEN), "Ev123")
    await asyncio.gather(*(execute(command, actor, bench.world) for _ in range(4)))
    assert len(bench.tables.records) == told + 1


async def test_a_double_click_that_comes_as_two_deliveries_starts_once() -> None:
    bench = MemoryWorld()
    await lead_to(Status.APPROVED, bench)
    first = await execute(StartExperiment(key=KEY), delivered(ADA, "one"), bench.world)
    bench.clock.advance(seconds=1)
    with pytest.raises(AlreadyDone, match="running already; the first press started it"):
        await execute(StartExperiment(key=KEY), delivered(ADA, "two"), bench.world)
    assert bench.tables.experiments[KEY].started_at == first.started_at


async def test_a_delivery_that_failed_may_come_again() -> None:
    bench = MemoryWorld()
    await lead_to(Status.APPROVED, bench)
    actor = delivered(ADA, "Ev1")
    with patch.object(MemoryOutbox, "add", side_effect=Busy()), pytest.raises(Busy):
        await execute(StartExperiment(key=KEY), actor, bench.world)
    assert (await execute(StartExperiment(key=KEY), actor, bench.world)).status is Status.RUNNING


async def test_one_delivery_may_change_several_experiments() -> None:
    bench = MemoryWorld()
    actor = delivered(ADA, "upload")
    imports = [
        ImportAggregates.model_validate({"key": key, "rows": rows(), "create": True}) for key in ("aa", "bb", "cc")
    ]
    made = await execute_all(imports, actor, bench.world)
    assert [each.key for each in made] == ["aa", "bb", "cc"]
    assert await execute_all(imports, actor, bench.world) == made
    assert len(bench.tables.records) == 3
    assert broken_links(bench.tables.records.values()) == []


FAULTS: list[tuple[type[Any], str, type[Command]]] = [
    (MemoryExperiments, "save", StartExperiment),
    (MemoryNotes, "add", AddNote),
    (MemoryAggregates, "add", ImportAggregates),
    (MemoryAudit, "add", StartExperiment),
    (MemoryOutbox, "add", StartExperiment),
]


@pytest.mark.parametrize(("repository", "method", "kind"), FAULTS)
@pytest.mark.parametrize("error", [Busy(), Stale("Too late."), OSError("disk")])
async def test_a_failure_anywhere_leaves_nothing(
    repository: type[Any], method: str, kind: type[Command], error: Exception
) -> None:
    bench = MemoryWorld()
    command = await at_its_stage(kind, bench)
    kept, nudges = bench.tables.copy(), bench.nudges
    with patch.object(repository, method, side_effect=error), pytest.raises(type(error)):
        await execute(command, CHEN, bench.world)
    assert (bench.tables, bench.nudges) == (kept, nudges)


async def test_versions_count_all_changes_and_revisions_only_what_a_form_shows() -> None:
    bench = MemoryWorld()
    running = await lead_to(Status.RUNNING, bench)
    noted = await execute(AddNote(key=KEY, text="Fine."), BO, bench.world)
    fed = await execute(ImportAggregates.model_validate({"key": KEY, "rows": rows(2.0)}), BO, bench.world)
    assert (noted.version, fed.version) == (running.version + 1, running.version + 2)
    assert running.revision == noted.revision == fed.revision
    assert fed.updated_at == bench.clock.now()


async def test_a_change_and_its_record_bear_the_time_of_the_clock() -> None:
    bench = MemoryWorld()
    moment = bench.clock.advance(days=3)
    made = await execute(a_command(CreateExperiment, None), ADA, bench.world)
    assert made.created_at == made.updated_at == bench.tables.records[1].at == moment > MONDAY


async def test_what_a_command_brings_along_is_kept_with_it() -> None:
    bench = MemoryWorld()
    asked = await lead_to(Status.IN_REVIEW, bench)
    await execute(a_command(RequestChanges, asked), BO, bench.world)
    async with bench.world.reading(ADA.workspace) as uow:
        (note,) = await uow.notes.of(KEY)
    assert (note.kind, note.by, note.at) == (NoteKind.OBSERVATION, "U0BO", bench.clock.now())
    assert bench.tables.records[4].payload["comment"] == note.text


async def test_data_arrive_in_batches_and_the_same_batch_once() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    corrected = [*rows(day=2.0), ("conversion", "control", 1.0, 1200, 0.2, 0.16)]
    batch = ImportAggregates.model_validate({"key": KEY, "rows": corrected})
    after = await execute(batch, BO, bench.world)
    assert (after.data_version, after.data_day) == (2, 2.0)
    with pytest.raises(AlreadyDone, match="exactly these data already"):
        await execute(batch, BO, bench.world)
    async with bench.world.reading(ADA.workspace) as uow:
        first, second = await uow.aggregates.of(KEY, 1), await uow.aggregates.of(KEY, 2)
    assert Aggregate("conversion", "control", 1.0, 1000, 0.1, 0.09) in first
    assert Aggregate("conversion", "control", 1.0, 1200, 0.2, 0.16) in second
    assert (len(first), len(second)) == (4, 8)
    assert "rows" in bench.tables.records[7].payload
    assert bench.tables.records[7].payload["rows"] == 5


async def test_data_of_an_experiment_run_elsewhere_make_an_ended_one() -> None:
    bench = MemoryWorld()
    made = await execute(
        ImportAggregates.model_validate({"key": "elsewhere", "rows": rows(9.0), "create": True}), ADA, bench.world
    )
    assert (made.status, made.approval, made.data_version, made.data_day) == (Status.STOPPED, None, 1, 9.0)
    assert sum(variant.weight for variant in made.design.variants) == 10_000
    assert made.design.primary is not None
    with pytest.raises(BunsenError, match="cannot be edited"):
        await execute(EditExperiment(key="elsewhere", title="Other"), ADA, bench.world)


async def test_a_list_shows_the_newest_change_first_and_who_is_waited_for() -> None:
    bench = MemoryWorld()
    await lead_to(Status.IN_REVIEW, bench)
    bench.clock.advance(hours=1)
    await execute(CreateExperiment(title="Quicker search", key="quicker-search", tags=("speed",)), BO, bench.world)
    async with bench.world.reading(ADA.workspace) as uow:
        assert [each.key for each in await uow.experiments.list(Filter())] == ["quicker-search", KEY]
        assert [each.key for each in await uow.experiments.list(Filter(text="SPEED"))] == ["quicker-search"]
        assert await uow.experiments.count(Filter(reviewer="U0BO")) == 1
        assert await uow.experiments.count(Filter(reviewer="U0ADA")) == 0
