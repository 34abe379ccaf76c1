"""Sample size, power and minimum effect from each other, and units from days and back.

Units are those of all arms together and not rounded before `arms` and `duration`. The smallest treatment decides. The
power of t tests is that of the noncentral t (for Welch with Satterthwaite's degrees of freedom), so plans hold for
small samples too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats
from experiments.stats.plan import Plan
from experiments.stats.population import Population
from experiments.stats.refusal import LARGEST
from experiments.stats.sequential_power import LARGEST_UNITS
from experiments.stats.single_look import contrast, expected_z, single_power

LEAST_PER_ARM = 2.0
MOST_STEPS = 200
WEEK = 7


def power(control: Population, effect: ArrayLike, units: ArrayLike, plan: Plan | None = None) -> Floats:
    """Chance to find `effect` with `units` units; arrays whose shapes go together give an array.

    Raises `InsufficientData` for fewer than two units in an arm, a missing effect, and a rate that would leave 0…1.

    >>> power(Population.proportion(0.2), 0.05, [1_000, 2_182, 4_000]).round(3).tolist()
    [0.474, 0.8, 0.967]
    """
    settled = plan or Plan()
    return _power(control, _present(effect), _enough(units, settled), settled)


def sample_size(control: Population, effect: ArrayLike, plan: Plan | None = None) -> Floats:
    """Units that find `effect` with the planned power, at least two per arm; the most a plan with looks may need.

    Raises `InsufficientData` for an effect that is missing, not on the side of the null that the test looks at, or too
    small to be found.

    >>> round(float(sample_size(Population.proportion(0.2), 0.05, Plan(test="z"))), 2)
    2181.99
    >>> sample_size(Population(10.0, 25.0), [0.02, 0.05], Plan(relative=True)).round(1).tolist()
    [19624.1, 3141.5]
    """
    settled, wanted = plan or Plan(), _present(effect)
    gap, variance = _gap(control, wanted, settled)
    if not (gap > 0).all():
        raise InsufficientData("The effect to find is not on the side of the null that the test looks at.")
    least, most = (np.full(np.shape(gap / variance), np.sqrt(size)) for size in (_least(settled), LARGEST_UNITS))
    with np.errstate(over="ignore"):
        guess = _alone(settled) * np.sqrt(variance) / gap
    return np.square(
        _matching(lambda root: _power(control, wanted, np.square(root), settled), guess, least, most, settled)
    )


def minimum_effect(control: Population, units: ArrayLike, plan: Plan | None = None) -> Floats:
    """Smallest effect that `units` units find with the planned power: upwards, for the goal `less` downwards.

    Raises `InsufficientData` for fewer than two units in an arm, where no rate inside 0…1 is far enough, and for
    equivalence.

    >>> round(float(minimum_effect(Population.proportion(0.2), 2_182, Plan(test="z"))), 5)
    0.05
    >>> minimum_effect(Population(10.0, 25.0), [5_000, 20_000], Plan(relative=True)).round(4).tolist()
    [0.0396, 0.0198]
    """
    settled = plan or Plan()
    size = _enough(units, settled)
    if settled.goal == "equivalence":
        raise InsufficientData("An equivalence test looks for no effect, so it has no smallest one.")
    mean = np.asarray(control.mean, dtype=np.float64)
    sign, scale = -1.0 if settled.goal == "less" else 1.0, mean if settled.relative else np.ones_like(mean)
    at_null = contrast(control, np.asarray(settled.null), settled.null, settled)
    guess = _alone(settled) * np.sqrt(at_null.variance / size)
    room = (
        (1 - mean if sign > 0 else mean) - sign * settled.null * scale if control.binary else np.full_like(mean, np.inf)
    )
    most = np.minimum(room * (1 - 1e-9), guess * 1e6)

    def found(distance: Floats) -> Floats:
        return _power(control, settled.null + sign * distance / scale, size, settled)

    distance = _matching(found, guess, np.zeros_like(guess), most, settled)
    return np.asarray(settled.null + sign * distance / scale)


def arms(units: float, plan: Plan) -> tuple[int, ...]:
    """Units of each arm, rounded up.

    >>> arms(2181.99, Plan(shares=(2, 1, 1)))
    (1091, 546, 546)
    """
    total = sum(plan.shares)
    return tuple(int(np.ceil(_tidy(_enough(units, plan) * share / total))) for share in plan.shares)


def duration(units: ArrayLike, per_day: ArrayLike) -> NDArray[np.int64]:
    """Days until `units` units have come at `per_day` new units a day, rounded up to whole weeks.

    Whole weeks weigh all weekdays alike. Raises `InsufficientData` unless both are positive and the days can be
    counted.

    >>> duration([2_182, 19_627], 1_000).tolist()
    [7, 21]
    """
    size, daily = _positive(units), _positive(per_day)
    with np.errstate(over="ignore"):
        weeks = np.ceil(_tidy(size / daily / WEEK))
    if not (weeks < LARGEST_UNITS / WEEK).all():
        raise InsufficientData("At this number of units a day the experiment would never end.")
    return np.asarray(weeks * WEEK).astype(np.int64)


def units_in(days: ArrayLike, per_day: ArrayLike) -> Floats:
    """Units that have come after `days` days at `per_day` new units a day: what `power` and `minimum_effect` take.

    >>> round(float(minimum_effect(Population.proportion(0.2), units_in(14, 1_000))), 4)
    0.0193
    """
    return _positive(days) * _positive(per_day)


def _power(control: Population, effect: Floats, units: Floats, plan: Plan) -> Floats:
    if plan.sequential is None:
        return single_power(control, effect, units, plan)
    return np.asarray(np.vectorize(plan.over_looks, otypes=[float])(expected_z(control, effect, units, plan), units))


def _gap(control: Population, effect: Floats, plan: Plan) -> tuple[Floats, Floats]:
    """How far the effect is inside the side that counts, and the variance of the contrast per unit."""
    pair = contrast(control, effect, plan.null, plan)
    if plan.goal == "equivalence":
        return np.minimum(-pair.distance, contrast(control, effect, -plan.null, plan).distance), pair.variance
    gap = np.abs(pair.distance) if plan.goal == "two-sided" else pair.distance
    return -gap if plan.goal == "less" else gap, pair.variance


def _matching(power_at: Callable[[Floats], Floats], guess: Floats, least: Floats, most: Floats, plan: Plan) -> Floats:
    """Where rising `power_at` has the planned power: secant steps on its probit, nearly linear in √units and effect."""

    def excess(x: Floats) -> Floats:
        return np.asarray(special.ndtri(np.clip(power_at(x), 1e-300, 1 - 1e-16)) - special.ndtri(plan.power))

    if (excess(most) < 0).any():
        raise InsufficientData("With this the planned power is out of reach.")
    low, high = least, np.where(excess(least) >= 0, least, most)
    before, x = low, np.clip(guess, low, high)
    missed, step, steps = excess(before), np.full_like(x, np.inf), 0
    while (np.abs(step) > 1e-12 * np.abs(x)).any() and steps < MOST_STEPS:
        missing = excess(x)
        low, high = np.where(missing < 0, x, low), np.where(missing < 0, high, x)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            following = x - missing * (x - before) / (missing - missed)
        inside = (following >= low) & (following <= high)
        following = np.where(inside, following, (low + high) / 2)
        before, missed, x, step, steps = x, missing, following, following - x, steps + 1
    return x


def _alone(plan: Plan) -> float:
    return float(special.ndtri(plan.power) - special.ndtri(plan.level / plan.sides))


def _least(plan: Plan) -> float:
    return LEAST_PER_ARM / min(share / sum(plan.shares) for share in plan.shares)


def _enough(units: ArrayLike, plan: Plan) -> Floats:
    size = _positive(units)
    if not ((size >= _least(plan) * (1 - 1e-12)) & (size <= LARGEST_UNITS)).all():
        raise InsufficientData("There are fewer than two units in an arm.")
    return size


def _present(effect: ArrayLike) -> Floats:
    given = np.asarray(effect, dtype=np.float64)
    if not (np.abs(given) <= LARGEST).all():
        raise InsufficientData("The effect to find is missing or out of all bounds.")
    return given


def _positive(given: ArrayLike) -> Floats:
    found = np.asarray(given, dtype=np.float64)
    if not ((found > 0) & np.isfinite(found)).all():
        raise InsufficientData("Units, days and units a day are numbers above 0.")
    return found


def _tidy(count: Floats) -> Floats:
    return np.asarray(count * (1 - 1e-12))  # 14.000000000000002 days are 14
