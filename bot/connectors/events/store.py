"""The event store: batches come in over HTTP or from evaluation, files go out to whoever aggregates."""

from __future__ import annotations

import asyncio
import hashlib
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.connectors.events.lines import Body
from bot.connectors.events.recorder import Recorder
from bot.connectors.events.refusals import BadLines, NotStored, Overloaded, Problem
from bot.connectors.events.wire import Exposure
from handlers.guarded import guarded

if TYPE_CHECKING:
    from bot.connectors.events.project import Generation, Project, Receipt

FOLDER_NAME = re.compile(r"[a-z0-9-]{1,64}")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait at once, and how often the files are put in order."""

    batches: int = 256
    bytes: int = 128 * 2**20
    threads: int = 8
    compaction_seconds: float = 30.0
    recorded: int = 100_000
    recording_seconds: float = 0.5


@dataclass(slots=True)
class Counts:
    """Since the start, for whoever watches; `dropped` are exposures of evaluation that could not be kept."""

    events: int = 0
    batches: int = 0
    repeated: int = 0
    refused: int = 0
    overloaded: int = 0
    failed: int = 0
    dropped: int = 0


class EventStore:
    """The events of every project below one folder, which replicas may share.

    `files` and `since` block and belong into a thread; the rest is for the event loop. It may be used without
    `running`, but then nothing is compacted unless somebody reads, and what is recorded stays in memory.
    """

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime],
        *,
        retention_days: int = 90,
        limits: Limits | None = None,
    ) -> None:
        self.counts = Counts()
        self._folder = folder / "events"
        self._now = now
        self._retention = timedelta(days=retention_days)
        self._limits = limits or Limits()
        self._projects: dict[str, Project] = {}
        self._opening = threading.Lock()
        self._pool = ThreadPoolExecutor(self._limits.threads, thread_name_prefix="events")
        self._tidying = ThreadPoolExecutor(1, thread_name_prefix="compaction")
        self._recorder = Recorder(self._keep, self.counts, self._limits.recorded)
        self._waiting_batches = self._waiting_bytes = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Files are put in order and recorded exposures written while inside; all of them on leaving."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._tidying, self._begin)
        work = [
            asyncio.create_task(self._every(self._limits.compaction_seconds, self._tidying, self._tidy)),
            asyncio.create_task(self._every(self._limits.recording_seconds, self._pool, self._recorder.drain)),
        ]
        try:
            yield
        finally:
            for each in work:
                each.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            await asyncio.to_thread(self._close)

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        """Room for a batch of so many bytes, from before it is read until it is kept, or `Overloaded`."""
        full = self._waiting_batches >= self._limits.batches or self._waiting_bytes + size > self._limits.bytes
        if full and self._waiting_batches:
            self.counts.overloaded += 1
            raise Overloaded(Problem(0, "", "too many batches are waiting; send it again in a second"), retry_after=1)
        self._waiting_batches += 1
        self._waiting_bytes += size
        try:
            yield
        finally:
            self._waiting_batches -= 1
            self._waiting_bytes -= size

    async def accept(self, project: str, content: bytes, *, key: str = "", gzipped: bool = False) -> Receipt:
        """Keep a batch; when this returns its events last, each once however often it comes. Raises `NotTaken`."""
        work = asyncio.get_running_loop().run_in_executor(self._pool, self._take, project, content, key, gzipped)
        try:
            receipt = await work
        except NotStored as error:
            self.counts.failed += 1
            log.error("a batch of events could not be stored", project=project, why=str(error.__cause__))
            raise
        except BadLines:
            self.counts.refused += 1
            raise
        self.counts.batches += 1
        self.counts.repeated += receipt.repeated
        self.counts.events += 0 if receipt.repeated else receipt.accepted
        return receipt

    def record(self, project: str, rows: Iterable[Exposure]) -> None:
        """Exposures of evaluation, written within a second; from the event loop, and never waits."""
        self._recorder.add(project, rows)

    def files(self, project: str) -> Generation:
        """Every event of the project that was accepted before this call."""
        return self.since(project, 0)

    def since(self, project: str, watermark: int) -> Generation:
        """The events that came after the generation of this number, the `number` of an earlier answer."""
        until = self._now()
        return self._project(project).since(watermark, until)

    def _take(self, project: str, content: bytes, key: str, gzipped: bool) -> Receipt:
        body = Body(content, gzipped=gzipped)
        return self._project(project).take(body, key, self._now(), self._retention)

    def _keep(self, project: str, content: bytes, key: str) -> int:
        """Keep what evaluation recorded; how many exposures break the rules and were left out."""
        receipt = self._project(project).take(Body(content), key, self._now(), self._retention, keep_good=True)
        self.counts.events += receipt.accepted
        return receipt.left_out

    def _project(self, name: str) -> Project:
        return self._opened(folder_of(name))

    def _opened(self, folder: str) -> Project:
        from bot.connectors.events.project import Project  # Arrow loads with the first event

        with self._opening:
            if folder not in self._projects:
                self._projects[folder] = Project(self._folder / folder)
            return self._projects[folder]

    def _begin(self) -> None:
        """Clear up after whoever died, and have Arrow loaded before the first batch waits for it."""
        from bot.connectors.events.intake import read

        read(Body(b"{}"), self._now(), self._retention)
        self._tidy()

    def _tidy(self) -> int:
        """Put the files of every project in order; what goes wrong with one is told, and tried again later."""
        done = 0
        for folder in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
            try:
                done += self._opened(folder.name).tidy(self._now(), self._retention)
            except NotStored as error:
                log.error("events could not be compacted", project=folder.name, why=str(error.__cause__))
        return done

    async def _every(self, seconds: float, pool: ThreadPoolExecutor, task: Callable[[], int]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await guarded(asyncio.get_running_loop().run_in_executor(pool, task), "events", task=task.__name__)

    def _close(self) -> None:
        self._pool.shutdown()
        self._tidying.shutdown()
        self._recorder.drain()
        for project in self._projects.values():
            project.close()


def folder_of(project: str) -> str:
    """The name of a project's folder: its own where that is one everywhere, else made from its digest."""
    return project if FOLDER_NAME.fullmatch(project) else f"_{hashlib.sha256(project.encode()).hexdigest()[:40]}"
