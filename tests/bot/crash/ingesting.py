"""Servers that take events and compact all the time, until each is killed.

python -m tests.bot.crash.ingesting FOLDER

For each line on standard input it forks a server, which prints its process id and its address when it listens. What a
server needs is imported once, before the first, so that its life is long compared with its birth.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from starlette.types import Receive, Scope, Send

from bot.connectors.events import EventStore, Limits
from bot.connectors.events.intake import read
from bot.connectors.events.lines import Body
from bot.connectors.events.project import Project
from bot.web.events import accept
from bot.web.server import listening

PROJECT = "shop"


async def live(folder: str) -> None:
    store = EventStore(Path(folder), partial(datetime.now, UTC), limits=Limits(compaction_seconds=0.05))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await accept(scope, receive, send, PROJECT, store)

    async with store.running(), listening(app, "127.0.0.1", 0) as address:
        sys.stdout.write(f"{os.getpid()} {address}/v1/events\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main(folder: str) -> None:
    assert Project
    read(Body(b"{}"), datetime.now(UTC), timedelta(days=1))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        if not os.fork():
            asyncio.run(live(folder))


if __name__ == "__main__":
    main(sys.argv[1])
