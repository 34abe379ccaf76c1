"""Numbers as people read them: 4.1 %, −0.03, 1.2 % to 7.0 %, 1,234 units."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

MINUS = "−"
SMALLEST = 1e-6
FINER = 4
NEAR_ZERO = 1


class _Style(NamedTuple):
    """How many digits carry meaning, from what size on nobody counts them, and whether zeros at the end are kept."""

    digits: int
    largest: float
    idle_zeros: bool


_PERCENT = _Style(digits=2, largest=1e6, idle_zeros=True)
_AMOUNT = _Style(digits=3, largest=1e9, idle_zeros=False)


def percent(share: float, *, signed: bool = False) -> str:
    """A share as a percentage with as many digits as carry meaning.

    >>> percent(0.0412), percent(-0.0041), percent(0.12345, signed=True), percent(0)
    ('4.1 %', '−0.41 %', '+12.3 %', '0 %')
    """
    return f"{_written([share * 100], _PERCENT, signed=signed)[0]} %"


def stated(share: float) -> str:
    """A share as somebody stated it, exactly and without zeros at the end.

    >>> stated(0.5), stated(0.0215), stated(-0.02), stated(10)
    ('50 %', '2.15 %', '−2 %', '1,000 %')
    """
    return f"{round(share * 100, 8):,.15g} %".replace("-", MINUS)


def share(hundredths: int) -> str:
    """A share that is kept in hundredths of a percent: a weight, an exposure, a stage.

    >>> share(5_000), share(3_333)
    ('50 %', '33.33 %')
    """
    return stated(hundredths / 10_000)


def percent_range(low: float | None, high: float | None, *, signed: bool = False) -> str:
    """From one share to another, with the same decimals; an open end (None or infinite) is said in words.

    A range that reaches zero says something else than one that almost does, so no end is rounded to zero: it gets one
    more decimal, or keeps its own.

    >>> percent_range(0.00064, 0.188), percent_range(0.00044, 0.188), percent_range(0.00004, 0.188)
    ('0.1 % to 18.8 %', '0.04 % to 18.80 %', '0.0040 % to 18.8 %')
    >>> percent_range(None, 0.07)
    'at most 7.0 %'
    """
    return _range(low, high, _PERCENT, scale=100, signed=signed, after_each=" %")


def points(difference: float, *, signed: bool = False) -> str:
    """The difference of two shares in percentage points.

    >>> points(0.0041, signed=True), points(-0.012)
    ('+0.41 points', '−1.2 points')
    """
    return f"{_written([difference * 100], _PERCENT, signed=signed)[0]} points"


def points_range(low: float | None, high: float | None) -> str:
    """The same as a range.

    >>> points_range(0.0012, 0.007), points_range(-0.012, None)
    ('0.12 to 0.70 points', 'at least −1.2 points')
    """
    return _range(low, high, _PERCENT, scale=100, after=" points")


def amount(value: float, *, signed: bool = False) -> str:
    """A value in a metric's own unit, to three digits; commas between thousands.

    >>> amount(1234.5), amount(-0.012345), amount(0.5, signed=True), amount(0)
    ('1,234.5', '−0.0123', '+0.5', '0')
    """
    return _written([value], _AMOUNT, signed=signed)[0]


def amount_range(low: float | None, high: float | None) -> str:
    """From one value in a metric's own unit to another, as `percent_range` does it.

    >>> amount_range(-0.31, 12.4), amount_range(0.0012, 0.007), amount_range(3, None)
    ('−0.3 to 12.4', '0.0012 to 0.0070', 'at least 3')
    """
    return _range(low, high, _AMOUNT)


def counted(count: int, thing: str) -> str:
    """A number of things.

    >>> counted(1, "note"), counted(12345, "note"), counted(2, "day"), counted(2, "delivery")
    ('1 note', '12,345 notes', '2 days', '2 deliveries')
    """
    return f"{count:,} {plural(count, thing)}"


def plural(count: float, thing: str) -> str:
    """The word for this number of things.

    >>> plural(1, "tag"), plural(3, "tag")
    ('tag', 'tags')
    """
    if count == 1:
        return thing
    return f"{thing[:-1]}ies" if re.search("[^aeiou]y$", thing) else f"{thing}s"


def units(count: int) -> str:
    """A count of units.

    >>> units(1), units(12345)
    ('1 unit', '12,345 units')
    """
    return counted(count, "unit")


def days(count: float) -> str:
    """A length in days, without needless decimals.

    >>> days(1), days(1.5), days(14)
    ('1 day', '1.5 days', '14 days')
    """
    return f"{count:.3g} {plural(count, 'day')}"


def lasting(length: timedelta) -> str:
    """A length of time in the two largest units that say something.

    >>> lasting(timedelta(days=3, hours=4, minutes=5)), lasting(timedelta(seconds=20))
    ('3 days 4 hours', 'less than a minute')
    """
    minutes = max(0, int(length.total_seconds() // 60))
    parts = [(minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute")]
    told = [counted(count, unit) for count, unit in parts if count][:2]
    return " ".join(told) or "less than a minute"


def listed(names: list[str] | tuple[str, ...], most: int = 4) -> str:
    """Names as a list in words, cut with the count of what was left out.

    >>> listed(["a", "b", "c"]), listed(list("abcdef"))
    ('a, b and c', 'a, b, c, d and 2 more')
    """
    shown = [*names[:most], f"{len(names) - most} more"] if len(names) > most else list(names)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _range(
    low: float | None,
    high: float | None,
    style: _Style,
    *,
    scale: float = 1,
    signed: bool = False,
    after_each: str = "",
    after: str = "",
) -> str:
    ends = [None if end is None or not math.isfinite(end) else end * scale for end in (low, high)]
    known = [end for end in ends if end is not None]
    if not known:
        return "unbounded"
    texts = [f"{text}{after_each}" for text in _written(known, style, signed=signed)]
    if len(texts) == 2:
        return f"{texts[0]} to {texts[1]}{after}"
    return f"{'at most' if ends[0] is None else 'at least'} {texts[0]}{after}"


def _written(values: Sequence[float], style: _Style, *, signed: bool) -> list[str]:
    """The values with the same decimals: as many as the largest needs, and as tell them apart."""
    size = max(abs(value) for value in values)
    if not SMALLEST <= size < style.largest:
        return [_scientific(value, style, signed=signed) for value in values]
    decimals = _decimals(size, style)
    spread = max(values) - min(values)
    apart = -math.floor(math.log10(spread)) if spread else 0
    if decimals < apart <= decimals + FINER:
        decimals = apart
    smallest = min((abs(value) for value in values if value), default=size)
    if not round(smallest, decimals) and round(smallest, decimals + NEAR_ZERO):
        decimals += NEAR_ZERO
    while not style.idle_zeros and decimals and all(f"{value:.{decimals}f}"[-1] == "0" for value in values):
        decimals -= 1
    return [_fixed(value, decimals, style, signed=signed) for value in values]


def _decimals(size: float, style: _Style) -> int:
    """Decided after rounding: 0.99999 is written as 1.0 is."""
    return max(1, style.digits - 1 - math.floor(math.log10(float(f"{size:.{style.digits - 1}e}"))))


def _fixed(value: float, decimals: int, style: _Style, *, signed: bool) -> str:
    if value == 0:
        return "0"
    if not round(value, decimals):
        return _written([value], style, signed=signed)[0]
    return f"{value:{'+' if signed else ''},.{decimals}f}".replace("-", MINUS)


def _scientific(value: float, style: _Style, *, signed: bool) -> str:
    if SMALLEST <= abs(value) < style.largest:
        return _written([value], style, signed=signed)[0]
    return f"{value:{'+' if signed else ''}.{style.digits - 1}e}".replace("-", MINUS) if value else "0"
