"""Fixtures that every test may ask for, and the same examples for every property each time."""

from __future__ import annotations

import asyncio
import gc
import os
from typing import Any

import structlog
import uvicorn.server
from hypothesis import settings
from hypothesis.internal.conjecture import providers

pytest_plugins = ["tests.browser", "tests.databases"]

# What is gathered stays until the end: looking through it for rubbish took a third of the time of gathering it.
gc.disable()

# Whoever waits for this suite shall not wait for luck; EXPLORE=1 looks for examples that nobody has seen yet.
settings.register_profile("steady", derandomize=True, deadline=None)
if not os.environ.get("EXPLORE"):
    settings.load_profile("steady")
    # Else examples are also made of the constants of whatever code this worker has imported by then.
    providers._get_local_constants = lambda: providers._local_constants

# An error is logged with its traceback alone; drawing all values on the way to it would take longer than the test.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


class Hasty:
    """`asyncio` for uvicorn, which else looks ten times a second whether it shall stop and whether it has: the tests
    start and stop some hundred servers."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.005))


uvicorn.server.__dict__["asyncio"] = Hasty()
