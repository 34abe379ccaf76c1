"""The timeline: read from the log of an experiment in any state, with ways on that fit it."""

from __future__ import annotations

import pytest

from experiments.model import Experiment, Status
from experiments.pictures.timeline import Timeline
from handlers.pictures.asked import Asked
from handlers.pictures.shelf import SHELF
from handlers.pictures.timeline import timeline
from handlers.table import ACTIONS
from tests.experiments.stages import KEY, lead_to
from tests.handlers import test_monitor as monitored
from tests.worlds import ADA, MemoryWorld


async def seen(made: Experiment, bench: MemoryWorld) -> tuple[Timeline, list[str]]:
    found = await timeline(Asked(ADA, bench.world.now(), {}, made), bench.world)
    assert isinstance(found.data, Timeline)
    assert {each.verb for each in found.down} <= set(ACTIONS)
    return found.data, [each.words for each in found.down]


@pytest.mark.parametrize("status", Status)
async def test_it_tells_the_way_to_every_state(status: Status) -> None:
    bench = MemoryWorld()
    made = await lead_to(status, bench)
    bench.clock.advance(hours=3)
    data, ways = await seen(made, bench)
    assert status in SHELF["timeline"].statuses
    assert not data.refused
    assert data.stretches[0].lane == "draft"
    assert ways == ["History", "Results"] if made.started_at else ["History"]
    assert bool(data.levels) is (made.started_at is not None)


async def test_of_a_canary_it_leads_to_the_canary() -> None:
    bench = MemoryWorld()
    made = await monitored.canary(bench)
    _, ways = await seen(made, bench)
    assert ways == ["History", "Results", "Canary"]
    found = await timeline(Asked(ADA, bench.world.now(), {}, made), bench.world)
    assert found.down[-1].value == f"canary:{KEY}"
