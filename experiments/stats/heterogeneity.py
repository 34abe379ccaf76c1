"""Whether an effect differs between segments, or experiments interact, beyond what noise explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats, Moments
from experiments.stats.refusal import ROUNDING, require_level

EXTREME = 1e50


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Arrays of one shape: Cochran's `q` with `df` and p, the share `i2` of the spread that is not noise, and `tau2`.

    >>> round(heterogeneity([1.0, 2.0], [0.5, 0.5]).q.item(), 6)
    1.0
    """

    q: Floats
    df: Floats
    p: Floats
    i2: Floats
    tau2: Floats


@dataclass(frozen=True, slots=True)
class Interaction:
    """Arrays of one shape: by how much the second treatment's effect is larger under the first, with z and interval.

    >>> interaction(Moments.given(np.full((2, 2), 4), [[0.0, 0.0], [0.0, 1.0]], np.ones((2, 2)))).se.item()
    1.0
    """

    estimate: Floats
    se: Floats
    z: Floats
    p: Floats
    lower: Floats
    upper: Floats


def require_effects(effects: Floats, variances: Floats, present: NDArray[np.bool_]) -> None:
    """`InsufficientData` unless each family along the last axis has two finite effects with variances above 0.

    >>> require_effects(np.array([0.1, 0.2]), np.array([0.01, 0.0]), np.array([True, True]))
    Traceback (most recent call last):
    experiments.errors.InsufficientData: An effect or its variance is missing, or the variance is not above zero.
    """
    if effects.ndim == 0 or (present.sum(axis=-1) < 2).any():
        raise InsufficientData("At least two effects are needed to read them together.")
    if not (np.isfinite(effects) & np.isfinite(variances) & (variances > 0) | ~present).all():
        raise InsufficientData("An effect or its variance is missing, or the variance is not above zero.")
    ordinary = (np.abs(effects) <= EXTREME) & (variances <= EXTREME) & (variances >= 1 / EXTREME)
    if not (ordinary | ~present).all():
        raise InsufficientData("The effects are too large or too small to calculate with; use another unit.")


def others(share: Floats) -> Floats:
    """1 − share along the last axis for shares that sum to one, exact also where one share is nearly all.

    >>> others(np.array([1.0, 1e-30])).tolist()
    [1e-30, 1.0]
    """
    small = share <= 0.5
    return np.where(small, 1 - share, np.where(small, share, 0.0).sum(axis=-1, keepdims=True))


def heterogeneity(
    effects: ArrayLike, variances: ArrayLike, df: ArrayLike = np.inf, present: ArrayLike | None = None
) -> Heterogeneity:
    """Cochran's Q (1954) of independent effects along the last axis, with I² (Higgins & Thompson 2002) and τ².

    `variances` are those of the effects, `df` the degrees of freedom with which they were estimated: p is of the
    chi-square distribution where they are endless, else of Welch's F (James 1951, Johansen 1980). τ² is that of
    DerSimonian & Laird (1986). `present` marks the places that count where families differ in size. Raises
    `InsufficientData` for fewer than two effects in a family or a variance that is not above zero.

    >>> found = heterogeneity([0.10, -0.04, 0.03, 0.20], [0.0009, 0.000625, 0.0004, 0.0025])
    >>> round(float(found.q), 4), float(found.df), round(float(found.p), 8), round(float(found.i2), 4)
    (24.6411, 3.0, 1.835e-05, 0.8783)
    """
    effect, variance, freedom = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in (effects, variances, df))
    )
    counts = np.broadcast_to(np.asarray(True if present is None else present, dtype=bool), effect.shape)
    require_effects(effect, variance, counts)
    if not ((freedom > 0) | ~counts).all():
        raise InsufficientData("The degrees of freedom of a variance are above zero.")
    smallest = np.where(counts, variance, np.inf).min(axis=-1, keepdims=True)
    weight = np.where(counts, smallest / np.where(counts, variance, 1.0), 0.0)
    total = weight.sum(axis=-1, keepdims=True)
    share = weight / total
    surest = np.take_along_axis(effect, weight.argmax(axis=-1)[..., None], -1)
    offset = np.where(counts, effect - surest, 0.0)
    gap = offset - (share * offset).sum(axis=-1, keepdims=True)
    q = (weight * np.square(gap / np.sqrt(smallest))).sum(axis=-1)
    others_share = others(share)
    between = counts.sum(axis=-1) - 1.0
    excess = np.maximum(q - between, 0)
    tau2 = excess * (smallest / total)[..., 0] / (share * others_share).sum(axis=-1)
    unsure = np.where(counts, np.square(others_share) / np.where(counts, freedom, 1.0), 0.0).sum(axis=-1)
    return Heterogeneity(q, between, welch_james(q, between, unsure)[1], excess / np.maximum(q, between), tau2)


def welch_james(statistic: Floats, df: Floats, unsure: Floats) -> tuple[Floats, Floats, Floats]:
    """F, p and the second degrees of freedom of a Wald statistic whose variances are estimated (Johansen 1980).

    `df` is the number of contrasts and `unsure` Johansen's A, Σ (leverage of a mean)² / (its degrees of freedom); at
    A = 0 p is that of chi-square. One contrast of two means is Welch's t, all contrasts of several his F (1951).

    >>> f, p, second = welch_james(np.array(6.0), np.array(2.0), np.array(0.1))
    >>> round(float(f), 4), round(float(p), 4), round(float(second), 4)
    (2.9268, 0.0709, 26.6667)
    """
    known = unsure * 1e12 <= 1
    f = statistic / (df + 2 * unsure - 6 * unsure / (df + 2))
    second = np.where(known, np.inf, df * (df + 2) / (3 * np.where(known, 1.0, unsure)))
    p = np.where(known, special.chdtrc(df, statistic), special.fdtrc(df, np.where(known, 1.0, second), f))
    return f, p, second


def segments(control: Moments, treatment: Moments, present: ArrayLike | None = None) -> Heterogeneity:
    """Whether treatment − control differs between segments: the interaction test of variant and segment.

    The last axis of both arms is the segments, two or more; every axis before it is comparisons. The variances of the
    arms may differ, and p takes into account that they are estimates (Johansen 1980). Raises `InsufficientData` for a
    segment with fewer than two units or no spread in an arm, and for fewer than two segments.

    >>> control = Moments.given([400, 300], [10.0, 12.0], [25.0, 30.0])
    >>> treatment = Moments.given([410, 290], [10.1, 14.0], [26.0, 31.0])
    >>> found = segments(control, treatment)
    >>> round(float(found.q), 4), round(float(found.p), 6)
    (10.847, 0.001019)
    """
    counts = np.broadcast_to(np.asarray(True if present is None else present, dtype=bool), np.shape(control.n))
    ours, theirs = variances_of_means(control, counts), variances_of_means(treatment, counts)
    variance = ours + theirs
    unsure = sum(
        np.square(part / variance) / np.where(counts, arm.n - 1, 1.0)
        for part, arm in ((ours, control), (theirs, treatment))
    )
    difference = np.where(counts, treatment.mean, 0.0) - np.where(counts, control.mean, 0.0)
    return heterogeneity(difference, variance, 1 / unsure, counts)


def variances_of_means(groups: Moments, present: ArrayLike = True) -> Floats:
    """Variance of each group's mean, 1 where it is not `present`; `InsufficientData` unless n ≥ 2 and values differ.

    >>> variances_of_means(Moments.given([4, 10], [1.0, 1.0], [2.0, 5.0])).tolist()
    [0.5, 0.5]
    """
    counts = np.broadcast_to(np.asarray(present, dtype=bool), np.shape(groups.n))
    n, mean, m2 = (
        np.where(counts, part, filler) for part, filler in ((groups.n, 2.0), (groups.mean, 0.0), (groups.m2, 2.0))
    )
    if not (np.isfinite(n) & np.isfinite(mean) & np.isfinite(m2) & (n >= 0) & (m2 >= 0)).all():
        raise InsufficientData("A count, mean or variance is missing, negative or not a number.")
    if (n < 2).any():
        raise InsufficientData("Each group needs at least two units.")
    variance = m2 / (n - 1) / n
    if (np.sqrt(variance) <= ROUNDING * np.abs(mean)).any():
        raise InsufficientData("All units of a group have the same value so far, so nothing is known about the spread.")
    if ((np.abs(mean) > EXTREME) | (variance > EXTREME) | (variance < 1 / EXTREME) | (n > EXTREME)).any():
        raise InsufficientData("The values are too large or too small to calculate with; use another unit.")
    return np.where(counts, variance, 1.0)


def interaction(cells: Moments, alpha: float = 0.05) -> Interaction:
    """Two experiments that share units: does the effect of one depend on the other's variant?

    The last two axes of `cells` are 2 × 2: the first experiment's control and treatment, then the second's. The
    estimate is (tt − tc) − (ct − cc), tested by z, so for large cells (`factorial.wald` is for small ones). Raises
    `InsufficientData` for a cell with fewer than two units or no spread.

    >>> n, mean, variance = [[4000, 4100], [3900, 4050]], [[10, 10.4], [10.2, 11.1]], [[25, 26], [25, 27]]
    >>> found = interaction(Moments.given(n, mean, variance))
    >>> round(float(found.estimate), 4), round(float(found.z), 4), round(float(found.p), 6)
    (0.5, 3.1208, 0.001803)
    """
    require_level(alpha)
    if np.shape(cells.n)[-2:] != (2, 2):
        raise InsufficientData("An interaction of two experiments takes two variants of each.")
    se = np.sqrt(variances_of_means(cells).sum(axis=(-2, -1)))
    (cc, ct), (tc, tt) = np.moveaxis(cells.mean, (-2, -1), (0, 1))
    estimate = (tt - tc) - (ct - cc)
    z = estimate / se
    reach = -special.ndtri(alpha / 2) * se
    return Interaction(estimate, se, z, 2 * special.ndtr(-np.abs(z)), estimate - reach, estimate + reach)
