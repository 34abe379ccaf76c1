"""The always-valid reading: p and interval that hold however often and whenever somebody looks.

One kernel, the two-sided normal mixture (Robbins 1970; Howard et al. 2021, eq. 14; Johari et al. 2022; Waudby-Smith
et al. 2024). With V = se², z = d / se and k = N·ρ² it is the mixture sequential ratio test with mixing variance k·V.
It rests on the central limit theorem, so looks before about a hundred units per arm do not belong in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from experiments.stats.moments import Floats
from experiments.stats.refusal import require_level


def mixing(alpha: float, units: float) -> float:
    """ρ² that makes the interval of level `alpha` tightest at `units` units in both arms.

    Fixed once per experiment, before it starts; any other level is then read off with the same ρ².
    """
    require_level(alpha)
    log = -2 * np.log(alpha)
    return float((log + np.log1p(log)) / units)


def log_evidence(z: ArrayLike, k: ArrayLike) -> Floats:
    """Logarithm of the e-value against no difference; under no difference it exceeds log(1/α) with chance ≤ α."""
    k = np.asarray(k, dtype=np.float64)
    return np.asarray(k * np.square(z) / (2 * (1 + k)) - np.log1p(k) / 2)


def p_value(z: ArrayLike, k: ArrayLike) -> Floats:
    """The always-valid p of each look on its own; the one to report is its running minimum."""
    return np.exp(-np.maximum(log_evidence(z, k), 0))


def multiplier(k: ArrayLike, alpha: ArrayLike) -> Floats:
    """How many standard errors the always-valid interval reaches to each side."""
    k, alpha = np.asarray(k, dtype=np.float64), np.asarray(alpha, dtype=np.float64)
    require_level(alpha)
    return np.asarray(np.sqrt((1 + k) / k * (np.log1p(k) - 2 * np.log(alpha))))
