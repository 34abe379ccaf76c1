"""What the tests of counts and ranks share: normal tail areas, open bounds, and where a test turns from no to yes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.stats.moments import Floats
from experiments.stats.refusal import require_level

Alternative: TypeAlias = Literal["two-sided", "greater", "less"]

HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Bounds:
    """`estimate` with its interval from `lower` to `upper`, arrays of one shape.

    >>> Bounds(np.asarray(0.5), np.asarray(0.25), np.asarray(0.75)).upper
    array(0.75)
    """

    estimate: Floats
    lower: Floats
    upper: Floats


def normal_p(z: ArrayLike, alternative: Alternative = "two-sided") -> Floats:
    """The p of standard normal statistics as tail areas, which keep their digits far out.

    >>> round(float(normal_p(1.959964)), 6), round(float(normal_p(1.644854, "greater")), 6)
    (0.05, 0.05)
    """
    statistic = np.asarray(z, dtype=np.float64)
    if alternative == "two-sided":
        return np.asarray(2 * special.ndtr(-np.abs(statistic)))
    return np.asarray(special.ndtr(-statistic if alternative == "greater" else statistic))


def normal_critical(alpha: float, alternative: Alternative = "two-sided") -> float:
    """How many standard errors an interval of level 1 − `alpha` reaches to each bounded side; refuses no level.

    >>> round(normal_critical(0.05), 6), round(normal_critical(0.05, "less"), 6)
    (1.959964, 1.644854)
    """
    return -float(special.ndtri(tail(alpha, alternative)))


def tail(alpha: float, alternative: Alternative) -> float:
    """The error allowed on each bounded side of an interval of level 1 − `alpha`; refuses what is not a level.

    >>> tail(0.05, "two-sided"), tail(0.05, "greater")
    (0.025, 0.05)
    """
    require_level(alpha)
    return alpha / 2 if alternative == "two-sided" else alpha


def one_sided(
    estimate: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    alternative: Alternative,
    least: float = -np.inf,
    most: float = np.inf,
) -> Bounds:
    """The bounds, the one that a one-sided alternative leaves open replaced by `least` or `most`.

    >>> one_sided(0.5, -1.0, 2.0, "greater").upper
    array(inf)
    """
    middle, low, high = (np.asarray(each, dtype=np.float64) for each in (estimate, lower, upper))
    if alternative == "greater":
        high = np.full_like(high, most)
    elif alternative == "less":
        low = np.full_like(low, least)
    return Bounds(middle, low, high)


def boundary(outside: Callable[[Floats], NDArray[np.bool_]], far: Floats, near: Floats) -> Floats:
    """Per row the last point before `outside` turns true on the way from `near`, where it is false, to `far`.

    >>> round(float(boundary(lambda x: x * x > 2, np.asarray(2.0), np.asarray(0.0))), 6)
    1.414214
    """
    for _ in range(HALVINGS):
        middle = (far + near) / 2
        out = outside(middle)
        far, near = np.where(out, middle, far), np.where(out, near, middle)
    return near
