"""A replica killed at any step of a delivery loses nothing and posts nothing twice."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from dataclasses import replace

import pytest

from bot.sandbox.server import Sandbox
from experiments import announcements
from experiments.commands import AddNote, CreateExperiment
from experiments.execute import execute
from experiments.permissions import Actor
from storage import Database
from tests.bot.crash.replica import STEPS, main
from tests.databases import Place
from tests.forks import Fork
from tests.worlds import MemoryWorld

WORKSPACE = "T0SANDBOX"
ADA = Actor(workspace=WORKSPACE, user="U0ADA")
CHANNEL = "C0EXPERIMENTS"
NOTES = 4
LEASE_OVER = 120.0


@pytest.fixture(autouse=True)
def each_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message for each change, so that there is an order to keep."""
    monkeypatch.setattr(announcements, "SETTLE_SECONDS", 0.0)


async def write(database: Database, experiments: int) -> None:
    """Experiments with notes: a card and a thread line for each note."""
    world = replace(MemoryWorld().world, uow=database.uow, reading=database.reading)
    for number in range(experiments):
        await execute(CreateExperiment(key=f"exp-{number}", title=f"Exp {number}", channel=CHANNEL), ADA, world)
        for note in range(NOTES):
            await execute(AddNote(key=f"exp-{number}", text=f"note {number}-{note}"), ADA, world)


async def replica(sandbox: Sandbox, place: Place, step: str, shift: float) -> Fork:
    process = await Fork.running(main, sandbox.api_url, place.url, WORKSPACE, step, shift)
    assert await process.line() == "ready\n"
    return process


def said(sandbox: Sandbox) -> Counter[str]:
    """How often each note, and each card, stands in the channel."""
    counted: Counter[str] = Counter()
    for message in sandbox.workspace.channels[CHANNEL].messages:
        if message.get("thread_ts") in (None, message["ts"]):
            counted["card"] += 1
        for number in range(9):
            for note in range(NOTES):
                counted[f"{number}-{note}"] += f"note {number}-{note}" in str(message["blocks"])
    return counted


@pytest.mark.parametrize("step", STEPS)
async def test_a_killed_replica_loses_nothing_and_repeats_nothing(step: str, place: Place) -> None:
    database = await place.open()
    async with Sandbox() as sandbox:
        await write(database, experiments=1)
        first = await replica(sandbox, place, step, 0.0)
        assert await first.ended() == (-signal.SIGKILL, "")
        second = await replica(sandbox, place, "never", LEASE_OVER)
        assert await second.ended() == (0, "")
        expected = {"card": 1} | {f"0-{note}": 1 for note in range(NOTES)}
        assert {name: times for name, times in said(sandbox).items() if times} == expected
    await database.close()


@pytest.mark.parametrize("replicas", [2, 3])
async def test_replicas_side_by_side_post_once_though_one_dies(replicas: int, postgres_place: Place) -> None:
    database = await postgres_place.open()
    async with Sandbox() as sandbox:
        await write(database, experiments=5)
        mortal = await replica(sandbox, postgres_place, "posted", 0.0)
        assert await mortal.ended() == (-signal.SIGKILL, "")
        others = [await replica(sandbox, postgres_place, "never", LEASE_OVER) for _ in range(replicas)]
        assert await asyncio.gather(*(each.ended() for each in others)) == [(0, "")] * replicas
        expected = {"card": 5} | {f"{number}-{note}": 1 for number in range(5) for note in range(NOTES)}
        assert {name: times for name, times in said(sandbox).items() if times} == expected
    await database.close()


@pytest.mark.parametrize("step", STEPS)
async def test_a_burst_in_one_message_survives_a_kill(
    step: str, sqlite_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "SETTLE_SECONDS", 3.0)
    database = await sqlite_place.open()
    async with Sandbox() as sandbox:
        await write(database, experiments=1)
        first = await replica(sandbox, sqlite_place, step, 0.0)
        assert await first.ended() == (-signal.SIGKILL, "")
        second = await replica(sandbox, sqlite_place, "never", LEASE_OVER)
        assert await second.ended() == (0, "")
        expected = {"card": 1} | {f"0-{note}": 1 for note in range(NOTES)}
        assert {name: times for name, times in said(sandbox).items() if times} == expected
        assert len(sandbox.workspace.channels[CHANNEL].messages) == 2
    await database.close()


@pytest.mark.parametrize("step", ["claimed", "posted"])
async def test_a_burst_goes_on_while_its_first_part_is_told_and_the_teller_is_killed(
    step: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody has begun to tell takes nothing more along, for it may stand in the channel already."""
    monkeypatch.setattr(announcements, "SETTLE_SECONDS", 3.0)
    database = await place.open()
    world = replace(MemoryWorld().world, uow=database.uow, reading=database.reading)
    async with Sandbox() as sandbox:
        await write(database, experiments=1)
        for fatal in ("never", step):
            told = await replica(sandbox, place, fatal, LEASE_OVER)
            assert await told.ended() == (0 if fatal == "never" else -signal.SIGKILL, "")
            for text in {"never": ("note 1-0", "note 1-1"), step: ("note 1-2", "note 1-3")}[fatal]:
                await execute(AddNote(key="exp-0", text=text), ADA, world)
        last = await replica(sandbox, place, "never", 2 * LEASE_OVER)
        assert await last.ended() == (0, "")
        expected = {"card": 1} | {f"{number}-{note}": 1 for number in range(2) for note in range(NOTES)}
        assert {name: times for name, times in said(sandbox).items() if times} == expected
    await database.close()
