"""Numbers as people read them: the examples in the module, and that no sound number comes out empty or as NaN."""

from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from experiments import numerals


def test_the_examples_hold() -> None:
    assert doctest.testmod(numerals).failed == 0


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e200, max_value=1e200))
def test_every_number_keeps_its_size(value: float) -> None:
    for text in (numerals.percent(value).removesuffix(" %"), numerals.amount(value)):
        read = float(text.replace(",", "").replace(numerals.MINUS, "-"))
        assert abs(read) <= 1.1e2 * abs(value)
        assert (read > 0) == (value > 0)
        assert (read < 0) == (value < 0)
