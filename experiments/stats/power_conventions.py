"""Sample sizes as other calculators give them, to explain a difference; plans are made with `design`.

All answers are units per arm of two equal arms, not rounded, for a two-sided test unless `sides` says otherwise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats
from experiments.stats.population import Population
from experiments.stats.refusal import require_level
from experiments.stats.spending import Sides


def evan_miller(rate: ArrayLike, effect: ArrayLike, alpha: float = 0.05, power: float = 0.8) -> Floats:
    """Evan Miller's calculator: under the null both arms have the control's variance.

    Its plans fall short: 1 030 units for 20 % → 25 % have a power of 77.7 %, not 80 %. Raises `InsufficientData` for
    rates outside 0…1, no effect and impossible levels.

    >>> round(float(evan_miller(0.2, 0.05)), 4)
    1030.2193
    """
    control, treatment = _rates(rate, effect)
    return _units(2 * _binomial(control), _binomial(control) + _binomial(treatment), effect, alpha, power, 2)


def pooled(rate: ArrayLike, effect: ArrayLike, alpha: float = 0.05, power: float = 0.8, sides: Sides = 2) -> Floats:
    """R's `power.prop.test`: the pooled rate's variance under the null (Fleiss, Levin & Paik 2003). Refuses as above.

    >>> round(float(pooled(0.05, 0.005, power=0.9)), 4)
    41812.2129
    """
    control, treatment = _rates(rate, effect)
    merged = (control + treatment) / 2
    return _units(2 * _binomial(merged), _binomial(control) + _binomial(treatment), effect, alpha, power, sides)


def unpooled(rate: ArrayLike, effect: ArrayLike, alpha: float = 0.05, power: float = 0.8, sides: Sides = 2) -> Floats:
    """The textbook formula with each arm's own variance throughout (Chow, Shao & Wang 2008). Refuses as above.

    >>> round(float(unpooled(0.2, 0.05)), 4)
    1090.9943
    """
    control, treatment = _rates(rate, effect)
    both = _binomial(control) + _binomial(treatment)
    return _units(both, both, effect, alpha, power, sides)


def arcsine(rate: ArrayLike, effect: ArrayLike, alpha: float = 0.05, power: float = 0.8, sides: Sides = 2) -> Floats:
    """Cohen's h, as in R's `pwr` and statsmodels' `NormalIndPower` (Cohen 1988). Refuses as above.

    >>> round(float(arcsine(0.2, 0.05)), 4)
    1091.8988
    """
    control, treatment = _rates(rate, effect)
    h = 2 * (np.arcsin(np.sqrt(treatment)) - np.arcsin(np.sqrt(control)))
    return _units(2.0, 2.0, h, alpha, power, sides)


def growthbook_minimum_lift(
    control: Population, units_per_arm: ArrayLike, alpha: float = 0.05, power: float = 0.8
) -> Floats:
    """GrowthBook's smallest detectable relative lift, whose variance counts the control mean's own uncertainty.

    It belongs to the delta-method interval of the lift; Fieller's interval, which is what `design` plans for, excludes
    0 exactly when the absolute test rejects and needs a little less. Raises `InsufficientData` for a control mean that
    is not above 0, and where the control is too uncertain for any lift to be found.

    >>> round(float(growthbook_minimum_lift(Population(10.0, 25.0), 10_000)), 8)
    0.02000938
    """
    mean, size = np.asarray(control.mean, dtype=np.float64), np.asarray(units_per_arm, dtype=np.float64)
    drift = _drift(alpha, power, 2)
    if not ((mean > 0) & (size > 0) & np.isfinite(size)).all():
        raise InsufficientData("A relative lift needs a control mean above 0 and a number of units.")
    noise = np.square(drift / mean) * control.variance / size
    if not (noise < 1).all():
        raise InsufficientData("The control mean is too uncertain at this size for any lift to be found.")
    return np.asarray((noise + np.sqrt(noise * (2 - noise))) / (1 - noise))


def _units(
    null: Floats | float, alternative: Floats | float, effect: ArrayLike, alpha: float, power: float, sides: Sides
) -> Floats:
    error, miss = -special.ndtri(alpha / sides), special.ndtri(power)
    _drift(alpha, power, sides)
    return np.asarray(np.square((error * np.sqrt(null) + miss * np.sqrt(alternative)) / np.asarray(effect)))


def _drift(alpha: float, power: float, sides: Sides) -> float:
    require_level(alpha)
    if not alpha < power < 1:
        raise InsufficientData("A power lies above the level of significance and below 1.")
    return float(special.ndtri(power) - special.ndtri(alpha / sides))


def _rates(rate: ArrayLike, effect: ArrayLike) -> tuple[Floats, Floats]:
    control, change = np.asarray(rate, dtype=np.float64), np.asarray(effect, dtype=np.float64)
    treatment = control + change
    inside = (control > 0) & (control < 1) & (treatment > 0) & (treatment < 1)
    if not (inside & (treatment != control)).all():
        raise InsufficientData("Both rates must lie between 0 and 1 and differ.")
    return control, treatment


def _binomial(rate: Floats) -> Floats:
    return np.asarray(rate * (1 - rate))
