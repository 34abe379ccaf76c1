"""The clock and the dispatcher: whatever goes wrong in a tick, the next one comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import pytest
import structlog

from bot import schedule
from bot.schedule import ticking
from experiments.errors import Busy
from experiments.ports import World
from handlers.deliver import deliver_due
from tests.patience import LONG
from tests.storage.samples import draft
from tests.worlds import MemoryWorld


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG):
        while True:
            if true():
                return
            await asyncio.sleep(0.005)


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


def failing(errors: list[Exception], real: Callable[..., Awaitable[int]]) -> Callable[..., Awaitable[int]]:
    async def tick(*arguments: object) -> int:
        if errors:
            raise errors.pop()
        return await real(*arguments)

    return tick


@pytest.mark.parametrize("error", [Busy(), RuntimeError("ours"), OSError("theirs")])
async def test_the_dispatcher_survives_and_delivers_later(
    error: Exception, bench: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors, wake = [error], asyncio.Event()
    monkeypatch.setattr(schedule, "deliver_due", failing(errors, deliver_due))
    world = replace(bench.world, nudge=wake.set)
    with structlog.testing.capture_logs() as logs:
        async with ticking(world, wake, "UTC", seconds=60):
            await until(lambda: not errors)
            await draft(world)
            await until(lambda: bool(bench.slack.made("chat.postMessage")))
    assert logs[0]["event"] in ("put off", "failed")


async def test_a_nudge_is_answered_at_once(bench: MemoryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a dispatcher that looks by itself once in an hour."""
    looked: list[int] = []

    async def looks(world: World) -> int:
        found = await deliver_due(world)
        looked.append(found)
        return found

    monkeypatch.setattr(schedule, "deliver_due", looks)
    monkeypatch.setattr(schedule, "_dispatch", partial(schedule._dispatch, idle_seconds=3_600))
    wake = asyncio.Event()
    world = replace(bench.world, nudge=wake.set)
    async with ticking(world, wake, "UTC", seconds=60):
        await until(lambda: looked == [0])
        await draft(world)
        await until(lambda: bool(bench.slack.made("chat.postMessage")))


@pytest.mark.parametrize("name", ["run_due", "remind"])
async def test_jobs_and_reminders_tick_on_after_an_error(
    name: str, bench: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[Exception] = [RuntimeError("ours"), Busy()]
    ticks: list[World] = []

    async def real(world: World, *_: object) -> int:
        ticks.append(world)
        return 0

    monkeypatch.setattr(schedule, name, failing(errors, real))
    async with ticking(bench.world, asyncio.Event(), "UTC", seconds=0.02):
        await until(lambda: len(ticks) > 1)


async def test_leaving_waits_for_the_tick_under_way(bench: MemoryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, finish, finished = asyncio.Event(), asyncio.Event(), []

    async def slow(world: World, *_: object) -> int:
        begun.set()
        await finish.wait()
        finished.append(1)
        return 0

    monkeypatch.setattr(schedule, "run_due", slow)
    async with ticking(bench.world, asyncio.Event(), "UTC", seconds=0.02):
        await begun.wait()
        asyncio.get_running_loop().call_later(0.05, finish.set)
    assert finished == [1]


async def test_a_nudge_while_leaving_does_not_keep_it_here(bench: MemoryWorld) -> None:
    wake = asyncio.Event()
    async with asyncio.timeout(LONG):
        async with ticking(bench.world, wake, "UTC", seconds=60):
            await asyncio.sleep(0.05)
            wake.set()


async def test_after_leaving_nothing_runs_any_more(bench: MemoryWorld) -> None:
    wake = asyncio.Event()
    async with ticking(bench.world, wake, "UTC", seconds=0.02):
        pass
    await draft(bench.world)
    wake.set()
    await asyncio.sleep(0.05)
    assert not bench.slack.calls
