"""Servers on addresses of one's own and a name server that a test dictates."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@dataclass
class Stranger:
    """A server that answers everything with the same bytes, or hangs without any, and keeps what it was sent."""

    host: str
    port: int = 0
    answer: bytes | None = PLAIN
    heard: list[bytes] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(await reader.readuntil(b"\r\n\r\n"))
        if self.answer is None:
            await self.closing.wait()
        else:
            writer.write(self.answer)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def stranger(
    host: str = "127.0.0.1", port: int = 0, *, answer: bytes | None = PLAIN, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Stranger]:
    """It listens while inside."""
    met = Stranger(host, answer=answer)
    server = await asyncio.start_server(met.meet, host, port, ssl=tls)
    met.port = server.sockets[0].getsockname()[1]
    try:
        yield met
    finally:
        met.closing.set()
        server.close()
        await server.wait_closed()


class Names:
    """A name server: each question gets the next answer, the last one again and again."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        if not self.answers:
            raise OSError("There is no such name.")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
