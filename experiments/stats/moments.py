"""Counts, means and squared deviations of many samples at once: what comparisons need, and how parts are merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.bool_] | NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Moments:
    """`n`, `mean` and `m2` (the sum of squared deviations from the mean), arrays of one shape.

    >>> whole = Moments.of([1.0, 2.0]).merge(Moments.of([3.0, 6.0]))
    >>> float(whole.mean), round(float(whole.variance), 6)
    (3.0, 4.666667)
    """

    n: Floats
    mean: Floats
    m2: Floats

    @classmethod
    def given(cls, n: ArrayLike, mean: ArrayLike, variance: ArrayLike) -> Moments:
        """From counts, means and sample variances (n − 1 in the denominator).

        >>> float(Moments.given(5, 2.0, 3.0).m2)
        12.0
        """
        count, centre, spread = (np.asarray(each, dtype=np.float64) for each in (n, mean, variance))
        with np.errstate(over="ignore", invalid="ignore"):
            return cls(count, centre, spread * np.maximum(count - 1, 0))

    @classmethod
    def of(cls, values: ArrayLike) -> Moments:
        """Of one sample of values, in two passes so that a large offset does not drown the spread.

        >>> float(Moments.of([1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3]).m2)
        5.0
        """
        whole = Joint.of(np.asarray(values, dtype=np.float64).reshape(-1, 1))
        return cls(whole.n, whole.mean[..., 0], whole.products[..., 0, 0])

    @property
    def variance(self) -> Floats:
        """Sample variance; 0 where there are fewer than two units."""
        return np.where(self.n > 1, self.m2 / np.maximum(self.n - 1, 1), 0.0)

    def take(self, which: Rows) -> Moments:
        """The rows that `which` picks: a mask or indices.

        >>> Moments.given([5, 9], [1.0, 2.0], [1.0, 1.0]).take(np.array([1])).n.tolist()
        [9.0]
        """
        return Moments(self.n[which], self.mean[which], self.m2[which])

    def merge(self, other: Moments) -> Moments:
        """Both samples as one (Chan, Golub & LeVeque 1979).

        >>> float(Moments.of([0.0]).merge(Moments.of([2.0])).m2)
        2.0
        """
        n = self.n + other.n
        share = other.n / np.maximum(n, 1)
        gap = other.mean - self.mean
        return Moments(n, self.mean + gap * share, self.m2 + other.m2 + np.square(gap) * self.n * share)


@dataclass(frozen=True, slots=True)
class Joint:
    """Several quantities of the same units: `n` (…), `mean` (…, k) and `products` (…, k, k), the sums of products of
    deviations from the means.

    >>> Joint.of([[1.0, 2.0], [3.0, 6.0]]).covariance.tolist()
    [[2.0, 4.0], [4.0, 8.0]]
    """

    n: Floats
    mean: Floats
    products: Floats

    @classmethod
    def given(cls, n: ArrayLike, mean: ArrayLike, covariance: ArrayLike) -> Joint:
        """From counts (…), means (…, k) and sample covariances (…, k, k), n − 1 in the denominator.

        >>> Joint.given(3, [1.0, 2.0], [[1.0, 0.5], [0.5, 1.0]]).products.tolist()
        [[2.0, 1.0], [1.0, 2.0]]
        """
        count, centre, spread = (np.asarray(each, dtype=np.float64) for each in (n, mean, covariance))
        with np.errstate(over="ignore", invalid="ignore"):
            return cls(count, centre, spread * np.maximum(count - 1, 0)[..., None, None])

    @classmethod
    def of(cls, values: ArrayLike) -> Joint:
        """Of one sample, a row per unit and a column per quantity, in two passes.

        >>> Joint.of([[1.0, 1.0], [2.0, 5.0]]).mean.tolist()
        [1.5, 3.0]
        """
        sample = np.asarray(values, dtype=np.float64)
        width = sample.shape[1]
        if not len(sample):
            return cls(np.asarray(0.0), np.zeros(width), np.zeros((width, width)))
        centre = sample.mean(axis=0)
        centre = centre + (sample - centre).mean(axis=0)
        rest = sample - centre
        return cls(np.asarray(float(len(sample))), centre, rest.T @ rest)

    @property
    def covariance(self) -> Floats:
        """Sample covariances; 0 where there are fewer than two units."""
        n = self.n[..., None, None]
        return np.where(n > 1, self.products / np.maximum(n - 1, 1), 0.0)

    def take(self, which: Rows) -> Joint:
        """The rows that `which` picks: a mask or indices.

        >>> Joint.given([2, 3], np.zeros((2, 1)), np.ones((2, 1, 1))).take(np.array([False, True])).n.tolist()
        [3.0]
        """
        return Joint(self.n[which], self.mean[which], self.products[which])

    def merge(self, other: Joint) -> Joint:
        """Both samples as one (Chan, Golub & LeVeque 1979, for co-moments Pébay 2008).

        >>> Joint.of([[0.0, 1.0]]).merge(Joint.of([[2.0, 5.0]])).products.tolist()
        [[2.0, 4.0], [4.0, 8.0]]
        """
        n = self.n + other.n
        share = other.n / np.maximum(n, 1)
        gap = other.mean - self.mean
        outer = gap[..., :, None] * gap[..., None, :]
        products = self.products + other.products + outer * (self.n * share)[..., None, None]
        return Joint(n, self.mean + gap * share[..., None], products)
