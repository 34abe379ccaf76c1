"""An answer of the data plane: JSON that is made into ASGI messages once and sent as often as it is given."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json")
# Any page may ask, because what lets it in is a token in a header and never a cookie.
ANY_PAGE: Header = (b"access-control-allow-origin", b"*")
READABLE: Header = (b"access-control-expose-headers", b"ETag, Retry-After")


class Answer:
    """A status and a JSON text. Whether it may be read by a page of another origin is up to `send`."""

    __slots__ = ("body", "content", "start", "status")

    def __init__(self, status: int, content: bytes, *headers: Header) -> None:
        self.status = status
        self.content = content
        start = _start(status, len(content))
        self.start = {**start, "headers": [*start["headers"], *headers]} if headers else start
        self.body: dict[str, Any] = {"type": "http.response.body", "body": content}

    @property
    def start_for_pages(self) -> dict[str, Any]:
        """How it starts when the page of another origin asked."""
        return {**self.start, "headers": [*self.start["headers"], ANY_PAGE, READABLE]}


@lru_cache(maxsize=1024)
def _start(status: int, length: int) -> dict[str, Any]:
    """How an answer starts: one object for all that start alike, so that it stays in the processor's cache."""
    # An answer that has no content has no type and no length either.
    described = [] if status in (204, 304) else [JSON, (b"content-length", b"%d" % length)]
    return {"type": "http.response.start", "status": status, "headers": described}


def refusal(status: int, code: str, details: str, *headers: Header, **about: str) -> Answer:
    """An answer that says what is wrong, in the words of OFREP."""
    content = msgspec.json.encode({**about, "errorCode": code, "errorDetails": details})
    return Answer(status, content, *headers)
