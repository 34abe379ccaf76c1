"""The group of tests that needs Java."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "spark: needs Java; leave these out with -m 'not spark'")
