"""Does an effect depend on how long ago the units met the change? A weighted trend over days since exposure.

Effects by day are few and are read once per treatment, so this is plain arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from experiments.errors import InsufficientData

FEWEST_DAYS = 5
EARLY_DAYS = 3
CLEAR = 1.959963984540054
SMALLEST, LARGEST = 1e-100, 1e100
FARTHEST = 1e6


class Course(StrEnum):
    """Where an effect that depends on the time since exposure goes."""

    FADES = "fades"
    GROWS = "grows"
    TURNS = "turns"


@dataclass(frozen=True, slots=True)
class Trend:
    """`slope` is the change of the effect per unit of log(1 + days since exposure), with its standard error and p.

    `early` pools the effects of the first three days, `late` those from day `late_from` on, each with its error;
    `course` says what became of the effect, whether or not the slope is clear.

    >>> trend(range(8), [8.0, 6.0, 5.0, 4.0, 3.5, 3.0, 2.8, 2.6], [0.5] * 8).course.value
    'fades'
    """

    slope: float
    slope_error: float
    p: float
    early: float
    early_error: float
    late: float
    late_error: float
    late_from: int

    @property
    def course(self) -> Course:
        apart = self.early * self.late < 0
        if apart and min(abs(self.early) / self.early_error, abs(self.late) / self.late_error) > CLEAR:
            return Course.TURNS
        return Course.FADES if abs(self.late) < abs(self.early) else Course.GROWS


def trend(days: Sequence[int], effects: Sequence[float], errors: Sequence[float]) -> Trend:
    """Weighted least squares of the effects on log(1 + day), weights 1/error² (Thompson & Sharp 1999).

    `days` are whole days since first exposure, each once; `effects` treatment − control on that day in the metric's
    unit, `errors` their standard errors. Novelty and learning happen fast at first and then level off, hence the
    logarithm; the early and the late days pooled (Kohavi, Tang & Xu 2020, ch. 23) say in which direction. Days of the
    same units go together, and units that came late have early days only: the errors are those of the least favourable
    correlation, so p is exact or too large. It holds for one look at one effect: whoever tests many, or often, asks
    for a smaller p.
    Refused with fewer than five days, without one of the first three, or where an effect is no number or an error not
    above zero.

    >>> found = trend(range(8), [8.0, 6.0, 5.0, 4.0, 3.5, 3.0, 2.8, 2.6], [0.5] * 8)
    >>> round(found.slope, 4), round(found.p, 10), round(found.early, 4), round(found.late, 4), found.late_from
    (-2.657, 0.0, 6.3333, 2.975, 4)
    """
    if not len(days) == len(effects) == len(errors) or len(set(days)) < len(days) or any(day < 0 for day in days):
        raise InsufficientData("Effects by day since exposure need one effect and one standard error for each day.")
    if len(days) < FEWEST_DAYS:
        raise InsufficientData(
            f"Whether an effect fades shows after {FEWEST_DAYS} days since exposure at the earliest."
        )
    if not all(abs(effect) <= LARGEST for effect in effects):
        raise InsufficientData("An effect is missing, too large or not a number.")
    if not all(SMALLEST <= error <= LARGEST for error in errors):
        raise InsufficientData("A standard error is missing, zero or not a number.")
    if max(errors) > FARTHEST * min(errors):
        raise InsufficientData("The standard errors of the days are too far apart to weigh the days together.")
    if min(days) >= EARLY_DAYS:
        raise InsufficientData(f"There is no effect from the first {EARLY_DAYS} days since exposure to compare with.")
    late_from = max(EARLY_DAYS, (max(days) + 1) // 2)
    smallest = min(errors)
    variances = [(error / smallest) ** 2 for error in errors]
    weights = [1 / variance for variance in variances]
    times = [math.log1p(day) for day in days]
    centre = _product(weights, times) / math.fsum(weights)
    pulls = [weight * (time - centre) for weight, time in zip(weights, times, strict=True)]
    spread = _product(pulls, [time - centre for time in times])

    def estimate(shares: list[float], total: float) -> tuple[float, float]:
        parts = [share / total for share in shares]
        return _product(parts, effects), smallest * _largest_error(parts, variances)

    first = [weight if day < EARLY_DAYS else 0.0 for day, weight in zip(days, weights, strict=True)]
    last = [weight if day >= late_from else 0.0 for day, weight in zip(days, weights, strict=True)]
    slope, slope_error = estimate(pulls, spread)
    early, early_error = estimate(first, math.fsum(first))
    late, late_error = estimate(last, math.fsum(last))
    p = math.erfc(abs(slope / slope_error) / math.sqrt(2))
    return Trend(slope, slope_error, p, early, early_error, late, late_error, late_from)


def _product(left: Sequence[float], right: Sequence[float]) -> float:
    return math.fsum(one * other for one, other in zip(left, right, strict=True))


def _largest_error(parts: Sequence[float], variances: Sequence[float]) -> float:
    """The error of a weighted sum of days, whatever the correlation of a unit's days.

    Units that are seen on a later day were seen on all earlier ones. With correlation ρ two days then have covariance
    ρ · (the smaller variance), so the variance of the sum is largest at ρ = 0 or at ρ = 1; the latter is that of a
    random walk, summed by its steps.
    """
    apart = math.fsum(part * part * variance for part, variance in zip(parts, variances, strict=True))
    together, before, rest = 0.0, 0.0, math.fsum(parts)
    for variance, part in sorted(zip(variances, parts, strict=True)):
        together += (variance - before) * rest * rest
        before, rest = variance, rest - part
    return math.sqrt(max(apart, together))
