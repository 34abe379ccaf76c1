"""The pictures by name: data in, PNG out; each with a description in words for those who cannot see it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

NAMES = (
    "active",
    "velocity",
    "canary",
    "quality",
    "cost",
    "latency",
    "comparison",
    "significance",
    "segments",
    "factors",
    "timeline",
    "roi",
    "history",
    "leaderboard",
    "size",
    "hypotheses",
    "patterns",
    "portfolio",
)


def _draw(name: str, data: Any) -> bytes:
    png: bytes = getattr(import_module(f"charts.{name}"), name)(data)
    return png


CHARTS: Mapping[str, Callable[[Any], bytes]] = {name: partial(_draw, name) for name in NAMES}


@cache
def edition() -> str:
    """What a picture looks like depends on: this code and the libraries that draw; another edition draws anew."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    digest.update("".join(version(each) for each in ("matplotlib", "pillow")).encode())
    return digest.hexdigest()


def describe(name: str, data: Any) -> str:
    """What the named chart of this data shows, in two to four sentences; KeyError for a name there is not."""
    if name not in CHARTS:
        raise KeyError(name)
    words: str = import_module(f"charts.{name}").describe(data)
    return words
