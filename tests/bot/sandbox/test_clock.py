"""The sandbox clock: rate, jumps, sleepers, and the timestamps it governs."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.workspace import Workspace
from tests.bot.sandbox.conftest import Lab
from tests.patience import LONG

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_standing_still_it_only_moves_when_moved() -> None:
    clock = Clock(START, rate=0)
    assert clock.now() == START
    clock.advance(3600)
    assert clock.now() == START + timedelta(hours=1)
    clock.set(START + timedelta(days=7))
    assert clock.now() == START + timedelta(days=7)


async def test_it_runs_as_fast_as_told() -> None:
    clock = Clock(START, rate=3600)
    await asyncio.sleep(0.02)
    assert clock.now() - START >= timedelta(minutes=1)


async def test_a_sleeper_wakes_when_the_clock_jumps_past_it() -> None:
    clock = Clock(START, rate=0)
    sleeper = asyncio.create_task(clock.sleep(300))
    await asyncio.sleep(0)
    clock.advance(299)
    await asyncio.sleep(0.01)
    assert not sleeper.done()
    clock.advance(1)
    await asyncio.wait_for(sleeper, LONG)


def test_it_refuses_to_run_backwards_or_without_a_zone() -> None:
    clock = Clock(START)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="backwards"):
        clock.rate = -1
    with pytest.raises(ValueError, match="zone"):
        clock.set(datetime(2026, 3, 2))  # noqa: DTZ001  a naive time is the point


async def test_timestamps_are_unique_and_increasing_even_when_time_stands_still() -> None:
    workspace = Workspace(clock=Clock(START, rate=0))
    channel = workspace.channel("C0EXPERIMENTS")
    stamps = [workspace.post(channel, "U0ADA", {"text": "hello"})["ts"] for _ in range(50)]
    assert stamps == sorted(set(stamps), key=float)
    assert stamps[0] == f"{int(START.timestamp())}.000000"


async def test_the_control_api_moves_it(lab: Lab) -> None:
    moved = await lab.control("clock", now="2026-03-02T09:00:00+00:00", rate=0)
    assert moved == {"ok": True, "now": "2026-03-02T09:00:00+00:00", "rate": 0.0}
    assert (await lab.control("clock", advance=3600))["now"] == "2026-03-02T10:00:00+00:00"
    assert (await lab.look("state", user="U0ADA"))["clock"] == {"now": "2026-03-02T10:00:00+00:00", "rate": 0.0}
    assert (await lab.control("clock", advance=-5))["detail"] == "The clock cannot run backwards."
