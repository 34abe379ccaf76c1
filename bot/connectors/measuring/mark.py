"""Up to which events of a project are counted."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from bot.connectors.measuring import duck


class Mark(NamedTuple):
    """The events of generations up to `generation` that happened before `until` are in. Those up to `whole` are in
    without exception; later ones may have some that lay ahead. `recounted` is when all was last counted anew."""

    generation: int = 0
    recounted: datetime | None = None
    until: datetime | None = None
    whole: int = 0

    def new(self, number: int, until: datetime) -> str:
        """As SQL: the events of generations up to this number, from before this moment, that are not in yet."""
        ahead = f" OR time >= {duck.moment(self.until)}" if self.until else ""
        unseen = f"generation > {self.whole} AND (generation > {self.generation}{ahead})"
        return f"{unseen} AND {counting(number, until)}"

    def taken(self) -> str:
        """As SQL: the events that are in."""
        ahead = f" OR time < {duck.moment(self.until)}" if self.until else ""
        return f"generation <= {self.generation} AND (generation <= {self.whole}{ahead})"


def counting(number: int, until: datetime) -> str:
    """As SQL: the events of generations up to this number, from before this moment."""
    return f"generation <= {number} AND time < {duck.moment(until)}"
