"""Round moments for an axis of time, from minutes to years, and how each reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

STEPS = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 10, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12)),
    *(timedelta(days=days) for days in (1, 2, 4, 7, 14)),
)
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)
DAY = timedelta(days=1)
MONDAY = datetime(2001, 1, 1, tzinfo=UTC)
A_MONTH = timedelta(days=30.4)


class Span(NamedTuple):
    """A stretch of time from one place of a card to another, in pixels; its axes count hours."""

    start: datetime
    end: datetime
    left: float
    right: float

    def hours(self, at: datetime) -> float:
        return (at - self.start) / timedelta(hours=1)

    def x(self, at: datetime) -> float:
        return self.left + (self.right - self.left) * (at - self.start) / (self.end - self.start)


def moments(start: datetime, end: datetime, most: int = 8) -> list[tuple[datetime, str]]:
    """At most so many round moments between two, in UTC, with their words.

    >>> [words for _, words in moments(MONDAY, MONDAY + timedelta(hours=3), 4)]
    ['1 Jan 00:00', '01:00', '02:00', '03:00']
    >>> [words for _, words in moments(MONDAY, MONDAY + timedelta(days=400), 5)]
    ['Jan 2001', 'Jul 2001', 'Jan 2002']
    """
    span = end - start
    step = next((each for each in STEPS if span / each <= most - 1), None)
    if step is None:
        return _months(start, end, most)
    first = MONDAY + -(-(start - MONDAY) // step) * step
    places = [first + number * step for number in range((end - first) // step + 1)]
    return [(at, _words(at, step, is_first=place == 0)) for place, at in enumerate(places or [start])]


def _words(at: datetime, step: timedelta, *, is_first: bool) -> str:
    if step >= DAY:
        return f"{at:%-d %b}"
    if is_first or at.hour == at.minute == 0:
        return f"{at:%-d %b %H:%M}"
    return f"{at:%H:%M}"


def _months(start: datetime, end: datetime, most: int) -> list[tuple[datetime, str]]:
    wanted = (end - start) / A_MONTH / (most - 1)
    step = next((each for each in MONTHS if each >= wanted), MONTHS[-1])
    number = -(-(start.year * 12 + start.month - 1) // step) * step
    places = []
    while (at := datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)) <= end:
        if at >= start:
            places.append((at, f"{at:%b %Y}"))
        number += step
    return places or [(start, f"{start:%-d %b %Y}")]
