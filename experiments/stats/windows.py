"""Paired windows: control and treatment in the same stretches of time, where there are no units, as from Prometheus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats import always_valid
from experiments.stats.moments import Floats
from experiments.stats.non_inferiority import contrast
from experiments.stats.refusal import LARGEST, ROUNDING

FEWEST = 20
TUNED_TO = 200
STRONGEST = 0.95


@dataclass(frozen=True, slots=True)
class Windows:
    """`n` pairs of windows, both arms' means, the `harm` in the bad direction, and p of this look alone: `p_breached`
    against “the harm is at most its limit”, `p_healthy` against “it is at least its limit”. `inflation` is by what the
    variance was multiplied because neighbouring windows resemble each other.
    """

    n: int
    control: float
    treatment: float
    harm: float
    p_breached: float
    p_healthy: float
    inflation: float


def paired_windows(
    control: ArrayLike,
    treatment: ArrayLike,
    *,
    good: float,
    alpha: float = 0.05,
    limit: float = 0.0,
    relative: bool = True,
) -> Windows:
    """The always-valid test of the mean excess over pairs of windows that do not overlap, oldest first.

    Windows in which either value is missing are left out. The excess of a window is that of a guardrail, linear in both
    values. Its mean's variance is inflated by (1 + r) / (1 − r), r being the correlation of neighbouring windows after
    correction for its downward bias (Marriott & Pope 1954), so n counts only as n / inflation independent windows;
    Student's t with their number makes up for the estimated variance. This holds where one window resembles the
    one before and nothing more; a trend or a daily wave that the two variants do not share is not covered.
    Refuses fewer than 20 pairs and excesses that are all the same.

    >>> calm = [20.0, 21.0, 19.0, 22.0, 20.5, 19.5, 21.5, 20.0] * 5
    >>> slow = [each + 4 + place % 3 for place, each in enumerate(calm)]
    >>> found = paired_windows(calm, slow, good=-1, limit=0.1)
    >>> found.n, round(found.harm, 2), found.p_breached < 0.001
    (40, 4.98, True)
    """
    ours, theirs = (np.asarray(each, dtype=np.float64).reshape(-1) for each in (control, treatment))
    if ours.shape != theirs.shape:
        raise InsufficientData("Paired windows need the same windows of both variants.")
    usable = (np.abs(ours) <= LARGEST) & (np.abs(theirs) <= LARGEST)
    ours, theirs = ours[usable], theirs[usable]
    if ours.size < FEWEST:
        raise InsufficientData(f"There are {ours.size} windows with both variants so far; {FEWEST} are needed.")
    level = np.sign(ours.mean()) * np.ones_like(ours)
    base, _ = contrast(level, level, good=good, margin=limit, relative=relative)
    excess = base * ours - good * theirs - (0.0 if relative else limit)
    mean, spread = float(excess.mean()), float(excess.std(ddof=1))
    if not spread > ROUNDING * max(abs(mean), float(np.abs(ours).max())):
        raise InsufficientData("All windows differ by the same amount so far, so nothing is known about the spread.")
    inflation = _inflation(excess - mean)
    worth = ours.size / inflation
    z = _normal(mean / (spread * np.sqrt(inflation / ours.size)), max(worth - 1, 1.0))
    k = worth * float(always_valid.mixing(2 * alpha, TUNED_TO))
    return Windows(
        n=int(ours.size),
        control=float(ours.mean()),
        treatment=float(theirs.mean()),
        harm=good * float(ours.mean() - theirs.mean()),
        p_breached=float(always_valid.p_value(z, k, "greater")),
        p_healthy=float(always_valid.p_value(z, k, "less")),
        inflation=inflation,
    )


def _inflation(residual: Floats) -> float:
    n = residual.size
    seen = float(residual[1:] @ residual[:-1] / (residual @ residual))
    r = min(max(seen + (1 + 4 * max(seen, 0.0)) / n, 0.0), STRONGEST)
    return (1 + r) / (1 - r)


def _normal(t: float, df: float) -> float:
    """The normal score that is as far out as this t."""
    return float(np.sign(t) * -special.ndtri(max(special.stdtr(df, -abs(t)), np.finfo(np.float64).tiny)))
