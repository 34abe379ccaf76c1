"""Connections are kept, shared by many, replaced when the server closes them, and never mix up answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httptools
import pytest

from bot.visitors.wire import Response, Wire

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(serve: Serve) -> AsyncIterator[tuple[str, list[int]]]:
    """A server that hands each connection to `serve`, and counts connections."""
    opened: list[int] = []

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(1)
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    running = await asyncio.start_server(accepted, "127.0.0.1", 0)
    async with running:
        yield f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}/base/", opened


async def request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """The head and the body of the next request; an empty head at the end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return "", b""
    length = next(int(line.split(": ")[1]) for line in head.split("\r\n") if line.startswith("Content-Length"))
    return head, await reader.readexactly(length)


async def echoes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while (found := await request(reader))[0]:
        writer.write(
            b"HTTP/1.1 200 OK\r\nX-Path: %b\r\nTransfer-Encoding: chunked\r\n\r\n" % found[0].split()[1].encode()
        )
        body = found[1]
        await asyncio.sleep(0)
        writer.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))


async def test_many_share_few_connections_and_get_their_own_answers() -> None:
    async with server(echoes) as (url, opened), Wire(url, {"A": "b"}, connections=3) as wire:
        answers = await asyncio.gather(*(wire.post(f"/{n}", f"body {n}".encode()) for n in range(50)))
    assert [(answer.headers["x-path"], answer.body.decode()) for answer in answers] == [
        (f"/base/{n}", f"body {n}") for n in range(50)
    ]
    assert len(opened) == 3


async def test_a_connection_that_the_server_closes_is_replaced() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(b"HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")

    async with server(once) as (url, opened), Wire(url, {}, connections=1) as wire:
        for _ in range(3):
            assert await wire.post("/", b"x") == Response(202, {"connection": "close", "content-length": "2"}, b"ok")
    assert len(opened) == 3


async def test_an_informational_answer_is_not_the_answer() -> None:
    async def hints(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with server(hints) as (url, _), Wire(url, {}) as wire:
        assert (await wire.post("/", b"x"))[::2] == (200, b"ok")


async def test_half_an_answer_is_none() -> None:
    async def breaks_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nok")

    async with server(breaks_off) as (url, _), Wire(url, {}) as wire:
        with pytest.raises(ConnectionError):
            await wire.post("/", b"x")


async def test_what_is_not_http_is_no_answer() -> None:
    async def speaks_otherwise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(b"220 mail.example.com ESMTP\r\n")
        await reader.read()

    async with server(speaks_otherwise) as (url, _), Wire(url, {}) as wire:
        with pytest.raises(httptools.HttpParserError):
            await wire.post("/", b"x")


async def test_silence_ends_after_a_while_and_frees_the_place() -> None:
    async def is_silent_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if "silent" in (await request(reader))[0]:
            await reader.read()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with server(is_silent_once) as (url, _), Wire(url, {}, connections=1, patience=0.05) as wire:
        with pytest.raises(TimeoutError):
            await wire.post("/silent", b"x")
        wire._patience = 30
        assert (await wire.post("/", b"x")).body == b"ok"
