"""Fixtures that every test may ask for, and the same examples for every property each time."""

from __future__ import annotations

import os

import structlog
from hypothesis import settings

pytest_plugins = ["tests.browser", "tests.databases"]

# Whoever waits for this suite shall not wait for luck; EXPLORE=1 looks for examples that nobody has seen yet.
settings.register_profile("steady", derandomize=True)
if not os.environ.get("EXPLORE"):
    settings.load_profile("steady")

# An error is logged with its traceback alone; drawing all values on the way to it would take longer than the test.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
)
