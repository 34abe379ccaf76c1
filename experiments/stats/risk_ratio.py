"""Ratio of two proportions or means: score and log intervals, and the relative lift by the delta method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.errors import InsufficientData
from experiments.stats.exact import Arms, two_arms
from experiments.stats.moments import Floats
from experiments.stats.refusal import LARGEST
from experiments.stats.tails import Alternative, Bounds, boundary, normal_critical, normal_p, one_sided

LOG_RANGE = 80.0


@dataclass(frozen=True, slots=True)
class RatioTest:
    """Arrays of one shape; `null_control` is the likeliest share of control if the ratio were the null.

    >>> round(float(ratio_test(48, 80, 56, 70).ratio), 6)
    1.333333
    """

    ratio: Floats
    z: Floats
    p: Floats
    null_control: Floats


@dataclass(frozen=True, slots=True)
class DeltaLift:
    """Difference ÷ |control mean| (0.03 = 3 %), its standard error and interval, arrays of one shape.

    >>> round(float(delta_lift(10.0, 0.01, 10.3, 0.01, 1.96).se), 6)
    0.014356
    """

    lift: Floats
    se: Floats
    lower: Floats
    upper: Floats


def katz(
    x_c: ArrayLike,
    n_c: ArrayLike,
    x_t: ArrayLike,
    n_t: ArrayLike,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    *,
    adjusted: bool = False,
) -> Bounds:
    """Log interval of treatment's share ÷ control's (Katz et al. 1978); `adjusted` adds ½ to all counts (Walter 1975).

    A one-sided interval ends at 0 or infinity. Refuses rows in which an arm has no conversion (or next to nothing of
    one) unless `adjusted`, and rows in which both arms converted entirely.

    >>> found = katz(48, 80, 56, 70)
    >>> [round(float(each), 6) for each in (found.estimate, found.lower, found.upper)]
    [1.333333, 1.076626, 1.651249]
    """
    more = 0.5 if adjusted else 0.0
    control, of_control, treatment, of_treatment = (each + more for each in two_arms(x_c, n_c, x_t, n_t))
    critical = normal_critical(alpha, alternative)
    if ((control == 0) | (treatment == 0)).any():
        raise InsufficientData("An arm has no conversion, so the ratio has no log interval; use the score interval.")
    variance = (of_control - control) / of_control / control + (of_treatment - treatment) / of_treatment / treatment
    if not (variance > 0).all():
        raise InsufficientData("All units of both arms converted, so nothing is known about the spread.")
    ratio = treatment / of_treatment / (control / of_control)
    reach = critical * np.sqrt(variance)
    if (reach > LOG_RANGE).any():
        raise InsufficientData("There is too little of a conversion in an arm to bound the ratio.")
    factor = np.exp(reach)
    return one_sided(ratio, ratio / factor, ratio * factor, alternative, 0.0)


def ratio_test(
    x_c: ArrayLike,
    n_c: ArrayLike,
    x_t: ArrayLike,
    n_t: ArrayLike,
    null: ArrayLike = 1.0,
    alternative: Alternative = "two-sided",
    *,
    corrected: bool = False,
) -> RatioTest:
    """Score test of treatment's share ÷ control's = `null` (Koopman 1984, Farrington & Manning 1990).

    Non-inferiority with a margin of 2 % of control is `null=0.98, alternative="greater"`. `corrected` multiplies the
    variance by N / (N − 1) (Miettinen & Nurminen 1985). Refuses a null that is not positive, rows in which nobody
    converted, and at a null of 1 those in which everybody did. The ratio is infinite where control has no conversion.

    >>> found = ratio_test(960, 1000, 950, 1000, null=0.98, alternative="greater")
    >>> round(float(found.z), 6), round(float(found.p), 6)
    (0.991228, 0.160787)
    """
    rho = np.asarray(null, dtype=np.float64)
    if not (np.isfinite(rho).all() and (np.abs(np.log(np.where(rho > 0, rho, np.inf))) <= LOG_RANGE).all()):
        raise InsufficientData("A ratio to test against must be positive.")
    arms = _converting(x_c, n_c, x_t, n_t)
    distance, variance, null_control = _under(arms, rho, corrected)
    if not (variance > 0).all():
        raise InsufficientData("Everybody converted in both arms, so they cannot be told apart.")
    z = distance / np.sqrt(variance)
    return RatioTest(_ratio(arms) + 0 * rho, z, normal_p(z, alternative), null_control)


def ratio_interval(
    x_c: ArrayLike,
    n_c: ArrayLike,
    x_t: ArrayLike,
    n_t: ArrayLike,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    *,
    corrected: bool = False,
) -> Bounds:
    """The ratios that `ratio_test` does not reject (Koopman 1984; `corrected` Miettinen & Nurminen 1985).

    0 where treatment has no conversion; the upper bound is infinite where control has none. Refuses rows in which
    nobody converted.

    >>> found = ratio_interval(48, 80, 56, 70)
    >>> round(float(found.lower), 4), round(float(found.upper), 4)
    (1.0798, 1.6708)
    """
    arms = _converting(x_c, n_c, x_t, n_t)
    ratio, z = _ratio(arms), normal_critical(alpha, alternative)

    def outside(log_ratio: Floats) -> NDArray[np.bool_]:
        distance, variance, _ = _under(arms, np.exp(log_ratio), corrected)
        return np.square(distance) > z * z * variance

    endless = np.full_like(ratio, LOG_RANGE)
    with np.errstate(divide="ignore"):
        start = np.clip(np.log(ratio), -endless, endless)
    lower = np.where(ratio > 0, np.exp(boundary(outside, -endless, start)), 0.0)
    upper = np.where(np.isfinite(ratio), np.exp(boundary(outside, endless, start)), np.inf)
    return one_sided(ratio, lower, upper, alternative, 0.0)


def log_delta(
    mean_c: ArrayLike, var_mean_c: ArrayLike, mean_t: ArrayLike, var_mean_t: ArrayLike, critical: ArrayLike
) -> Bounds:
    """Relative lift of positive means with an interval that is symmetric on the log scale, as tea-tasting's.

    `var_mean_…` are squared standard errors of the means, `critical` is a z, or a t whose degrees of freedom are
    Welch's for the relative variances. Refuses means that are not positive.

    >>> found = log_delta(10.0, 25 / 12000, 10.3, 27 / 11800, 1.96)
    >>> [round(float(each), 5) for each in (found.estimate, found.lower, found.upper)]
    [0.03, 0.01694, 0.04323]
    """
    control, of_control, treatment, of_treatment, reach = _means(mean_c, var_mean_c, mean_t, var_mean_t, critical)
    if not ((control > 0) & (treatment > 0)).all():
        raise InsufficientData("A lift on the log scale needs positive means in both arms.")
    with np.errstate(over="ignore", divide="ignore"):
        log = np.log(treatment / control)
        half = reach * np.sqrt(of_control / control / control + of_treatment / treatment / treatment)
    if not (np.abs(log) + half <= LOG_RANGE).all():
        raise InsufficientData("The mean of an arm is too close to zero for a relative lift.")
    return Bounds(np.expm1(log), np.expm1(log - half), np.expm1(log + half))


def delta_lift(
    mean_c: ArrayLike, var_mean_c: ArrayLike, mean_t: ArrayLike, var_mean_t: ArrayLike, critical: ArrayLike
) -> DeltaLift:
    """Relative lift by the delta method, se² = v_t / m_c² + m_t² · v_c / m_c⁴, as GrowthBook and Statsig show it.

    Symmetric, so it does not agree with the absolute test; `fieller.relative_lift` does. Refuses a control mean of 0,
    or so close to it that the numbers overflow.

    >>> found = delta_lift(0.2, 0.00016, 0.25, 0.0001875, 1.959964)
    >>> [round(float(each), 4) for each in (found.lift, found.lower, found.upper)]
    [0.25, 0.045, 0.455]
    """
    control, of_control, treatment, of_treatment, reach = _means(mean_c, var_mean_c, mean_t, var_mean_t, critical)
    size = np.abs(control)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        lift = (treatment - control) / size
        se = np.hypot(np.sqrt(of_treatment) / size, treatment / size * (np.sqrt(of_control) / size))
        half = reach * se
    if not (np.isfinite(lift) & np.isfinite(half)).all():
        raise InsufficientData("The mean of control is too close to zero for a relative lift.")
    return DeltaLift(lift, se, lift - half, lift + half)


def _means(*given: ArrayLike) -> tuple[Floats, ...]:
    control, of_control, treatment, of_treatment, critical = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in given)
    )
    if not all((np.abs(each) <= LARGEST).all() for each in (control, of_control, treatment, of_treatment, critical)):
        raise InsufficientData("A mean or variance is missing or too large to calculate with.")
    if not ((of_control >= 0) & (of_treatment >= 0) & (of_control + of_treatment > 0) & (critical > 0)).all():
        raise InsufficientData("Nothing is known about the spread of the means.")
    return control, of_control, treatment, of_treatment, critical


def _converting(x_c: ArrayLike, n_c: ArrayLike, x_t: ArrayLike, n_t: ArrayLike) -> Arms:
    arms = two_arms(x_c, n_c, x_t, n_t)
    if (arms[0] + arms[2] == 0).any():
        raise InsufficientData("Nobody converted in either arm, so there is no ratio.")
    return arms


def _ratio(arms: Arms) -> Floats:
    control, of_control, treatment, of_treatment = arms
    with np.errstate(divide="ignore"):
        return treatment / of_treatment / (control / of_control)


def _under(arms: Arms, ratio: Floats, corrected: bool) -> tuple[Floats, Floats, Floats]:
    """p_t − ratio · p_c, its variance and the likeliest share of control where the ratio of the shares is `ratio`.

    The likeliest share is the smaller root of a quadratic whose discriminant is written as a sum of positive parts.
    """
    control, of_control, treatment, of_treatment = arms
    units = of_control + of_treatment
    weight_c, weight_t, ours, theirs = (
        of_control / units,
        of_treatment / units,
        control / of_control,
        treatment / of_treatment,
    )
    by_ratio, by_one = ratio * (weight_t + weight_c * ours), weight_c + weight_t * theirs
    missing = weight_t * weight_c * ((of_treatment - treatment) / of_treatment) * ((of_control - control) / of_control)
    root = np.sqrt(np.square(by_ratio - by_one) + 4 * ratio * missing)
    share = np.minimum(2 * (weight_t * theirs + weight_c * ours) / (by_ratio + by_one + root), 1.0)
    other = np.minimum(ratio * share, 1.0)
    variance = other * (1 - other) / of_treatment + np.square(ratio) * share * (1 - share) / of_control
    if corrected:
        variance = variance * (1 + 1 / (units - 1))
    return theirs - ratio * ours, variance, share
