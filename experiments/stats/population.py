"""What one unit's value of a metric looks like before an experiment: the baseline a design starts from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats
from experiments.stats.refusal import LARGEST

NO_RATE = "A baseline rate lies between 0 and 1; with nobody or everybody converted it says nothing."


@dataclass(frozen=True, slots=True)
class Population:
    """`mean` and `variance` per unit in control, numbers or arrays; `binary` if the variance follows from the mean.

    Raises `InsufficientData` where the mean is missing, the variance is not positive, or a binary mean is not inside
    0…1.

    >>> Population(10.0, 25.0)
    Population(mean=10.0, variance=25.0, binary=False)
    """

    mean: Floats | float
    variance: Floats | float
    binary: bool = False

    def __post_init__(self) -> None:
        mean, variance = np.asarray(self.mean), np.asarray(self.variance)
        if not ((np.abs(mean) <= LARGEST) & (variance >= 1 / LARGEST) & (variance <= LARGEST)).all():
            raise InsufficientData(
                "The baseline needs a mean and a variance above 0, neither of them out of all bounds."
            )
        if self.binary and not ((mean > 0) & (mean < 1)).all():
            raise InsufficientData(
                "A baseline rate lies between 0 and 1; with nobody or everybody converted it says nothing."
            )

    @classmethod
    def proportion(cls, rate: ArrayLike) -> Population:
        """Units that convert or not, at `rate`.

        >>> round(float(Population.proportion(0.2).variance), 6)
        0.16
        """
        share = np.asarray(rate, dtype=np.float64)
        if not ((share > 0) & (share < 1)).all():
            raise InsufficientData(
                "A baseline rate lies between 0 and 1; with nobody or everybody converted it says nothing."
            )
        return cls(share, share * (1 - share), binary=True)

    @classmethod
    def ratio(
        cls,
        numerator: ArrayLike,
        denominator: ArrayLike,
        numerator_variance: ArrayLike,
        denominator_variance: ArrayLike,
        covariance: ArrayLike,
    ) -> Population:
        """A ratio of two means per unit, with the delta method's variance (Deng, Knoblich & Lu 2018).

        Raises `InsufficientData` where the denominator's mean is 0.

        >>> clicks = Population.ratio(2.0, 10.0, 4.0, 25.0, 6.0)
        >>> round(float(clicks.mean), 6), round(float(clicks.variance), 6)
        (0.2, 0.026)
        """
        top, bottom, of_top, of_bottom, shared = (
            np.asarray(each, dtype=np.float64)
            for each in (numerator, denominator, numerator_variance, denominator_variance, covariance)
        )
        if not (bottom != 0).all():
            raise InsufficientData("The denominator of the ratio is 0 on average, so there is no ratio.")
        with np.errstate(all="ignore"):
            mean = top / bottom
            return cls(mean, (of_top - 2 * mean * shared + np.square(mean) * of_bottom) / np.square(bottom))

    @classmethod
    def quantile(cls, value: ArrayLike, se: ArrayLike, units: ArrayLike) -> Population:
        """A quantile at `value` whose standard error was `se` in `units` units: its variance falls with 1 / units.

        >>> round(float(Population.quantile(350.0, 2.0, 1_000).variance), 6)
        4000.0
        """
        at, error, n = (np.asarray(each, dtype=np.float64) for each in (value, se, units))
        with np.errstate(all="ignore"):
            return cls(at, n * np.square(error))

    def adjusted(self, correlation: ArrayLike) -> Population:
        """The same after adjustment for a covariate with this correlation: variance × (1 − ρ²) (Deng et al. 2013).

        Raises `InsufficientData` unless −1 < correlation < 1.

        >>> round(float(Population(10.0, 25.0).adjusted(0.6).variance), 6)
        16.0
        """
        with np.errstate(all="ignore"):
            return replace(
                self, variance=np.asarray(self.variance * (1 - np.square(np.asarray(correlation, dtype=float))))
            )

    def variance_at(self, mean: ArrayLike) -> Floats:
        """Variance per unit once the mean is another one: the same, or that of the other rate if binary.

        Raises `InsufficientData` for a rate outside 0…1.

        >>> round(float(Population.proportion(0.2).variance_at(0.25)), 6)
        0.1875
        """
        other, variance = np.asarray(mean, dtype=np.float64), np.asarray(self.variance)
        if not self.binary:
            return np.asarray(variance + np.zeros_like(other))
        if not ((other > 0) & (other < 1)).all():
            raise InsufficientData("The effect would take the rate out of the range from 0 to 1.")
        return np.asarray(variance * (other * (1 - other)) / (self.mean * (1 - self.mean)))
