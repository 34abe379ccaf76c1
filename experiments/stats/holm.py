"""Holm's step-down for a family of comparisons, and the level at which each one's interval agrees with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from experiments.stats.moments import Floats


def holm(p: ArrayLike) -> Floats:
    """Adjusted p-values (Holm 1979); a comparison is clear when its own is ≤ α."""
    raw = np.asarray(p, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    steps = np.minimum(np.maximum.accumulate(raw[order] * np.arange(raw.size, 0, -1)), 1)
    adjusted = np.empty_like(steps)
    adjusted[order] = steps
    return adjusted


def levels(p: ArrayLike, alpha: float) -> Floats:
    """Per comparison the level whose interval excludes zero exactly when its adjusted p is ≤ α.

    That is α divided by how many were still in the race when it was accepted or, for the rest, when Holm stopped.
    """
    raw = np.asarray(p, dtype=np.float64)
    left = np.arange(raw.size, 0, -1)
    order = np.argsort(raw, kind="stable")
    accepted = np.logical_and.accumulate(raw[order] * left <= alpha)
    stopped = raw.size - int(accepted.sum())
    result = np.empty_like(raw)
    result[order] = alpha / np.where(accepted, left, max(stopped, 1))
    return result
