"""Guardrails: is a treatment's harm above or below its limit? Three-valued, safe under repeated looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.stats import always_valid
from experiments.stats.comparison import sound
from experiments.stats.estimates import Estimates
from experiments.stats.moments import Floats
from experiments.stats.non_inferiority import beyond, contrast
from experiments.stats.refusal import ROUNDING
from experiments.stats.tails import Alternative

SIDES: tuple[Alternative, Alternative] = ("greater", "less")
PRIOR_HITS, PRIOR_UNITS = 2.0, 4.0


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


def steadied(
    control: Estimates,
    treatment: Estimates,
    *,
    good: ArrayLike,
    limit: ArrayLike,
    relative: ArrayLike,
    proportion: ArrayLike = False,
) -> tuple[Estimates, Estimates]:
    """Both arms with at least the spread of all their units taken together, as if the harm were just at its limit.

    A small arm in which few rare things have happened yet is too sure of itself: its own spread is small exactly when
    its mean is. A 5 % canary that loses no conversions would be stopped in 8 to 15 of 100 runs; with this in about 1.
    It also gives a number where all units of one arm are alike, as with a control without any error. A share
    counts two successes and two failures more (Agresti & Caffo 2000). Two arms of one and the same value stay refused.

    >>> none, some = Estimates.given(2_000, 0.0, 0.0), Estimates.given(2_000, 0.03, 0.0291 / 2_000)
    >>> arms = steadied(none, some, good=-1, limit=0.0, relative=False, proportion=True)
    >>> [arm.se.round(5).tolist() for arm in arms]
    [[0.00276], [0.00381]]
    >>> bool(harms(*arms, good=-1, rho2=always_valid.mixing(0.1, 5_000), relative=False).p_breached[0] < 1e-6)
    True
    """
    ours, theirs = control.n, treatment.n
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        spreads = control.variance * ours, treatment.variance * theirs
        _, excess = contrast(control.value, treatment.value, good=good, margin=limit, relative=relative)
        units = ours + theirs
        both = (ours * spreads[0] + theirs * spreads[1]) / units + ours * theirs * np.square(excess / units)
        alike = np.abs(treatment.value - control.value) <= ROUNDING * np.abs(control.value)
        least = np.where(alike & (spreads[0] == 0) & (spreads[1] == 0), 0.0, both)
        hits = (ours * control.value + theirs * treatment.value + PRIOR_HITS) / (units + PRIOR_UNITS)
        least = np.where(np.asarray(proportion), np.maximum(least, hits * (1 - hits)), least)
        found = [
            Estimates(
                arm.n, arm.value, np.where(spread >= 0, np.maximum(spread, least) / arm.n, arm.variance), arm.flaw
            )
            for arm, spread in zip((control, treatment), spreads, strict=True)
        ]
    return found[0], found[1]
