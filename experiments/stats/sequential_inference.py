"""What to report beside a group-sequential decision: estimates, intervals and p that allow for the looks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from experiments.errors import InsufficientData
from experiments.stats.boundary_crossing import exits
from experiments.stats.group_sequential import GroupSequential, WangTsiatis, checked, decide, statistics
from experiments.stats.moments import Floats
from experiments.stats.refusal import LARGEST

SMALLEST_P = 1e-15
LARGEST_P = 1 - 1e-9


def repeated_interval(
    estimate: ArrayLike, se: ArrayLike, fractions: ArrayLike, design: GroupSequential
) -> tuple[Floats, Floats]:
    """Lower and upper bound at each look: estimate ± boundary·se (Jennison & Turnbull 1989).

    All of them together hold with confidence 1 − α, whether or not the experiment stops. A look that cannot decide has
    infinite bounds, and a one-sided design an infinite upper bound. Raises `InsufficientData` for a standard error that
    is not positive.

    >>> lower, upper = repeated_interval([0.4, 0.5], [0.2, 0.15], [0.5, 1], GroupSequential())
    >>> lower.round(4).tolist(), upper.round(4).tolist()
    ([-0.1925, 0.2047], [0.9925, 0.7953])
    """
    centre, error = (np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in (estimate, se))
    if centre.shape != error.shape or not ((error > 0) & (error <= LARGEST)).all():
        raise InsufficientData("A look has no standard error above 0, so there is no interval.")
    reach = decide(_standardised(centre, error), fractions, design).boundary * error
    return centre - reach, centre + reach if design.sides == 2 else np.full_like(centre, np.inf)


def repeated_p(z: ArrayLike, fractions: ArrayLike, design: GroupSequential) -> Floats:
    """Running p of each look: the smallest α at which the design would have stopped by then (Jennison & Turnbull 1989).

    At most `design.alpha` exactly when `decide` has stopped. Not followed below 1e-15; 1 before anything is known.

    >>> repeated_p([1.2, 2.9], [1 / 3, 2 / 3, 1], GroupSequential()).round(4).tolist()
    [0.7259, 0.0222]
    """
    seen, looks = statistics(z, fractions), checked(fractions)
    size = np.abs(seen) if design.sides == 2 else seen
    running, found = 1.0, []
    for look, reached in enumerate(size):
        relevant = looks if isinstance(design.rule, WangTsiatis) else looks[: look + 1]
        running = min(running, _smallest_level(float(reached), relevant, look, design, running))
        found.append(running)
    return np.asarray(found)


def _standardised(estimate: ArrayLike, se: ArrayLike) -> Floats:
    with np.errstate(all="ignore"):
        return np.asarray(np.atleast_1d(np.asarray(estimate, dtype=np.float64)) / np.atleast_1d(se))


def _smallest_level(z: float, fractions: tuple[float, ...], look: int, design: GroupSequential, most: float) -> float:
    from scipy.optimize import brentq

    def above(log_level: float) -> float:
        level = replace(design, alpha=float(np.exp(log_level)))
        return z - min(float(level.boundary(fractions).z[look]), 1e3)

    lowest, highest = np.log(SMALLEST_P), np.log(min(most, LARGEST_P))
    if above(highest) < 0:
        return 1.0
    if above(lowest) >= 0:
        return SMALLEST_P
    return float(np.exp(brentq(above, lowest, highest, xtol=1e-10)))


@dataclass(frozen=True, slots=True)
class Stopped:
    """At the look that ended it (from 0): p, median-unbiased estimate and interval in the unit of the effect.

    >>> found = at_stopping(0.3, 0.1, 1.0, GroupSequential())
    >>> round(found.p, 4), round(found.estimate, 4), round(found.lower, 4), round(found.upper, 4)
    (0.0027, 0.3, 0.104, 0.496)
    """

    look: int
    p: float
    estimate: float
    lower: float
    upper: float


def at_stopping(estimate: ArrayLike, se: ArrayLike, fractions: ArrayLike, design: GroupSequential) -> Stopped:
    """Adjusted reading of an ended design by stage-wise ordering (Tsiatis, Rosner & Mehta 1984).

    Ended means: a boundary is crossed, or the look that reached the planned information has been made; looks after that
    are left out. The interval has confidence 1 − α and excludes 0 exactly when the boundary was crossed; a one-sided
    design has an infinite upper bound. Raises `InsufficientData` when the design has not ended, and for what
    `repeated_interval` refuses.

    >>> found = at_stopping([0.5, 0.45], [0.2, 0.14], [0.5, 1], GroupSequential())
    >>> found.look, round(found.p, 4), round(found.estimate, 4), round(found.lower, 4), round(found.upper, 4)
    (1, 0.004, 0.4392, 0.1491, 0.7181)
    """
    repeated_interval(estimate, se, fractions, design)
    looks = checked(fractions)
    z = _standardised(estimate, se)
    decisions = decide(z, looks, design)
    complete = [look for look in range(len(z)) if looks[look] >= 1 and decisions.boundary[look] < np.inf]
    look = decisions.stopped if decisions.stopped is not None else next(iter(complete), None)
    if look is None:
        raise InsufficientData("The design has not ended yet: no boundary is crossed and looks are still to come.")
    until = (*decisions.boundary[:look].tolist(), float(z[look]))

    def chance(drift: float) -> float:
        return float(exits(looks[: look + 1], until, drift, design.sides).up.sum())

    def drift_at(level: float) -> float:
        from scipy.optimize import brentq

        low, high = -1.0, 1.0
        while chance(low) >= level:
            low *= 2
        while chance(high) <= level:
            high *= 2
        return float(brentq(lambda drift: chance(drift) - level, low, high, xtol=1e-10, rtol=1e-15, maxiter=500))

    unit = float(np.atleast_1d(se)[look] * np.sqrt(looks[look]))
    upwards = chance(0.0)
    if design.sides == 1:
        return Stopped(look, upwards, unit * drift_at(0.5), unit * drift_at(design.alpha), np.inf)
    downwards = float(exits(looks[: look + 1], (*until[:-1], -until[-1]), 0.0, 2).up.sum())
    lower, centre, upper = (unit * drift_at(level) for level in (design.alpha / 2, 0.5, 1 - design.alpha / 2))
    return Stopped(look, min(1.0, 2 * min(upwards, downwards)), centre, lower, upper)
