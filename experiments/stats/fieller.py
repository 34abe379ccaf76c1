"""Fieller's interval of the relative lift, which excludes zero exactly when the absolute comparison does."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.stats.moments import Floats


@dataclass(frozen=True, slots=True)
class Lift:
    """`lift` = difference ÷ |control mean| with its interval; only where `bounded` do the three mean anything.

    Elsewhere control is too close to zero for this critical value (g ≥ 1): no lift can be given, and the three are 0.

    >>> relative_lift([10.0, 0.1], 0.01, [11.0, 0.2], 0.01, 1.96).bounded.tolist()
    [True, False]
    """

    lift: Floats
    lower: Floats
    upper: Floats
    bounded: NDArray[np.bool_]

    def without_upper(self) -> Lift:
        """The one-sided reading that knows only a lower bound.

        >>> float(relative_lift(10.0, 0.01, 11.0, 0.01, 1.645).without_upper().upper)
        inf
        """
        return replace(self, upper=np.where(self.bounded, np.inf, 0.0))

    def without_lower(self) -> Lift:
        """The one-sided reading that knows only an upper bound.

        >>> float(relative_lift(10.0, 0.01, 11.0, 0.01, 1.645).without_lower().lower)
        -inf
        """
        return replace(self, lower=np.where(self.bounded, -np.inf, 0.0))


def relative_lift(
    control: ArrayLike,
    control_variance: ArrayLike,
    treatment: ArrayLike,
    treatment_variance: ArrayLike,
    critical: ArrayLike,
) -> Lift:
    """Fieller (1954) for independent means with the variances of the means and any critical value.

    The bounds are the roots R of (t − R·c)² = critical²·(var t + R²·var c), minus one. The sign of the lift is the
    sign of the difference also where the control mean is negative.

    >>> found = relative_lift(1.0, 0.01, 1.1, 0.0121, 1.959964)
    >>> round(float(found.lower), 6), round(float(found.upper), 6)
    (-0.170075, 0.457964)
    """
    c, c_var, t, t_var, z = np.broadcast_arrays(
        *(
            np.asarray(each, dtype=np.float64)
            for each in (control, control_variance, treatment, treatment_variance, critical)
        )
    )
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        g = np.square(z) * (c_var / c / c)
        rest = np.square(z) * (t_var / c / c)
        ratio = t / c
        bounded = (c != 0) & (g < 1) & np.isfinite(rest) & np.isfinite(ratio)
    g, rest, ratio = (np.where(bounded, each, fallback) for each, fallback in ((g, 0.0), (rest, 0.0), (ratio, 1.0)))
    centre = ratio - 1
    with np.errstate(over="ignore"):
        reach = np.sqrt(g * np.square(ratio) + rest * (1 - g))
    low, high = (centre + g - reach) / (1 - g), (centre + g + reach) / (1 - g)
    bounded = bounded & np.isfinite(low) & np.isfinite(high)
    flipped = c < 0
    low, high = np.where(flipped, -high, low), np.where(flipped, -low, high)
    lift = np.where(flipped, -centre, centre)
    lift, low, high = (np.where(bounded, each, 0.0) for each in (lift, low, high))
    return Lift(lift, low, high, bounded)
