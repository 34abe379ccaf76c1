"""Health: ready or not and why, a database that hangs hangs nothing else, and a real Prometheus reads the metrics."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from bot.connectors.outward import Outward
from bot.connectors.prometheus import Prometheus
from bot.telemetry import Telemetry
from bot.web.health import Health, Holds, health_pages
from bot.web.server import listening, site
from experiments.announcements import Announcement
from storage import Database
from tests.bot.connectors.prometheus.server import prometheus
from tests.bot.scenario.lab import eventually
from tests.databases import Place
from tests.patience import LONG
from tests.storage.samples import draft, world_on
from tests.worlds import MONDAY, WORKSPACE, MemoryWorld

HANGS = "The database does not answer."
ANNOUNCEMENT = Announcement(surface="note", stream="a", channel="C1", payload={})


@asynccontextmanager
async def served(
    database: Database, *, telemetry: Telemetry | None = None, seconds: float = 20.0
) -> AsyncIterator[tuple[httpx.AsyncClient, Health, MemoryWorld]]:
    """The pages over HTTP, in a world whose clock stands still."""
    bench = MemoryWorld()
    health = Health(database, bench.world, seconds)
    pages = health_pages(health, telemetry or Telemetry())
    async with (
        listening(site(pages), "127.0.0.1", 0) as address,
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=30) as client,
    ):
        yield client, health, bench
    await health.aclose()


async def readiness(client: httpx.AsyncClient) -> tuple[int, list[str]]:
    answer = await client.get("/readyz")
    said = answer.json()
    assert said["ready"] is (answer.status_code == 200)
    return answer.status_code, said["reasons"]


async def metrics(client: httpx.AsyncClient) -> dict[str, float]:
    answer = await client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {s.name: s.value for family in text_string_to_metric_families(answer.text) for s in family.samples}


def execute(place: Place, statement: str) -> None:
    """Change the database behind Bunsen's back."""
    if place.url.startswith("sqlite"):
        with closing(sqlite3.connect(place.url.removeprefix("sqlite:///"))) as connection:
            connection.execute(statement)
            connection.commit()
    else:
        with psycopg.connect(place.url, autocommit=True) as connection:
            connection.execute(statement.encode())


async def test_ready_when_everything_holds(database: Database) -> None:
    async with served(database) as (client, health, _):
        health.needs("Never said.", holding(True))
        assert await readiness(client) == (200, [])
        assert (await client.get("/healthz")).text == "ok"


@pytest.mark.parametrize("statement", ["UPDATE alembic_version SET version_num = '0001'", "DROP TABLE alembic_version"])
async def test_not_ready_where_migrations_are_missing(statement: str, database: Database, place: Place) -> None:
    execute(place, statement)
    async with served(database) as (client, _, _):
        status, [reason] = await readiness(client)
        found = await metrics(client)
    assert (status, "run `bunsen migrate`" in reason) == (503, True)
    assert found["bunsen_database_up"] == 1
    assert "bunsen_outbox_waiting" not in found


async def test_not_ready_until_each_need_holds(sqlite_place: Place) -> None:
    loaded = [False]

    async def is_loaded() -> bool:
        return loaded[0]

    database = await sqlite_place.open()
    async with served(database) as (client, health, _):
        health.needs("The flags were never loaded.", is_loaded)
        health.needs("Slack is not connected.", holding(False))
        assert await readiness(client) == (503, ["The flags were never loaded.", "Slack is not connected."])
        loaded[0] = True
        assert await readiness(client) == (503, ["Slack is not connected."])
    await database.close()


def holding(value: bool) -> Holds:
    async def holds() -> bool:
        return value

    return holds


@contextmanager
def stopped(process: int) -> Iterator[None]:
    """The process stands still while inside, as one does whose disk or machine hangs."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def test_a_database_that_hangs_hangs_nothing_else(postgres_place: Place) -> None:
    database = await postgres_place.open()
    async with database.snapshot() as transaction:
        [(backend,)] = await transaction.rows(text("SELECT pg_backend_pid()"))
    async with served(database, seconds=0.2) as (client, health, _):
        with stopped(backend):
            assert await readiness(client) == (503, [HANGS])
            assert (await client.get("/healthz")).text == "ok"
            assert await readiness(client) == (503, [HANGS])
            found = await metrics(client)
            assert found["bunsen_database_up"] == 0
            assert "bunsen_outbox_lag_seconds" not in found
            asked = health.asking
        assert asked is not None
        await asked
        health._seconds = LONG
        assert await readiness(client) == (200, [])
    await database.close()


async def test_what_waits_is_counted_and_what_could_go_has_an_age(database: Database) -> None:
    async with served(database) as (client, _, bench):
        for key in ("checkout", "later"):
            await draft(world_on(database, bench), key)
        written = await metrics(client)
        assert written["bunsen_outbox_lag_seconds"] == 0
        async with database.uow(WORKSPACE) as uow:
            quiet = ANNOUNCEMENT.model_copy(update={"stream": "b", "due_at": MONDAY + timedelta(hours=9)})
            settling = ANNOUNCEMENT.model_copy(update={"stream": "c", "settle": 3.0})
            await uow.outbox.add([quiet], MONDAY - timedelta(hours=3), MONDAY)
            await uow.outbox.add([settling], MONDAY - timedelta(hours=2), MONDAY)
        assert (await metrics(client))["bunsen_outbox_lag_seconds"] == 0
        async with database.uow(WORKSPACE) as uow:
            await uow.outbox.add([ANNOUNCEMENT], MONDAY - timedelta(seconds=40), MONDAY)
            await uow.watches.add(["checkout"], MONDAY - timedelta(seconds=90))
            await uow.watches.add(["later"], MONDAY + timedelta(seconds=90))
        async with database.uow("TELSEWHERE") as uow:
            await uow.outbox.add([ANNOUNCEMENT], MONDAY - timedelta(days=4), MONDAY)
        found = await metrics(client)
        assert found["bunsen_outbox_waiting"] - written["bunsen_outbox_waiting"] == 3
        assert found["bunsen_outbox_lag_seconds"] == 40
        assert found["bunsen_monitor_lag_seconds"] == 90
        bench.clock.advance(hours=10)
        assert (await metrics(client))["bunsen_outbox_lag_seconds"] == 10 * 3600 + 2 * 3600


async def test_a_real_prometheus_reads_them(sqlite_place: Place, tmp_path: Path) -> None:
    telemetry, database = Telemetry(), await sqlite_place.open()
    telemetry.reads("bunsen_evaluations", lambda: 42)

    async def ack() -> None: ...

    await telemetry.timed("command", ack)()
    async with served(database, telemetry=telemetry) as (client, _, _):
        with prometheus(tmp_path, scrapes=client.base_url.netloc.decode()) as url:
            source = Prometheus(url, Outward(lambda: ("127.0.0.1",)))

            async def scraped() -> datetime | None:
                """A moment at which what was read last was read in time; what is stored of it stays as it is."""
                now = datetime.now(UTC)
                point = await source.value('up{job="{variant}"}', "bunsen", now, 60)
                return now if point and point[1] == 1.0 else None

            at = await eventually(scraped)
            for query, value in {
                'bunsen_evaluations_total{job="{variant}"}': 42.0,
                'bunsen_database_up{job="{variant}"}': 1.0,
                'sum(bunsen_acknowledgement_seconds_count{job="{variant}"})': 1.0,
                'count(process_resident_memory_bytes{job="{variant}"})': 1.0,
            }.items():
                point = await source.value(query, "bunsen", at, 60)
                assert point is not None, query
                assert point[1] == value
    await database.close()
