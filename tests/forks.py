"""Processes for tests that kill them: forked from one that has imported what they run, which takes a second each time.

The first is a fresh interpreter that runs nothing but imports, so that nothing of the test is in them: no loop, no
thread, no open database.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import sys
from collections.abc import Callable, Coroutine
from typing import Any

MODULES = (
    "tests.bot.crash.replica",
    "tests.bot.crash.ticker",
    "tests.bot.crash.watcher",
    "tests.crash.changer",
    "tests.crash.claimer",
)

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([*MODULES, "storage.postgres"])


class Fork:
    """A process that runs `main` with these arguments, and says and is told things in lines."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, process: Any) -> None:
        self._reader = reader
        self._writer = writer
        self._process = process

    @classmethod
    async def running(cls, main: Callable[..., Coroutine[Any, Any, None]], *arguments: object) -> Fork:
        ours, theirs = socket.socketpair()
        process = _context.Process(target=_run, args=(main, arguments, theirs), daemon=True)
        await asyncio.to_thread(process.start)
        theirs.close()
        return cls(*await asyncio.open_connection(sock=ours), process)

    async def line(self) -> str:
        """The next line it says; nothing when it has ended."""
        return (await self._reader.readline()).decode()

    async def told(self, line: str) -> None:
        self._writer.write(f"{line}\n".encode())
        await self._writer.drain()

    def kill(self) -> None:
        self._process.kill()

    async def ended(self) -> tuple[int, str]:
        """How it ended, as a process's return code, and what else it said."""
        said = (await self._reader.read()).decode()
        self._writer.close()
        await asyncio.to_thread(self._process.join)
        code: int = self._process.exitcode
        self._process.close()
        return code, said


def _run(main: Callable[..., Coroutine[Any, Any, None]], arguments: tuple[object, ...], line: socket.socket) -> None:
    sys.stdin, sys.stdout = line.makefile("r"), line.makefile("w")
    asyncio.run(main(*arguments))
    sys.stdout.flush()
