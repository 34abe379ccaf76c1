"""The two sides of the evaluation benchmark, each in a process of its own.

python -m benchmarks.evaluation_sides serve FOLDER EXPERIMENTS      prints its address and how long it took to load
python -m benchmarks.evaluation_sides load                          answers a line of JSON with a line of JSON
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvloop
from sqlalchemy import insert
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SECRET = "bun_" + "b" * 43
TEAM = "T0SANDBOX"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EMPTY, STARLETTE, FLAGS = "/empty", "/starlette", "/ofrep/v1/evaluate/flags"
PEOPLE = 20_000


class NoSlack:
    """All that is asked of Slack before anybody speaks to Bunsen."""

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return {"team_id": TEAM}


async def fill(url: str, count: int) -> None:
    """So many running experiments, each with what a real one carries, and one token."""
    from experiments.design import Design, Metric, MetricRole, Variant
    from experiments.model import Approval, Experiment, Status
    from experiments.policy import Policies
    from experiments.running import Phase
    from experiments.tokens import Scope, Token, digest_of
    from storage import Database
    from storage.experiments import columns
    from storage.tables import AUDIT, EXPERIMENT, POLICIES

    design = Design(
        hypothesis="If the button is larger, then more people press it, because they find it at once. " * 6,
        variants=(
            Variant(key="control", weight=5_000, is_control=True, config={"value": False}),
            Variant(key="treatment", weight=5_000, config={"value": True}),
        ),
        metrics=(Metric(key="conversion", role=MetricRole.PRIMARY), Metric(key="revenue", unit="EUR")),
    )
    approval = Approval(design_hash=design.hash, by="U0BO", at=NOW)
    phase = Phase(number=1, started_at=NOW, weights={"control": 5_000, "treatment": 5_000})
    token = Token(id="bench", name="bench", project="general", scopes=tuple(Scope), digest=digest_of(SECRET), ending="")
    database = await Database.open(url, migrate=True)
    async with database._engine.writing() as transaction:
        for number in range(count):
            experiment = Experiment(
                workspace=TEAM, key=f"flag-{number}", title=f"Larger button {number}", status=Status.RUNNING,
                design=design, owner="U0ADA", created_at=NOW, updated_at=NOW, approval=approval, phases=(phase,),
                started_at=NOW, started_by="U0ADA",
            )  # fmt: skip
            await transaction.change(insert(EXPERIMENT), columns(experiment))
        policies = Policies(version=1, tokens=(token,)).model_dump_json()
        await transaction.change(insert(POLICIES), {"workspace": TEAM, "version": 1, "body": policies})
        record = dict.fromkeys(("key", "command", "actor", "state_hash", "sentence", "previous", "hash"), "")
        numbers = {"workspace": TEAM, "number": 1, "at": NOW, "version_before": 0, "version_after": 1}
        await transaction.change(insert(AUDIT), {**record, **numbers, "payload": "{}"})
    await database.close()


async def serve(folder: str, count: str) -> None:
    """Bunsen's data plane as it is served, and two endpoints that do nothing on the same server."""
    from functools import partial

    from bot.exposures import Exposures
    from bot.serve import recording
    from bot.settings import Settings
    from bot.traffic import fresh
    from bot.web.events import accept
    from bot.web.ofrep import Ofrep
    from bot.web.plane import Buckets, Plane
    from bot.web.server import listening, site
    from bot.world import assemble

    url = f"sqlite:///{folder}/bench-{count}.db"
    await fill(url, int(count))
    settings = Settings(_env_file=None, database_url=url, data_dir=Path(folder, f"data-{count}"))

    async def nothing(request: Request) -> Response:
        return JSONResponse({})

    begin = {"type": "http.response.start", "status": 200,
             "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")]}  # fmt: skip
    end = {"type": "http.response.body", "body": b"{}"}

    async def empty(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send(begin)
            await send(end)

    async with assemble(settings, slack=NoSlack(), migrate=False) as assembly, assembly.events.running():
        begun, cost = time.perf_counter(), time.process_time()
        async with fresh(assembly.snapshot, assembly.world) as snapshot:
            loaded, cost = time.perf_counter() - begun, time.process_time() - cost
            assert len(snapshot) == int(count)
            ofrep = Ofrep(snapshot, Exposures(recording(assembly.events), assembly.world.now))
            behind, events = site([Route(STARLETTE, nothing, methods=["POST"])]), partial(accept, store=assembly.events)
            plane = Plane(snapshot, ofrep, behind, assembly.world.now, events, Buckets(10.0**9, 10.0**9))

            async with listening(empty, "127.0.0.1", 0) as floor, listening(plane, "127.0.0.1", 0) as address:
                about = {"address": address, "floor": floor, "loaded": loaded, "cost": cost, "pid": os.getpid()}
                print(json.dumps(about), flush=True)
                await asyncio.to_thread(sys.stdin.read)


def requests_of(address: str, path: str, flags: int) -> list[bytes]:
    """Requests of many people for many flags, ready to be sent."""
    host = urlsplit(address).netloc
    made = []
    for number in range(PEOPLE):
        where = f"{FLAGS}/flag-{number * 7919 % flags}" if path == "one" else FLAGS if path == "all" else path
        context = {"targetingKey": f"person-{number}", "country": "DE", "plan": "pro", "age": 31}
        body = json.dumps({"context": context})
        made.append(
            f"POST {where} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {SECRET}\r\nAccept: */*\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
    return made


class Connection(asyncio.Protocol):
    """One connection that is kept, with one request under way at a time; `answered` is told when it is free again."""

    def __init__(self, answered: Any) -> None:
        self._answered = answered
        self._missing = 0
        self.wrong = 0

    def connection_made(self, transport: Any) -> None:
        self.send = transport.write
        self.close = transport.close

    def data_received(self, data: bytes) -> None:
        if self._missing == 0:
            self.wrong += not data.startswith(b"HTTP/1.1 200")
            length = data.index(b"content-length: ") + 16
            body = data.index(b"\r\n\r\n") + 4
            self._missing = int(data[length : data.index(b"\r", length)]) + body
        self._missing -= len(data)
        if self._missing == 0:
            self._answered(self)


async def load(address: str, path: str, flags: int, seconds: float, connections: int, rate: float) -> dict[str, Any]:
    """As much as the server takes when `rate` is 0, else so many a second whether or not the last ones were answered;
    times count from when a request should have been sent."""
    requests = requests_of(address, path, flags)
    took: list[float] = []
    under_way: dict[Connection, float] = {}
    waiting: deque[float] = deque()
    free: list[Connection] = []
    sent = 0

    def go(connection: Connection, due: float) -> None:
        nonlocal sent
        under_way[connection] = due
        connection.send(requests[sent % PEOPLE])
        sent += 1

    def answered(connection: Connection) -> None:
        moment = time.perf_counter()
        took.append(moment - under_way.pop(connection))
        if moment > until:
            return
        if rate == 0:
            go(connection, moment)
        elif waiting:
            go(connection, waiting.popleft())
        else:
            free.append(connection)

    url, loop = urlsplit(address), asyncio.get_running_loop()
    all_of_them = [
        (await loop.create_connection(lambda: Connection(answered), url.hostname, url.port))[1]
        for _ in range(connections)
    ]
    begun = time.perf_counter()
    until = begun + seconds
    if rate == 0:
        for connection in all_of_them:
            go(connection, time.perf_counter())
        await asyncio.sleep(seconds)
    else:
        free += all_of_them
        due = begun
        while due < until:
            while due <= time.perf_counter():
                if free:
                    go(free.pop(), due)
                else:
                    waiting.append(due)
                due += 1 / rate
            await asyncio.sleep(0.0005)
    while True:
        if not under_way:
            break
        await asyncio.sleep(0.001)
    lasted = time.perf_counter() - begun
    for connection in all_of_them:
        connection.close()
    took.sort()
    return {
        "count": len(took),
        "a_second": len(took) / lasted,
        "median": took[len(took) // 2] * 1000,
        "p99": took[int(len(took) * 0.99)] * 1000,
        "wrong": sum(each.wrong for each in all_of_them),
    }


async def loads() -> None:
    """Do what each line asks for and say how it went."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await load(**json.loads(line))), flush=True)


if __name__ == "__main__":
    uvloop.run({"serve": serve, "load": loads}[sys.argv[1]](*sys.argv[2:]))
