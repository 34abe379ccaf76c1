"""/readyz and /metrics: whether Bunsen can do its work now, and what Prometheus may know of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.telemetry import Telemetry
from experiments.errors import BunsenError
from experiments.ports import World
from storage import Database
from storage.lag import Lag, lag_of

SECONDS = 2.0
NO_STORE = {"Cache-Control": "no-store"}

Holds = Callable[[], Awaitable[bool]]

log = structlog.get_logger(__name__)


class Health:
    """What must hold for Bunsen to be ready, and what the database says of itself.

    The database has one question at a time to answer, however many ask and however long it takes: whoever asks waits
    `seconds` for it and no longer, and what hangs ties up one connection.
    """

    def __init__(self, database: Database, world: World, seconds: float = SECONDS) -> None:
        self._database = database
        self._world = world
        self._seconds = seconds
        self.asking: asyncio.Task[Lag | None] | None = None
        self._needs: list[tuple[str, Holds]] = []

    def needs(self, words: str, holds: Holds) -> None:
        """Say these words and be not ready where this does not hold."""
        self._needs.append((words, holds))

    async def lag(self) -> Lag | None:
        """How far behind Bunsen is; None when the database does not answer in time."""
        if self.asking is None or self.asking.done():
            self.asking = asyncio.create_task(self._ask())
        await asyncio.wait({self.asking}, timeout=self._seconds)
        return self.asking.result() if self.asking.done() else None

    async def reasons(self) -> list[str]:
        """Why Bunsen is not ready; none when it is."""
        found = await self.lag()
        reasons = [] if found else ["The database does not answer."]
        if found and not found.current:
            reasons.append("The tables of the database are not those of this version; run `bunsen migrate`.")
        return reasons + [words for words, holds in self._needs if not await holds()]

    async def aclose(self) -> None:
        """Ask no more."""
        if self.asking is not None:
            self.asking.cancel()
            await asyncio.gather(self.asking, return_exceptions=True)

    async def _ask(self) -> Lag | None:
        try:
            return await lag_of(self._database, self._world.workspace, self._world.now(), self._world.wall())
        except BunsenError as error:
            log.warning("the database does not say how it is", code=error.code)
            return None


def health_pages(health: Health, telemetry: Telemetry) -> list[Route]:
    """`/readyz` says 503 with the reasons when Bunsen is not ready; `/metrics` is what Prometheus scrapes."""

    async def readyz(request: Request) -> Response:
        reasons = await health.reasons()
        return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200, headers=NO_STORE)

    async def metrics(request: Request) -> Response:
        found = await health.lag()
        now = {"bunsen_database_up": float(found is not None)}
        if found and found.current:
            now["bunsen_outbox_waiting"] = found.waiting
            now["bunsen_outbox_lag_seconds"] = found.outbox_seconds
            now["bunsen_monitor_lag_seconds"] = found.monitor_seconds
        text, content_type = telemetry.exposition(now)
        return Response(text, media_type=None, headers={**NO_STORE, "Content-Type": content_type})

    return [Route("/readyz", readyz), Route("/metrics", metrics)]
