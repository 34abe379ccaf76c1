"""Experiments come back as they went in, are found by what people filter by, and are changed by one at a time."""

import asyncio
import weakref
from datetime import UTC, datetime, timedelta, timezone

import pytest

from experiments.commands import (
    AddNote,
    ApproveReview,
    ArchiveExperiment,
    CreateExperiment,
    DeleteDraft,
    LogDecision,
    StartExperiment,
    StopExperiment,
)
from experiments.errors import AlreadyDone, KeyTaken, NotFound, PartTaken, Stale
from experiments.execute import execute
from experiments.groups import in_group
from experiments.model import Experiment, NoteKind, Outcome, Status, StopReason
from experiments.ports import World
from experiments.repositories import Filter
from experiments.targeting import Exclusion
from storage import Database, experiments
from storage.tables import EXPERIMENT
from storage.verify import verify
from tests.storage.samples import approved, draft, in_review
from tests.worlds import ADA, BO, CHEN, WORKSPACE, MemoryWorld, delivered


class Garbage:
    """What nothing but itself holds, once its name is gone."""

    def __init__(self) -> None:
        self.itself = self


async def found(world: World, which: Filter) -> list[str]:
    async with world.reading(WORKSPACE) as reading:
        listed = [each.key for each in await reading.experiments.list(which)]
        assert await reading.experiments.count(which) == len(listed)
        return listed


async def read(world: World, key: str = "checkout-button") -> Experiment:
    async with world.reading(WORKSPACE) as reading:
        return await reading.experiments.find(key)


async def test_an_experiment_comes_back_as_it_was_saved(world: World) -> None:
    saved = await approved(world)
    assert await read(world) == saved


async def test_times_come_back_aware_and_in_utc_whatever_zone_they_came_in(world: World, database: Database) -> None:
    east = datetime(2026, 3, 2, 23, 30, 15, 123456, tzinfo=timezone(timedelta(hours=9)))
    saved = await draft(world)
    async with database.uow(WORKSPACE) as uow:
        await uow.experiments.save(saved, saved.evolve(version=saved.version + 1, started_at=east))
    assert (await read(world)).started_at == east
    async with database.snapshot() as transaction:
        [row] = await transaction.rows(EXPERIMENT.select())
    assert row.started_at == east
    assert row.started_at.tzinfo is UTC


async def test_a_missing_experiment_is_none_or_not_found(world: World) -> None:
    async with world.reading(WORKSPACE) as reading:
        assert await reading.experiments.get("nothing") is None
        with pytest.raises(NotFound):
            await reading.experiments.find("nothing")


async def test_a_taken_key_is_refused_and_nothing_of_it_is_kept(world: World, database: Database) -> None:
    first = await draft(world)

    async def take_again() -> None:
        async with database.uow(WORKSPACE) as uow:
            assert await uow.schedules.once("x", "y", "z", first.updated_at)
            await uow.experiments.save(None, first)

    for _ in range(2):
        with pytest.raises(KeyTaken):
            await take_again()


async def test_the_second_of_two_writers_of_one_version_is_stale(world: World, database: Database) -> None:
    before = await draft(world)
    async with database.uow(WORKSPACE) as uow:
        await uow.experiments.save(before, before.evolve(title="First", version=before.version + 1))
    async with database.uow(WORKSPACE) as uow:
        with pytest.raises(Stale, match="Somebody else changed"):
            await uow.experiments.save(before, before.evolve(title="Second", version=before.version + 1))
    assert (await read(world)).title == "First"


async def test_two_starts_at_once_are_one_transition(world: World, database: Database) -> None:
    await approved(world)
    both = [execute(StartExperiment(key="checkout-button"), who, world) for who in (ADA, BO)]
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) in (["AlreadyDone", "Experiment"], ["Experiment", "Stale"])
    async with database.reading(WORKSPACE) as reading:
        commands = [record.command for record in await reading.audit.of("checkout-button")]
    assert commands.count("StartExperiment") == 1


async def test_two_that_would_share_people_are_not_both_started_at_once(world: World, database: Database) -> None:
    parts = {"price": (0, 6_000), "colour": (5_000, 5_000), "footer": (4_000, 2_000)}
    for key, (first, share) in parts.items():
        await approved(world, key, exclusion=Exclusion(group="checkout", first=first, share=share))
    starts = [execute(StartExperiment(key=key), who, world) for key, who in zip(parts, (ADA, BO, CHEN), strict=True)]
    results = await asyncio.gather(*starts, return_exceptions=True)
    [started] = [each for each in results if isinstance(each, Experiment)]
    refused = [each for each in results if isinstance(each, PartTaken)]
    assert len(refused) == 2
    for each in refused:
        assert f"({started.key}) has" in each.words
        assert "Free in checkout: " in each.words
    async with database.reading(WORKSPACE) as reading:
        commands = [record.command for record in await reading.audit.all()]
        [live] = await reading.experiments.list(in_group("checkout"))
    assert (live.key, commands.count("StartExperiment")) == (started.key, 1)
    await execute(StopExperiment(key=started.key, reason=StopReason.COMPLETED), ADA, world)
    other = next(key for key in parts if key != started.key)
    assert (await execute(StartExperiment(key=other), BO, world)).status is Status.RUNNING
    assert await verify(database, WORKSPACE) == []


async def test_a_delivery_repeated_at_once_acts_once(world: World, database: Database) -> None:
    await draft(world)
    note = AddNote(key="checkout-button", text="seen")
    results = await asyncio.gather(
        *(execute(note, delivered(ADA, "D1"), world) for _ in range(5)), return_exceptions=True
    )
    assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, AlreadyDone)]
    async with database.reading(WORKSPACE) as reading:
        assert len(await reading.notes.of("checkout-button")) == 1


async def test_parallel_notes_are_all_kept_and_the_chain_holds(world: World, database: Database) -> None:
    await draft(world)
    notes = [AddNote(key="checkout-button", text=f"note {number}", kind=NoteKind.LEARNING) for number in range(10)]
    await asyncio.gather(*(execute(note, ADA, world) for note in notes))
    async with database.reading(WORKSPACE) as reading:
        kept = await reading.notes.of("checkout-button")
    assert {note.text for note in kept} == {note.text for note in notes}
    assert kept[0].kind is NoteKind.LEARNING
    assert await verify(database, WORKSPACE) == []


async def test_filters_narrow(world: World, bench: MemoryWorld) -> None:
    await draft(world, "alpha-one", tags=("Search",))
    bench.clock.advance(minutes=1)
    await approved(world, "beta-two")
    bench.clock.advance(minutes=1)
    await execute(CreateExperiment(key="gamma-three", title="Gamma", channel="C0OTHER"), BO, world)
    assert await found(world, Filter()) == ["gamma-three", "beta-two", "alpha-one"]
    assert await found(world, Filter(statuses=(Status.APPROVED, Status.RUNNING))) == ["beta-two"]
    assert await found(world, Filter(owner=BO.user)) == ["gamma-three"]
    assert await found(world, Filter(channel="C0OTHER")) == ["gamma-three"]
    async with world.reading(WORKSPACE) as reading:
        assert len(await reading.experiments.list(Filter(limit=2))) == 2
        assert await reading.experiments.count(Filter(limit=2)) == 3


async def test_channels_of_what_is_not_archived(world: World) -> None:
    await draft(world, "alpha-one")
    await approved(world, "beta-two")
    await execute(CreateExperiment(key="no-channel", title="Nowhere"), ADA, world)
    await approved(world, "gone-three")
    await execute(StartExperiment(key="gone-three"), ADA, world)
    await execute(StopExperiment(key="gone-three", reason=StopReason.OTHER), ADA, world)
    gone = await execute(ArchiveExperiment(key="gone-three"), ADA, world)
    async with world.uow(WORKSPACE) as uow:
        await uow.experiments.save(gone, gone.evolve(channel="C0GONE", version=gone.version + 1))
        assert await uow.experiments.channels() == ("C0EXPERIMENTS",)


async def test_projects_of_what_is_not_archived(world: World) -> None:
    for key, project in (("alpha-one", "shop"), ("beta-two", "shop"), ("gamma-three", "Suche")):
        await draft(world, key, project=project)
    await execute(DeleteDraft(key="gamma-three"), ADA, world)
    async with world.reading(WORKSPACE) as reading:
        assert await reading.experiments.projects() == {"shop": 2}
    async with world.reading("T0OTHER") as reading:
        assert await reading.experiments.projects() == {}


async def test_search_is_case_insensitive_and_takes_wildcards_at_their_word(world: World) -> None:
    await draft(world, "alpha-one", title="Größe der Straße", hypothesis="100% of users like snake_case")
    await draft(world, "beta-two", title="Plain", hypothesis="100 of users, snakeXcase", tags=("Ranking",))
    assert await found(world, Filter(text="GRÖSSE")) == ["alpha-one"]
    assert await found(world, Filter(text="100%")) == ["alpha-one"]
    assert await found(world, Filter(text="snake_case")) == ["alpha-one"]
    assert await found(world, Filter(text="ranking")) == ["beta-two"]
    assert await found(world, Filter(text="users PLAIN")) == ["beta-two"]
    assert await found(world, Filter(text="zebra\0zebra")) == []


async def test_the_reasoning_of_a_decision_is_searched(world: World) -> None:
    await approved(world)
    await execute(StartExperiment(key="checkout-button"), ADA, world)
    await execute(StopExperiment(key="checkout-button", reason=StopReason.COMPLETED), ADA, world)
    await execute(LogDecision(key="checkout-button", outcome=Outcome.SHIP, reasoning="Latency halved"), ADA, world)
    assert await found(world, Filter(text="latency")) == ["checkout-button"]


async def test_a_review_waits_for_the_reviewers_it_names(world: World) -> None:
    await in_review(world, reviewers=(BO.user,))
    assert await found(world, Filter(reviewer=BO.user)) == ["checkout-button"]
    assert await found(world, Filter(reviewer=CHEN.user)) == []


async def test_a_review_that_names_nobody_waits_for_all_but_its_authors(world: World) -> None:
    asked = await in_review(world)
    assert await found(world, Filter(reviewer=CHEN.user)) == ["checkout-button"]
    assert await found(world, Filter(reviewer=ADA.user)) == []
    await execute(ApproveReview(key="checkout-button", design_hash=asked.design.hash), BO, world)
    assert await found(world, Filter(reviewer=CHEN.user)) == []


async def test_what_was_garbage_before_many_were_read_does_not_stay_for_ever(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiments, "FEW", 1)
    for title in ("One", "Two"):
        await execute(CreateExperiment(title=title), ADA, world)
    async with database.uow(WORKSPACE) as uow:
        make = await uow.experiments.collect(Filter())
    experiments.snapshot.cache_clear()
    garbage = weakref.ref(Garbage())
    assert garbage() is not None
    assert len(make()) == 2
    assert garbage() is None
