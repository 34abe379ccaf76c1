"""How soon a guardrail stops a harm of a given size: the distribution of the first look that crosses its bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from experiments.errors import InsufficientData
from experiments.stats import always_valid
from experiments.stats.boundary_crossing import exits
from experiments.stats.estimates import Estimates
from experiments.stats.harm import steadied
from experiments.stats.moments import Floats
from experiments.stats.non_inferiority import contrast

FEWEST = 100
MOST_LOOKS = 10_000_000
GROWTH = 0.01
SIEGMUND = 0.583
CERTAIN = 4.0
MANY = 1e12
STEP = 1e-4


class Arms(NamedTuple):
    """The true values of control and treatment, their `deviation` per unit, and treatment's `share` of the units; the
    deviations of a `proportion` follow from its rates."""

    control: float
    treatment: float
    share: float = 0.5
    deviation: float = 1.0
    proportion: bool = False

    @classmethod
    def rates(cls, control: float, treatment: float, share: float = 0.5) -> Arms:
        """Those of a proportion.

        >>> [round(each, 4) for each in Arms.rates(0.02, 0.04).spreads(0.02, 0.04)]
        [0.0196, 0.0384]
        """
        return cls(control, treatment, share, proportion=True)

    def spreads(self, control: float, treatment: float) -> tuple[float, float]:
        """The variance per unit of either arm, where these are its values.

        >>> Arms(200.0, 210.0, deviation=60.0).spreads(200.0, 210.0)
        (3600.0, 3600.0)
        """
        if self.proportion:
            return control * (1 - control), treatment * (1 - treatment)
        return self.deviation**2, self.deviation**2


@dataclass(frozen=True, slots=True)
class Stopping:
    """At each of `units` (in both arms) the chance to have been stopped by then.

    >>> Stopping(np.array([100.0, 200.0]), np.array([0.4, 0.8])).quantile(0.6)
    150.0
    """

    units: Floats
    stopped: Floats

    def quantile(self, share: float) -> float:
        """The units by which this share of such experiments has been stopped; `InsufficientData` beyond the looks.

        >>> Stopping(np.array([100.0, 200.0]), np.array([0.4, 0.8])).quantile(0.4)
        100.0
        """
        if self.stopped[-1] < share:
            raise InsufficientData("Harm of this size is not stopped within the looks that were asked for.")
        return float(np.interp(share, self.stopped, self.units))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a guardrail: the good direction, its limit, α among how many guardrails, the planned units.

    >>> Question(good=-1.0, guardrails=5).level
    0.01
    """

    good: float
    limit: float = 0.0
    relative: bool = False
    alpha: float = 0.05
    guardrails: int = 1
    planned_units: float = 5_000

    @property
    def level(self) -> float:
        return self.alpha / self.guardrails


def stopping(arms: Arms, question: Question, per_look: float) -> Stopping:
    """When a guardrail with `per_look` new units in both arms at every look stops, by recursion over the looks.

    The guardrail's z is about a Brownian motion with drift in the number of units, where the noise in the estimated
    variance is taken into account to first order; it is stopped where it crosses the mixture's one-sided bound of level
    α / `guardrails` (Armitage, McPherson & Rowe 1969; Howard et al. 2021). The first look is the one at which the
    smaller arm has 100 units. Looks less than 1 % apart are joined, with Siegmund's (1985) correction of the bound.
    Refuses an excess that is not above zero, and one too small to be stopped within 10 million looks.

    >>> soon = stopping(Arms.rates(0.02, 0.04), Question(good=-1), 1_000 / 30)
    >>> [round(soon.quantile(share), -1) for share in (0.5, 0.9)]
    [2430.0, 4540.0]
    """
    pull = _score(arms, question, arms.control, arms.treatment)
    if not pull > 0:
        raise InsufficientData("Harm within its limit is not stopped, except by chance.")
    noise = _noise(arms, question)
    first = FEWEST / min(arms.share, 1 - arms.share)
    reached = _looks(first, per_look)
    k = reached * always_valid.mixing(2 * question.alpha, question.planned_units)
    bound = always_valid.multiplier(k, question.level, "greater")
    steps = np.diff(reached, prepend=reached[0] - per_look)
    bound -= SIEGMUND * noise * (np.sqrt(steps / reached) - np.sqrt(per_look / reached))
    enough = int(np.searchsorted(pull * np.sqrt(reached) - bound, CERTAIN * noise)) + 1
    if enough > reached.size:
        raise InsufficientData("This harm is too small to be stopped soon.")
    reached, bound = reached[:enough], bound[:enough]
    end = float(reached[-1])
    drift = pull / noise * float(np.sqrt(end))
    found = exits((reached / end).tolist(), (bound / noise).tolist(), drift, sides=1)
    return Stopping(reached, found.up.cumsum())


def _looks(first: float, per_look: float) -> Floats:
    """The units at the looks, but for those less than 1 % after the one before."""
    number, reached = float(np.ceil(first / per_look)), []
    while number < MOST_LOOKS:
        reached.append(number * per_look)
        number = max(number + 1, float(np.ceil(number * (1 + GROWTH))))
    return np.array(reached)


def _score(arms: Arms, question: Question, control: float, treatment: float) -> float:
    """What z is expected to be per root of a unit, where these are the arms' measured values."""
    sizes = MANY * (1 - arms.share), MANY * arms.share
    spreads = arms.spreads(control, treatment)
    both = (
        Estimates.given(n, value, spread / n)
        for n, value, spread in zip(sizes, (control, treatment), spreads, strict=True)
    )
    good, limit, relative = question.good, question.limit, question.relative
    ours, theirs = steadied(*both, good=good, limit=limit, relative=relative, proportion=arms.proportion)
    base, excess = contrast(ours.value, theirs.value, good=good, margin=limit, relative=relative)
    return float(excess[0] / np.sqrt((np.square(base[0]) * ours.variance[0] + theirs.variance[0]) * MANY))


def _noise(arms: Arms, question: Question) -> float:
    """The standard deviation of z, by the delta method."""
    values, spreads = np.array([arms.control, arms.treatment]), np.array(arms.spreads(arms.control, arms.treatment))
    steps = STEP * np.sqrt(spreads)
    slopes = [
        (_score(arms, question, *(values + move)) - _score(arms, question, *(values - move))) / (2 * step)
        for move, step in zip(np.diag(steps), steps, strict=True)
    ]
    return float(np.sqrt((np.square(slopes) * spreads / [1 - arms.share, arms.share]).sum()))
