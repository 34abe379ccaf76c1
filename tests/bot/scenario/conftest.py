"""A lab over each transport, and one on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from experiments import announcements
from tests.bot.scenario.lab import Lab, lab_at
from tests.databases import Place


@pytest.fixture(autouse=True)
def nothing_settles(monkeypatch: pytest.MonkeyPatch) -> None:
    """A story tells each change at once; how they are told together has tests of its own."""
    monkeypatch.setattr(announcements, "SETTLE_SECONDS", 0.0)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_at(tmp_path) as lab:
        yield lab


@pytest.fixture
async def lab_on_each_database(place: Place, tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_at(tmp_path, database_url=place.url) as lab:
        yield lab


@pytest.fixture
async def http_lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_at(tmp_path, socket=False) as lab:
        yield lab
