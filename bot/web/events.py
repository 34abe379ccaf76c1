"""`POST /v1/events`: a body of JSON Lines becomes a batch in the event store, or an answer that says why not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

import msgspec
from starlette.types import Receive, Scope, Send

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
from bot.web.answer import Answer

MOST_BYTES = 8 * 2**20
SENDING_SECONDS = 30.0
JSON_LINES = {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}
KEY = re.compile(r"[\x20-\x7e]{8,200}")


class BadRequest(NotTaken):
    """A header that cannot be used, or a body that did not come."""


class BadType(NotTaken):
    pass


class TooSlow(NotTaken):
    pass


STATUS: Mapping[type[NotTaken], int] = {
    BadLines: 400,
    BadRequest: 400,
    TooSlow: 408,
    KeyConflict: 409,
    TooLarge: 413,
    BadType: 415,
    Overloaded: 429,
    NotStored: 503,
}


async def accept(scope: Scope, receive: Receive, send: Send, project: str, store: EventStore) -> None:
    """Answer one POST whose right to send events of this project was checked before."""
    headers = {name.lower(): value.decode("latin-1").strip() for name, value in scope["headers"]}
    try:
        answer = await _taken(headers, receive, project, store)
    except NotTaken as refusal:
        answer = _refused(refusal)
    except ConnectionResetError:
        return
    await send(answer.start_for_pages if b"origin" in headers else answer.start)
    await send(answer.body)


async def _taken(headers: Mapping[bytes, str], receive: Receive, project: str, store: EventStore) -> Answer:
    gzipped, key, size = _require_type(headers), _key(headers), _size(headers)
    with store.room(size):
        content = await _body(receive)
        receipt = await store.accept(project, content, key=key, gzipped=gzipped)
    return Answer(202, msgspec.json.encode({"accepted": receipt.accepted, "repeated": receipt.repeated}))


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


def _refused(refusal: NotTaken) -> Answer:
    problems = [each._asdict() for each in refusal.problems]
    later = [(b"retry-after", b"%d" % refusal.retry_after)] if refusal.retry_after else []
    content = msgspec.json.encode({"errors": problems, "count": refusal.count})
    return Answer(STATUS[type(refusal)], content, *later)
