"""One replica that delivers the outbox until it is empty, or kills itself with SIGKILL at a named step.

It prints "ready" when it may be waited for. Steps: claimed, posting, posted, delivered, never.
"""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.connectors.slack import SlackConnector
from experiments.repositories import UnitOfWork
from handlers.deliver import deliver_due
from storage import Database
from tests.mortal import say
from tests.worlds import MemoryWorld

STEPS = ("claimed", "posting", "posted", "delivered")


class MortalSlack(SlackConnector):
    """Slack, with a knife at the throat of whoever posts."""

    def __init__(self, api_url: str, at: Callable[[str], None]) -> None:
        super().__init__("xoxb-sandbox", api_url)
        self._at = at

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        if method != "chat.postMessage":
            return await super().call(method, **arguments)
        self._at("posting")
        answer = await super().call(method, **arguments)
        self._at("posted")
        return answer


async def main(api_url: str, database_url: str, workspace: str, step: str, shift: float) -> None:
    database = await Database.open(database_url)

    def at(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    commits = 0

    @asynccontextmanager
    async def uow(of: str) -> AsyncIterator[UnitOfWork]:
        nonlocal commits
        async with database.uow(of) as inner:
            yield inner
        commits += 1
        at("claimed" if commits == 1 else "delivered")

    def wall() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=shift)

    world = replace(
        MemoryWorld(workspace).world,
        uow=uow,
        reading=database.reading,
        wall=wall,
        slack=MortalSlack(api_url, at),
    )
    say("ready")
    waiting = 1
    while waiting:
        await deliver_due(world)
        async with database.reading(workspace) as reading:
            waiting = await reading.outbox.waiting()
    await database.close()
