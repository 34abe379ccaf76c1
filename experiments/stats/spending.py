"""How much of α a group-sequential test may have used by the time a share of the planned information is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats
from experiments.stats.refusal import require_level

Sides: TypeAlias = Literal[1, 2]
Family: TypeAlias = Literal["obrien-fleming", "pocock", "kim-demets", "hwang-shih-decani"]


@dataclass(frozen=True, slots=True)
class Spending:
    """An error-spending function (Lan & DeMets 1983): looks may come at any time and need not be planned.

    `obrien-fleming` and `pocock` resemble the classic boundaries and take no parameter; `kim-demets` spends α·t^ρ
    (Kim & DeMets 1987, ρ > 0), `hwang-shih-decani` spends α·(1 − e^(−γt)) / (1 − e^(−γ)) (Hwang, Shih & DeCani 1990).
    Raises `InsufficientData` for a parameter that gives no increasing function.

    >>> Spending("kim-demets", 2).spent([0.5, 1, 1.3], 0.05, 2).round(6).tolist()
    [0.0125, 0.05, 0.05]
    """

    family: Family = "obrien-fleming"
    parameter: float = 0.0

    def __post_init__(self) -> None:
        if not np.isfinite(self.parameter) or (self.family == "kim-demets" and self.parameter <= 0):
            raise InsufficientData(
                "This spending function needs another parameter: a finite one, above 0 for Kim–DeMets."
            )

    def spent(self, fractions: ArrayLike, alpha: float, sides: Sides) -> Floats:
        """α used up at each fraction of the planned information, over both sides together; all of it from 1 on.

        A two-sided O'Brien–Fleming-type function is twice the one-sided function at α / 2 (as in rpact and gsDesign).
        Raises `InsufficientData` for a level outside 0…1 and for fractions that are negative or missing.

        >>> Spending().spent([1 / 3, 2 / 3, 1], 0.05, 2).round(6).tolist()
        [0.000207, 0.012097, 0.05]
        """
        require_level(alpha)
        given = np.asarray(fractions, dtype=np.float64)
        if not (given >= 0).all():
            raise InsufficientData("A fraction of the planned information is missing or negative.")
        t = np.minimum(given, 1.0)
        if self.family == "obrien-fleming":
            reached = special.ndtri(alpha / (2 * sides)) / np.sqrt(np.maximum(t, 1e-300))
            return np.asarray(np.where(t < 1, 2 * sides * special.ndtr(reached), alpha))
        if self.family == "pocock":
            return np.asarray(alpha * np.log1p((np.e - 1) * t))
        if self.family == "kim-demets":
            return np.asarray(alpha * t**self.parameter)
        return np.asarray(alpha * _exponential(t, self.parameter))


OBRIEN_FLEMING = Spending("obrien-fleming")
POCOCK = Spending("pocock")


def _exponential(t: Floats, gamma: float) -> Floats:
    """(1 − e^(−γt)) / (1 − e^(−γ)), linear at γ = 0, without overflow for either sign."""
    size = abs(gamma)
    if size < 1e-12:
        return t
    rising = np.expm1(-size * t) / np.expm1(-size)
    return rising if gamma > 0 else np.asarray(np.exp(size * (t - 1)) * rising)
