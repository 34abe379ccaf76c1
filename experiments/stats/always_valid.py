"""The always-valid reading: p and interval that hold however often and whenever somebody looks.

One kernel, the normal mixture (Robbins 1970; Howard et al. 2021, eq. 14; Johari et al. 2022; Waudby-Smith et al. 2024).
With V = se², z = d / se and k = N·ρ² it is the mixture sequential ratio test with mixing variance k·V. It rests on the
central limit theorem, so looks before about a hundred units per arm do not belong in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from experiments.stats.comparison import Comparisons, conclude, sound
from experiments.stats.estimates import Estimates
from experiments.stats.moments import Floats
from experiments.stats.refusal import require_level
from experiments.stats.tails import Alternative


def mixing(alpha: float, units: ArrayLike) -> Floats:
    """ρ² that makes the two-sided interval of level `alpha` tightest at `units` units in both arms.

    Fixed once per experiment, before it starts; any other level is then read off with the same ρ².

    >>> round(float(mixing(0.05, 5_000)) ** 0.5, 7)
    0.0398401
    """
    require_level(alpha)
    log = -2 * np.log(alpha)
    return np.asarray((log + np.log1p(log)) / np.asarray(units, dtype=np.float64))


def log_evidence(z: ArrayLike, k: ArrayLike, alternative: Alternative = "two-sided") -> Floats:
    """Logarithm of the e-value against no difference; under no difference it exceeds log(1/α) with chance ≤ α.

    One-sided it is that of the half-normal mixture (Howard et al. 2021, eq. 15), whose bound has no closed form.

    >>> round(float(log_evidence(3.0, 2.5)), 4), round(float(log_evidence(3.0, 2.5, "greater")), 4)
    (2.5879, 3.2754)
    """
    k, score = np.asarray(k, dtype=np.float64), np.asarray(z, dtype=np.float64)
    both = k * np.square(score) / (2 * (1 + k)) - np.log1p(k) / 2
    if alternative == "two-sided":
        return np.asarray(both)
    towards = score if alternative == "greater" else -score
    return np.asarray(both + np.log(2) + special.log_ndtr(towards * np.sqrt(k / (1 + k))))


def p_value(z: ArrayLike, k: ArrayLike, alternative: Alternative = "two-sided") -> Floats:
    """The always-valid p of each look on its own; the one to report is its running minimum.

    One-sided it is the level whose closed-form bound is just touched (Waudby-Smith et al. 2024, one-sided confidence
    sequences): slightly larger than the half-normal mixture's own, and never too small.

    >>> p_value(3.0, 2.5).round(4).item(), p_value(3.0, 2.5, "greater").round(4).item()
    (0.0752, 0.0392)
    """
    if alternative == "two-sided":
        return np.exp(-np.maximum(log_evidence(z, k), 0))
    towards, k = np.asarray(z, dtype=np.float64), np.asarray(k, dtype=np.float64)
    towards = np.maximum(towards if alternative == "greater" else -towards, 0)
    exponent = k * np.square(towards) / (2 * (1 + k))
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(np.minimum(np.sqrt(1 + k) / (2 * np.expm1(exponent)), 1.0))


def multiplier(k: ArrayLike, alpha: ArrayLike, alternative: Alternative = "two-sided") -> Floats:
    """How many standard errors the always-valid interval reaches, to both sides or to the one that matters.

    >>> k = 5_000 * mixing(0.05, 5_000)
    >>> round(float(multiplier(k, 0.05)), 4), round(float(multiplier(k, 0.05, "greater")), 4)
    (3.0352, 2.7795)
    """
    k, alpha = np.asarray(k, dtype=np.float64), np.asarray(alpha, dtype=np.float64)
    require_level(alpha)
    if alternative == "two-sided":
        return np.asarray(np.sqrt((1 + k) / k * (np.log1p(k) - 2 * np.log(alpha))))
    return np.asarray(np.sqrt(2 * (1 + k) / k * np.log1p(np.sqrt(1 + k) / (2 * alpha))))


def compare_always_valid(
    control: Estimates,
    treatment: Estimates,
    rho2: ArrayLike,
    *,
    alpha: ArrayLike = 0.05,
    alternative: Alternative = "two-sided",
    null: ArrayLike = 0.0,
) -> Comparisons:
    """Every row as one of many looks: p and intervals of each look alone, before any running minimum.

    `rho2` comes from `mixing`, once for all rows or one for each. Intervals exclude zero exactly when p ≤ α.

    >>> arms = Estimates.given(12_000, 10.0, 25 / 12_000), Estimates.given(11_800, 10.3, 27 / 11_800)
    >>> found = compare_always_valid(*arms, mixing(0.05, 5_000))
    >>> round(float(found.lower[0]), 3), round(float(found.upper[0]), 3), float(found.p[0]) < 0.001
    (0.092, 0.508, True)
    """
    both = sound(control, treatment)
    effect = both.treatment.value - both.control.value
    se = np.sqrt(both.control.variance + both.treatment.variance)
    rate, level, centre = (both.column(each) for each in (rho2, alpha, null))
    k = (both.control.n + both.treatment.n) * rate
    z = (effect - centre) / se
    return conclude(
        "always-valid",
        both,
        z,
        np.full_like(z, np.inf),
        p_value(z, k, alternative),
        multiplier(k, level, alternative),
        alternative,
    )
