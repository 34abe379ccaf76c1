"""Amounts of money and the numbers beside axes, as short as they can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

from experiments import numerals
from experiments.numerals import MINUS

DIGITS = 3
MOST = 9
SCALES = ((1e9, " billion"), (1e6, " million"))
LARGEST = 1e12


def money(value: float, currency: str = "", *, signed: bool = False) -> str:
    """An amount to three digits, its currency before it.

    >>> money(61_234.5, "EUR"), money(-1_234_567, "$"), money(0.125, "EUR", signed=True)
    ('EUR 61,200', '−$ 1.23 million', '+EUR 0.125')
    """
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{currency} {plain(abs(value))}" if currency else f"{sign}{plain(abs(value))}"


def money_range(low: float | None, high: float | None, *, signed: bool = False) -> str:
    """From one amount to another, a word for their size said once; an open end (None) is said in words.

    >>> money_range(5_880_000, 6_710_000), money_range(-300, 1_200, signed=True), money_range(None, 300)
    ('5.88 to 6.71 million', '−300 to +1,200', 'at most 300')
    """
    first, last = ("" if end is None else money(end, signed=signed) for end in (low, high))
    if not first or not last:
        return f"at most {last}" if last else f"at least {first}" if first else "unbounded"
    word = next((word for _, word in SCALES if first.endswith(word) and last.endswith(word)), "")
    return f"{first.removesuffix(word)} to {last}"


def plain(value: float) -> str:
    """A number to three digits, large ones in words.

    >>> plain(61_234.5), plain(1_230_000), plain(0), plain(12.5)
    ('61,200', '1.23 million', '0', '12.5')
    """
    if not value or abs(value) >= LARGEST or abs(value) < numerals.SMALLEST:
        return numerals.amount(value)
    scale, word = next(((scale, word) for scale, word in SCALES if abs(value) >= scale), (1.0, ""))
    scaled = float(f"{value / scale:.{DIGITS}g}")
    decimals = max(0, DIGITS - 1 - floor(log10(abs(scaled))))
    text = f"{scaled:,.{decimals}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", MINUS) + word


def tick_words(places: Sequence[float], *, signed: bool = False, after: str = "") -> list[str]:
    """The labels of ticks, with as many decimals as tell them apart.

    >>> tick_words([-0.5, 0, 0.5], signed=True, after=" %")
    ['−0.5 %', '0 %', '+0.5 %']
    >>> tick_words([0, 500_000, 1_000_000])
    ['0', '0.5 million', '1.0 million']
    """
    largest = max((abs(place) for place in places), default=0.0)
    sign = "+" if signed else ""
    if largest >= LARGEST or 0 < largest < numerals.SMALLEST:
        apart = (digits for digits in range(2, MOST) if len({f"{each:.{digits}e}" for each in places}) == len(places))
        digits = next(apart, MOST)
        return [f"{each:{sign}.{digits}e}{after}".replace("-", MINUS) if each else f"0{after}" for each in places]
    scale, word = next(((scale, word) for scale, word in SCALES if largest >= scale), (1.0, ""))
    scaled = [place / scale for place in places]
    decimals = next((digits for digits in range(MOST) if _tells(scaled, digits)), MOST)
    words = [f"{each:{sign},.{decimals}f}{word}{after}" if each else f"0{after}" for each in scaled]
    return [each.replace("-", MINUS) for each in words]


def _tells(places: Sequence[float], digits: int) -> bool:
    largest = max(abs(place) for place in places)
    return all(abs(round(place, digits) - place) <= 1e-9 * largest for place in places)
