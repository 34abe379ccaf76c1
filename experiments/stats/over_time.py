"""Running minimum and maximum over the looks of many comparisons at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.stats.moments import Floats


def running(extreme: np.ufunc, values: ArrayLike, starts: ArrayLike) -> Floats:
    """`extreme` (`np.minimum` or `np.maximum`) accumulated within each stretch of `values`.

    `starts` are the indices at which a stretch begins, ascending from 0; the looks of one comparison are one stretch,
    oldest first. Doubling scan (Hillis & Steele 1986): as many passes as the longest stretch has binary digits.

    >>> running(np.minimum, [3.0, 1.0, 2.0, 9.0, 8.0], [0, 3]).tolist()
    [3.0, 1.0, 1.0, 9.0, 8.0]
    """
    result = np.array(values, dtype=np.float64)
    place = places(starts, result.size)
    step, longest = 1, int(place.max(initial=0))
    while step <= longest:
        later = np.flatnonzero(place >= step)
        result[later] = extreme(result[later], result[later - step])
        step *= 2
    return result


def places(starts: ArrayLike, size: int) -> NDArray[np.intp]:
    """For each of `size` values how many come before it in its own stretch.

    >>> places([0, 3], 5).tolist()
    [0, 1, 2, 0, 1]
    """
    begins = np.asarray(starts, dtype=np.intp)
    lengths = np.diff(np.append(begins, size))
    return np.arange(size) - np.repeat(begins, lengths)
