"""Reading: experiments, readouts of any number of batches, pictures with words in reserve."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from experiments.commands import ImportAggregates
from experiments.errors import NotFound, Unavailable
from experiments.execute import execute
from experiments.model import Status
from handlers.drawing import illustrated
from handlers.reading import experiment_of, experiments_of, readout_of
from handlers.surfaces.results import results
from tests.charts import samples
from tests.experiments.stages import KEY, lead_to, rows
from tests.worlds import ADA, MemoryWorld


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def test_an_experiment_of_another_workspace_is_not_here(bench: MemoryWorld) -> None:
    await lead_to(Status.RUNNING, bench)
    assert (await experiment_of(KEY, ADA, bench.world)).key == KEY
    with pytest.raises(NotFound):
        await experiment_of(KEY, ADA.model_copy(update={"workspace": "T0OTHER"}), bench.world)
    assert await experiments_of("T0OTHER", bench.world) == ()


async def test_readout_number_n_is_of_the_first_n_batches(bench: MemoryWorld) -> None:
    running = await lead_to(Status.RUNNING, bench)
    more = ImportAggregates(key=KEY, rows=rows(day=2.0, n=5000))
    after = await execute(more, ADA, bench.world)
    first, newest = await readout_of(after, bench.world, 1), await readout_of(after, bench.world)
    assert running.data_version == 1
    assert (first.number, first.day) == (1, 1.0)
    assert (newest.number, newest.day) == (2, 2.0)
    assert first.units != newest.units


async def test_pictures_keep_their_places_though_one_fails(bench: MemoryWorld) -> None:
    message = results(samples.readout())
    assert len(message.pictures) == 2

    class SecondFails:
        async def __call__(self, chart: str, data: Any) -> bytes:
            if chart == message.pictures[0].chart:
                await asyncio.sleep(0)
                return b"png"
            raise Unavailable("no", reason="timeout")

    world = bench.world
    object.__setattr__(world, "draw", SecondFails())
    shown = await illustrated(message, world)
    images = [block for block in shown.blocks if block["type"] == "image"]
    assert [image["slack_file"]["id"] for image in images] == ["F1"]
    assert "picture could not be drawn" in str(shown.blocks)
    assert images[0]["alt_text"] == message.pictures[0].alt[: len(images[0]["alt_text"])]
