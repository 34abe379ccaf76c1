"""Nothing of one workspace is seen or touched from another, and no statement forgets to say which it means."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from experiments.aggregate import Aggregate
from experiments.announcements import Announcement
from experiments.commands import (
    AddNote,
    ApproveReview,
    CreateExperiment,
    ImportAggregates,
    LogDecision,
    StartExperiment,
    StopExperiment,
)
from experiments.execute import change_policies, execute
from experiments.model import Experiment, Outcome, Status, StopReason
from experiments.permissions import Actor, Role
from experiments.policy import SetDefaultRole
from experiments.ports import World
from experiments.preferences import Preferences
from experiments.repositories import Filter
from handlers.readings import read_new
from storage import Database
from storage.tables import METADATA
from storage.verify import verify
from tests.storage.samples import DIGEST, draft, in_review
from tests.worlds import ADA, BO, MONDAY, WORKSPACE, delivered

OTHER = "T0OTHER"
SETTINGS = ("BEGIN", "PRAGMA", "SELECT 1", "SELECT %(param_1)s", "SELECT ?")


@pytest.fixture
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def listen(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        seen.append((" ".join(statement.split()), parameters))

    event.listen(database.sync_engine, "before_cursor_execute", listen)
    yield seen
    event.remove(database.sync_engine, "before_cursor_execute", listen)


async def everything(world: World) -> None:
    """Use every repository in every way."""
    asked = await in_review(world)
    key = asked.key
    await execute(ApproveReview(key=key, design_hash=asked.design.hash), BO, world)
    await execute(StartExperiment(key=key), delivered(ADA, "D1"), world)
    rows = tuple(Aggregate("conversion", variant, 1.0, 100, 0.1, 0.09) for variant in ("control", "green"))
    await execute(ImportAggregates(key=key, rows=rows), ADA, world)
    await read_new(world)
    await execute(AddNote(key=key, text="seen"), ADA, world)
    await execute(StopExperiment(key=key, reason=StopReason.COMPLETED), ADA, world)
    await execute(LogDecision(key=key, outcome=Outcome.SHIP, reasoning="It helps."), ADA, world)
    await deliver(world)
    boss = ADA.model_copy(update={"role": Role.ADMIN})
    for role in (Role.VIEWER, Role.REVIEWER):
        await change_policies(SetDefaultRole(role=role), boss, world)
    async with world.uow(world.workspace) as uow:
        await uow.preferences.save(Preferences(subject=ADA.user))
        await uow.schedules.ensure(DIGEST)
        await uow.schedules.claim(DIGEST, "2026-W10", MONDAY + timedelta(days=7), "done", MONDAY)
        await uow.schedules.once("reminder", key, "1", MONDAY)
        await uow.schedules.move(DIGEST, "UTC", MONDAY)
        await uow.watches.add([key], MONDAY)
        held = MONDAY + timedelta(minutes=1)
        watches = await uow.watches.claim(MONDAY, MONDAY, held, 5)
        await uow.watches.settle(watches, held)
        await uow.pictures.claim("a" * 64, MONDAY, held)
        await uow.pictures.keep("a" * 64, "F1", MONDAY)
    await look(world)
    async with world.uow(world.workspace) as uow:
        await uow.watches.forget([key])


async def deliver(world: World) -> None:
    async with world.uow(world.workspace) as uow:
        card = Announcement(surface="card", stream="other", channel="C1", payload={}, slot="card")
        await uow.outbox.add([card, card], MONDAY)
        first, second = await uow.outbox.claim(MONDAY, 30, 5)
        await uow.outbox.delivered(first, "17.01", MONDAY)
        await uow.outbox.retry(second, "timeout", MONDAY)
    async with world.uow(world.workspace) as uow:
        for posting in await uow.outbox.claim(MONDAY, 30, 5):
            await uow.outbox.refused(posting, "channel_not_found", MONDAY)
            await uow.outbox.again(posting.id)


async def look(world: World) -> None:
    everybody = Filter(
        statuses=tuple(Status),
        owner=ADA.user,
        reviewer=BO.user,
        channel="C0EXPERIMENTS",
        text="green button",
        group="checkout",
    )
    async with world.reading(world.workspace) as reading:
        await reading.experiments.get("checkout-button")
        await reading.experiments.list(everybody)
        await reading.experiments.count(everybody)
        await reading.experiments.statuses(everybody)
        await reading.experiments.at("checkout-button", 1)
        await reading.experiments.revisions("checkout-button")
        await reading.experiments.channels()
        await reading.experiments.projects()
        await reading.policies.get()
        await reading.preferences.get(ADA.user)
        await reading.preferences.all()
        await reading.preferences.concerning("C0EXPERIMENTS")
        await reading.notes.history("checkout-button", 1)
        await reading.notes.of("checkout-button")
        await reading.aggregates.of("checkout-button", 9)
        await reading.audit.has("D1", "checkout-button")
        await reading.audit.of("checkout-button")
        await reading.audit.all()
        await reading.audit.newest()
        await reading.audit.touched(1, ("AddNote",))
        await reading.experiments.many(["checkout-button"])
        await reading.watches.keys()
        await reading.pictures.get("a" * 64)
        await reading.watches.get("checkout-button")
        await reading.watches.many(["checkout-button"])
        await reading.watches.oldest()
        await reading.readouts.get("checkout-button", 1)
        await reading.outbox.waiting()
        await reading.outbox.log(10)
        old = await reading.outbox.settled(MONDAY, 10)
        await reading.schedules.all()
        await reading.schedules.due(MONDAY)
        await reading.schedules.ran("reminder", ["checkout-button"])
    async with world.uow(WORKSPACE) as uow:
        await uow.outbox.forget((*old, 1))


async def test_every_statement_says_which_workspace_it_means(
    world: World, database: Database, statements: list[tuple[str, Any]]
) -> None:
    await everything(world)
    await verify(database, WORKSPACE)
    asked = [(text, values) for text, values in statements if not text.startswith(SETTINGS)]
    touched = {table for table in METADATA.tables for text, _ in asked if f" {table}" in text}
    assert touched == set(METADATA.tables)
    for text, values in asked:
        for each in values if isinstance(values, list) else [values]:
            assert WORKSPACE in (each.values() if isinstance(each, dict) else each), (text, each)
        if text.startswith("INSERT"):
            assert "workspace" in text.split("VALUES")[0], text
        else:
            assert_all_parts_name_it(text)


def assert_all_parts_name_it(text: str) -> None:
    """Every SELECT, UPDATE and DELETE within a statement has its own condition on the workspace."""
    if "pg_advisory_xact_lock" in text:
        return
    conditions = [part.split("WHERE", 1)[1] for part in text.split("SELECT")[1:] if "WHERE" in part]
    parts = text.count("FROM") + text.startswith("UPDATE") - text.count("FROM (SELECT")
    assert text.count("workspace =") >= parts, text
    assert all("workspace" in condition for condition in conditions), text


async def test_two_workspaces_do_not_see_each_other(world: World, database: Database) -> None:
    await everything(world)
    await draft(world, "second-one")
    other = replace(world, workspace=OTHER)
    stranger = ADA.model_copy(update={"workspace": OTHER})
    async with database.uow(OTHER) as uow:
        assert await uow.experiments.list(Filter()) == ()
        assert await uow.experiments.count(Filter()) == 0
        assert await uow.experiments.get("checkout-button") is None
        assert await uow.experiments.channels() == ()
        assert await uow.experiments.statuses(Filter()) == {}
        assert await uow.experiments.at("checkout-button", 1) is None
        assert await uow.experiments.revisions("checkout-button") == ()
        assert (await uow.policies.get()).version == 0
        assert await uow.preferences.all() == ()
        assert await uow.preferences.concerning("C0EXPERIMENTS") == ()
        assert await uow.notes.of("checkout-button") == ()
        assert await uow.aggregates.of("checkout-button", 9) == ()
        assert not await uow.audit.has("D1", "checkout-button")
        assert await uow.audit.of("checkout-button") == ()
        assert await uow.audit.all() == ()
        assert await uow.outbox.waiting() == 0
        assert await uow.outbox.log(10) == ()
        assert not await uow.outbox.again(1)
        assert await uow.outbox.claim(MONDAY, 30, 5) == ()
        assert await uow.schedules.all() == ()
        assert await uow.schedules.due(MONDAY + timedelta(days=99)) == ()
        assert not await uow.schedules.claim(DIGEST, "x", MONDAY, "done", MONDAY)
        assert await uow.schedules.once("reminder", "checkout-button", "1", MONDAY)
    await execute(AddNote(key=(await draft_of(other, stranger)).key, text="ours"), stranger, other)
    async with database.reading(OTHER) as reading:
        assert [record.number for record in await reading.audit.all()] == [1, 2]
    assert await verify(database, WORKSPACE) == []
    assert await verify(database, OTHER) == []


async def draft_of(world: World, actor: Actor) -> Experiment:
    return await execute(CreateExperiment(key="checkout-button", title="Same key"), actor, world)


async def test_a_posting_of_another_workspace_cannot_be_settled(world: World, database: Database) -> None:
    await draft(world)
    async with database.uow(WORKSPACE) as uow:
        [posting] = await uow.outbox.claim(MONDAY, 30, 1)
    async with database.uow(OTHER) as uow:
        await uow.outbox.delivered(posting, "17.01", MONDAY)
        await uow.outbox.refused(posting, "no", MONDAY)
    async with database.reading(WORKSPACE) as reading:
        assert await reading.outbox.waiting() == 2


async def test_nothing_is_saved_or_recorded_for_another_workspace(world: World, database: Database) -> None:
    experiment = await draft(world)
    async with database.uow(WORKSPACE) as uow:
        [record, _] = await uow.audit.all()
    async with database.uow(OTHER) as uow:
        with pytest.raises(ValueError, match="own workspace"):
            await uow.experiments.save(None, experiment)
        with pytest.raises(ValueError, match="own workspace"):
            await uow.audit.add(record)
