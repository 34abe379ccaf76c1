"""A counter in Bunsen's place: answers evaluations by a hash, takes events, and refuses what it is told to refuse."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.visitors.door import Door
from bot.web.server import listening

TOKEN = "bun_0123456789012345678901234567890123456789012"


@dataclass
class Counter:
    """What came in, and what shall be answered next before anything is taken."""

    flags: tuple[str, ...] = ("checkout",)
    serving: bool = True
    evaluated: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    looked_up: list[str] = field(default_factory=list)
    batches: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    contexts: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[Response] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for batch in self.batches.values() for event in batch]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    def answer(self, key: str, unit: str) -> dict[str, Any]:
        variant = variant_of(unit) if self.serving else "control"
        metadata = {"experiment": key, "project": "general", "phase": 1, "exposed": self.serving, "why": "assigned"}
        reason = "SPLIT" if self.serving else "DISABLED"
        return {"key": key, "value": variant, "variant": variant, "reason": reason, "metadata": metadata}


def variant_of(unit: str) -> str:
    """Half of the units get treatment."""
    return "treatment" if zlib.crc32(unit.encode()) % 2 else "control"


@asynccontextmanager
async def served(counter: Counter) -> AsyncIterator[str]:
    """The counter's address while it is open."""

    def refused(request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"errorDetails": "This token is not known."}, 401)
        return counter.troubles.pop(0) if counter.troubles else None

    async def one(request: Request) -> Response:
        if trouble := refused(request):
            return trouble
        key, context = request.path_params["key"], (await request.json())["context"]
        if key not in counter.flags:
            return JSONResponse({"key": key, "errorCode": "FLAG_NOT_FOUND", "errorDetails": f"no flag {key}"}, 404)
        counter.contexts.append(context)
        counter.evaluated[key].append(context["targetingKey"])
        return JSONResponse(counter.answer(key, context["targetingKey"]))

    async def all_(request: Request) -> Response:
        if trouble := refused(request):
            return trouble
        unit = (await request.json())["context"]["targetingKey"]
        counter.looked_up.append(unit)
        unknown = {"key": "other", "errorCode": "PARSE_ERROR"}
        return JSONResponse({"flags": [unknown, *(counter.answer(key, unit) for key in counter.flags)]})

    async def events(request: Request) -> Response:
        assert request.headers["content-type"] == "application/x-ndjson"
        key = request.headers["idempotency-key"]
        counter.keys.append(key)
        if trouble := refused(request):
            return trouble
        lines = [json.loads(line) for line in (await request.body()).decode().split("\n")]
        repeated = key in counter.batches
        counter.batches[key] = lines
        return JSONResponse({"accepted": len(lines), "repeated": repeated}, 202)

    routes = [
        Route("/ofrep/v1/evaluate/flags/{key}", one, methods=["POST"]),
        Route("/ofrep/v1/evaluate/flags", all_, methods=["POST"]),
        Route("/v1/events", events, methods=["POST"]),
    ]
    async with listening(Starlette(routes=routes), "127.0.0.1", 0) as address:
        yield address


@asynccontextmanager
async def door_to(
    counter: Counter, token: str = TOKEN, most_waited: float = 60.0
) -> AsyncIterator[tuple[Door, list[float]]]:
    """A door to the counter, with the seconds it wanted to wait before it tried again."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async with served(counter) as address, Door(address, token, most_waited=most_waited, sleep=sleep) as door:
        yield door, waits
