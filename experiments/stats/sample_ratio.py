"""Do the units fall on the variants as the weights say? Safe under daily looks, exact for any count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.always_valid import mixing
from experiments.stats.moments import Floats

ALPHA = 0.001
SERIES_FROM = 16.0


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """`p` is safe under repeated looks, `chi_square`, `df` and `chi_square_p` read the newest look alone.

    `largest_gap` is the largest deviation of an arm's share from its weight, in shares (0.01 = 1 point).
    """

    p: float
    chi_square: float
    df: int
    chi_square_p: float
    largest_gap: float

    @property
    def rejects(self) -> bool:
        return self.p < ALPHA


def chi_square(observed: ArrayLike, weights: ArrayLike) -> tuple[float, int, float]:
    """Pearson's χ² of one look against the weights, its degrees of freedom and p; arms of weight 0 take no part."""
    counts, shares = _arms(observed, weights)
    expected = counts.sum() * shares
    if expected.sum() == 0:
        raise InsufficientData("There are no units to count yet.")
    statistic = float((np.square(counts - expected) / expected).sum())
    df = counts.size - 1
    return statistic, df, float(special.chdtrc(df, statistic))


def sample_ratio(history: ArrayLike, weights: ArrayLike, planned_units: float) -> SampleRatio:
    """The sequential multinomial test of Lindon & Malek (2022) over all looks.

    `history` has one row per look, oldest first, and one column per arm: units so far. The evidence of a look is the
    Bayes factor of a Dirichlet mixture centred on the weights, tuned to be sharpest at `planned_units` units; the p
    is the running minimum of its inverse, so under the true weights it falls below 0.001 with chance ≤ 0.001 however
    often it is read. Raises `InsufficientData` without units or without two arms of positive weight.
    """
    looks = np.atleast_2d(np.asarray(history, dtype=np.float64))
    if not looks.size:
        raise InsufficientData("There are no units to count yet.")
    counts, shares = _arms(looks, weights)
    statistic, df, p = chi_square(looks[-1], weights)
    newest = counts[-1]
    evidence = _log_bayes_factor(counts, shares, 1 / mixing(ALPHA, planned_units))
    return SampleRatio(
        p=float(np.exp(-max(float(evidence.max()), 0.0))),
        chi_square=statistic,
        df=df,
        chi_square_p=p,
        largest_gap=float(np.abs(newest / newest.sum() - shares).max()),
    )


def _arms(observed: ArrayLike, weights: ArrayLike) -> tuple[Floats, Floats]:
    counts, shares = np.asarray(observed, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if not (np.isfinite(counts).all() and (counts >= 0).all() and np.isfinite(shares).all() and (shares >= 0).all()):
        raise InsufficientData("Counts and weights are finite and not negative.")
    active = shares > 0
    if active.sum() < 2:
        raise InsufficientData("A ratio needs at least two variants that get traffic.")
    return counts[..., active], shares[active] / shares[active].sum()


def _log_bayes_factor(counts: Floats, shares: Floats, concentration: float) -> Floats:
    """Dirichlet(concentration · shares) mixture against the shares themselves, one value per look.

    Written around Stirling's series with the large parts cancelled by hand: the plain difference of log-gamma
    functions is off by ± 20 at 10¹⁵ units.
    """
    prior = concentration * shares
    units = counts.sum(axis=-1)
    posterior, total = prior + counts, concentration + units
    expected = total[..., None] * shares
    u = (counts - units[..., None] * shares) / expected
    return np.asarray(
        (expected * _excess(u)).sum(axis=-1)
        - np.log1p(u).sum(axis=-1) / 2
        - (shares.size - 1) / 2 * np.log(total)
        + (np.log(shares) * (prior - 0.5)).sum()
        + (shares.size - 1) / 2 * np.log(2 * np.pi)
        + _remainder(posterior).sum(axis=-1)
        - _remainder(total)
        + special.gammaln(concentration)
        - special.gammaln(prior).sum()
    )


def _excess(u: Floats) -> Floats:
    """(1 + u)·log(1 + u) − u without loss near zero."""
    return np.where(np.abs(u) < 1e-4, np.square(u) * (0.5 - u / 6), (1 + u) * np.log1p(u) - u)


def _remainder(z: Floats) -> Floats:
    """log Γ(z) − ((z − ½)·log z − z + ½·log 2π)."""
    small = np.minimum(z, SERIES_FROM)
    inverse = 1 / np.maximum(z, SERIES_FROM)
    series = inverse * (1 / 12 - np.square(inverse) * (1 / 360 - np.square(inverse) / 1260))
    exact = special.gammaln(small) - ((small - 0.5) * np.log(small) - small + 0.5 * np.log(2 * np.pi))
    return np.where(z < SERIES_FROM, exact, series)
