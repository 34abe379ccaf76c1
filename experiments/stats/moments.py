"""Count, mean and M2 of many samples at once: what a comparison needs, and how parts of it are merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """`n`, `mean` and `m2` (the sum of squared deviations from the mean), arrays of one shape."""

    n: Floats
    mean: Floats
    m2: Floats

    @classmethod
    def given(cls, n: ArrayLike, mean: ArrayLike, variance: ArrayLike) -> Moments:
        """From counts, means and sample variances (n − 1 in the denominator)."""
        count, centre, spread = (np.asarray(each, dtype=np.float64) for each in (n, mean, variance))
        with np.errstate(over="ignore", invalid="ignore"):
            return cls(count, centre, spread * np.maximum(count - 1, 0))

    @classmethod
    def of(cls, values: ArrayLike) -> Moments:
        """Of one sample of values, in two passes so that a large offset does not drown the spread."""
        sample = np.asarray(values, dtype=np.float64)
        if not sample.size:
            return cls(*np.zeros(3))
        centre = sample.mean()
        centre += (sample - centre).mean()
        return cls(*(np.asarray(each) for each in (float(sample.size), centre, np.square(sample - centre).sum())))

    @property
    def variance(self) -> Floats:
        """Sample variance; 0 where there are fewer than two units."""
        return np.where(self.n > 1, self.m2 / np.maximum(self.n - 1, 1), 0.0)

    @property
    def of_mean(self) -> Floats:
        """Variance of the mean; 0 where there are no units."""
        return self.variance / np.maximum(self.n, 1)

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Moments:
        """The rows that `which` picks: a mask or indices."""
        return Moments(self.n[which], self.mean[which], self.m2[which])

    def merge(self, other: Moments) -> Moments:
        """Both samples as one (Chan, Golub & LeVeque 1979)."""
        n = self.n + other.n
        share = other.n / np.maximum(n, 1)
        gap = other.mean - self.mean
        return Moments(n, self.mean + gap * share, self.m2 + other.m2 + np.square(gap) * self.n * share)
