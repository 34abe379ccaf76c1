"""Did the arms differ before the experiment began? A covariate from before exposure, compared over all looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.errors import InsufficientData
from experiments.stats.always_valid import mixing, p_value
from experiments.stats.estimates import of_means
from experiments.stats.moments import Floats, Moments
from experiments.stats.refusal import LARGEST, Refusal, refusals

ALPHA = 0.001
FEWEST = 100


class Imbalance(NamedTuple):
    """The difference in standard deviations, treatment − control, and its always-valid p."""

    difference: float
    p: float


@dataclass(frozen=True, slots=True)
class Balances:
    """Columns of comparisons before exposure. `status` has a `Refusal` for every one that was asked for; the other
    columns have the sound ones alone, in order, and `rows` says which those are.

    `difference` is (treatment − control) / √((s²_control + s²_treatment) / 2) at the newest look, `p` the smallest
    always-valid p so far.

    >>> control, treatment = Moments.given([500, 40], 1.0, 4.0), Moments.given([500, 40], 1.2, 4.0)
    >>> found = balances(control, treatment, [0, 1], 1_000)
    >>> found.status.tolist(), found.rows.tolist(), found.difference.round(6).tolist()
    ([0, 3], [0], [0.1])
    """

    status: NDArray[np.int8]
    rows: NDArray[np.intp]
    difference: Floats
    p: Floats

    def at(self, row: int) -> Imbalance:
        """One comparison as plain numbers; `InsufficientData` with the reason where it was refused.

        >>> found = balances(Moments.given([500], 1.0, 4.0), Moments.given([500], 2.0, 4.0), [0], 1_000).at(0)
        >>> round(found.difference, 6), found.p < 0.001
        (0.5, True)
        """
        if self.status[row]:
            refusal = Refusal(int(self.status[row]))
            few = f"There are fewer than {FEWEST} units in an arm."
            raise InsufficientData(few if refusal is Refusal.TOO_FEW else refusal.words)
        at = int(np.searchsorted(self.rows, row))
        return Imbalance(float(self.difference[at]), float(self.p[at]))


def balances(control: Moments, treatment: Moments, starts: ArrayLike, planned_units: ArrayLike) -> Balances:
    """The standardized difference of covariates measured before exposure, with a p that is safe under daily looks.

    `control` and `treatment` (looks,) hold the covariate of the units so far, one comparison's looks below the
    other's, oldest first; `starts` (comparisons,) is each one's first row, and the test is sharpest at `planned_units`
    (comparisons,) units in both arms. The difference is in standard deviations, so 0.1 and more is a lot for any
    metric (Austin 2009); the p is the running minimum of the normal mixture (Howard et al. 2021), tuned to α = 0.001.
    Refused where the newest look has fewer than 100 units in an arm, one value for all of them or no number; earlier
    looks like that are passed over.

    >>> n = [200, 5_000]
    >>> found = balances(Moments.given(n, [1.0, 1.0], 4.0), Moments.given(n, [1.1, 1.02], 4.0), [0], 5_000)
    >>> found.difference.round(6).tolist(), found.p.tolist()
    ([0.01], [1.0])
    """
    ours, theirs, first = of_means(control), of_means(treatment), np.asarray(starts, dtype=np.intp)
    planned = np.broadcast_to(np.asarray(planned_units, dtype=np.float64), first.shape)
    sizes = np.diff(first, append=len(ours.n))
    flaw = refusals(ours, theirs)
    flaw[(flaw == Refusal.SOUND) & (np.minimum(ours.n, theirs.n) < FEWEST)] = Refusal.TOO_FEW
    status = np.full(first.size, Refusal.TOO_FEW, dtype=np.int8)
    status[sizes > 0] = flaw[(first + sizes - 1)[sizes > 0]]
    status[~((planned >= 1) & (planned <= LARGEST))] = Refusal.NOT_A_NUMBER
    rows = np.flatnonzero(status == Refusal.SOUND)

    of = np.repeat(np.arange(first.size), sizes)
    usable = np.flatnonzero((flaw == Refusal.SOUND) & (status[of] == Refusal.SOUND))
    ours, theirs, of = ours.take(usable), theirs.take(usable), of[usable]
    gap = theirs.value - ours.value
    k = (ours.n + theirs.n) * mixing(ALPHA, planned[of])
    p = p_value(gap / np.sqrt(ours.variance + theirs.variance), k)
    spread = (ours.variance * ours.n + theirs.variance * theirs.n) / 2
    last = np.searchsorted(of, rows, side="right") - 1
    return Balances(
        status=status,
        rows=rows,
        difference=gap[last] / np.sqrt(spread[last]),
        p=np.minimum.reduceat(p, np.searchsorted(of, rows)) if rows.size else p,
    )
