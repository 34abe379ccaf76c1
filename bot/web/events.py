"""`POST /v1/events`: a body of JSON Lines becomes a batch in the event store, or an answer that says why not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import msgspec

from bot.connectors.events import EventStore
from bot.connectors.events.refusals import (
    BadLines,
    KeyConflict,
    NotStored,
    NotTaken,
    Overloaded,
    Problem,
    TooLarge,
)

MOST_BYTES = 8 * 2**20
SENDING_SECONDS = 30.0
JSON_LINES = {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}
KEY = re.compile(r"[\x20-\x7e]{8,200}")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class BadRequest(NotTaken):
    """A header that cannot be used, or a body that did not come."""


class BadMethod(NotTaken):
    pass


class BadType(NotTaken):
    pass


class TooSlow(NotTaken):
    pass


STATUS: Mapping[type[NotTaken], int] = {
    BadLines: 400,
    BadRequest: 400,
    BadMethod: 405,
    TooSlow: 408,
    KeyConflict: 409,
    TooLarge: 413,
    BadType: 415,
    Overloaded: 429,
    NotStored: 503,
}


async def accept(scope: Scope, receive: Receive, send: Send, project: str, store: EventStore) -> None:
    """Answer one request whose right to send events of this project was checked before."""
    try:
        answer = await _taken(scope, receive, project, store)
    except NotTaken as refusal:
        await _answer(send, STATUS[type(refusal)], _words_of(refusal), refusal.retry_after)
    except ConnectionResetError:
        return
    else:
        await _answer(send, 202, answer)


async def _taken(scope: Scope, receive: Receive, project: str, store: EventStore) -> dict[str, Any]:
    headers = {name.lower(): value.decode("latin-1").strip() for name, value in scope["headers"]}
    if scope["method"] != "POST":
        raise BadMethod(Problem(0, "", "events are sent with POST"))
    gzipped, key, size = _require_type(headers), _key(headers), _size(headers)
    with store.room(size):
        content = await _body(receive)
        receipt = await store.accept(project, content, key=key, gzipped=gzipped)
    return {"accepted": receipt.accepted, "repeated": receipt.repeated}


def _require_type(headers: Mapping[bytes, str]) -> bool:
    """Whether the body is packed; refused when it is nothing we can read."""
    kind, _, parameters = headers.get(b"content-type", "").lower().partition(";")
    charset = dict(part.strip().partition("=")[::2] for part in parameters.split(";")).get("charset", "utf-8")
    if kind.strip() not in JSON_LINES or charset.strip('"') not in ("utf-8", "utf8"):
        raise BadType(Problem(0, "Content-Type", "send JSON Lines in UTF-8 as application/x-ndjson"))
    encoding = headers.get(b"content-encoding", "identity").lower()
    if encoding not in ("gzip", "x-gzip", "identity"):
        raise BadType(Problem(0, "Content-Encoding", "send the body as it is, or packed with gzip"))
    return encoding != "identity"


def _key(headers: Mapping[bytes, str]) -> str:
    key = headers.get(b"idempotency-key")
    if key is not None and not KEY.fullmatch(key):
        raise BadRequest(Problem(0, "Idempotency-Key", "a key has 8 to 200 printable ASCII characters"))
    return key or ""


def _size(headers: Mapping[bytes, str]) -> int:
    """How much may come: what was announced, or else the most."""
    announced = headers.get(b"content-length", "")
    size = int(announced) if announced.isdecimal() else MOST_BYTES
    if size > MOST_BYTES:
        raise _too_large()
    return size


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    try:
        async with asyncio.timeout(SENDING_SECONDS):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ConnectionResetError
                parts.append(message.get("body", b""))
                if (size := size + len(parts[-1])) > MOST_BYTES:
                    raise _too_large()
                more = message.get("more_body", False)
    except TimeoutError:
        raise TooSlow(Problem(0, "", f"the body did not come within {SENDING_SECONDS:.0f} seconds")) from None
    return b"".join(parts)


def _too_large() -> TooLarge:
    return TooLarge(Problem(0, "", f"the body has more than {MOST_BYTES:,} bytes; send it in several batches"))


def _words_of(refusal: NotTaken) -> dict[str, Any]:
    return {"errors": [each._asdict() for each in refusal.problems], "count": refusal.count}


async def _answer(send: Send, status: int, content: dict[str, Any], retry_after: int = 0) -> None:
    body = msgspec.json.encode(content)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if retry_after:
        headers.append((b"retry-after", str(retry_after).encode()))
    if status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
