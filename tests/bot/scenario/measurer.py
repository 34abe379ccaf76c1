"""A replica that only measures: for every line with a time it looks at what is due then, and says how much that was."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.connectors.by_source import BySource
from bot.connectors.events import EventStore
from bot.connectors.measuring.embedded import Embedded
from experiments.measuring import Measured
from experiments.model import Experiment
from handlers.monitor import watch
from storage import Database
from tests.mortal import say
from tests.storage.samples import world_on
from tests.worlds import WORKSPACE, MemoryWorld


class Dying(BySource):
    """Kills this process with what was measured in its hands."""

    async def measure(
        self, experiments: Sequence[Experiment], until: datetime, *, detail: bool
    ) -> Mapping[str, Measured]:
        await super().measure(experiments, until, detail=detail)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("it is dead")


async def main(url: str, folder: Path) -> None:
    """A line is a time, with "and die" after it for a look that is not survived; an empty one is the last."""
    bench = MemoryWorld()
    database = await Database.open(url)
    events = EventStore(folder, bench.clock.now)
    embedded = Embedded(events, folder)

    def no_warehouse(source: object) -> BySource:
        raise AssertionError("there is none")

    say("ready")
    while line := sys.stdin.readline().strip():
        time, _, dying = line.partition(" ")
        bench.clock.time = datetime.fromisoformat(time)
        measurements = (Dying if dying else BySource)(database.reading, WORKSPACE, embedded, no_warehouse)
        world = replace(world_on(database, bench), measurements=measurements)
        say("looked at", await watch(world))
    embedded.close()
    await database.close()
