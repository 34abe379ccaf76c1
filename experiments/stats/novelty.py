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
NEGLIGIBLE = 1e-12


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
    logarithm; the early and the late days pooled (Kohavi, Tang & Xu 2020, ch. 23) say in which direction. Effects of
    one unit on several days usually go together, which makes the p too large rather than too small. It holds for one
    look at one effect: whoever tests many, or often, asks for a smaller p.
    Refused with fewer than five days, without a day among the first three or in the later half, or where an effect is
    no number or an error not above zero.

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
    late_from = max(EARLY_DAYS, (max(days) + 1) // 2)
    smallest = min(errors)
    weights = [(smallest / error) ** 2 for error in errors]
    early = _pooled(effects, [weight if day < EARLY_DAYS else 0.0 for day, weight in zip(days, weights, strict=True)])
    late = _pooled(effects, [weight if day >= late_from else 0.0 for day, weight in zip(days, weights, strict=True)])

    times = [math.log1p(day) for day in days]
    total = math.fsum(weights)
    centre = math.fsum(weight * time for weight, time in zip(weights, times, strict=True)) / total
    pulls = [weight * (time - centre) for weight, time in zip(weights, times, strict=True)]
    spread = math.fsum(pull * (time - centre) for pull, time in zip(pulls, times, strict=True))
    slope = math.fsum(pull * effect for pull, effect in zip(pulls, effects, strict=True)) / spread
    slope_error = smallest / math.sqrt(spread)
    return Trend(
        slope=slope,
        slope_error=slope_error,
        p=math.erfc(abs(slope / slope_error) / math.sqrt(2)),
        early=early[0],
        early_error=smallest * early[1],
        late=late[0],
        late_error=smallest * late[1],
        late_from=late_from,
    )


def _pooled(effects: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """The weighted mean and the error of it in units of the smallest error."""
    total = math.fsum(weights)
    if total < NEGLIGIBLE:
        raise InsufficientData(
            "There are no effects yet from soon after exposure, or none from later on, to set against each other."
        )
    mean = math.fsum(weight * effect for weight, effect in zip(weights, effects, strict=True)) / total
    return mean, 1 / math.sqrt(total)
