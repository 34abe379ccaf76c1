"""Numbers as people read them: 4.1 %, −0.03, 1,234 units."""

from __future__ import annotations

import math

MINUS = "−"


def percent(share: float, *, signed: bool = False) -> str:
    """A share as a percentage with as many digits as carry meaning.

    >>> percent(0.0412), percent(-0.0041), percent(0.12345, signed=True), percent(0)
    ('4.1 %', '−0.41 %', '+12.3 %', '0 %')
    """
    return f"{_rounded(share * 100, signed=signed)} %"


def amount(value: float) -> str:
    """A value in a metric's own unit, to three digits; commas between thousands.

    >>> amount(1234.5), amount(-0.012345), amount(0)
    ('1,234.5', '−0.0123', '0')
    """
    if value == 0:
        return "0"
    if not 1e-6 <= abs(value) < 1e9:
        return f"{value:.2e}".replace("-", MINUS)
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{max(decimals, 1 if abs(value) >= 100 else decimals)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", MINUS)


def units(count: int) -> str:
    """A count of units.

    >>> units(1), units(12345)
    ('1 unit', '12,345 units')
    """
    return f"{count:,} unit{'' if count == 1 else 's'}"


def days(count: float) -> str:
    """A length in days, without needless decimals.

    >>> days(1), days(1.5), days(14)
    ('1 day', '1.5 days', '14 days')
    """
    return f"{count:.3g} day{'' if count == 1 else 's'}"


def listed(names: list[str] | tuple[str, ...], most: int = 4) -> str:
    """Names as a list in words, cut with the count of what was left out.

    >>> listed(["a", "b", "c"]), listed(list("abcdef"))
    ('a, b and c', 'a, b, c, d and 2 more')
    """
    shown = [*names[:most], f"{len(names) - most} more"] if len(names) > most else list(names)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _rounded(value: float, *, signed: bool) -> str:
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e6 or size < 1e-6:
        return f"{value:{'+' if signed else ''}.1e}".replace("-", MINUS)
    decimals = 1 if size >= 1 else 1 - math.floor(math.log10(size))
    return f"{value:{'+' if signed else ''},.{decimals}f}".replace("-", MINUS)
