"""`POST /v1/events` over real HTTP: what is taken, and what each refusal says."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from bot.connectors.events import EventStore, Limits, batches
from bot.connectors.events.catalogue import Taken
from bot.web import events
from bot.web.plane import Accept
from bot.web.server import listening
from tests.bot.connectors.events.examples import NOW, exposure, lines, observation, units
from tests.bot.connectors.events.test_store import full_disk
from tests.bot.scenario.lab import eventually
from tests.patience import LONG

TYPE = {"Content-Type": "application/x-ndjson"}
KEY = {"Idempotency-Key": "batch-0001"}
BODY = lines(exposure(), observation())
LIMITS = Limits(batches=4, bytes=20 * 2**20, compaction_seconds=3600.0)
TAKEN = {"accepted": 2, "repeated": False}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EventStore]:
    store = EventStore(tmp_path, lambda: NOW, limits=LIMITS)
    async with store.running():
        yield store


@pytest.fixture
async def url(store: EventStore) -> AsyncIterator[str]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await events.accept(scope, receive, send, "shop", store)

    async with listening(app, "127.0.0.1", 0) as address:
        yield f"{address}/v1/events"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(headers=TYPE, timeout=30) as client:
        yield client


def told(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, field and words of an answer with a single problem of the batch as a whole."""
    [error] = answer.json()["errors"]
    assert (error["line"], answer.json()["count"]) == (0, 1)
    return answer.status_code, error["field"], error["problem"]


async def test_events_are_taken_once(url: str, client: httpx.AsyncClient, store: EventStore) -> None:
    answers = [await client.post(url, content=BODY, headers=KEY) for _ in range(2)]
    assert [(each.status_code, each.json()) for each in answers] == [(202, TAKEN), (202, {**TAKEN, "repeated": True})]
    assert answers[0].headers["content-type"] == "application/json"
    packed = await client.post(url, content=gzip.compress(BODY), headers={**KEY, "Content-Encoding": "gzip"})
    assert packed.json() == {**TAKEN, "repeated": True}
    assert units(store.files("shop")) == {"u1": 2}
    assert (store.counts.batches, store.counts.repeated, store.counts.events) == (3, 2, 2)


async def test_a_key_that_came_with_other_events_is_told(url: str, client: httpx.AsyncClient) -> None:
    await client.post(url, content=BODY, headers=KEY)
    answer = await client.post(url, content=lines(exposure()), headers=KEY)
    words = "this key came before with other events; a new batch needs a new key"
    assert told(answer) == (409, "Idempotency-Key", words)


async def test_bad_lines_are_told_and_nothing_is_taken(url: str, client: httpx.AsyncClient, store: EventStore) -> None:
    answer = await client.post(url, content=lines(exposure(), observation(value=None), exposure(phase=0, variant="")))
    assert answer.status_code == 400
    assert answer.json() == {
        "errors": [
            {"line": 2, "field": "value", "problem": "is null; it must be a number"},
            {
                "line": 3,
                "field": "variant",
                "problem": "is no key: 2 to 60 lower-case letters, digits and single hyphens between them, "
                "like checkout-button",
            },
            {"line": 3, "field": "phase", "problem": "is a whole number from 1 on"},
        ],
        "count": 2,
    }
    assert units(store.files("shop")) == {}
    assert store.counts.refused == 1


HEADERS: list[tuple[dict[str, str], int, str, str]] = [
    ({"Content-Type": "application/json"}, 415, "Content-Type", "send JSON Lines in UTF-8 as application/x-ndjson"),
    ({"Content-Type": "application/x-ndjson; charset=latin-1"}, 415, "Content-Type", "in UTF-8"),
    ({"Content-Encoding": "br"}, 415, "Content-Encoding", "as it is, or packed with gzip"),
    ({"Idempotency-Key": "short"}, 400, "Idempotency-Key", "8 to 200 printable ASCII characters"),
    ({"Idempotency-Key": "x" * 201}, 400, "Idempotency-Key", "8 to 200 printable ASCII characters"),
    ({"Idempotency-Key": "tab\tin the key"}, 400, "Idempotency-Key", "8 to 200 printable ASCII characters"),
    ({"Content-Encoding": "gzip"}, 400, "", "the body is not gzip, or it is damaged"),
]


@pytest.mark.parametrize(("headers", "status", "field", "words"), HEADERS)
async def test_headers_that_cannot_be_used_are_told(
    headers: dict[str, str], status: int, field: str, words: str, url: str, client: httpx.AsyncClient
) -> None:
    found = told(await client.post(url, content=BODY, headers=headers))
    assert found[:2] == (status, field)
    assert words in found[2]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": 'application/jsonl; charset="UTF-8"'},
        {"Content-Type": "Application/X-NDJSON", "Content-Encoding": "identity"},
        {"Idempotency-Key": " ".join("x" * 3 for _ in range(50))},
    ],
)
async def test_headers_may_be_spelled_otherwise(headers: dict[str, str], url: str, client: httpx.AsyncClient) -> None:
    assert (await client.post(url, content=BODY, headers=headers)).json() == TAKEN


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_that_is_too_large_is_not_read_to_its_end(
    announced: bool, url: str, client: httpx.AsyncClient, store: EventStore
) -> None:
    large = b"\n" * (events.MOST_BYTES + 1)

    async def unannounced() -> AsyncIterator[bytes]:
        for at in range(0, len(large), 2**20):
            yield large[at : at + 2**20]

    answer = await client.post(url, content=large if announced else unannounced())
    assert told(answer) == (413, "", "the body has more than 8,388,608 bytes; send it in several batches")
    with store.room(LIMITS.bytes):
        assert store.counts.overloaded == 0


async def test_a_bomb_is_too_large(url: str, client: httpx.AsyncClient) -> None:
    for line, words in ((b" " * 999 + b"\n", "67,108,864 bytes when unpacked"), (b"\n", "1,000,000 lines")):
        bomb = gzip.compress(line * (65 * 2**20 // len(line)), 9)
        answer = await client.post(url, content=bomb, headers={"Content-Encoding": "gzip"})
        assert told(answer) == (413, "", f"there are more than {words}")


async def test_too_many_at_once_are_asked_to_come_again(url: str, client: httpx.AsyncClient, store: EventStore) -> None:
    with store.room(LIMITS.bytes):
        answer = await client.post(url, content=BODY)
    assert told(answer) == (429, "", "too many batches are waiting; send it again in a second")
    assert answer.headers["retry-after"] == "1"
    assert (await client.post(url, content=BODY)).json() == TAKEN


async def test_a_flood_is_taken_or_refused_and_what_is_taken_is_there(
    url: str, client: httpx.AsyncClient, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, flooded = batches.put, threading.Event()

    def slowly(folder: Path, table: Any, taken: Taken) -> bool:
        assert flooded.wait(LONG)
        return put(folder, table, taken)

    async def is_flooded() -> bool:
        return store.counts.overloaded > 0

    monkeypatch.setattr(batches, "put", slowly)
    bodies = [lines(*(exposure(f"u{number}-{n}") for n in range(20))) for number in range(60)]
    flood = asyncio.gather(*(client.post(url, content=body) for body in bodies))
    await eventually(is_flooded)
    flooded.set()
    answers = await flood
    assert {each.status_code for each in answers} == {202, 429}
    taken = sum(each.status_code == 202 for each in answers)
    assert len(units(store.files("shop"))) == store.counts.events == 20 * taken


async def test_a_full_disk_is_told(url: str, client: httpx.AsyncClient, store: EventStore) -> None:
    await client.post(url, content=lines(exposure()))
    with full_disk() as logs:
        answer = await client.post(url, content=BODY, headers=KEY)
    assert told(answer) == (503, "", "the events could not be stored; send them again in a moment")
    assert answer.headers["retry-after"] == "5"
    assert [entry["event"] for entry in logs] == ["a batch of events could not be stored"]
    assert (await client.post(url, content=BODY, headers=KEY)).json() == TAKEN


async def test_a_page_of_another_origin_may_read_the_answer(url: str, client: httpx.AsyncClient) -> None:
    answer = await client.post(url, content=BODY, headers={"Origin": "https://shop.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in (await client.post(url, content=BODY)).headers


async def test_a_body_that_does_not_come_is_given_up(
    url: str, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "SENDING_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
    head = "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nContent-Length: 99\r\n\r\n{"
    writer.write(head.encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 408")
    writer.close()
    await writer.wait_closed()
    with store.room(LIMITS.bytes):
        assert store.counts.overloaded == 0


async def test_who_hangs_up_in_the_middle_leaves_nothing(
    url: str, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()
    room = store.room

    @contextmanager
    def watched(size: int) -> Iterator[None]:
        begun.set()
        try:
            with room(size):
                yield
        finally:
            ended.set()

    monkeypatch.setattr(store, "room", watched)
    _, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
    head = f"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nContent-Length: {len(BODY)}"
    writer.write(f"{head}\r\n\r\n".encode() + BODY[:-1])
    await begun.wait()
    writer.transport.abort()
    await ended.wait()
    assert units(store.files("shop")) == {}


def test_the_door_is_what_the_data_plane_calls(tmp_path: Path) -> None:
    door: Accept = partial(events.accept, store=EventStore(tmp_path, lambda: NOW))
    assert door
