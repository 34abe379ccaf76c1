"""Group-sequential designs: a boundary for each look at accumulating data such that all looks together keep α.

A look counts when it brings new information (at least 0.05 % of what there was) and the planned information was not yet
reached before it. The first look at or after the planned information spends all that is left of α, with its actual
information; a look that does not count has an infinite boundary: it can report, but no longer decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.boundary_crossing import Exits, Walk, exits
from experiments.stats.moments import Floats
from experiments.stats.refusal import LARGEST, require_level
from experiments.stats.spending import OBRIEN_FLEMING, Sides, Spending

LEAST_GROWTH = 5e-4
LEAST_SPENT = 1e-60
MOST_STEPS = 200
SMALLEST_ALPHA = 1e-16
LARGEST_POWER = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class WangTsiatis:
    """The classic boundaries C·(t_k / t_K)^(Δ − ½) of Wang & Tsiatis (1987); all looks must be planned.

    Δ = 0 is O'Brien & Fleming (1979), Δ = ½ is Pocock (1977).

    >>> GroupSequential(WangTsiatis(0.5)).boundary([0.2, 0.4, 0.6, 0.8, 1]).z.round(3).tolist()
    [2.413, 2.413, 2.413, 2.413, 2.413]
    """

    delta: float = 0.0

    def __post_init__(self) -> None:
        if not -1 <= self.delta <= 1:
            raise InsufficientData(
                "The shape Δ of a Wang–Tsiatis boundary lies between −1 and 1, mostly from 0 to 0.5."
            )


Rule: TypeAlias = Spending | WangTsiatis


@dataclass(frozen=True, slots=True)
class Boundary:
    """Per look: the critical `z` (of |z| if two-sided; infinite where the look cannot decide) and α `spent` so far.

    >>> GroupSequential().boundary([1.0])
    Boundary(z=array([1.95996398]), spent=array([0.05]))
    """

    z: Floats
    spent: Floats


@dataclass(frozen=True, slots=True)
class GroupSequential:
    """A design: the rule of its boundary, α, and one or two sides (one-sided tests look upwards).

    Fractions are shares of the planned information, one per look, in order; see the module for looks that do not count.

    >>> GroupSequential().boundary([1 / 3, 2 / 3, 1]).z.round(4).tolist()
    [3.7103, 2.5114, 1.993]
    >>> GroupSequential().boundary([1 / 3, 2 / 3, 1.2, 1.4]).z.round(4).tolist()
    [3.7103, 2.5114, 2.0084, inf]
    """

    rule: Rule = OBRIEN_FLEMING
    alpha: float = 0.05
    sides: Sides = 2

    def __post_init__(self) -> None:
        require_level(self.alpha)
        if self.alpha < SMALLEST_ALPHA:
            raise InsufficientData("A level of significance this small cannot be followed over several looks.")

    def boundary(self, fractions: ArrayLike) -> Boundary:
        """The critical z of each look and α spent by then (Armitage, McPherson & Rowe 1969; Lan & DeMets 1983).

        Raises `InsufficientData` without looks and for fractions that are missing or not above 0.

        >>> GroupSequential(Spending("kim-demets", 2), 0.025, 1).boundary([0.5, 1]).spent.round(5).tolist()
        [0.00625, 0.025]
        """
        z, spent = _boundary(self, checked(fractions))
        return Boundary(np.asarray(z), np.asarray(spent))

    def exits(self, fractions: ArrayLike, drift: float = 0.0) -> Exits:
        """Chances to stop upwards and downwards at each look when z is expected to be `drift` at fraction 1.

        >>> GroupSequential(WangTsiatis(0.5)).exits([0.5, 1], drift=2.8).up.round(3).tolist()
        [0.421, 0.334]
        """
        looks = checked(fractions)
        return exits(looks, _boundary(self, looks)[0], drift, self.sides)

    def power(self, fractions: ArrayLike, drift: float) -> float:
        """Chance to cross the upper boundary at any look when z is expected to be `drift` at fraction 1.

        >>> round(GroupSequential().power([0.5, 1], drift=2.8), 4)
        0.7981
        """
        return float(self.exits(fractions, drift).up.sum())

    def drift(self, fractions: ArrayLike, power: float) -> float:
        """The drift that gives this `power`. Raises `InsufficientData` unless α < power < 1.

        >>> round(GroupSequential().drift([0.5, 1], power=0.8), 4)
        2.8068
        """
        return _drift(self, checked(fractions), power)

    def inflation(self, fractions: ArrayLike, power: float = 0.8) -> float:
        """How many times the units of a test with one look this design needs at most, for the same power.

        >>> round(GroupSequential(WangTsiatis(0.5)).inflation([1 / 3, 2 / 3, 1], 0.8), 3)
        1.166
        """
        alone = special.ndtri(power) - special.ndtri(self.alpha / self.sides)
        return float((self.drift(fractions, power) / alone) ** 2)

    def expected_information(self, fractions: ArrayLike, drift: float = 0.0) -> float:
        """Average share of the planned information at which the design stops.

        >>> round(GroupSequential(WangTsiatis(0.5)).expected_information([0.5, 1], drift=2.8), 3)
        0.789
        """
        looks = np.asarray(checked(fractions))
        stops = self.exits(fractions, drift)
        early = (stops.up + stops.down)[:-1]
        return float(early @ looks[:-1] + (1 - early.sum()) * looks[-1])


@dataclass(frozen=True, slots=True)
class Decisions:
    """Per look: the boundary, α spent, and whether it is crossed; `stopped` is the first look that crosses, from 0.

    >>> decide([3.0, 2.1], [0.5, 1.0], GroupSequential()).crossed.tolist()
    [True, True]
    """

    boundary: Floats
    spent: Floats
    crossed: NDArray[np.bool_]
    stopped: int | None


def decide(z: ArrayLike, fractions: ArrayLike, design: GroupSequential) -> Decisions:
    """Read the looks so far against the design's boundary. `z` may be shorter than `fractions` when looks are to come.

    Raises `InsufficientData` for a missing z, more z than fractions, and what `GroupSequential.boundary` refuses.

    >>> decide([1.2, 2.9], [1 / 3, 2 / 3, 1], GroupSequential()).stopped
    1
    """
    seen = statistics(z, fractions)
    found = design.boundary(fractions)
    boundary = found.z[: len(seen)]
    crossed = (np.abs(seen) if design.sides == 2 else seen) >= boundary
    return Decisions(boundary, found.spent[: len(seen)], crossed, int(crossed.argmax()) if crossed.any() else None)


def statistics(z: ArrayLike, fractions: ArrayLike) -> Floats:
    """The z of each look so far as an array, or `InsufficientData` when one is missing or has no fraction.

    >>> statistics([1.0, 2.0], [0.5, 0.8, 1.0]).tolist()
    [1.0, 2.0]
    """
    seen = np.atleast_1d(np.asarray(z, dtype=np.float64))
    if not seen.size or not (np.abs(seen) <= LARGEST).all():
        raise InsufficientData("A look has no test statistic, or one out of all bounds.")
    if len(seen) > len(checked(fractions)):
        raise InsufficientData("Each look needs its fraction of the planned information.")
    return seen


def checked(fractions: ArrayLike) -> tuple[float, ...]:
    """The fractions as a tuple, or `InsufficientData` when there are none or one is missing or not above 0.

    >>> checked([0.5, 1])
    (0.5, 1.0)
    """
    given = np.atleast_1d(np.asarray(fractions, dtype=np.float64))
    if given.ndim != 1 or not given.size or not ((given >= 1 / LARGEST) & (given <= LARGEST)).all():
        raise InsufficientData("Each look needs the fraction of the planned information it has, above 0.")
    return tuple(given.tolist())


@lru_cache(maxsize=4096)
def _boundary(design: GroupSequential, fractions: tuple[float, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if isinstance(design.rule, WangTsiatis):
        return _classic(design, design.rule, fractions)
    planned = design.rule.spent(fractions, design.alpha, design.sides).tolist()
    z, spent = [np.inf] * len(fractions), [0.0] * len(fractions)
    walk, used = Walk(0.0), 0.0
    looks = _counted(fractions, until=1.0)
    following = dict(pairwise(looks))
    for look in looks:
        t = fractions[look]
        if planned[look] - used > LEAST_SPENT:
            z[look] = _level(walk, t, planned[look] - used, design.sides)
            used = planned[look]
            if look in following:
                lower = -z[look] if design.sides == 2 else -np.inf
                walk = walk.go_on(t, lower, z[look], fractions[following[look]] - t)
        spent[look] = used
    return tuple(z), tuple(np.maximum.accumulate(spent).tolist())


def _counted(fractions: Sequence[float], until: float) -> list[int]:
    looks: list[int] = []
    information = 0.0
    for look, t in enumerate(fractions):
        if t - information > LEAST_GROWTH * information and information < until:
            looks.append(look)
            information = t
    return looks


def _level(walk: Walk, t: float, target: float, sides: Sides) -> float:
    """The z beyond which the walk is with chance `target` over all `sides`: bracketed Newton steps on the logarithm."""
    low, high = -40.0, float(-special.ndtri(target / sides))
    z, step, steps = high, np.inf, 0
    while abs(step) > 1e-12 and steps < MOST_STEPS:
        tail, density = walk.above(z, t)
        low, high = (z, high) if sides * tail > target else (low, z)
        following = z + tail / density * np.log(sides * tail / target) if tail > 0 and density > 0 else -np.inf
        if not low <= following <= high:
            following = (low + high) / 2
        z, step, steps = following, following - z, steps + 1
    return float(z)


def _classic(
    design: GroupSequential, rule: WangTsiatis, fractions: tuple[float, ...]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    from scipy.optimize import brentq

    looks = _counted(fractions, until=np.inf)
    if len(looks) < len(fractions) or fractions[-1] < 1:
        raise InsufficientData("A classic boundary needs every look of the plan, with rising fractions that end at 1.")
    shape = (np.asarray(fractions) / fractions[-1]) ** (rule.delta - 0.5)

    def spent(constant: float) -> Floats:
        found = exits(fractions, (constant * shape).tolist(), sides=design.sides)
        return np.cumsum(found.up + found.down)

    single = float(-special.ndtri(design.alpha / design.sides))
    strictest = float(-special.ndtri(design.alpha / design.sides / len(fractions))) / min(float(shape.min()), 1.0)
    constant = single
    if len(fractions) > 1:
        constant = brentq(
            lambda c: spent(c)[-1] - design.alpha, single - 1e-6, strictest + 1e-6, xtol=1e-13, rtol=1e-13
        )
    return tuple((constant * shape).tolist()), tuple(spent(constant).tolist())


@lru_cache(maxsize=4096)
def _drift(design: GroupSequential, fractions: tuple[float, ...], power: float) -> float:
    from scipy.optimize import brentq

    def missing(drift: float) -> float:
        return design.power(fractions, drift) - power

    if not power <= LARGEST_POWER or missing(0.0) >= 0:
        raise InsufficientData("A power lies above the level of significance and below 1.")
    if np.isinf(_boundary(design, fractions)[0]).all():
        raise InsufficientData("No look of this design can decide, so it has no power.")
    most = 4.0
    while missing(most) < 0:
        most *= 2
    return float(brentq(missing, 0.0, most, xtol=1e-12, rtol=1e-13))
