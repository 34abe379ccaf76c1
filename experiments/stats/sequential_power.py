"""What looking early costs: power of designs with several looks, in terms of the z expected at the last look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from experiments.errors import InsufficientData
from experiments.stats import always_valid
from experiments.stats.boundary_crossing import exits
from experiments.stats.group_sequential import GroupSequential, Rule
from experiments.stats.spending import Sides

MOST_LOOKS = 400
LARGEST_UNITS = 1e18


@dataclass(frozen=True, slots=True)
class AlwaysValid:
    """The always-valid test, tuned to be tightest at `units` units in the compared arms.

    >>> AlwaysValid(20_000)
    AlwaysValid(units=20000)
    """

    units: float = 5_000

    def __post_init__(self) -> None:
        if not 1 <= self.units <= LARGEST_UNITS:
            raise InsufficientData("An always-valid test is tuned to a number of units, at least 1.")


@dataclass(frozen=True, slots=True)
class Looks:
    """`count` equally spaced looks with a stopping rule, at level `alpha` for one or two `sides`.

    Raises `InsufficientData` for fewer than one look or more than 400.

    >>> round(Looks(AlwaysValid(1_000), 14, 0.05, 2).power(2.8016, 1_000), 4)
    0.4838
    """

    rule: Rule | AlwaysValid
    count: int
    alpha: float
    sides: Sides

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_LOOKS:
            raise InsufficientData(f"A design has between 1 and {MOST_LOOKS} looks.")

    def power(self, drift: float, units: float) -> float:
        """Chance to cross the upper boundary by the last look, at `units` units, where z is expected to be `drift`.

        Boundary crossing by recursion over the looks (Armitage, McPherson & Rowe 1969).

        >>> round(Looks(AlwaysValid(1_000), 14, 0.05, 2).power(2.8016 * 2**0.5, 2_000), 4)
        0.8579
        """
        scale = units / self.rule.units if isinstance(self.rule, AlwaysValid) else 1.0
        return float(exits(_fractions(self.count), _boundary(self, scale), drift, self.sides).up.sum())


@lru_cache(maxsize=1024)
def _boundary(looks: Looks, scale: float) -> tuple[float, ...]:
    fractions = _fractions(looks.count)
    if not isinstance(looks.rule, AlwaysValid):
        return tuple(GroupSequential(looks.rule, looks.alpha, looks.sides).boundary(fractions).z.tolist())
    k = np.asarray(fractions) * scale * always_valid.mixing(looks.alpha, 1.0)
    return tuple(always_valid.multiplier(k, looks.alpha, "two-sided" if looks.sides == 2 else "greater").tolist())


def _fractions(count: int) -> tuple[float, ...]:
    return tuple((np.arange(1, count + 1) / count).tolist())
