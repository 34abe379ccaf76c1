"""Events per exposure (Poisson rates): exact test and interval of one rate and of the ratio of two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.exact import LARGEST_COUNT, binomial_test, clopper_pearson, counted, poisson_test, whole
from experiments.stats.moments import Floats
from experiments.stats.refusal import LARGEST
from experiments.stats.tails import Alternative, one_sided, tail

MIRRORED: dict[Alternative, Alternative] = {"two-sided": "two-sided", "greater": "less", "less": "greater"}


@dataclass(frozen=True, slots=True)
class RateTest:
    """`estimate` is a rate or a ratio of rates, with its p against the null and interval, arrays of one shape.

    >>> round(float(rate(10, 2.0).estimate), 6)
    5.0
    """

    estimate: Floats
    p: Floats
    lower: Floats
    upper: Floats


def rate(
    x: ArrayLike,
    exposure: ArrayLike,
    null: ArrayLike = 1.0,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> RateTest:
    """`x` events in `exposure` against the rate `null`: exact p, and Garwood's (1936) interval, as R's poisson.test.

    A one-sided interval ends at 0 or infinity. Refuses counts that are not whole and exposures that are not positive.

    >>> found = rate(137, 24.19893)
    >>> round(float(found.estimate), 4), round(float(found.lower), 4), round(float(found.upper), 4)
    (5.6614, 4.7531, 6.6927)
    """
    events, time = _events(x, exposure)
    error = tail(alpha, alternative)
    with np.errstate(over="ignore"):
        expected = np.asarray(null, dtype=np.float64) * time
    p = poisson_test(events, expected, alternative)
    lower = np.where(events > 0, special.gammaincinv(np.maximum(events, 1), error), 0.0) / time
    upper = special.gammainccinv(events + 1, error) / time
    bounds = one_sided(events / time, lower, upper, alternative, 0.0)
    return RateTest(bounds.estimate, p, bounds.lower, bounds.upper)


def rate_ratio(
    x_c: ArrayLike,
    exposure_c: ArrayLike,
    x_t: ArrayLike,
    exposure_t: ArrayLike,
    null: ArrayLike = 1.0,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> RateTest:
    """Treatment's rate ÷ control's by the exact conditional test (Przyborowski & Wilenski 1940), as R's poisson.test.

    Given the sum of events, treatment's are binomial; the interval is Clopper and Pearson's carried over. Exact for
    any count, so no approximation is offered. It holds for events that fall independently, not for clustered ones
    (compare those per unit). Infinite where control has no events. Refuses rows without any event, counts that are
    not whole, and exposures that are not positive.

    >>> found = rate_ratio(21, 3011, 11, 800)
    >>> [round(float(each), 6) for each in (found.estimate, found.p, found.lower, found.upper)]
    [1.971488, 0.079669, 0.858426, 4.277266]
    """
    rho = np.asarray(null, dtype=np.float64)
    control, time_c, treatment, time_t = np.broadcast_arrays(*_events(x_c, exposure_c), *_events(x_t, exposure_t))
    if not ((rho > 1 / LARGEST) & (rho < LARGEST)).all():
        raise InsufficientData("A ratio to test against must be positive.")
    if (control + treatment == 0).any():
        raise InsufficientData("There are no events yet in either arm.")
    part = 1 / (1 + time_c / time_t / rho)
    p = binomial_test(treatment, control + treatment, part, alternative)
    share = clopper_pearson(treatment, control + treatment, alpha, alternative)
    other = clopper_pearson(control, control + treatment, alpha, MIRRORED[alternative])
    with np.errstate(divide="ignore"):
        estimate = treatment / control * (time_c / time_t)
        lower, upper = (each * (time_c / time_t) for each in (share.lower / other.upper, share.upper / other.lower))
    bounds = one_sided(estimate, lower, upper, alternative, 0.0)
    return RateTest(bounds.estimate, p, bounds.lower, bounds.upper)


def _events(x: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats]:
    (events,) = whole(counted(x, LARGEST_COUNT)[0])
    time = np.asarray(exposure, dtype=np.float64)
    if not ((time > 1 / LARGEST) & (time < LARGEST)).all():
        raise InsufficientData("The exposure of an arm must be positive.")
    events, time = np.broadcast_arrays(events, time)
    return events, time
