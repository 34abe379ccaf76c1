"""Calibration: how well forecast probabilities of success fit what happened, of one person or of all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats
from experiments.stats.proportions import wilson

FEWEST = 20
BINS = 10
DIGITS = 12


@dataclass(frozen=True, slots=True)
class Brier:
    """The Brier score and its parts: score = reliability − resolution + uncertainty.

    `score` is the mean squared error of the forecasts (0 is perfect, always saying 50 % gives 0.25), `reliability` how
    far forecasts lie from what happened at them (less is better), `resolution` how far what happened at different
    forecasts lies apart (more is better), `uncertainty` the variance of the outcomes. `skill` is the gain over always
    forecasting the average, 1 − score / uncertainty; None where every outcome was the same.
    """

    predictions: int
    score: float
    reliability: float
    resolution: float
    uncertainty: float
    skill: float | None


@dataclass(frozen=True, slots=True)
class Spiegelhalter:
    """The statistic, standard normal if the forecasts are calibrated (above 0: too sure), and its two-sided p."""

    z: float
    p: float


@dataclass(frozen=True, slots=True)
class Bin:
    """The forecasts between two edges: how many, their mean, the share that came true and its Wilson interval."""

    lower: float
    upper: float
    count: int
    forecast: float
    observed: float
    observed_lower: float
    observed_upper: float


def brier(forecasts: ArrayLike, outcomes: ArrayLike) -> Brier:
    """The Brier score (Brier 1950) with its parts by distinct forecast value (Murphy 1973).

    `forecasts` are probabilities, `outcomes` 0 or 1, one-dimensional and of one length. Raises `InsufficientData` for
    none at all and for anything else.

    >>> found = brier([0.9, 0.9, 0.2, 0.2], [1, 1, 0, 1])
    >>> round(found.score, 6), round(found.reliability, 6), round(found.resolution, 6), found.uncertainty
    (0.175, 0.05, 0.0625, 0.1875)
    """
    p, y = _pairs(forecasts, outcomes)
    values, group = np.unique(np.round(p, DIGITS), return_inverse=True)
    count = np.bincount(group).astype(np.float64)
    observed, average = np.bincount(group, y) / count, y.mean()
    score, uncertainty = np.square(p - y).mean(), average * (1 - average)
    return Brier(
        predictions=p.size,
        score=float(score),
        reliability=float(count @ np.square(values - observed) / p.size),
        resolution=float(count @ np.square(observed - average) / p.size),
        uncertainty=float(uncertainty),
        skill=float(1 - score / uncertainty) if uncertainty > 0 else None,
    )


def spiegelhalter(forecasts: ArrayLike, outcomes: ArrayLike) -> Spiegelhalter:
    """Spiegelhalter's test of calibration (1986, Statistics in Medicine 5:421), two-sided.

    Takes what `brier` takes. Raises `InsufficientData` also where every forecast is 0, 50 or 100 %: these leave the
    score nothing to vary.

    >>> found = spiegelhalter([0.9] * 10, [1] * 6 + [0] * 4)
    >>> round(found.z, 6), round(found.p, 6)
    (3.162278, 0.001565)
    """
    p, y = _pairs(forecasts, outcomes)
    variance = float((np.square(1 - 2 * p) * p * (1 - p)).sum())
    if variance <= 0:
        raise InsufficientData("Forecasts of only 0, 50 or 100 % cannot be tested for calibration.")
    z = float(((y - p) * (1 - 2 * p)).sum() / np.sqrt(variance))
    return Spiegelhalter(z, float(2 * special.ndtr(-abs(z))))


def curve(
    forecasts: ArrayLike,
    outcomes: ArrayLike,
    bins: int = BINS,
    by: Literal["width", "count"] = "width",
    alpha: float = 0.05,
) -> tuple[Bin, ...]:
    """The reliability curve: what came true per bin of forecasts, low forecasts first, with Wilson's interval.

    Bins are of equal width between 0 and 1, or by quantiles of the forecasts with about the same count in each; equal
    forecasts stay together and empty bins are left out. Takes what `brier` takes. Raises `InsufficientData` below 20
    predictions: their bins would show noise.

    >>> found = curve([0.25] * 12 + [0.75] * 12, [0] * 9 + [1] * 3 + [1] * 9 + [0] * 3, bins=2)
    >>> [(each.count, each.forecast, each.observed) for each in found]
    [(12, 0.25, 0.25), (12, 0.75, 0.75)]
    """
    p, y = _pairs(forecasts, outcomes)
    if p.size < FEWEST:
        raise InsufficientData(f"A calibration curve needs {FEWEST} predictions with an outcome; here are {p.size}.")
    if bins < 1:
        raise InsufficientData("A calibration curve needs at least one bin.")
    shares = np.round(np.linspace(0, 1, bins + 1), DIGITS)
    edges = shares if by == "width" else np.unique(np.quantile(p, shares))
    last = max(edges.size - 2, 0)
    place = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, last)
    filled, group, count = np.unique(place, return_inverse=True, return_counts=True)
    hits = np.bincount(group, y)
    interval = wilson(hits, count, alpha)
    columns = (
        edges[filled],
        edges[np.minimum(filled + 1, edges.size - 1)],
        count,
        np.bincount(group, p) / count,
        hits / count,
        interval.lower,
        interval.upper,
    )
    return tuple(Bin(*row) for row in zip(*(column.tolist() for column in columns), strict=True))


def _pairs(forecasts: ArrayLike, outcomes: ArrayLike) -> tuple[Floats, Floats]:
    p, y = np.asarray(forecasts, dtype=np.float64), np.asarray(outcomes, dtype=np.float64)
    if p.ndim != 1 or p.shape != y.shape or not p.size:
        raise InsufficientData("Calibration needs at least one prediction, and an outcome for each.")
    if not ((p >= 0) & (p <= 1)).all():
        raise InsufficientData("A forecast is a probability between 0 and 1.")
    if not ((y == 0) | (y == 1)).all():
        raise InsufficientData("An outcome is 1 where it came true and 0 where it did not.")
    return p, y
