"""What Stirling's formula leaves of log Γ: the part that survives when the large parts of a log-likelihood cancel."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from experiments.stats.moments import Floats

SERIES_FROM = 16.0


def remainder(z: ArrayLike) -> Floats:
    """log Γ(z) − ((z − ½)·log z − z + ½·log 2π) for z > 0, by Stirling's series from 16 on.

    >>> remainder([1.0, 1e15]).round(6).tolist()
    [0.081061, 0.0]
    """
    given = np.asarray(z, dtype=np.float64)
    inverse = 1 / np.maximum(given, SERIES_FROM)
    series = inverse * (1 / 12 - np.square(inverse) * (1 / 360 - np.square(inverse) / 1260))
    small = given < SERIES_FROM
    if not small.any():
        return np.asarray(series)
    few = np.minimum(given, SERIES_FROM)
    exact = special.gammaln(few) - ((few - 0.5) * np.log(few) - few + 0.5 * np.log(2 * np.pi))
    return np.where(small, exact, series)
