"""What a picture rests on: its title, as of when it holds, and the facts of its footer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from experiments.texts import Frozen


class Basis(Frozen):
    """The head and foot of a picture; `facts` are the parts of the footer after the moment, such as “n = 12,345”.

    `as_of` is up to when the data reach, not when somebody asked: the same data make the same picture.
    """

    title: str
    as_of: datetime
    facts: tuple[str, ...] = ()

    @property
    def footer(self) -> str:
        """“as of 21 Nov 2026 12:00 UTC · n = 12,345 · always-valid”."""
        return " · ".join((f"as of {self.as_of:%-d %b %Y %H:%M} UTC", *self.facts))


def rounded(now: datetime, interval: timedelta) -> datetime:
    """The moment rounded down to whole intervals.

    >>> rounded(datetime(2026, 3, 1, 9, 3, 59, tzinfo=UTC), timedelta(minutes=2)).minute
    2
    """
    start = datetime(2000, 1, 1, tzinfo=UTC)
    return start + (now - start) // interval * interval
