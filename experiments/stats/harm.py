"""Guardrails: is a treatment's harm above or below its limit? Three-valued, safe under repeated looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.stats import always_valid
from experiments.stats.comparison import Sound, sound
from experiments.stats.estimates import Estimates
from experiments.stats.moments import Floats


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

    A relative limit of 0.02 tolerates 2 % of control's size: the contrast treatment − (1 ∓ 0.02)·control carries
    control's own uncertainty (a fixed margin of 2 % of the measured control would not). The one-sided always-valid
    kernel makes the overall chance of a false breach ≤ α over all looks when `p_breached`'s running minimum is read.

    >>> arms = Estimates.given(9_000, 100.0, 0.04), Estimates.given(9_000, 99.5, 0.04)
    >>> found = harms(*arms, good=1, rho2=always_valid.mixing(0.05, 5_000), limit=0.02)
    >>> round(float(found.harm[0]), 2), round(float(found.excess[0]), 2), bool(found.p_healthy[0] < 0.05)
    (0.5, -1.5, True)
    """
    both = sound(control, treatment)
    sign, rate, most = (_of(each, both) for each in (good, rho2, limit))
    share = np.where(_of(relative, both) > 0, most, 0.0)
    ours, theirs = both.control, both.treatment
    base = sign - share * np.sign(ours.value)
    excess = base * ours.value - sign * theirs.value - (most - share)
    se = np.sqrt(np.square(base) * ours.variance + theirs.variance)
    k = (ours.n + theirs.n) * rate
    z = excess / se
    harm = sign * (ours.value - theirs.value)
    p_breached, p_healthy = (always_valid.p_value(z, k, each) for each in ("greater", "less"))
    return Harm(both.status, both.rows, harm, excess, p_breached, p_healthy)


def _of(value: ArrayLike, both: Sound) -> Floats:
    given = np.asarray(value, dtype=np.float64)
    return given if given.size == 1 else given[both.rows]
