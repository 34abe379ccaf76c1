"""A world on a database of its own, with one application that may ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from experiments.ports import World
from tests.bot.web.applications import issue
from tests.databases import Place
from tests.storage.samples import world_on
from tests.worlds import MemoryWorld


@pytest.fixture
def bench() -> MemoryWorld:
    """The stand-ins for everything but the database, with a clock to set."""
    return MemoryWorld()


@pytest.fixture
async def world(bench: MemoryWorld, sqlite_place: Place) -> AsyncIterator[World]:
    database = await sqlite_place.open()
    world = world_on(database, bench)
    await issue(world)
    yield world
    await database.close()
