"""How lopsided may a metric be? Skewness, the units it asks for, and the part of a total that one unit makes.

numpy is imported where arrays come in, so that what only judges numbers starts without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.errors import InsufficientData

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from experiments.stats.moments import Floats

PER_SQUARED_SKEWNESS = 355


def units_needed(skewness: float) -> float:
    """Units per arm from which the mean of a metric with this skewness is close enough to normal: 355·skewness².

    Rule 7 of Kohavi, Deng, Longbotham & Xu (2014). With that many a 95 % t interval misses on either side in 2 to 3 %
    instead of 2.5 %, by Edgeworth's first term. NaN or infinite where the skewness is.

    >>> units_needed(2.0), units_needed(-10.0)
    (1420.0, 35500.0)
    """
    return PER_SQUARED_SKEWNESS * (skewness * skewness)


def proportion_skewness(rate: ArrayLike) -> Floats:
    """Skewness of a metric that is 1 for a share `rate` of the units and 0 for the rest: (1 − 2p) / √(p(1 − p)).

    Raises `InsufficientData` where nobody or everybody converted: the values are then all the same.

    >>> proportion_skewness([0.01, 0.5]).round(4).tolist()
    [9.8494, 0.0]
    """
    import numpy as np

    share = np.asarray(rate, dtype=np.float64)
    if not ((share > 0) & (share < 1)).all():
        raise InsufficientData("Nobody or everybody converted so far, so there is no spread to describe.")
    return np.asarray((1 - 2 * share) / (np.sqrt(share) * np.sqrt(1 - share)))


def largest_share(n: ArrayLike, mean: ArrayLike, largest: ArrayLike) -> Floats:
    """The part of an arm's total (n·mean) that its largest unit makes, at most 1; arrays of one shape.

    0 where the largest value or the total is not positive, so that there is nothing to have a part of.

    >>> largest_share([1_000, 1_000], [2.0, -1.0], [80.0, 3.0]).round(6).tolist()
    [0.04, 0.0]
    """
    import numpy as np

    count, centre, top = (np.asarray(each, dtype=np.float64) for each in (n, mean, largest))
    sound = (count > 0) & (centre > 0) & (top > 0)
    sound &= np.isfinite(count) & np.isfinite(centre) & np.isfinite(top)
    count, centre, top = (np.where(sound, each, 1.0) for each in (count, centre, top))
    return np.where(sound, np.exp(np.minimum(np.log(top) - np.log(count) - np.log(centre), 0.0)), 0.0)
