"""The snapshot follows every change, whatever the database does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import structlog

from bot.traffic import SERVED_AS_BEFORE, Snapshot, fresh, keep_fresh
from experiments.assignment import flag_of
from experiments.commands import COMMANDS, ConfigureTraffic, DeleteDraft, EditExperiment, RollBack
from experiments.errors import BunsenError, Unavailable
from experiments.execute import change_policies, execute
from experiments.model import Status
from experiments.policy import Project, SetProject
from experiments.policy_commands import RevokeToken
from experiments.ports import World
from experiments.repositories import UnitOfWork
from storage import Database
from tests.bot.web.applications import BOSS, SECRET, approve, begin, issue
from tests.experiments.stages import a_command, lead_to, who_gives
from tests.patience import LONG
from tests.storage.samples import world_on
from tests.worlds import ADA, MemoryWorld


@pytest.fixture
def world(database: Database) -> World:
    return world_on(database)


class Outage:
    """A database that can be taken away and given back; `asked` counts how often it was asked."""

    def __init__(self, world: World) -> None:
        self.failure: Exception | None = None
        self.asked = 0
        self._reading = world.reading
        self.world = replace(world, reading=self.reading)

    @asynccontextmanager
    async def reading(self, workspace: str) -> AsyncIterator[UnitOfWork]:
        self.asked += 1
        if self.failure:
            raise self.failure
        async with self._reading(workspace) as uow:
            yield uow


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG):
        while True:
            if true():
                return
            await asyncio.sleep(0.005)


def served(snapshot: Snapshot) -> dict[str, str]:
    """What each flag of the project serves."""
    return {each.flag.key: each.flag.serves for each in snapshot.flags("general")}


async def test_it_follows_experiments_one_by_one(world: World) -> None:
    snapshot = Snapshot()
    assert snapshot.age is None
    assert await snapshot.refresh(world) == 0
    await begin(world, "one")
    await approve(world, "two")
    assert await snapshot.refresh(world) == 2
    assert served(snapshot) == {"one": "split", "two": "control"}
    untouched = snapshot.flag("general", "two")
    await execute(RollBack(key="one"), ADA, world)
    assert await snapshot.refresh(world) == 1
    assert served(snapshot) == {"one": "control", "two": "control"}
    assert snapshot.flag("general", "two") is untouched
    assert await snapshot.refresh(world) == 0


async def test_what_goes_back_to_a_draft_or_moves_is_no_longer_where_it_was(world: World) -> None:
    snapshot = Snapshot()
    await approve(world, "one")
    await approve(world, "two")
    await snapshot.refresh(world)
    await execute(EditExperiment(key="one", hypothesis="If other, then other."), ADA, world)
    await execute(EditExperiment(key="two", project="payments"), ADA, world)
    await snapshot.refresh(world)
    assert served(snapshot) == {}
    assert (snapshot.flag("payments", "two") is None) == (await status_of(world, "two") is Status.DRAFT)
    await execute(DeleteDraft(key="one"), ADA, world)
    await snapshot.refresh(world)
    assert snapshot.flag("general", "one") is None


async def status_of(world: World, key: str) -> Status:
    async with world.reading(world.workspace) as uow:
        return (await uow.experiments.find(key)).status


async def test_loaded_at_once_it_is_what_it_became_step_by_step(world: World) -> None:
    followed, loaded = Snapshot(), Snapshot()
    await followed.refresh(world)
    for number in range(3):
        await begin(world, f"run-{number}")
        await followed.refresh(world)
    await issue(world)
    await change_policies(SetProject(project=Project(name="general", holdout=250)), BOSS, world)
    await followed.refresh(world)
    await loaded.refresh(world)
    assert [each.flag for each in followed.flags("general")] == [each.flag for each in loaded.flags("general")]
    assert followed.token(SECRET.encode()) == loaded.token(SECRET.encode())
    assert {each.flag.holdout for each in loaded.flags("general")} == {250}
    assert len(loaded) == len(followed) == 3


async def test_more_than_a_page_is_loaded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.traffic.PAGE", 2)
    for number in range(5):
        await approve(world, f"run-{number}")
    snapshot = Snapshot()
    assert await snapshot.refresh(world) == 5
    assert sorted(served(snapshot)) == [f"run-{number}" for number in range(5)]


@pytest.mark.parametrize("name", SERVED_AS_BEFORE)
@pytest.mark.parametrize("status", Status)
async def test_what_is_not_looked_at_changes_nothing_that_is_served(name: str, status: Status) -> None:
    bench, kind = MemoryWorld(), COMMANDS[name]
    before = await lead_to(status, bench)
    try:
        after = await execute(a_command(kind, before, turn=7), who_gives(kind, ADA), bench.world)
    except BunsenError:
        return
    assert flag_of(after, 0) == flag_of(before, 0)


async def test_tokens_come_and_go(world: World) -> None:
    snapshot = Snapshot()
    id = await issue(world)
    await snapshot.refresh(world)
    token = snapshot.token(SECRET.encode())
    assert token is not None
    assert token.id == id
    await change_policies(RevokeToken(id=id), BOSS, world)
    await snapshot.refresh(world)
    assert snapshot.token(SECRET.encode()) is None


async def test_a_database_that_was_put_back_is_read_anew(world: World) -> None:
    snapshot = Snapshot()
    await begin(world, "one")
    await snapshot.refresh(world)
    await snapshot.refresh(MemoryWorld().world)
    assert served(snapshot) == {}
    assert snapshot.number == 0


async def test_one_that_makes_no_flag_does_not_hide_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from experiments import assignment

    def choosy(experiment: Any, holdout: int) -> Any:
        if experiment.key == "broken":
            raise ValueError("the weights do not share out everything")
        return assignment.flag_of(experiment, holdout)

    monkeypatch.setattr("bot.traffic.flag_of", choosy)
    snapshot = Snapshot()
    await begin(world, "broken")
    await begin(world, "one")
    with structlog.testing.capture_logs() as logs:
        await snapshot.refresh(world)
        await execute(ConfigureTraffic(key="broken", exposure=9_000), ADA, world)
        await execute(RollBack(key="one"), ADA, world)
        await snapshot.refresh(world)
    assert served(snapshot) == {"one": "control"}
    assert [each["key"] for each in logs] == ["broken", "broken"]


@pytest.mark.parametrize(
    ("failure", "level"),
    [(Unavailable("Gone.", reason="database"), "warning"), (RuntimeError("a bug"), "error")],
)
async def test_it_serves_on_without_a_database_and_catches_up(failure: Exception, level: str, world: World) -> None:
    await begin(world, "one")
    outage = Outage(world)
    with structlog.testing.capture_logs() as logs:
        async with fresh(Snapshot(), outage.world, seconds=0.001) as snapshot:
            assert served(snapshot) == {"one": "split"}
            outage.failure = failure
            await until(lambda: snapshot.missed >= 3)
            await execute(RollBack(key="one"), ADA, world)
            assert served(snapshot) == {"one": "split"}
            outage.failure = None
            await until(lambda: served(snapshot) == {"one": "control"})
            await until(lambda: len(logs) == 2)
            assert snapshot.age is not None
    assert [each["log_level"] for each in logs] == [level, "info"]


async def test_a_database_that_hangs_is_not_waited_for_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.traffic.PATIENCE_SECONDS", 0.01)
    hanging = asyncio.Event()

    @asynccontextmanager
    async def reading(workspace: str) -> AsyncIterator[UnitOfWork]:
        await hanging.wait()
        async with world.reading(workspace) as uow:
            yield uow

    snapshot = Snapshot()
    await snapshot.refresh(world)
    await begin(world, "one")
    following = asyncio.create_task(keep_fresh(snapshot, replace(world, reading=reading), 0.001))
    await until(lambda: snapshot.missed >= 2)
    hanging.set()
    await until(lambda: served(snapshot) == {"one": "split"})
    await cancelled(following)


async def test_it_stops_asking_when_it_is_left(world: World) -> None:
    outage = Outage(world)
    async with fresh(Snapshot(), outage.world, seconds=0.001):
        await until(lambda: outage.asked >= 3)
    asked = outage.asked
    await asyncio.sleep(0)
    assert outage.asked == asked


async def cancelled(task: Awaitable[None]) -> None:
    assert isinstance(task, asyncio.Task)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
