"""How far a running experiment is, and between which days it can be expected to end. Days are plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from experiments.errors import InsufficientData
from experiments.stats.design import sample_size
from experiments.stats.moments import Floats
from experiments.stats.plan import Plan
from experiments.stats.population import Population
from experiments.stats.sequential_power import LARGEST_UNITS


def progress(planned_width: ArrayLike, width: ArrayLike) -> Floats:
    """Share of the planned information that is in: (planned width of the interval / its width now)², at most 1.

    An infinite width is no progress yet. Either both are full widths or both half. Raises `InsufficientData` unless the
    planned width is a positive number and the present one is positive.

    >>> progress(0.05, [0.2, 0.1, 0.04, float("inf")]).tolist()
    [0.0625, 0.25, 1.0, 0.0]
    """
    planned, now = np.asarray(planned_width, dtype=np.float64), np.asarray(width, dtype=np.float64)
    if not ((planned > 0) & np.isfinite(planned) & (now > 0)).all():
        raise InsufficientData("Progress compares two widths of an interval, and one is missing or not above 0.")
    return np.asarray(np.square(np.minimum(planned / np.maximum(now, planned), 1.0)))


@dataclass(frozen=True, slots=True)
class DaysLeft:
    """Whole days from now until the effect can be expected to be found: `least` if large, `most` if small.

    >>> DaysLeft(least=3, most=12).most
    12
    """

    least: int
    most: int


def days_left(
    control: Population, lower: float, upper: float, units: float, per_day: float, plan: Plan | None = None
) -> DaysLeft | None:
    """Range of days until the planned power is reached for an effect between `lower` and `upper`, its interval now.

    `units` are in already, in all arms, and `per_day` have come each day so far; effects are absolute, or relative
    where the plan is. None where the interval reaches the null, for then it may never end; an unbounded interval has no
    most, and hence no range. With a sequential plan the days are those by which the planned power is reached with its
    looks. Raises `InsufficientData` for a missing bound, no units a day, and what `sample_size` refuses.

    >>> days_left(Population.proportion(0.2), 0.01, 0.04, 6_000, 1_000)
    DaysLeft(least=0, most=46)
    >>> days_left(Population.proportion(0.2), -0.01, 0.04, 6_000, 1_000) is None
    True
    """
    settled = plan or Plan()
    if np.isnan(lower) or np.isnan(upper) or lower > upper:
        raise InsufficientData("The interval of the effect is missing.")
    if not (0 < per_day < np.inf and 0 <= units < np.inf):
        raise InsufficientData("No units came in so far, so nothing can be said about the days to come.")
    if not (np.isfinite(lower) and np.isfinite(upper)) or not _conclusive(lower, upper, settled):
        return None
    needed = np.sort(sample_size(control, [lower, upper], settled))
    with np.errstate(over="ignore"):
        days = np.ceil(np.maximum(needed - units, 0) / per_day * (1 - 1e-12))
    if not days[1] < LARGEST_UNITS:
        raise InsufficientData("At this number of units a day the experiment would never end.")
    return DaysLeft(int(days[0]), int(days[1]))


def _conclusive(lower: float, upper: float, plan: Plan) -> bool:
    if plan.goal == "equivalence":
        return -plan.null < lower and upper < plan.null
    above, below = lower > plan.null, upper < plan.null
    return {"two-sided": above or below, "greater": above, "less": below}[plan.goal]
