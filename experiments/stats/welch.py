"""Welch's comparison of two means: the reading of one look alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from experiments.stats.moments import Floats, Moments
from experiments.stats.refusal import require_level, require_sound

Alternative = Literal["two-sided", "greater", "less"]


@dataclass(frozen=True, slots=True)
class Welch:
    """Arrays of one shape: difference (treatment − control), its standard error, t, df, p and interval."""

    difference: Floats
    se: Floats
    t: Floats
    df: Floats
    p: Floats
    lower: Floats
    upper: Floats


def welch(control: Moments, treatment: Moments, alpha: float = 0.05, alternative: Alternative = "two-sided") -> Welch:
    """Unequal-variance t test (Welch 1947) with Satterthwaite's degrees of freedom.

    p is a survival function, so it stays exact far out in the tail; a one-sided interval has an infinite bound.
    Raises `InsufficientData` unless every row is sound.
    """
    require_sound(control, treatment)
    require_level(alpha)
    of_control, of_treatment = control.of_mean, treatment.of_mean
    variance = of_control + of_treatment
    difference, se = treatment.mean - control.mean, np.sqrt(variance)
    t = difference / se
    ours, theirs = np.square(of_control / variance), np.square(of_treatment / variance)
    df = 1 / (ours / (control.n - 1) + theirs / (treatment.n - 1))
    if alternative == "two-sided":
        reach = -special.stdtrit(df, alpha / 2) * se
        p = 2 * special.stdtr(df, -np.abs(t))
        return Welch(difference, se, t, df, p, difference - reach, difference + reach)
    reach = -special.stdtrit(df, alpha) * se
    endless = np.full_like(reach, np.inf)
    if alternative == "greater":
        return Welch(difference, se, t, df, special.stdtr(df, -t), difference - reach, endless)
    return Welch(difference, se, t, df, special.stdtr(df, t), -endless, difference + reach)
