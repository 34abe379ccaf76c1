"""A server of events killed at any instant keeps each acknowledged event once, and none twice.

LONGER=10 makes it ten times as many kills.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest

from bot.connectors.events import EventStore
from tests.bot.connectors.events.examples import exposure, lines, observation, units
from tests.bot.crash.ingesting import PROJECT

KILLS = 24 * int(os.environ.get("LONGER", "1"))
AT_ONCE = 3
CLIENTS = 4
EVENTS = 20
LONGEST_LIFE = 0.5
NOWHERE = "http://127.0.0.1:9/none"


class Server:
    """Server processes on one folder, each killed and followed by the next."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.url = NOWHERE
        self._folder = folder
        self._random = random.Random(seed)

    async def live_and_die(self, lives: int) -> None:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bot.crash.ingesting", str(self._folder), stdin=pipe, stdout=pipe
        )
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(lives):
            process.stdin.write(b"live\n")
            server, self.url = (await process.stdout.readline()).decode().split()
            await asyncio.sleep(self._random.random() * LONGEST_LIFE)
            os.kill(int(server), signal.SIGKILL)
        process.stdin.close()
        assert await process.wait() == 0


class Application:
    """Sends batch after batch, each again under its key until it is acknowledged, to whichever server lives."""

    def __init__(self, name: str, servers: list[Server]) -> None:
        self.sent: list[str] = []
        self.acknowledged: list[str] = []
        self.again = self.repeated = 0
        self._name = name
        self._servers = servers

    async def send(self) -> None:
        async with httpx.AsyncClient(headers={"Content-Type": "application/x-ndjson"}, timeout=10) as client:
            number = 0
            while True:
                number += 1
                await self._until_acknowledged(client, [f"{self._name}-{number}-{n}" for n in range(EVENTS)])

    async def _until_acknowledged(self, client: httpx.AsyncClient, names: list[str]) -> None:
        now = datetime.now(UTC).isoformat()
        body = lines(*((exposure, observation)[n % 2](name, time=now) for n, name in enumerate(names)))
        self.sent += names
        for server in self._round():
            try:
                answer = await client.post(server.url, content=body, headers={"Idempotency-Key": f"key-{names[0]}"})
            except httpx.TransportError:
                self.again += 1
                await asyncio.sleep(0.02)
                continue
            assert answer.status_code == 202, answer.text
            assert answer.json()["accepted"] == EVENTS
            self.repeated += answer.json()["repeated"]
            self.acknowledged += names
            return

    def _round(self) -> list[Server]:
        return [server for _ in range(100_000) for server in self._servers]


async def read_along(store: EventStore) -> Counter[str]:
    """What a reader sees who asks again and again for what is new."""
    seen: Counter[str] = Counter()
    mark = 0
    while True:
        try:
            found = await asyncio.to_thread(store.since, PROJECT, mark)
            seen += await asyncio.to_thread(units, found)
            mark = found.number
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            return seen + units(store.since(PROJECT, mark))


@pytest.mark.parametrize("seed", [0])
async def test_every_acknowledged_event_is_there_once_after_any_kill(seed: int, tmp_path: Path) -> None:
    servers = [Server(tmp_path, seed * 100 + number) for number in range(AT_ONCE)]
    applications = [Application(f"app{number}", servers) for number in range(CLIENTS)]
    store = EventStore(tmp_path, partial(datetime.now, UTC))
    work = [asyncio.create_task(each.send()) for each in applications]

    reader = asyncio.create_task(read_along(store))
    await asyncio.gather(*(each.live_and_die(KILLS // AT_ONCE) for each in servers))
    for each in work:
        each.cancel()
    assert {type(outcome) for outcome in await asyncio.gather(*work, return_exceptions=True)} == {
        asyncio.CancelledError
    }
    reader.cancel()
    seen = await reader
    there = units(store.files(PROJECT))
    acknowledged = {name for each in applications for name in each.acknowledged}
    sent = {name for each in applications for name in each.sent}
    counts = (
        f"{KILLS} kills of {AT_ONCE} servers on one folder: {len(sent):,} events sent, {len(acknowledged):,} "
        f"acknowledged, {len(there):,} there, {sum(each.again for each in applications):,} requests sent again, "
        f"{sum(each.repeated for each in applications):,} of them were there already; "
        f"lost {len(acknowledged - there.keys())}, double {sum(count > 1 for count in there.values())}"
    )
    print(counts)  # noqa: T201
    assert acknowledged
    assert sum(each.repeated for each in applications)
    assert acknowledged <= there.keys() <= sent, counts
    assert set(there.values()) == {1}, counts
    assert seen == there
