"""Visitors of the real data plane: assigned as the assignment says, and every event of theirs in the store once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter as Count
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bot.connectors.events import EventStore, Exposure
from bot.exposures import Exposures
from bot.traffic import Snapshot
from bot.visitors.door import Door
from bot.visitors.journey import Journey
from bot.visitors.presets import PRESETS
from bot.visitors.tally import Tally
from bot.web.events import accept
from bot.web.ofrep import Ofrep
from bot.web.plane import Plane
from bot.web.server import listening, site
from experiments.assignment import assign, flag_of
from experiments.commands import PauseExperiment
from experiments.execute import execute
from experiments.model import Experiment
from experiments.ports import World
from handlers.reading import experiment_of
from tests.bot.web.applications import SECRET, arms, begin, issue
from tests.databases import Place
from tests.storage.samples import world_on
from tests.worlds import ADA, MemoryWorld


@dataclass
class Bunsen:
    """Bunsen's data plane with an event store, in a world whose clock the test sets."""

    world: World
    bench: MemoryWorld
    folder: Path
    snapshot: Snapshot
    door: Door

    async def experiment(self) -> Experiment:
        return await experiment_of("checkout", ADA, self.world)

    async def visited(self, *, hours: float, past: float = 0.0, preset: str = "healthy") -> Tally:
        """What came of it when people visit for so many hours from now."""
        begun = self.bench.clock.now()
        scenario = PRESETS[preset].changed(experiment="checkout", people_per_day=2_400)
        journey = Journey(scenario, self.door, begun - timedelta(hours=past), tolerance=timedelta(hours=1))

        async def sleep(seconds: float) -> None:
            self.bench.clock.advance(minutes=10)

        await journey.live(begun + timedelta(hours=hours), self.bench.clock.now, sleep=sleep)
        return journey.tally

    async def kept(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """All exposures and observations that a store finds in the folder."""
        store = EventStore(self.folder, self.world.now)
        async with store.running():
            generation = await asyncio.to_thread(store.files, "general")
        exposures, observations = (
            [row for file in files for row in pq.read_table(file).to_pylist()]
            for files in (generation.exposures, generation.observations)
        )
        return exposures, observations


@asynccontextmanager
async def bunsen(place: Place, folder: Path) -> AsyncIterator[Bunsen]:
    """Bunsen with a running experiment, checkout."""
    bench = MemoryWorld()
    database = await place.open()
    world = world_on(database, bench)
    await issue(world)
    await begin(world, "checkout", variants=arms())
    store, snapshot = EventStore(folder, world.now), Snapshot()
    await snapshot.refresh(world)

    def record(
        project: str, experiment: str, phase: int, variant: str, unit: str, attributes: Any, time: datetime
    ) -> None:
        store.record(project, [Exposure(experiment, variant, unit, time, attributes, phase)])

    async def events(scope: Any, receive: Any, send: Any, project: str) -> None:
        await accept(scope, receive, send, project, store)

    ofrep = Ofrep(snapshot, Exposures(record, world.now))
    plane = Plane(snapshot, ofrep, site([]), world.now, events)
    async with listening(plane, "127.0.0.1", 0) as address, store.running(), Door(address, SECRET) as door:
        yield Bunsen(world, bench, folder, snapshot, door)
    await database.close()


async def test_live_and_past_people_are_kept_once_and_with_their_variant(sqlite_place: Place, tmp_path: Path) -> None:
    async with bunsen(sqlite_place, tmp_path) as running:
        began = running.bench.clock.now()
        tally = await running.visited(hours=3, past=12)
        flag = flag_of(await running.experiment(), 0)
    exposures, observations = await running.kept()
    assert flag is not None
    assert 1_000 < tally.people < 2_000
    assert all(each["variant"] == assign(flag, each["unit"], {}).variant for each in exposures)
    assert Count(each["variant"] for each in exposures) == {
        name: each.exposures for name, each in tally.variants.items()
    }
    assert len({each["unit"] for each in exposures}) == len(exposures) == tally.people
    reported = sum(each["time"] < began - timedelta(hours=1) for each in exposures)
    assert reported > 700
    assert len(observations) + reported == tally.kept
    assert sum(each.observations for each in tally.variants.values()) == len(observations) + tally.ahead
    first = {each["unit"]: each["time"] for each in exposures}
    after = [each for each in observations if each["time"] >= first[each["unit"]]]
    requests = sum(each["metric"] == "requests" for each in after)
    assert tally.visits - tally.ahead <= requests <= tally.visits
    assert sum(each["metric"] == "revenue" for each in observations) == requests + tally.people


async def test_attributes_are_kept_with_the_exposure(sqlite_place: Place, tmp_path: Path) -> None:
    async with bunsen(sqlite_place, tmp_path) as running:
        await running.visited(hours=2, past=4)
    exposures, _ = await running.kept()
    assert {set(json.loads(each["attributes"])) == {"country", "device", "plan"} for each in exposures} == {True}


async def test_a_paused_experiment_exposes_nobody(sqlite_place: Place, tmp_path: Path) -> None:
    async with bunsen(sqlite_place, tmp_path) as running:
        await execute(PauseExperiment(key="checkout"), ADA, running.world)
        await running.snapshot.refresh(running.world)
        tally = await running.visited(hours=2, past=4)
    exposures, observations = await running.kept()
    assert not exposures
    assert observations
    assert set(tally.variants) == {"control"}


async def test_bots_and_lost_exposures_come_through(sqlite_place: Place, tmp_path: Path) -> None:
    async with bunsen(sqlite_place, tmp_path) as running:
        await running.visited(hours=0, past=24, preset="bots")
    _, observations = await running.kept()
    busiest = Count(each["unit"] for each in observations).most_common(1)
    assert busiest[0][1] > 15_000
