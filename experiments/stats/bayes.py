"""Chance to beat control, with normal or beta posteriors: an extra reading, **not safe under peeking**.

The chance is right for one look at a time planned before. Stopping once it exceeds 95 % finds a winner among equals
far more often than one time in twenty; the always-valid reading is the one to stop by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.exact import LARGEST_COUNT, two_arms
from experiments.stats.moments import Floats
from experiments.stats.refusal import LARGEST
from experiments.stats.tails import normal_critical

NODES = 201


@dataclass(frozen=True, slots=True)
class Bayes:
    """Arrays of one shape: chances that the effect is above and below 0, its posterior and credible interval.

    `loss_of_control` is the expected loss of staying with control (the mean of the effect where it is positive, else
    0), `loss_of_treatment` that of taking treatment, both in the effect's unit. Where lower is better read
    `chance_less` and swap the losses. Not safe under peeking.

    >>> round(float(normal(0.05, 0.02).chance), 6)
    0.99379
    """

    chance: Floats
    chance_less: Floats
    mean: Floats
    sd: Floats
    lower: Floats
    upper: Floats
    loss_of_control: Floats
    loss_of_treatment: Floats


@dataclass(frozen=True, slots=True)
class BetaChance:
    """Arrays of one shape: the chance that treatment's share is greater and that it is less. Not safe under peeking.

    >>> round(float(beta(1, 20, 3, 20).chance_less), 6)
    0.17167
    """

    chance: Floats
    chance_less: Floats


def normal(
    effect: ArrayLike,
    se: ArrayLike,
    prior_mean: ArrayLike = 0.0,
    prior_sd: ArrayLike = np.inf,
    alpha: float = 0.05,
) -> Bayes:
    """Normal posterior of an effect from its estimate, standard error and a normal prior, as GrowthBook's.

    The effect may be absolute or relative; mean and sd of the prior are in the same unit (a prior on the lift times
    |control mean| where the effect is absolute). An infinite `prior_sd` is the flat prior. Refuses a standard error
    or prior sd that is not positive. Not safe under peeking.

    >>> found = normal(0.05, 0.0186413519, prior_sd=0.3 * 0.2)
    >>> [round(float(each), 6) for each in (found.chance, found.mean, found.sd, found.lower, found.upper)]
    [0.994788, 0.045598, 0.017802, 0.010707, 0.08049]
    """
    estimate, error, centre, spread = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in (effect, se, prior_mean, prior_sd))
    )
    if not ((np.abs(estimate) <= LARGEST).all() and (np.abs(centre) <= LARGEST).all()):
        raise InsufficientData("An effect is missing or too large to calculate with.")
    if not ((error > 1 / LARGEST).all() and (error <= LARGEST).all() and (spread > 1 / LARGEST).all()):
        raise InsufficientData("Nothing is known about the spread of the effect or of what was expected of it.")
    reach = normal_critical(alpha)
    trust = 1 / (1 + np.square(error / spread))
    mean, sd = centre + trust * (estimate - centre), error * np.sqrt(trust)
    z = mean / sd
    return Bayes(
        chance=np.asarray(special.ndtr(z)),
        chance_less=np.asarray(special.ndtr(-z)),
        mean=mean,
        sd=sd,
        lower=mean - reach * sd,
        upper=mean + reach * sd,
        loss_of_control=sd * _positive_part(z),
        loss_of_treatment=sd * _positive_part(-z),
    )


def beta(
    x_c: ArrayLike,
    n_c: ArrayLike,
    x_t: ArrayLike,
    n_t: ArrayLike,
    prior: tuple[float, float] = (1.0, 1.0),
) -> BetaChance:
    """Beta posteriors of two shares under the same Beta(`prior`): the chance that treatment's is greater (Miller 2015).

    The distribution of the wider posterior is averaged over the narrower one by the trapezoidal rule on the logit
    scale, which converges exponentially; good to about 1e-9 from no conversion to 10¹⁵ units. Refuses prior parameters
    below ½ (Jeffreys') and counts that are not counts. Not safe under peeking.

    >>> round(float(beta(200, 1000, 250, 1000).chance), 8), round(float(beta(1, 20, 3, 20).chance), 8)
    (0.99628333, 0.82833021)
    """
    control, of_control, treatment, of_treatment = two_arms(x_c, n_c, x_t, n_t)
    if not all(0.5 <= each <= LARGEST_COUNT for each in prior):
        raise InsufficientData("Both parameters of a beta prior must be at least one half.")
    a_c, b_c = control + prior[0], of_control - control + prior[1]
    a_t, b_t = treatment + prior[0], of_treatment - treatment + prior[1]
    narrow = 1 / a_t + 1 / b_t < 1 / a_c + 1 / b_c
    below, above = _average(
        *(np.where(narrow, one, other) for one, other in ((a_t, a_c), (b_t, b_c), (a_c, a_t), (b_c, b_t)))
    )
    return BetaChance(np.where(narrow, below, above), np.where(narrow, above, below))


def _positive_part(z: Floats) -> Floats:
    """E max(X, 0) of X ~ N(z, 1): φ(z) + z·Φ(z), by Mills' ratio where the two would cancel."""
    density = np.exp(-np.square(np.clip(z, -40, 40)) / 2) / np.sqrt(2 * np.pi)
    mills = np.sqrt(np.pi / 2) * special.erfcx(-np.minimum(z, 0) / np.sqrt(2))
    return np.asarray(np.where(z < 0, density * np.maximum(1 + z * mills, 0.0), density + z * special.ndtr(z)))


def _average(a: Floats, b: Floats, a_wide: Floats, b_wide: Floats) -> tuple[Floats, Floats]:
    """P(Beta(a_wide, b_wide) < Beta(a, b)) and P(>), over a grid of the logit of Beta(a, b), its narrower one."""
    width = 9 * np.sqrt(1 / a + 1 / b)
    left, right = width + 40 / a, width + 40 / b
    rarer, units, turned = np.minimum(a, b), a + b, np.where(a < b, 1.0, -1.0)
    mass, below, above = np.zeros_like(a), np.zeros_like(a), np.zeros_like(a)
    for part in np.linspace(0, 1, NODES):
        step = part * right - (1 - part) * left
        moved = step * turned
        density = np.exp(rarer * moved - units * np.log1p(rarer / units * np.expm1(moved)))
        logit = np.log(a / b) + step
        share, low = special.expit(-np.abs(logit)), logit < 0
        one, two = np.where(low, a_wide, b_wide), np.where(low, b_wide, a_wide)
        near, far = special.betainc(one, two, share), special.betaincc(one, two, share)
        mass = mass + density
        below, above = below + density * np.where(low, near, far), above + density * np.where(low, far, near)
    return below / mass, above / mass
