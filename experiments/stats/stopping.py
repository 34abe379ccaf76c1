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
MOST_LOOKS = 3_000
CERTAIN = 3.0


class Arms(NamedTuple):
    """The true values and variances per unit of control and treatment, and treatment's `share` of the units."""

    control: float
    control_variance: float
    treatment: float
    treatment_variance: float
    share: float = 0.5

    @classmethod
    def rates(cls, control: float, treatment: float, share: float = 0.5) -> Arms:
        """Those of a proportion.

        >>> Arms.rates(0.02, 0.04).treatment_variance
        0.0384
        """
        return cls(control, control * (1 - control), treatment, treatment * (1 - treatment), share)


@dataclass(frozen=True, slots=True)
class Stopping:
    """At each of `units` (in both arms) the chance to have been stopped by then.

    >>> Stopping(np.array([100.0, 200.0]), np.array([0.4, 0.8])).quantile(0.5)
    200.0
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
        return float(self.units[np.searchsorted(self.stopped, share)])


def stopping(
    arms: Arms,
    per_look: float,
    *,
    good: float,
    limit: float = 0.0,
    relative: bool = True,
    alpha: float = 0.05,
    guardrails: int = 1,
    planned_units: float = 5_000,
    proportion: bool = True,
) -> Stopping:
    """When a guardrail with `per_look` new units in both arms at every look stops, by recursion over the looks.

    The excess over the limit is about a Brownian motion with drift in the number of units; it is stopped where it
    crosses the mixture's one-sided bound of level α / `guardrails` (Armitage, McPherson & Rowe 1969; Howard et al.
    2021). The first look is the one at which the smaller arm has 100 units. Refuses an excess that is not above zero, and one
    too small to be stopped within 3 000 looks.

    >>> soon = stopping(Arms.rates(0.02, 0.04), 1_000 / 30, good=-1)
    >>> [round(soon.quantile(share)) for share in (0.5, 0.9)]
    [2367, 4767]
    """
    both = np.array([arms.control]), np.array([arms.treatment])
    base, excess = contrast(*both, good=good, margin=limit, relative=relative)
    share = np.array([1 - arms.share, arms.share])
    spread = np.array([arms.control_variance, arms.treatment_variance])
    weight = np.array([float(base[0]) ** 2, 1.0])
    units = 1e9
    ours, theirs = (
        Estimates.given(units * part, value, each / (units * part))
        for part, value, each in zip(share, (arms.control, arms.treatment), spread, strict=True)
    )
    ours, theirs = steadied(ours, theirs, good=good, limit=limit, relative=relative, proportion=proportion)
    used = np.array([ours.variance[0] * ours.n[0], theirs.variance[0] * theirs.n[0]])
    true, taken = (float(np.sqrt((weight * each / share).sum())) for each in (spread, used))
    pull = float(excess[0]) / true
    if not pull > 0:
        raise InsufficientData("Harm within its limit is not stopped, except by chance.")
    first = int(np.ceil(FEWEST / share.min() / per_look))
    looks = first + np.arange(MOST_LOOKS)
    reached = looks * per_look
    rho2 = always_valid.mixing(2 * alpha, planned_units)
    bound = always_valid.multiplier(reached * rho2, alpha / guardrails, "greater") * taken / true
    enough = int(np.searchsorted(pull * np.sqrt(reached) - bound, CERTAIN)) + 1
    if enough > MOST_LOOKS:
        raise InsufficientData("This harm is too small to be stopped soon.")
    reached, bound = reached[:enough], bound[:enough]
    end = float(reached[-1])
    found = exits((reached / end).tolist(), bound.tolist(), pull * float(np.sqrt(end)), sides=1)
    return Stopping(np.asarray(reached, dtype=np.float64), found.up.cumsum())
