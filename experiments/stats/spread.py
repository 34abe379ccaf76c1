"""How a sample's values are spread, in a hundred numbers that show any scale and any shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from experiments.aggregate import MOST_PARTS, Spread


def spread_of(values: ArrayLike) -> Spread | None:
    """The parts of equal size of a sample's values, None of an empty one; the same that measuring makes.

    >>> spread_of([3.0, 1.0, 2.0]).text, spread_of([])
    ('1 2 3', None)
    >>> spread_of(range(1000)).parts[1]
    Part(low=10.0, high=19.0)
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = ordered.size
    if n == 0:
        return None
    parts = min(n, MOST_PARTS)
    starts = -(-np.arange(parts + 1) * n // parts)
    return Spread.of(zip(ordered[starts[:-1]].tolist(), ordered[starts[1:] - 1].tolist(), strict=True))
