"""Durable events a second through HTTP, against a bare script that parses, writes and fsyncs the same batches.

    ./dev bench ingest [--batches 1500] [--rounds 4]

The server, what sends and the bare script run in a process each. Bare and served take turns, so that a machine that
gets slower for a while slows both. The server compacts at its usual pace meanwhile, and is asked in the end whether it
holds every event it acknowledged.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvloop

BATCH = 1_000
DIFFERENT = 50
CONNECTIONS = 16
TARGET, RATIO = 100_000, 0.5


def batches() -> list[bytes]:
    """Bodies as an application sends them: a fifth exposures, the rest observations, with attributes."""
    draw, now = random.Random(1), datetime.now(UTC)
    return [b"".join(_line(draw, now) for _ in range(BATCH)) for _ in range(DIFFERENT)]


def _line(draw: random.Random, now: datetime) -> bytes:
    event: dict[str, Any] = {
        "type": "observation",
        "metric": draw.choice(("revenue", "conversion")),
        "value": draw.random(),
    }
    if draw.random() < 0.2:
        event = {"type": "exposure", "experiment": "checkout-button", "variant": draw.choice(("control", "treatment"))}
    time = (now - timedelta(seconds=3600 * draw.random())).isoformat()
    about = {
        "unit": f"user-{draw.randrange(10**6)}",
        "time": time,
        "attributes": {"country": draw.choice(("DE", "FR"))},
    }
    return json.dumps(event | about, separators=(",", ":")).encode() + b"\n"


async def serve(folder: str) -> None:
    """The event store behind its door, until killed."""
    from starlette.types import Receive, Scope, Send

    from bot.connectors.events import EventStore
    from bot.web.events import accept
    from bot.web.server import listening

    store = EventStore(Path(folder), partial(datetime.now, UTC))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await accept(scope, receive, send, "bench", store)

    async with store.running(), listening(app, "127.0.0.1", 0) as address:
        print(address, flush=True)
        await asyncio.Event().wait()


async def send(address: str, count: int, first: int) -> None:
    """Send so many batches over some connections at once, each under a key of its own; print the seconds it took."""
    bodies, numbers = batches(), iter(range(first, first + count))
    took: list[float] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(urlsplit(address).hostname, urlsplit(address).port)
        for number in numbers:
            body = bodies[number % DIFFERENT]
            head = (
                "POST /v1/events HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-ndjson\r\n"
                f"Idempotency-Key: batch-{number:08}\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            begun = time.perf_counter()
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"}")
            took.append(time.perf_counter() - begun)
            assert answer.startswith(b"HTTP/1.1 202"), answer
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    print(time.perf_counter() - begun, statistics.median(took), sorted(took)[int(len(took) * 0.99)], flush=True)


def bare(folder: str, count: int) -> None:
    """Parse, write as Parquet and fsync so many batches one after the other; print the seconds it took."""
    import msgspec
    import pyarrow as pa
    import pyarrow.parquet as pq

    class Line(msgspec.Struct, gc=False):
        type: str
        unit: str
        time: datetime
        attributes: dict[str, str]
        experiment: str | None = None
        variant: str | None = None
        metric: str | None = None
        value: float | None = None

    decoder, bodies = msgspec.json.Decoder(Line), batches()
    names = ("type", "unit", "time", "experiment", "variant", "metric", "value")

    def write(number: int) -> None:
        rows = decoder.decode_lines(bodies[number % DIFFERENT])
        columns = {name: pa.array([getattr(row, name) for row in rows]) for name in names}
        columns["attributes"] = pa.array([msgspec.json.encode(row.attributes) for row in rows], pa.string())
        with Path(folder, f"{number}.parquet").open("wb") as file:
            pq.write_table(pa.table(columns), file)
            file.flush()
            os.fsync(file.fileno())

    write(0)
    begun = time.perf_counter()
    for number in range(count):
        write(number)
    print(time.perf_counter() - begun, flush=True)


@contextmanager
def process(*arguments: str) -> Iterator[str]:
    """A part of this benchmark in a process of its own; gives its first line."""
    command = [sys.executable, "-m", "benchmarks.ingest", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            if not (line := running.stdout.readline().strip()):
                raise SystemExit(f"{arguments[0]} did not run")
            yield line
        finally:
            running.kill()


def main(count: int, rounds: int) -> None:
    print(f"{BATCH:,} events a batch, {CONNECTIONS} connections, {count} batches a round")
    print(f"{'round':8} {'bare, events/s':>16} {'HTTP, events/s':>16} {'ratio':>8} {'median ms':>10} {'p99 ms':>8}")
    ratios, rates = [], []
    with tempfile.TemporaryDirectory() as folder, process("serve", folder) as address:
        for number in range(rounds + 1):
            with tempfile.TemporaryDirectory() as other, process("bare", other, str(count)) as line:
                raw = BATCH * count / float(line)
            with process("send", address, str(count), str(number * count)) as line:
                seconds, median, p99 = map(float, line.split())
            rate = BATCH * count / seconds
            name = str(number) if number else "warm-up"
            print(
                f"{name:8} {raw:16,.0f} {rate:16,.0f} {rate / raw:8.2f} {median * 1000:10.1f} {p99 * 1000:8.1f}",
                flush=True,
            )
            if number:
                ratios.append(rate / raw)
                rates.append(rate)
        held, sent = _held(folder), (rounds + 1) * count * BATCH
    rate, ratio = statistics.median(rates), statistics.median(ratios)
    print(f"median: {rate:,.0f} events/s (wanted {TARGET:,}), ratio {ratio:.2f} (wanted {RATIO})")
    print(f"held once each: {held:,} of {sent:,} acknowledged")


def _held(folder: str) -> int:
    import pyarrow.parquet as pq

    from bot.connectors.events import EventStore

    found = EventStore(Path(folder), partial(datetime.now, UTC)).files("bench")
    return sum(pq.read_metadata(path).num_rows for path in (*found.exposures, *found.observations))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", folder]:
            uvloop.run(serve(folder))
        case ["send", address, count, first]:
            uvloop.run(send(address, int(count), int(first)))
        case ["bare", folder, count]:
            bare(folder, int(count))
        case _:
            parser = argparse.ArgumentParser()
            parser.add_argument("--batches", type=int, default=1_500)
            parser.add_argument("--rounds", type=int, default=4)
            given = parser.parse_args()
            main(given.batches, given.rounds)
