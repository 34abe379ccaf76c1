"""The clock: a few interval ticks on APScheduler, each of which asks the database what is due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module

from experiments.ports import World
from handlers.booked import run_booked
from handlers.deliver import deliver_due
from handlers.guarded import guarded
from handlers.jobs import run_due
from handlers.readings import read_new
from handlers.reminders import remind
from handlers.tidy import tidy

MONITOR_SECONDS = 5.0
"""Canaries are looked at every half minute, so a tick of its own size would let that slip to a whole one."""


@asynccontextmanager
async def ticking(world: World, wake: asyncio.Event, tz: str, seconds: float = 30.0) -> AsyncIterator[None]:
    """Scheduled jobs and deliveries run while inside; `wake` has the dispatcher look at once."""
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    ticks: dict[str, Callable[[], Awaitable[int]]] = {
        "jobs": lambda: run_due(world, tz),
        "readings": lambda: read_new(world),
        "reminders": lambda: remind(world),
        "bookings": lambda: run_booked(world),
        "tidying": lambda: tidy(world),
        "monitor": lambda: _monitor(world),
    }
    scheduler, under_way = AsyncIOScheduler(timezone="UTC"), asyncio.Semaphore(len(ticks))

    async def run(name: str) -> None:
        async with under_way:
            await guarded(ticks[name](), "tick", tick=name)

    for name in ticks:
        every = min(seconds, MONITOR_SECONDS) if name == "monitor" else seconds
        scheduler.add_job(run, "interval", args=[name], seconds=every, id=name, max_instances=1, coalesce=True)
    scheduler.start()
    dispatcher = asyncio.create_task(_dispatch(world, wake))
    try:
        yield
    finally:
        scheduler.pause()
        for _ in ticks:
            await under_way.acquire()
        scheduler.shutdown(wait=False)
        dispatcher.cancel()
        await asyncio.gather(dispatcher, return_exceptions=True)


async def _monitor(world: World) -> int:
    """The statistics load with the first look, beside the event loop."""
    monitor = await asyncio.to_thread(import_module, "handlers.monitor")
    return int(await monitor.watch(world))


async def _dispatch(world: World, wake: asyncio.Event, idle_seconds: float = 1.0) -> None:
    while True:
        wake.clear()
        while await guarded(deliver_due(world), "tick", tick="outbox"):
            pass
        try:
            async with asyncio.timeout(idle_seconds):  # wait_for may swallow the cancellation when woken with it
                await wake.wait()
        except TimeoutError:
            continue
