"""Chances that a drifting Brownian motion, seen at a few times, leaves a corridor: the engine under sequential designs.

Recursion of Armitage, McPherson & Rowe (1969) with Gauss–Legendre nodes (Jennison & Turnbull 2000, ch. 19). At fraction
t the score is B(t) = z·√t with B(t) ~ Normal(drift·t, t); a look whose boundary is infinite is one nobody can stop at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy import special

from experiments.stats.moments import Floats
from experiments.stats.spending import Sides

NEWTON_STEPS = 5
REACH = 11.0
ROOT_TWO_PI = float(np.sqrt(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Exits:
    """Chance to leave upwards and downwards at each look, arrays of one entry per look.

    >>> Exits(np.array([0.025]), np.array([0.025])).up.tolist()
    [0.025]
    """

    up: Floats
    down: Floats


class Walk:
    """The score's distribution while nobody has stopped: weighted points at fraction `t`.

    >>> walk = Walk(drift=0.0).go_on(0.5, -2.0, 2.0, step=0.5)
    >>> round(walk.above(1.96, 1.0)[0], 6)
    0.017039
    """

    def __init__(self, drift: float, t: float = 0.0, points: Floats | None = None, mass: Floats | None = None) -> None:
        self.drift, self.t = drift, t
        self.points = np.zeros(1) if points is None else points
        self.mass = np.ones(1) if mass is None else mass

    def above(self, z: float, t: float) -> tuple[float, float]:
        """Chance to still go on before `t` and be above `z` there, and the density at that very point per unit of z.

        >>> [round(each, 6) for each in Walk(drift=0.0).above(1.0, 0.5)]
        [0.158655, 0.241971]
        """
        spread = np.sqrt(t - self.t)
        distance = (self._expected(t) - z * np.sqrt(t)) / spread
        density = self.mass @ np.exp(-np.square(distance) / 2) * np.sqrt(t) / spread / ROOT_TWO_PI
        return float(self.mass @ special.ndtr(distance)), float(density)

    def below(self, z: float, t: float) -> float:
        """Chance to still go on before `t` and be below `z` there.

        >>> round(Walk(drift=2.0).below(1.0, 1.0), 6)
        0.158655
        """
        return float(self.mass @ special.ndtr((z * np.sqrt(t) - self._expected(t)) / np.sqrt(t - self.t)))

    def go_on(self, t: float, lower: float, upper: float, step: float) -> Walk:
        """The walk between `lower` and `upper` (in z) at `t`, fine enough for a next look `step` later.

        >>> round(float(Walk(drift=0.0).go_on(0.5, -1.0, 1.0, step=0.5).mass.sum()), 6)
        0.682689
        """
        spread, root = np.sqrt(t - self.t), np.sqrt(t)
        centre = self.drift * t
        low, high = max(lower * root, centre - REACH * root), min(upper * root, centre + REACH * root)
        half = max(high - low, 0.0) / 2
        nodes, weights = _legendre(16 + 4 * int(np.ceil(half / np.sqrt(min(step, t - self.t)))))
        points = low + half * (1 + nodes)
        kernel = np.exp(-np.square((points[:, None] - self._expected(t)) / spread) / 2)
        return Walk(self.drift, t, points, half * weights * (kernel @ self.mass) / (spread * ROOT_TWO_PI))

    def _expected(self, t: float) -> Floats:
        return self.points + self.drift * (t - self.t)


def exits(fractions: Sequence[float], boundary: Sequence[float], drift: float = 0.0, sides: Sides = 2) -> Exits:
    """Chances to cross `boundary` (in z, at rising `fractions`) upwards, and −`boundary` downwards if two-sided.

    `drift` is the expected z at fraction 1.

    >>> found = exits((0.5, 1.0), (2.178, 2.178))
    >>> (found.up + found.down).round(4).tolist()
    [0.0294, 0.0206]
    """
    up, down = np.zeros(len(fractions)), np.zeros(len(fractions))
    looks = [look for look, z in enumerate(boundary) if z < np.inf]
    walk = Walk(drift)
    following = dict(pairwise(looks))
    for look in looks:
        t, z = fractions[look], boundary[look]
        up[look] = walk.above(z, t)[0]
        lower = -z if sides == 2 else -np.inf
        down[look] = walk.below(lower, t) if sides == 2 else 0.0
        if look in following:
            walk = walk.go_on(t, lower, z, fractions[following[look]] - t)
    return Exits(up, down)


@lru_cache(maxsize=512)
def _legendre(count: int) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss and Legendre, by Newton's method from the asymptotic places (Davis & Rabinowitz 1984,
    2.7). Those of scipy.special and numpy decompose matrices, which loads a library and takes all cores for a moment.

    >>> [round(float(each[0]), 6) for each in _legendre(3)]
    [-0.774597, 0.555556]
    """
    x = -np.cos(np.pi * (np.arange(count) + 0.75) / (count + 0.5))
    for _ in range(NEWTON_STEPS):
        value = special.eval_legendre(count, x)
        slope = count * (special.eval_legendre(count - 1, x) - x * value) / (1 - x * x)
        x = x - value / slope
    return x, 2 / ((1 - x * x) * slope * slope)
