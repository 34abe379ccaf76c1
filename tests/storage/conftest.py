"""A world on a real database."""

import pytest

from experiments.ports import World
from storage import Database
from tests.storage.samples import world_on
from tests.worlds import MemoryWorld


@pytest.fixture
def bench() -> MemoryWorld:
    """The stand-ins for everything but the database, with a clock to set."""
    return MemoryWorld()


@pytest.fixture
def world(bench: MemoryWorld, database: Database) -> World:
    return world_on(database, bench)
