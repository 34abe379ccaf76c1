"""The audit chain holds under parallel changes, and what was edited behind its back is found."""

import asyncio
import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text

from experiments.audit import AuditRecord, broken_links
from experiments.commands import AddNote, CreateExperiment
from experiments.errors import AlreadyDone, Stale
from experiments.execute import change_policies, execute, execute_all
from experiments.permissions import Role
from experiments.policy import GiveRole, SetDefaultRole
from experiments.ports import World
from storage import Database
from storage.verify import verify
from tests.storage.samples import approved, draft
from tests.worlds import ADA, WORKSPACE, delivered

BOSS = ADA.model_copy(update={"role": Role.ADMIN})


async def chain(database: Database) -> tuple[AuditRecord, ...]:
    async with database.reading(WORKSPACE) as reading:
        return await reading.audit.all()


async def edit(database: Database, statement: str, **values: Any) -> None:
    """Change a row behind Bunsen's back."""
    async with database._engine.writing() as transaction:
        assert await transaction.change(text(statement), {"workspace": WORKSPACE, **values}) == 1


async def test_records_come_back_as_they_were_sealed(world: World, database: Database) -> None:
    await approved(world)
    records = await chain(database)
    assert [record.number for record in records] == [1, 2, 3, 4]
    assert broken_links(records) == []
    async with database.reading(WORKSPACE) as reading:
        assert await reading.audit.of("checkout-button") == records
        assert await reading.audit.of("other") == ()


async def test_a_record_of_another_zone_still_verifies(world: World, database: Database) -> None:
    await draft(world)
    [*_, newest] = await chain(database)
    east = datetime(2026, 3, 2, 23, 30, 15, 123456, tzinfo=timezone(timedelta(hours=9)))
    changes = {"at": east, "version_before": newest.version_after, "version_after": newest.version_after + 1}
    async with database.uow(WORKSPACE) as uow:
        sealed = await uow.audit.add(newest.model_copy(update=changes))
    records = await chain(database)
    assert records[-1] == sealed
    assert broken_links(records) == []


async def test_it_tells_what_was_touched_since_a_record(world: World, database: Database) -> None:
    async with database.reading(WORKSPACE) as reading:
        assert (await reading.audit.newest(), await reading.audit.touched(0)) == (0, ())
    await draft(world)
    await change_policies(SetDefaultRole(role=Role.VIEWER), BOSS, world)
    await execute(AddNote(key="checkout-button", text="Seen."), ADA.model_copy(update={"role": Role.ADMIN}), world)
    async with database.reading(WORKSPACE) as reading:
        newest = await reading.audit.newest()
        assert newest == len(await reading.audit.all())
        assert await reading.audit.touched(0) == ("@policies", "checkout-button")
        assert await reading.audit.touched(newest - 1) == ("checkout-button",)
        assert await reading.audit.touched(newest) == ()
        assert await reading.audit.touched(newest - 1, ("AddNote",)) == ()
        assert await reading.audit.touched(0, ("AddNote", "SetDefaultRole")) == ("checkout-button",)
    async with database.reading("T0OTHER") as reading:
        assert (await reading.audit.newest(), await reading.audit.touched(0)) == (0, ())


async def test_a_delivery_is_known_for_its_experiment(world: World, database: Database) -> None:
    await draft(world)
    await execute(AddNote(key="checkout-button", text="seen"), delivered(ADA, "D1"), world)
    async with database.reading(WORKSPACE) as reading:
        assert await reading.audit.has("D1", "checkout-button")
        assert not await reading.audit.has("D1", "another")
        assert not await reading.audit.has("D2", "checkout-button")


async def test_the_same_delivery_is_recorded_once(world: World, database: Database) -> None:
    await draft(world)
    await execute(AddNote(key="checkout-button", text="seen"), delivered(ADA, "D1"), world)
    [*_, newest] = await chain(database)
    again = newest.model_copy(update={"version_before": 3, "version_after": 4})
    async with database.uow(WORKSPACE) as uow:
        with pytest.raises(AlreadyDone):
            await uow.audit.add(again)


async def test_a_version_is_recorded_once(world: World, database: Database) -> None:
    await draft(world)
    [*_, newest] = await chain(database)
    async with database.uow(WORKSPACE) as uow:
        with pytest.raises(Stale):
            await uow.audit.add(newest)


async def test_twenty_parallel_changes_make_one_chain(world: World, database: Database) -> None:
    creations = [CreateExperiment(key=f"exp-{number}", title=f"Exp {number}") for number in range(20)]
    await asyncio.gather(*(execute(creation, ADA, world) for creation in creations))
    assert [record.number for record in await chain(database)] == list(range(1, 21))
    assert await verify(database, WORKSPACE) == []


async def test_several_changes_in_one_transaction_follow_one_another(world: World, database: Database) -> None:
    creations = [CreateExperiment(key=f"exp-{number}", title=f"Exp {number}") for number in range(3)]
    await execute_all([*creations, AddNote(key="exp-1", text="seen")], ADA, world)
    assert len(await chain(database)) == 4
    assert await verify(database, WORKSPACE) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE audit SET sentence = 'nothing' WHERE workspace = :workspace AND number = 2", "content was edited"),
        ("UPDATE audit SET actor = 'U0EVIL' WHERE workspace = :workspace AND number = 4", "content was edited"),
        ("UPDATE audit SET payload = '{}' WHERE workspace = :workspace AND number = 1", "content was edited"),
        ("DELETE FROM audit WHERE workspace = :workspace AND number = 2", "records are missing"),
        ("DELETE FROM audit WHERE workspace = :workspace AND number = 4", "is not what record 3 left"),
        (
            "UPDATE experiment SET body = replace(body, 'If green', 'If blue') WHERE workspace = :workspace",
            "is not what record 4 left",
        ),
        ("UPDATE experiment SET status = 'running' WHERE workspace = :workspace", "otherwise about status"),
        ("UPDATE experiment SET owner = 'U0EVIL' WHERE workspace = :workspace", "otherwise about owner"),
    ],
)
async def test_what_was_edited_is_found(statement: str, words: str, world: World, database: Database) -> None:
    await approved(world)
    assert await verify(database, WORKSPACE) == []
    await edit(database, statement)
    assert any(words in fault for fault in await verify(database, WORKSPACE)), await verify(database, WORKSPACE)


async def test_an_experiment_that_vanished_or_came_from_nowhere_is_found(world: World, database: Database) -> None:
    await execute(CreateExperiment(key="checkout-button", title="Button"), ADA, world)
    await edit(database, "DELETE FROM version WHERE workspace = :workspace")
    await edit(database, "UPDATE experiment SET key = 'elsewhere' WHERE workspace = :workspace")
    assert [fault.split(":")[0] for fault in await verify(database, WORKSPACE)] == [
        "experiment elsewhere",
        "experiment checkout-button",
    ]


async def test_policies_are_held_against_their_newest_record(world: World, database: Database) -> None:
    await change_policies(SetDefaultRole(role=Role.VIEWER), BOSS, world)
    await change_policies(GiveRole(subjects=("U0CHEN",), role=Role.ADMIN), BOSS, world)
    assert await verify(database, WORKSPACE) == []
    await edit(database, "UPDATE policies SET body = replace(body, 'U0CHEN', 'U0DEE') WHERE workspace = :workspace")
    assert await verify(database, WORKSPACE) == ["the policies are not what record 2 left; they were edited since"]
    await edit(database, "DELETE FROM policies WHERE workspace = :workspace")
    assert await verify(database, WORKSPACE) == ["the policies are gone; record 2 tells of them"]


async def test_a_snapshot_that_cannot_be_read_is_found(world: World, database: Database) -> None:
    await execute(CreateExperiment(key="checkout-button", title="Button"), ADA, world)
    await edit(database, "UPDATE experiment SET body = '{}' WHERE workspace = :workspace")
    digest = hashlib.sha256(b"{}").hexdigest()
    await edit(database, "UPDATE audit SET state_hash = :digest WHERE workspace = :workspace", digest=digest)
    assert "experiment checkout-button: its snapshot cannot be read" in await verify(database, WORKSPACE)
