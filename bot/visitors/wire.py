"""Wire: HTTP/1.1 over connections that stay open, at a small fraction of a general client's cost per request."""

from __future__ import annotations

import asyncio
import ssl
from types import TracebackType
from typing import NamedTuple, Self, cast
from urllib.parse import urlsplit

import httptools

from experiments.errors import BadInput

PORTS = {"http": 80, "https": 443}
UNREACHED = (OSError, TimeoutError, httptools.HttpParserError)


class Response(NamedTuple):
    """What a server answered; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._parser: httptools.HttpResponseParser | None = None
        self._answer: asyncio.Future[Response] | None = None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    async def send(self, request: bytes) -> Response:
        """Write a request and wait for its answer."""
        if self.transport is None:
            raise ConnectionResetError("the connection is closed")
        self._headers, self._body = {}, []
        self._parser = httptools.HttpResponseParser(self)
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            if self._parser is not None:
                self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(error)
            if self.transport is not None:
                self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self.closed.set_result(None)
        self._fail(exc or ConnectionResetError("the server closed the connection"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        parser, answer = self._parser, self._answer
        if parser is None or answer is None:
            return
        if parser.get_status_code() < 200:
            return
        if not parser.should_keep_alive() and self.transport is not None:
            self.transport.close()
        self._parser = self._answer = None
        if not answer.done():
            answer.set_result(Response(parser.get_status_code(), self._headers, b"".join(self._body)))

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


class Wire:
    """Requests to one server over at most `connections` connections; leaves the rest waiting."""

    def __init__(self, url: str, headers: dict[str, str], *, connections: int = 16, patience: float = 30.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise BadInput(f"{url} is no address; use one like http://127.0.0.1:8080.", field="url")
        self._host, self._port = parts.hostname, parts.port or PORTS[parts.scheme]
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._prefix = parts.path.rstrip("/")
        fixed = {"Host": parts.netloc.rpartition("@")[2], **headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in fixed.items())
        self._patience = patience
        self._free = asyncio.Semaphore(connections)
        self._idle: list[_Connection] = []
        self._all: set[_Connection] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._all:
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.gather(*(connection.closed for connection in self._all))

    async def post(self, path: str, body: bytes, *headers: str) -> Response:
        """The answer to a POST, whatever its status; one of `UNREACHED` where there is none."""
        extra = "".join(f"{header}\r\n" for header in headers)
        head = f"POST {self._prefix}{path} HTTP/1.1\r\n{self._head}{extra}Content-Length: {len(body)}\r\n\r\n"
        async with self._free, asyncio.timeout(self._patience):
            connection = self._kept() or await self._connect()
            answered = False
            try:
                answer = await connection.send(head.encode() + body)
                answered = True
            finally:
                if not answered and connection.transport is not None:
                    connection.transport.abort()
                if answered and connection.is_open:
                    self._idle.append(connection)
                else:
                    self._all.discard(connection)
            return answer

    def _kept(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
            self._all.discard(connection)
        return None

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._host, self._port, ssl=self._tls)
        self._all.add(connection)
        return connection
