"""A lab over each transport, and one on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.scenario.lab import Lab, lab_at


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_at(tmp_path) as lab:
        yield lab


@pytest.fixture
async def http_lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_at(tmp_path, socket=False) as lab:
        yield lab
