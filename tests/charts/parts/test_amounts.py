"""Amounts of money and ticks: as short as they can be told apart, whatever their size."""

from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from charts.canvas import round_ticks
from charts.parts import amounts
from charts.parts.amounts import money, tick_words


def test_the_examples_hold() -> None:
    assert doctest.testmod(amounts).failed == 0


@given(st.floats(-1e18, 1e18))
def test_an_amount_is_short_and_has_its_sign(value: float) -> None:
    words = money(value, "EUR", signed=True)
    assert len(words) <= 20
    assert words.startswith("−" if value < 0 else "+" if value > 0 else "EUR")


@given(st.floats(-1e15, 1e15), st.floats(1e-6, 1e15))
def test_ticks_can_be_told_apart(low: float, length: float) -> None:
    if low + length * 1e-6 == low:
        return
    places = round_ticks(low, low + length)
    words = tick_words(places)
    if max(map(abs, places), default=0) <= 1e6 * length:
        assert len(set(words)) == len(places)
