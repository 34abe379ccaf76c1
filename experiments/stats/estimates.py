"""One arm's estimate of a metric and the variance of that estimate: what every kind of metric is reduced to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.stats.moments import Floats, Joint, Moments, Rows
from experiments.stats.refusal import Refusal

DENOMINATOR_ERRORS = 3.0
SMALLEST = 1e-100


@dataclass(frozen=True, slots=True)
class Estimates:
    """Arrays of one shape: `n` units, the estimated `value`, the `variance` of that value (squared standard error).

    `flaw` holds the `Refusal` a constructor already knows of, `SOUND` (0) elsewhere.

    >>> Estimates.given([100], [2.0], [0.04]).se.tolist()
    [0.2]
    """

    n: Floats
    value: Floats
    variance: Floats
    flaw: NDArray[np.int8]

    @classmethod
    def given(cls, n: ArrayLike, value: ArrayLike, variance: ArrayLike) -> Estimates:
        """From units, estimates and their squared standard errors, at least one-dimensional.

        >>> Estimates.given(100, 2.0, 0.04).value.tolist()
        [2.0]
        """
        count, estimate, squared = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in (n, value, variance))
        )
        return cls(count, estimate, squared, np.zeros(count.shape, dtype=np.int8))

    @property
    def se(self) -> Floats:
        return np.sqrt(self.variance)

    def take(self, which: Rows) -> Estimates:
        """The rows that `which` picks: a mask or indices.

        >>> Estimates.given([100, 200], [1.0, 2.0], [1.0, 1.0]).take(np.array([1])).n.tolist()
        [200.0]
        """
        return Estimates(self.n[which], self.value[which], self.variance[which], self.flaw[which])


def of_means(moments: Moments) -> Estimates:
    """The mean per unit, with variance s²/n.

    >>> of_means(Moments.given(100, 2.0, 4.0)).variance.tolist()
    [0.04]
    """
    n = np.atleast_1d(moments.n)
    with np.errstate(over="ignore", invalid="ignore"):
        squared = np.atleast_1d(moments.m2) / np.maximum(n, 1) / np.maximum(n - 1, 1)
    return Estimates.given(n, np.atleast_1d(moments.mean), squared)


def of_proportions(n: ArrayLike, successes: ArrayLike) -> Estimates:
    """The share of units that converted, with the sample variance p(1 − p)/(n − 1) of that share.

    >>> of_proportions(101, 50.5).variance.tolist()
    [0.0025]
    """
    count, hits = (np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in (n, successes))
    with np.errstate(invalid="ignore"):
        share = hits / np.maximum(count, 1)
        return Estimates.given(count, share, share * (1 - share) / np.maximum(count - 1, 1))


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def of_ratios(joint: Joint) -> Estimates:
    """The ratio of two means of the same units (columns 0 and 1 of `joint`) by the delta method on units.

    Deng, Knoblich & Lu 2018: never a binomial over events, since the events of one unit belong together. Refused
    where the denominator's mean is not at least three of its standard errors away from zero.

    >>> arm = of_ratios(Joint.given(5000, [2.5, 4.0], [[6.0, 4.5], [4.5, 9.0]]))
    >>> float(arm.value[0]), round(float(arm.variance[0] * 5000), 8)
    (0.625, 0.24316406)
    """
    arm = _at_least_one_row(joint)
    return _plain(arm, 2)


def of_quantiles(n: ArrayLike, value: ArrayLike, lower: ArrayLike, upper: ArrayLike, level: float = 0.95) -> Estimates:
    """A sample quantile with its order-statistics interval of that level (Deng, Knoblich & Lu 2018).

    The variance is the squared half-width in units of the normal quantile.

    >>> round(float(of_quantiles(1000, 120.0, 115.0, 126.0).se[0]), 4)
    2.8062
    """
    low, high = (np.asarray(each, dtype=np.float64) for each in (lower, upper))
    with np.errstate(invalid="ignore", over="ignore"):
        half = (high - low) / (-2 * special.ndtri((1 - level) / 2))
        return Estimates.given(n, value, np.where(half < 0, np.nan, np.square(half)))


def quantile_of(values: ArrayLike, quantile: float, level: float = 0.95) -> Estimates:
    """A quantile of one sample of values with its order-statistics interval; fewer than two values are refused later.

    The ranks n·q ± z·√(n·q(1 − q)) bound the quantile whatever the distribution; independent units are presupposed.

    >>> quantile_of(range(1, 1001), 0.5).value.tolist()
    [500.5]
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = ordered.size
    if n == 0:
        return Estimates.given(0, 0.0, 0.0)
    reach = -special.ndtri((1 - level) / 2) * np.sqrt(n * quantile * (1 - quantile))
    low = int(np.clip(np.floor(n * quantile - reach), 1, n))
    high = int(np.clip(np.ceil(n * quantile + reach) + 1, 1, n))
    return of_quantiles(n, np.quantile(ordered, quantile), ordered[low - 1], ordered[high - 1], level)


def quantile_with(values: ArrayLike, covariates: ArrayLike, quantile: float) -> Joint:
    """A sample quantile beside a covariate of the same units, as `adjust` takes them.

    A quantile moves like the mean of its influence function (q − 1[value ≤ quantile]) / density (Hampel 1974); the
    density is the one that the order-statistics interval implies, so the variance without adjustment is that of
    `quantile_of`. Refused later: fewer than two values, or all alike.

    >>> values = np.arange(1.0, 1001.0)
    >>> joint = quantile_with(values, values % 7, 0.5)
    >>> float(joint.mean[0]), bool(np.isclose(joint.covariance[0, 0] / 1000, quantile_of(values, 0.5).variance[0]))
    (500.5, True)
    """
    sample = np.asarray(values, dtype=np.float64)
    arm = quantile_of(sample, quantile)
    below = (sample <= arm.value[0]).astype(np.float64)
    joint = Joint.of(np.column_stack((-below, np.asarray(covariates, dtype=np.float64))))
    spread = joint.products[0, 0]
    wanted = arm.variance[0] * arm.n[0] * max(arm.n[0] - 1, 0)
    scale = np.sqrt(wanted / spread) if spread > 0 else 0.0
    stretch = np.array([scale, 1.0])
    return Joint(joint.n, np.array([arm.value[0], joint.mean[1]]), joint.products * np.outer(stretch, stretch))


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Both arms after CUPED, the slope θ they share, and what is left of the variance of the difference (1 = all)."""

    control: Estimates
    treatment: Estimates
    theta: Floats
    variance_left: Floats


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def adjust(control: Joint, treatment: Joint) -> Adjusted:
    """CUPED (Deng, Xu, Kohavi & Walker 2013): the last column of `control` and `treatment` is a covariate from before
    exposure, the columns before it the metric, or a ratio's numerator and denominator.

    θ is the slope over both arms merged; each estimate moves by −θ times its covariate's distance from the merged
    mean, so control stays a meaningful base of the lift. A covariate without variance changes nothing.

    >>> cov = [[9.0, 6.0], [6.0, 8.0]]
    >>> done = adjust(Joint.given(200, [9.8, 9.9], cov), Joint.given(200, [10.3, 10.0], cov))
    >>> round(float(done.theta[0]), 3), round(float(done.variance_left[0]), 2)
    (0.751, 0.5)
    """
    ours, theirs = _at_least_one_row(control), _at_least_one_row(treatment)
    merged = ours.merge(theirs)
    outcomes = merged.mean.shape[-1] - 1
    gradient, _, _ = _linear(merged, outcomes)
    spread = merged.covariance[..., -1, -1]
    slope = (gradient * merged.covariance[..., :-1, -1]).sum(axis=-1) / spread
    theta = np.where((spread > 0) & np.isfinite(slope), slope, 0.0)
    raw = (_plain(ours, outcomes), _plain(theirs, outcomes))
    done = tuple(
        _moved(arm, plain, theta, merged.mean[..., -1]) for arm, plain in zip((ours, theirs), raw, strict=True)
    )
    before = raw[0].variance + raw[1].variance
    after = done[0].variance + done[1].variance
    left = after / before
    return Adjusted(done[0], done[1], theta, np.where((before > 0) & np.isfinite(left), left, 1.0))


def _at_least_one_row(joint: Joint) -> Joint:
    if joint.n.ndim:
        return joint
    return Joint(joint.n[None], joint.mean[None], joint.products[None])


def _plain(arm: Joint, outcomes: int) -> Estimates:
    gradient, value, flaw = _linear(arm, outcomes)
    spread = (gradient[..., :, None] * gradient[..., None, :] * arm.covariance[..., :outcomes, :outcomes]).sum((-1, -2))
    return Estimates(arm.n, value, spread / np.maximum(arm.n, 1), flaw)


def _moved(arm: Joint, plain: Estimates, theta: Floats, merged: Floats) -> Estimates:
    gradient, _, _ = _linear(arm, arm.mean.shape[-1] - 1)
    cross = (gradient * arm.covariance[..., :-1, -1]).sum(axis=-1)
    change = np.square(theta) * arm.covariance[..., -1, -1] - 2 * theta * cross
    variance = np.maximum(plain.variance + change / np.maximum(arm.n, 1), 0)
    return Estimates(arm.n, plain.value - theta * (arm.mean[..., -1] - merged), variance, plain.flaw)


def _linear(arm: Joint, outcomes: int) -> tuple[Floats, Floats, NDArray[np.int8]]:
    """Gradient over the first columns, value and flaw of a mean (one column) or of a ratio of means (two)."""
    if outcomes == 1:
        return np.ones((*arm.n.shape, 1)), arm.mean[..., 0], np.zeros(arm.n.shape, dtype=np.int8)
    top, bottom = arm.mean[..., 0], arm.mean[..., 1]
    error = np.sqrt(np.maximum(arm.covariance[..., 1, 1], 0) / np.maximum(arm.n, 1))
    steady = np.abs(bottom) > np.maximum(DENOMINATOR_ERRORS * error, SMALLEST)
    safe = np.where(steady, bottom, 1.0)
    value = top / safe
    flaw = np.select(
        [~np.isfinite(bottom), ~steady & (arm.n >= 2)], [Refusal.NOT_A_NUMBER, Refusal.DENOMINATOR], Refusal.SOUND
    )
    return np.stack((1 / safe, -value / safe), axis=-1), value, flaw.astype(np.int8)
