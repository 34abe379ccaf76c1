"""A process killed in the middle of its changes leaves each of them whole or not at all."""

import asyncio
import json
import signal
import sys
from collections import Counter

import pytest
from sqlalchemy import select

from experiments.announcements import CARD, Announcement
from storage import Database
from storage.tables import OUTBOX
from storage.verify import verify
from tests.crash.changer import FATAL_CHANGE, keys_of
from tests.databases import Place
from tests.worlds import MONDAY, WORKSPACE

PIPES = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}


async def start(module: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", f"tests.crash.{module}", *arguments, **PIPES)


async def said_until_killed(process: asyncio.subprocess.Process) -> list[str]:
    output, _ = await process.communicate()
    assert process.returncode == -signal.SIGKILL
    return output.decode().splitlines()


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


@pytest.mark.parametrize(("step", "changes"), [("before_commit", FATAL_CHANGE - 1), ("after_commit", FATAL_CHANGE)])
async def test_a_process_that_dies_around_the_commit(step: str, changes: int, place: Place) -> None:
    said = await said_until_killed(await start("changer", place.url, "ada", step))
    assert len(said) == FATAL_CHANGE - 1
    database = await place.open()
    assert (await kept(database, "ada")).total() == changes
    await database.close()


@pytest.mark.parametrize("seen", [1, 7, 40])
async def test_a_process_killed_at_any_moment_keeps_what_it_said(seen: int, place: Place) -> None:
    process = await start("changer", place.url, "ada", "never")
    assert process.stdout is not None
    said = [(await process.stdout.readline()).decode() for _ in range(seen)]
    process.kill()
    said += [line for line in await said_until_killed(process) if line.count(" ") == 1]
    database = await place.open()
    versions = await kept(database, "ada")
    for key, version in (line.split() for line in said):
        assert versions[key] >= int(version)
    assert versions.total() - len(said) in (0, 1)
    await database.close()


async def test_two_processes_killed_while_both_change_leave_one_chain(postgres_place: Place) -> None:
    both = [await start("changer", postgres_place.url, name, "never") for name in ("ada", "bo")]
    for process in both:
        assert process.stdout is not None
        for _ in range(10):
            await process.stdout.readline()
    for process in both:
        process.kill()
    await asyncio.gather(*(said_until_killed(process) for process in both))
    database = await postgres_place.open()
    for name in ("ada", "bo"):
        assert (await kept(database, name)).total() >= 10
    await database.close()


async def test_two_processes_never_claim_the_same_message(postgres_place: Place) -> None:
    database = await postgres_place.open()
    streams = [Announcement(surface="x", stream=f"stream {number}", channel="C1", payload={}) for number in range(120)]
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.add(streams, MONDAY)
    claimers = [await start("claimer", postgres_place.url, WORKSPACE) for _ in range(2)]
    for claimer in claimers:
        assert claimer.stdout is not None
        await claimer.stdout.readline()
    outputs = await asyncio.gather(*(claimer.communicate(b"go\n") for claimer in claimers))
    claimed = Counter(int(line) for output, _ in outputs for line in output.decode().splitlines())
    assert sorted(claimed.values()) == [1] * len(streams)
    await database.close()
