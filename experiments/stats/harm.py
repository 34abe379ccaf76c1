"""Guardrails: is a treatment's harm above or below its limit? Three-valued, safe under repeated looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.stats import always_valid
from experiments.stats.comparison import sound
from experiments.stats.estimates import Estimates
from experiments.stats.moments import Floats
from experiments.stats.non_inferiority import beyond
from experiments.stats.tails import Alternative

SIDES: tuple[Alternative, Alternative] = ("greater", "less")


@dataclass(frozen=True, slots=True)
class Harm:
    """Columns of looks, of the sound rows alone; `rows` and `status` as in `Comparisons`.

    `harm` is how much worse treatment is than control, in the metric's unit and in the bad direction, `excess` how far
    that is beyond the limit. `p_breached` speaks against “the harm is at most its limit”, `p_healthy` against “it is at
    least its limit”; both are one-sided, always-valid readings of each look alone.

    >>> slow, quick = Estimates.given(20_000, 130.0, 0.2), Estimates.given(20_000, 100.0, 0.2)
    >>> bool(harms(quick, slow, good=-1, rho2=always_valid.mixing(0.05, 5_000)).p_breached[0] < 0.001)
    True
    """

    status: NDArray[np.int8]
    rows: NDArray[np.intp]
    harm: Floats
    excess: Floats
    p_breached: Floats
    p_healthy: Floats


def harms(
    control: Estimates,
    treatment: Estimates,
    *,
    good: ArrayLike,
    rho2: ArrayLike,
    limit: ArrayLike = 0.0,
    relative: ArrayLike = True,
) -> Harm:
    """Each look's harm against its limit: `good` is +1 where more is better and −1 where less is.

    The contrast is that of a non-inferiority test (`non_inferiority.beyond`); the one-sided always-valid kernel makes
    the overall chance of a false breach ≤ α over all looks when `p_breached`'s running minimum is read.

    >>> arms = Estimates.given(9_000, 100.0, 0.04), Estimates.given(9_000, 99.5, 0.04)
    >>> found = harms(*arms, good=1, rho2=always_valid.mixing(0.05, 5_000), limit=0.02)
    >>> round(float(found.harm[0]), 2), round(float(found.excess[0]), 2), bool(found.p_healthy[0] < 0.05)
    (0.5, -1.5, True)
    """
    both = sound(control, treatment)
    found = beyond(both, good=good, margin=limit, relative=relative)
    k = (both.control.n + both.treatment.n) * both.column(rho2)
    z = found.excess / found.se
    p_breached, p_healthy = (always_valid.p_value(z, k, each) for each in SIDES)
    return Harm(both.status, both.rows, found.harm, found.excess, p_breached, p_healthy)
