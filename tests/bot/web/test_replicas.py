"""Two replicas on one PostgreSQL: each change is soon seen on both, and without the database they serve on."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

from experiments.commands import ConfigureTraffic, RollBack, StartExperiment
from experiments.execute import execute
from experiments.ports import World
from tests.bot.web.applications import SECRET, approve, arms, asked, end, issue
from tests.databases import Place
from tests.patience import LONG
from tests.storage.samples import world_on
from tests.worlds import ADA

TREATMENT = ("treatment", "SPLIT", 1)


@asynccontextmanager
async def replica(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A replica in a process of its own, and a client of it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bot.web.replica", url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        address = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(base_url=address, headers={"X-API-Key": SECRET}, trust_env=False) as client:
            yield client
    finally:
        process.stdin.close()
        assert await process.wait() == 0


async def told(client: httpx.AsyncClient, key: str) -> tuple[Any, ...]:
    """Variant, reason and phase, or what is wrong."""
    answer = (await client.post(f"/ofrep/v1/evaluate/flags/{key}", json=asked("ann", {}))).json()
    if "errorCode" in answer:
        return (answer["errorCode"],)
    return answer["variant"], answer["reason"], answer["metadata"]["phase"]


async def until(client: httpx.AsyncClient, key: str, seen: Callable[[tuple[Any, ...]], bool]) -> float:
    """The moment at which this client sees it."""
    async with asyncio.timeout(LONG):
        while True:
            if seen(await told(client, key)):
                return time.perf_counter()
            await asyncio.sleep(0.01)


@pytest.fixture
async def world(postgres_place: Place) -> AsyncIterator[World]:
    database = await postgres_place.open()
    world = world_on(database)
    await issue(world)
    yield world
    await database.close()


@pytest.fixture
async def replicas(postgres_place: Place, world: World) -> AsyncIterator[list[httpx.AsyncClient]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(replica(postgres_place.url)) for _ in range(2)]


async def everywhere(replicas: list[httpx.AsyncClient], key: str, *seen: tuple[Any, ...]) -> float:
    """How long it takes from now until every replica tells one of these."""
    begun = time.perf_counter()
    moments = await asyncio.gather(*(until(each, key, lambda answer: answer in seen) for each in replicas))
    return max(moments) - begun


async def test_each_change_is_seen_on_both(replicas: list[httpx.AsyncClient], world: World) -> None:
    await approve(world, "price", variants=arms(weight=10_000))
    took = {"approve": await everywhere(replicas, "price", ("control", "DISABLED", 0))}
    await execute(StartExperiment(key="price"), ADA, world)
    took["start"] = await everywhere(replicas, "price", TREATMENT)
    await execute(ConfigureTraffic(key="price", weights={"control": 10_000, "treatment": 0}), ADA, world)
    took["new weights"] = await everywhere(replicas, "price", ("control", "SPLIT", 2))
    await end(world, "price")
    took["stop"] = await everywhere(replicas, "price", ("control", "DISABLED", 2))
    await approve(world, "other", variants=arms(weight=10_000))
    await execute(StartExperiment(key="other"), ADA, world)
    await everywhere(replicas, "other", TREATMENT)
    await execute(RollBack(key="other"), ADA, world)
    took["roll back"] = await everywhere(replicas, "other", ("control", "DISABLED", 1))
    shown = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in took.items())
    sys.stdout.write(f"\nseen on both replicas after: {shown}\n")


@contextmanager
def taken_away(server: URL, name: str) -> Iterator[None]:
    """The database lets nobody in and throws out whoever is in."""

    def admin(statement: sql.Composed) -> None:
        with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement)

    lets_in = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    admin(lets_in.format(sql.Identifier(name), sql.SQL("false")))
    admin(sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(name))
    try:
        yield
    finally:
        admin(lets_in.format(sql.Identifier(name), sql.SQL("true")))


async def test_without_the_database_they_serve_on_and_catch_up_afterwards(
    replicas: list[httpx.AsyncClient], world: World, postgres_place: Place, postgres_server: URL
) -> None:
    await approve(world, "price", variants=arms(weight=10_000))
    await execute(StartExperiment(key="price"), ADA, world)
    await everywhere(replicas, "price", TREATMENT)
    answered = 0
    with taken_away(postgres_server, str(make_url(postgres_place.url).database)):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(postgres_place.url)
        gone_until = time.perf_counter() + 1.0
        while time.perf_counter() < gone_until:
            assert [await told(each, "price") for each in replicas] == [TREATMENT, TREATMENT]
            answered += 2
    await execute(RollBack(key="price"), ADA, world)
    caught_up = await everywhere(replicas, "price", ("control", "DISABLED", 1))
    sys.stdout.write(f"\n{answered} evaluations without the database; rollback seen {caught_up:.2f} s afterwards\n")
