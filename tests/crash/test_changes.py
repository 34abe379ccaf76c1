"""A process killed in the middle of its changes leaves each of them whole or not at all."""

import asyncio
import json
import signal
from collections import Counter

import psycopg
import pytest
from sqlalchemy import make_url, select

from experiments.announcements import CARD, Announcement
from storage import Database
from storage.tables import OUTBOX
from storage.verify import verify
from tests.bot.scenario.lab import eventually
from tests.crash import changer, claimer
from tests.crash.changer import FATAL_CHANGE, keys_of
from tests.databases import Place
from tests.forks import Fork
from tests.worlds import MONDAY, WORKSPACE


async def left_alone(place: Place) -> None:
    """Wait until nobody is connected: PostgreSQL goes on with what a process asked for before it was killed."""
    url = make_url(place.url)
    if url.get_backend_name() != "postgresql":
        return
    elsewhere = url.set(database="postgres").render_as_string(hide_password=False)
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = %s"
    async with await psycopg.AsyncConnection.connect(elsewhere, autocommit=True) as connection:

        async def nobody() -> bool:
            return await (await connection.execute(others, (url.database,))).fetchone() is None

        await eventually(nobody)


async def said_until_killed(process: Fork) -> list[str]:
    code, said = await process.ended()
    assert code == -signal.SIGKILL
    return said.splitlines()


async def kept(database: Database, name: str) -> Counter[str]:
    """How many changes of each experiment are there, after looking whether each of them is whole."""
    assert await verify(database, WORKSPACE) == []
    messages = select(OUTBOX.c.stream, OUTBOX.c.slot, OUTBOX.c.payload).where(OUTBOX.c.workspace == WORKSPACE)
    cards: Counter[str] = Counter()
    told: Counter[str] = Counter()
    async with database.snapshot() as transaction:
        for stream, slot, payload in await transaction.rows(messages):
            said = json.loads(payload)
            cards[stream] += slot == CARD
            told[stream] += len(said.get("changes", ())) + said.get("earlier", 0)
    versions: Counter[str] = Counter()
    async with database.reading(WORKSPACE) as reading:
        for key in keys_of(name):
            experiment = await reading.experiments.get(key)
            if experiment is None:
                continue
            records = await reading.audit.of(key)
            assert [record.version_after for record in records] == list(range(1, experiment.version + 1))
            assert len(await reading.notes.of(key)) == experiment.note_count == experiment.version - 1
            assert (cards[key], told[key]) == (1 + experiment.note_count, experiment.note_count)
            versions[key] = experiment.version
    return versions


@pytest.mark.parametrize(("step", "changes"), [("within", FATAL_CHANGE - 1), ("after", FATAL_CHANGE)])
async def test_a_process_that_dies_around_the_commit(step: str, changes: int, place: Place) -> None:
    said = await said_until_killed(await Fork.running(changer.main, place.url, "ada", step))
    assert len(said) == FATAL_CHANGE - 1
    await left_alone(place)
    database = await place.open()
    assert (await kept(database, "ada")).total() == changes
    await database.close()


@pytest.mark.parametrize("seen", [1, 7, 40])
async def test_a_process_killed_at_any_moment_keeps_what_it_said(seen: int, place: Place) -> None:
    process = await Fork.running(changer.main, place.url, "ada", "never")
    said = [await process.line() for _ in range(seen)]
    process.kill()
    said += [line for line in await said_until_killed(process) if line.count(" ") == 1]
    await left_alone(place)
    database = await place.open()
    versions = await kept(database, "ada")
    for key, version in (line.split() for line in said):
        assert versions[key] >= int(version)
    assert versions.total() - len(said) in (0, 1)
    await database.close()


async def test_two_processes_killed_while_both_change_leave_one_chain(postgres_place: Place) -> None:
    both = [await Fork.running(changer.main, postgres_place.url, name, "never") for name in ("ada", "bo")]
    for process in both:
        for _ in range(10):
            await process.line()
    for process in both:
        process.kill()
    await asyncio.gather(*(said_until_killed(process) for process in both))
    await left_alone(postgres_place)
    database = await postgres_place.open()
    for name in ("ada", "bo"):
        assert (await kept(database, name)).total() >= 10
    await database.close()


async def test_two_processes_never_claim_the_same_message(postgres_place: Place) -> None:
    database = await postgres_place.open()
    streams = [Announcement(surface="x", stream=f"stream {number}", channel="C1", payload={}) for number in range(120)]
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.add(streams, MONDAY)
    claimers = [await Fork.running(claimer.main, postgres_place.url, WORKSPACE) for _ in range(2)]
    for each in claimers:
        assert await each.line() == "ready\n"
    for each in claimers:
        await each.told("go")
    outputs = await asyncio.gather(*(each.ended() for each in claimers))
    assert [code for code, _ in outputs] == [0, 0]
    claimed = Counter(int(line) for _, said in outputs for line in said.splitlines())
    assert sorted(claimed.values()) == [1] * len(streams)
    await database.close()
