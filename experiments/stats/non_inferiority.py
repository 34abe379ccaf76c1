"""Non-inferiority: is a treatment at most so much worse than control? One planned look, any kind of metric."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.stats.comparison import Sound, sound
from experiments.stats.estimates import Estimates
from experiments.stats.moments import Floats
from experiments.stats.refusal import require_level


@dataclass(frozen=True, slots=True)
class Margin:
    """How far treatment lies beyond the harm that is tolerated, row by row: `excess` > 0 is worse than that, with its
    standard error and Satterthwaite's degrees of freedom; `harm` is how much worse treatment is, in the metric's unit.

    >>> arms = sound(Estimates.given(900, 100.0, 0.04), Estimates.given(900, 99.5, 0.04))
    >>> round(float(beyond(arms, good=1, margin=0.02).excess[0]), 6)
    -1.5
    """

    harm: Floats
    excess: Floats
    se: Floats
    df: Floats


def beyond(both: Sound, *, good: ArrayLike, margin: ArrayLike, relative: ArrayLike = True) -> Margin:
    """The contrast of sound rows: `good` is +1 where more is better and −1 where less is.

    A relative margin of 0.02 tolerates 2 % of control's size: treatment − (1 ∓ 0.02)·control carries control's own
    uncertainty, which a fixed margin of 2 % of the measured control would not.

    >>> arms = sound(Estimates.given(900, 100.0, 0.04), Estimates.given(900, 97.0, 0.04))
    >>> found = beyond(arms, good=1, margin=0.02)
    >>> round(float(found.excess[0]), 6), round(float(found.se[0]), 6)
    (1.0, 0.280029)
    """
    sign, most, share = (both.column(each) for each in (good, margin, relative))
    ours, theirs = both.control, both.treatment
    base, excess = contrast(ours.value, theirs.value, good=sign, margin=most, relative=share)
    of_ours = np.square(base) * ours.variance
    variance = of_ours + theirs.variance
    df = 1 / (np.square(of_ours / variance) / (ours.n - 1) + np.square(theirs.variance / variance) / (theirs.n - 1))
    return Margin(
        harm=sign * (ours.value - theirs.value),
        excess=excess,
        se=np.sqrt(variance),
        df=df,
    )


def contrast(
    control: Floats, treatment: Floats, *, good: ArrayLike, margin: ArrayLike, relative: ArrayLike
) -> tuple[Floats, Floats]:
    """What control is multiplied with, and how far treatment lies beyond the margin: base·control − good·treatment,
    less an absolute margin.

    >>> base, excess = contrast(np.array([100.0]), np.array([97.0]), good=1, margin=0.02, relative=True)
    >>> base.tolist(), excess.round(6).tolist()
    ([0.98], [1.0])
    """
    sign, most = np.asarray(good, dtype=np.float64), np.asarray(margin, dtype=np.float64)
    share = np.where(np.asarray(relative) > 0, most, 0.0)
    base = sign - share * np.sign(control)
    return base, base * control - sign * treatment - (most - share)


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """`status` has a `Refusal` for every row; the other columns have the sound `rows` alone. `p` speaks against “worse
    by the margin or more”; `bound` is the upper confidence bound of the excess, below 0 exactly where it `passes`.

    >>> found = non_inferiority(Estimates.given(900, 100.0, 0.04), Estimates.given(900, 99.5, 0.04), 0.02, good=1)
    >>> bool(found.passes[0]), bool(found.bound[0] < 0)
    (True, True)
    """

    status: NDArray[np.int8]
    rows: NDArray[np.intp]
    harm: Floats
    p: Floats
    bound: Floats
    passes: NDArray[np.bool_]


def non_inferiority(
    control: Estimates,
    treatment: Estimates,
    margin: ArrayLike,
    *,
    good: ArrayLike,
    relative: ArrayLike = True,
    alpha: float = 0.05,
) -> NonInferiority:
    """One-sided Welch test that treatment is worse than control by less than the margin, `alpha` one-sided.

    Refuses what `compare` refuses. Read while data arrive, use `harm.harms`, which holds at every look.

    >>> worse = Estimates.given(900, 97.0, 0.04)
    >>> non_inferiority(Estimates.given(900, 100.0, 0.04), worse, 0.02, good=1).passes.tolist()
    [False]
    """
    require_level(alpha)
    both = sound(control, treatment)
    found = beyond(both, good=good, margin=margin, relative=relative)
    p = np.asarray(special.stdtr(found.df, found.excess / found.se))
    bound = found.excess - special.stdtrit(found.df, alpha) * found.se
    return NonInferiority(both.status, both.rows, found.harm, p, bound, p < alpha)
