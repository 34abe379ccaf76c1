"""A date and a time that somebody typed, in their own zone, as a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from experiments.errors import BadInput

TYPED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[ T]+(\d{1,2}):(\d{2})")
EXAMPLE = "2026-03-29 14:30"


class LocalMoment(NamedTuple):
    """The moment in UTC; `remark` says what became of a time that the zone does not have, or has twice."""

    at: datetime
    remark: str = ""


def zone(tz: str) -> ZoneInfo:
    """The zone of this name, UTC for a name that nobody knows.

    >>> zone("Asia/Kolkata").key, zone("Moon/Tycho").key, zone("").key
    ('Asia/Kolkata', 'UTC', 'UTC')
    """
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def local_moment(text: str, tz: str, *, field: str = "start_at") -> LocalMoment:
    """The moment of a local date and time such as `2026-03-29 14:30`; `BadInput` at the field when it is none.

    A time that does not exist, when clocks go forward, moves on by the gap; of one that exists twice, when they go
    back, the first counts.

    >>> local_moment("2026-03-29 02:30", "Europe/Berlin").at.isoformat()
    '2026-03-29T01:30:00+00:00'
    >>> local_moment("2026-03-29 02:30", "Europe/Berlin").remark
    '02:30 does not exist in Europe/Berlin that day, because clocks go forward; I took 03:30.'
    """
    found = TYPED.fullmatch(" ".join(text.split()))
    if not found:
        raise BadInput(f"“{text[:40]}” is no date and time. Write it like {EXAMPLE}.", field=field)
    try:
        year, month, day, hour, minute = map(int, found.groups())
        local = datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)
    except ValueError:
        raise BadInput(f"“{text[:40]}” is not in the calendar. Write it like {EXAMPLE}.", field=field) from None
    where = zone(tz)
    try:
        at = local.replace(tzinfo=where).astimezone(UTC)
        shown, again = at.astimezone(where).replace(tzinfo=None), local.replace(tzinfo=where, fold=1).astimezone(UTC)
    except OverflowError:
        raise BadInput(f"“{text[:40]}” is too far away. Write it like {EXAMPLE}.", field=field) from None
    if shown != local:
        gap = f"{local:%H:%M} does not exist in {where.key} that day, because clocks go forward"
        return LocalMoment(at, f"{gap}; I took {shown:%H:%M}.")
    if again != at:
        return LocalMoment(at, f"{local:%H:%M} comes twice in {where.key} that day; I took the first.")
    return LocalMoment(at)


def told(at: datetime, tz: str) -> str:
    """The moment as the clocks of the zone show it.

    >>> told(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "Asia/Kolkata")
    '2026-03-29 07:00 (Asia/Kolkata)'
    """
    where = zone(tz)
    return f"{at.astimezone(where):%Y-%m-%d %H:%M} ({where.key})"
