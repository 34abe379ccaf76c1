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
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import count, cycle
from pathlib import Path

import httpx
import psutil

from bot.connectors.events import EventStore
from tests.bot.connectors.events.examples import exposure, lines, observation, units
from tests.bot.crash.ingesting import PROJECT
from tests.bot.scenario.lab import eventually

KILLS = 24 * int(os.environ.get("LONGER", "1"))
AT_ONCE = 3
CLIENTS = 4
EVENTS = 20
LONGEST_LIFE = 0.5
NOWHERE = "http://127.0.0.1:9/none"
SEND_AGAIN = (429, 503)
"""Too many at once, or the disk or the catalogue was busy for too long."""


class Nursery:
    """Where the server processes on one folder come from."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._born, self._wanted = process.stdout, process.stdin
        self._one_at_a_time = asyncio.Lock()

    async def server(self) -> tuple[int, str]:
        """Process id and address of another one."""
        async with self._one_at_a_time:
            self._wanted.write(b"live\n")
            number, url = (await self._born.readline()).decode().split()
            return int(number), url


@asynccontextmanager
async def nursery(folder: Path) -> AsyncIterator[Nursery]:
    command = [sys.executable, "-m", "tests.bot.crash.ingesting", str(folder)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    yield Nursery(process)
    await process.communicate(b"")
    assert process.returncode == 0


class Server:
    """Server processes, each killed and followed by the next."""

    def __init__(self, seed: int) -> None:
        self.url = NOWHERE
        self._random = random.Random(seed)

    async def live_and_die(self, lives: int, born: Nursery) -> None:
        for _ in range(lives):
            await self.live(born, asyncio.sleep(self._random.random() * LONGEST_LIFE))

    async def live(self, born: Nursery, life: Awaitable[object]) -> None:
        """Live for so long, and be gone: what is killed may still end what it has asked the system for."""
        number, self.url = await born.server()

        async def is_gone() -> bool:
            return not psutil.pid_exists(number)

        await life
        os.kill(number, signal.SIGKILL)
        await eventually(is_gone)


class Application:
    """Sends batch after batch to whichever server lives, each until it is acknowledged, and many of them again."""

    def __init__(self, name: str, servers: list[Server]) -> None:
        self.sent: list[str] = []
        self.acknowledged: list[str] = []
        self.unanswered = self.sent_again = 0
        self._name = name
        self._servers = servers

    async def send(self) -> None:
        async with httpx.AsyncClient(headers={"Content-Type": "application/x-ndjson"}, timeout=10) as client:
            for number in count():
                names = [f"{self._name}-{number}-{n}" for n in range(EVENTS)]
                self.sent += names
                now = datetime.now(UTC).isoformat()
                body = lines(*((exposure, observation)[n % 2](name, time=now) for n, name in enumerate(names)))
                await self._acknowledged(client, body, f"key-of-{names[0]}")
                self.acknowledged += names
                if number % 2:
                    assert await self._acknowledged(client, body, f"key-of-{names[0]}")
                    self.sent_again += 1

    async def _acknowledged(self, client: httpx.AsyncClient, body: bytes, key: str) -> bool:
        """Whether it was there already."""
        for server in cycle(self._servers):
            try:
                answer = await client.post(server.url, content=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                self.unanswered += 1
                await asyncio.sleep(0.02)
                continue
            if answer.status_code in SEND_AGAIN:
                self.unanswered += 1
                await asyncio.sleep(0.02)
                continue
            assert answer.status_code == 202, answer.text
            assert answer.json()["accepted"] == EVENTS
            return bool(answer.json()["repeated"])
        raise AssertionError


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


async def test_every_acknowledged_event_is_there_once_after_any_kill(tmp_path: Path) -> None:
    servers = [Server(seed) for seed in range(AT_ONCE)]
    applications = [Application(f"app{number}", servers) for number in range(CLIENTS)]
    store = EventStore(tmp_path, partial(datetime.now, UTC))
    work = [asyncio.create_task(each.send()) for each in applications]
    reader = asyncio.create_task(read_along(store))

    async def all_were_heard() -> bool:
        return all(each.acknowledged for each in applications)

    async with nursery(tmp_path) as born:
        await asyncio.gather(*(each.live_and_die(KILLS // AT_ONCE, born) for each in servers))
        await servers[0].live(born, eventually(all_were_heard))
    for each in work:
        each.cancel()
    ends = await asyncio.gather(*work, return_exceptions=True)
    assert [type(end) for end in ends] == [asyncio.CancelledError] * CLIENTS, ends
    reader.cancel()
    seen = await reader
    there = units(store.files(PROJECT))
    acknowledged = {name for each in applications for name in each.acknowledged}
    sent = {name for each in applications for name in each.sent}
    counts = (
        f"{KILLS} kills among {AT_ONCE} servers on one folder: {len(sent):,} events sent, {len(acknowledged):,} "
        f"acknowledged, {len(there):,} there; {sum(each.unanswered for each in applications):,} requests unanswered "
        f"and repeated, {sum(each.sent_again for each in applications):,} acknowledged batches sent again; "
        f"lost {len(acknowledged - there.keys())}, double {sum(times > 1 for times in there.values())}"
    )
    print(counts)  # noqa: T201
    assert acknowledged
    assert acknowledged <= there.keys() <= sent, counts
    assert set(there.values()) == {1}, counts
    assert seen == there
