"""Samples of many runs at once, drawn as counts, means and squared deviations where that is exact."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.stats.moments import Floats, Joint, Moments

BLOCK = 250


def blocks(runs: int, size: int = BLOCK) -> Iterator[int]:
    """`runs` cut into parts of at most `size`, so that the arrays of one part stay small.

    >>> list(blocks(600))
    [250, 250, 100]
    """
    for start in range(0, runs, size):
        yield min(size, runs - start)


def normal(
    dice: np.random.Generator, shape: int | tuple[int, ...], n: int, mean: ArrayLike = 0.0, sd: float = 1.0
) -> Moments:
    """Samples of `n` normal values each: mean and squared deviations are independent, normal and χ².

    >>> normal(np.random.default_rng(1), 2, 100).n.tolist()
    [100.0, 100.0]
    """
    means = mean + sd / np.sqrt(n) * dice.standard_normal(shape)
    return Moments(np.full(means.shape, float(n)), means, sd**2 * dice.chisquare(n - 1, means.shape))


def joint_normal(dice: np.random.Generator, runs: int, n: int, mean: ArrayLike, covariance: ArrayLike) -> Joint:
    """Samples of `n` jointly normal rows each: products of deviations are Wishart (Bartlett 1933).

    >>> joint_normal(np.random.default_rng(1), 3, 50, [1.0, 2.0], [[1.0, 0.5], [0.5, 1.0]]).products.shape
    (3, 2, 2)
    """
    centre, root = np.asarray(mean, dtype=np.float64), np.linalg.cholesky(np.asarray(covariance, dtype=np.float64))
    width = centre.size
    factor = np.tril(dice.standard_normal((runs, width, width)), -1)
    for place in range(width):
        factor[:, place, place] = np.sqrt(dice.chisquare(n - 1 - place, runs))
    factor = root @ factor
    means = centre + dice.standard_normal((runs, width)) @ root.T / np.sqrt(n)
    return Joint(np.full(runs, float(n)), means, factor @ factor.transpose(0, 2, 1))


def lognormal(dice: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Values whose logarithm is standard normal: mean 1.65, skewness 6.2.

    >>> lognormal(np.random.default_rng(1), (2, 3)).shape
    (2, 3)
    """
    values = dice.standard_normal(shape, dtype=np.float32)
    return np.exp(values, out=values)


def of_units(*columns: NDArray[np.generic]) -> Joint:
    """Units by runs, one array per quantity: the samples as they are, a run in every column.

    >>> of_units(np.array([[1.0, 5.0], [3.0, 5.0]])).products.ravel().tolist()
    [2.0, 0.0]
    """
    values = [np.asarray(each, dtype=np.float64) for each in columns]
    means = [each.mean(axis=0) for each in values]
    rest = [each - mean for each, mean in zip(values, means, strict=True)]
    products = [[np.einsum("ij,ij->j", one, other) for other in rest] for one in rest]
    n, runs = values[0].shape
    return Joint(np.full(runs, float(n)), np.stack(means, axis=-1), np.moveaxis(np.array(products), -1, 0))


def first_column(joint: Joint) -> Moments:
    """Its first quantity alone.

    >>> first_column(of_units(np.array([[1.0], [3.0]]))).mean.tolist()
    [2.0]
    """
    return Moments(joint.n, joint.mean[:, 0], joint.products[:, 0, 0])


def accumulated(units: int, sums: Floats, squares: Floats, first: int = 1) -> Moments:
    """Runs by looks: what has come by each look, from the sums and sums of squares of `units` new units per part.

    The first look comes after `first` parts. Meant for values whose mean is of the size of their spread.

    >>> accumulated(1, np.array([[1.0, 3.0]]), np.array([[1.0, 9.0]])).m2.tolist()
    [[0.0, 2.0]]
    """
    n = units * np.arange(1, sums.shape[1] + 1, dtype=np.float64)
    total = sums.cumsum(axis=1)
    m2 = np.maximum(squares.cumsum(axis=1) - np.square(total) / n, 0)
    return Moments(np.broadcast_to(n, m2.shape)[:, first - 1 :], (total / n)[:, first - 1 :], m2[:, first - 1 :])


def flat(moments: Moments) -> Moments:
    """All looks of all runs below each other."""
    return Moments(moments.n.ravel(), moments.mean.ravel(), moments.m2.ravel())
