"""Every picture with examples, the ordinary one first, and those whose look is pinned as golden images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from charts import NAMES

_MODULES = {name: import_module(f"tests.charts.pictures.{name}") for name in NAMES}

EXAMPLES: Mapping[str, Mapping[str, Callable[[], Any]]] = {name: each.EXAMPLES for name, each in _MODULES.items()}
GOLDEN: Mapping[str, tuple[str, ...]] = {name: each.GOLDEN for name, each in _MODULES.items()}
