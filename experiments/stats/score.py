"""The score test of a difference of two proportions against any null, and the interval that inverts it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.errors import InsufficientData
from experiments.stats.exact import Arms, two_arms
from experiments.stats.moments import Floats
from experiments.stats.tails import Alternative, Bounds, boundary, normal_critical, normal_p, one_sided

STEPS = 100
ROUNDING = 1e-15
NOTHING = 1e-30


@dataclass(frozen=True, slots=True)
class ScoreTest:
    """Arrays of one shape; `null_control` and `null_treatment` are the likeliest shares if the null were true.

    >>> round(float(score_test(48, 80, 56, 70).null_control), 6)
    0.693333
    """

    difference: Floats
    se: Floats
    z: Floats
    p: Floats
    null_control: Floats
    null_treatment: Floats


def score_test(
    x_c: ArrayLike,
    n_c: ArrayLike,
    x_t: ArrayLike,
    n_t: ArrayLike,
    null: ArrayLike = 0.0,
    alternative: Alternative = "two-sided",
    *,
    corrected: bool = False,
) -> ScoreTest:
    """Is `x_t` of `n_t` − `x_c` of `n_c` other than `null`? With the variance of the likeliest shares under the null.

    Farrington & Manning (1990); `corrected` multiplies the variance by N / (N − 1) as Miettinen & Nurminen (1985).
    At a null of 0 it is the pooled z test. Refuses a null outside (−1, 1), and rows in which nobody or everybody
    converted when the null is 0.

    >>> found = score_test(960, 1000, 950, 1000, null=-0.02, alternative="greater")
    >>> round(float(found.z), 6), round(float(found.p), 6), round(float(found.null_treatment), 6)
    (1.068231, 0.142708, 0.943964)
    """
    gap = np.asarray(null, dtype=np.float64)
    if not (np.abs(gap) < 1).all():
        raise InsufficientData("A difference of two shares lies between −1 and 1.")
    arms = two_arms(x_c, n_c, x_t, n_t)
    control, of_control, treatment, of_treatment = arms
    difference = treatment / of_treatment - control / of_control
    hits = control + treatment
    if ((gap == 0) & ((hits == 0) | (hits == of_control + of_treatment))).any():
        raise InsufficientData("Nobody or everybody converted in both arms, so they cannot be told apart.")
    variance, null_control, null_treatment = _under(arms, gap, corrected)
    se = np.sqrt(variance)
    z = (difference - gap) / se
    return ScoreTest(difference + 0 * gap, se, z, normal_p(z, alternative), null_control, null_treatment)


def score_interval(
    x_c: ArrayLike,
    n_c: ArrayLike,
    x_t: ArrayLike,
    n_t: ArrayLike,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    *,
    corrected: bool = False,
) -> Bounds:
    """The nulls that `score_test` does not reject (Mee 1984; `corrected` Miettinen & Nurminen 1985).

    Any count of one unit or more per arm will do, also none or all converted.

    >>> found = score_interval(48, 80, 56, 70)
    >>> round(float(found.lower), 4), round(float(found.upper), 4)
    (0.0533, 0.3377)
    """
    arms = two_arms(x_c, n_c, x_t, n_t)
    control, of_control, treatment, of_treatment = arms
    z = normal_critical(alpha, alternative)
    difference = treatment / of_treatment - control / of_control

    def outside(gap: Floats) -> NDArray[np.bool_]:
        return np.square(difference - gap) > z * z * _under(arms, gap, corrected)[0]

    lower = boundary(outside, np.full_like(difference, -1.0), difference)
    upper = boundary(outside, np.full_like(difference, 1.0), difference)
    return one_sided(difference, lower, upper, alternative)


def _under(arms: Arms, gap: Floats, corrected: bool) -> tuple[Floats, Floats, Floats]:
    """Variance of the difference and the likeliest shares of control and treatment where they differ by `gap`.

    Counted in the rarer of hits and misses and from the arm with fewer of them, so that small shares stay exact.
    """
    control, of_control, treatment, of_treatment = arms
    mirrored = 2 * (control + treatment) > of_control + of_treatment
    ours, theirs = (
        np.where(mirrored, of_control - control, control),
        np.where(mirrored, of_treatment - treatment, treatment),
    )
    swapped = np.where(mirrored, -gap, gap) < 0
    low, of_low = np.where(swapped, theirs, ours), np.where(swapped, of_treatment, of_control)
    high, of_high = np.where(swapped, ours, theirs), np.where(swapped, of_control, of_treatment)
    g = np.abs(gap)
    units = of_low + of_high
    smaller = _likeliest(low / of_low, high / of_high, of_low / units, of_high / units, g)
    larger = np.minimum(smaller + g, 1.0)
    variance = smaller * (1 - smaller) / of_low + larger * (1 - larger) / of_high
    if corrected:
        variance = variance * (1 + 1 / (units - 1))
    ours, theirs = np.where(swapped, larger, smaller), np.where(swapped, smaller, larger)
    return variance, np.where(mirrored, 1 - ours, ours), np.where(mirrored, 1 - theirs, theirs)


def _likeliest(low: Floats, high: Floats, weight: Floats, other: Floats, g: Floats) -> Floats:
    """The share t of the lower arm, given that the other is t + g: the middle root of the score equation's cubic.

    `weight` and `other` are the arms' parts of all units. Where roots meet, the trigonometric one loses most of its
    digits; bracketed steps of Newton's on the equation as a product bring them back.
    """
    shifted = high - g
    b = -(weight * (1 - 2 * g + low) + other * (1 + shifted))
    c = weight * (low * (1 - 2 * g) - g * (1 - g)) + other * shifted
    u = np.sqrt(np.maximum(np.square(b / 3) - c / 3, 0.0))
    v = b**3 / 27 - b * c / 6 + weight * low * g * (1 - g) / 2
    angle = np.arccos(np.clip(-v / np.where(u > 0, u**3, 1.0), -1.0, 1.0))
    below, above = np.zeros_like(u), 1 - g + np.zeros_like(u)
    t = np.clip(2 * u * np.cos((2 * np.pi - angle) / 3) - b / 3, below, above)
    for _ in range(STEPS):
        to_top, variance = 1 - g - t, t * (1 - t)
        value = weight * (low - t) * (t + g) * to_top + other * (shifted - t) * variance
        slope = weight * ((low - t) * (to_top - t - g) - (t + g) * to_top)
        slope += other * ((shifted - t) * (1 - 2 * t) - variance)
        below, above = np.where(value > 0, t, below), np.where(value < 0, t, above)
        step = np.where(slope < 0, value / np.where(slope < 0, slope, -1.0), -np.inf)
        inside = (t - step >= below) & (t - step <= above)
        before, t = t, np.where(value == 0, t, np.where(inside, t - step, (below + above) / 2))
        if (np.abs(t - before) <= ROUNDING * t + NOTHING).all():
            break
    return np.asarray(t)
