"""The parts of a sample hold every unit once, in order, and as many each as there can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.aggregate import MOST_PARTS
from experiments.stats.spread import spread_of

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=1, max_size=350))
def test_parts_are_equal_in_size_and_follow_each_other(values: list[float]) -> None:
    spread = spread_of(values)
    assert spread is not None
    parts = spread.parts
    assert len(parts) == min(len(values), MOST_PARTS)
    ends = [end for part in parts for end in part]
    assert ends == sorted(ends)
    assert (parts[0].low, parts[-1].high) == tuple(float(f"{end:.9g}") for end in (min(values), max(values)))


def test_up_to_a_hundred_values_are_there_each_for_itself() -> None:
    values = np.random.default_rng(3).normal(size=100).round(3)
    spread = spread_of(values)
    assert spread is not None
    assert [part.low for part in spread.parts] == [part.high for part in spread.parts] == sorted(values.tolist())


@pytest.mark.parametrize("n", [101, 150, 199, 1_000, 12_345])
def test_each_part_has_its_share(n: int) -> None:
    spread = spread_of(range(n))
    assert spread is not None
    sizes = [int(high - low) + 1 for low, high in spread.parts]
    assert sum(sizes) == n
    assert max(sizes) - min(sizes) <= 1
