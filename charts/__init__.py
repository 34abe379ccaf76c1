"""The pictures by name: data in, PNG out; each with a description in words for those who cannot see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

NAMES = ("comparison", "significance")


def _draw(name: str, data: Any) -> bytes:
    png: bytes = getattr(import_module(f"charts.{name}"), name)(data)
    return png


CHARTS: Mapping[str, Callable[[Any], bytes]] = {name: partial(_draw, name) for name in NAMES}


def describe(name: str, data: Any) -> str:
    """What the named chart of this data shows, in two to four sentences; KeyError for a name there is not."""
    if name not in CHARTS:
        raise KeyError(name)
    words: str = import_module(f"charts.{name}").describe(data)
    return words
