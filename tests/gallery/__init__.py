"""Every surface in every state that matters, with ordinary and with hostile content: the examples that tests drive."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Protocol

from handlers.surfaces.kit import Message, View
from tests.gallery import (
    around,
    design,
    fleet,
    lifecycle,
    monitoring,
    notices,
    pictures,
    review,
    running,
    settings,
    sources,
)


class Area(Protocol):
    """A module with the surfaces of one area, each by its name."""

    def messages(self) -> Iterator[tuple[str, Message]]: ...
    def views(self) -> Iterator[tuple[str, View]]: ...


AREAS: dict[str, Area] = {
    "around": around,
    "design": design,
    "fleet": fleet,
    "lifecycle": lifecycle,
    "monitoring": monitoring,
    "notices": notices,
    "pictures": pictures,
    "review": review,
    "running": running,
    "settings": settings,
    "sources": sources,
}


@functools.cache
def all_messages() -> dict[str, Message]:
    """Every message by name."""
    return {name: message for area in AREAS.values() for name, message in area.messages()}


@functools.cache
def all_views() -> dict[str, View]:
    """Every modal and tab by name."""
    return {name: view for area in AREAS.values() for name, view in area.views()}
