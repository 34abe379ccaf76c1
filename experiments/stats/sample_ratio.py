"""Do the units fall on the variants as the weights say? Safe under daily looks, exact for any count.

The evidence of a look is the Bayes factor of a Dirichlet mixture centred on the weights (Lindon & Malek 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.always_valid import mixing
from experiments.stats.moments import Floats
from experiments.stats.stirling import remainder

ALPHA = 0.001
LARGEST = 1e100
SMALLEST_SHARE = 1e-12
STRAIGHT = 1e-4


class NoRatio(IntEnum):
    """Why there is no test of an experiment's split; `SOUND` is 0.

    >>> NoRatio.NO_UNITS.words
    'There are no units to count yet.'
    """

    SOUND = 0
    NOT_A_COUNT = 1
    ONE_ARM = 2
    NO_UNITS = 3

    @property
    def words(self) -> str:
        return WORDS[self]


WORDS = {
    NoRatio.SOUND: "",
    NoRatio.NOT_A_COUNT: "Counts and weights are finite and not negative, and at least one unit is planned.",
    NoRatio.ONE_ARM: "A ratio needs at least two variants that get traffic.",
    NoRatio.NO_UNITS: "There are no units to count yet.",
}


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """`p` is safe under repeated looks, `chi_square`, `df` and `chi_square_p` read the newest look alone.

    `largest_gap` is the largest deviation of an arm's share from its weight, in shares (0.01 = 1 point).

    >>> round(sample_ratio([5_200, 4_800], [1, 1], 10_000).largest_gap, 6)
    0.02
    """

    p: float
    chi_square: float
    df: int
    chi_square_p: float
    largest_gap: float

    @property
    def rejects(self) -> bool:
        return self.p < ALPHA


@dataclass(frozen=True, slots=True)
class SampleRatios:
    """The tests of many experiments. `status` has a `NoRatio` for each of them; the other columns have the sound ones
    alone, in order, and `rows` says which those are. The columns are those of `SampleRatio`.

    >>> found = sample_ratios([[0, 0], [600, 400]], [0, 1], [[1, 1], [1, 1]], 5_000)
    >>> found.status.tolist(), found.rows.tolist(), found.df.tolist()
    ([3, 0], [1], [1])
    """

    status: NDArray[np.int8]
    rows: NDArray[np.intp]
    p: Floats
    chi_square: Floats
    df: NDArray[np.int64]
    chi_square_p: Floats
    largest_gap: Floats

    def at(self, row: int) -> SampleRatio:
        """The test of one experiment; `InsufficientData` with the reason where there is none.

        >>> sample_ratios([[600, 400]], [0], [[1, 1]], 5_000).at(0).rejects
        True
        """
        if self.status[row]:
            raise InsufficientData(NoRatio(int(self.status[row])).words)
        at = int(np.searchsorted(self.rows, row))
        return SampleRatio(
            p=float(self.p[at]),
            chi_square=float(self.chi_square[at]),
            df=int(self.df[at]),
            chi_square_p=float(self.chi_square_p[at]),
            largest_gap=float(self.largest_gap[at]),
        )


def sample_ratios(counts: ArrayLike, starts: ArrayLike, weights: ArrayLike, planned_units: ArrayLike) -> SampleRatios:
    """The sequential multinomial test of Lindon & Malek (2022) of many experiments over all their looks.

    `counts` (looks, arms) has the units so far, one experiment's looks below the other's, oldest first; `starts`
    (experiments,) is each one's first row, `weights` (experiments, arms) its weights, padded with arms of weight 0,
    which take no part. The test is sharpest at `planned_units` (experiments,) units. `p` is the running minimum of the
    inverse Bayes factor: under the true weights it falls below 0.001 with chance ≤ 0.001 however often it is read.
    Refused per experiment: no look with a unit, fewer than two weights above zero, negative or infinite numbers.

    >>> found = sample_ratios([[50, 60], [520, 480], [90, 10]], [0, 2], [[1, 1], [9, 1]], 1_000)
    >>> found.p.round(4).tolist(), found.chi_square.round(4).tolist()
    ([1.0, 1.0], [1.6, 0.0])
    """
    looks, first = np.asarray(counts, dtype=np.float64), np.asarray(starts, dtype=np.intp)
    given = np.asarray(weights, dtype=np.float64)
    planned = np.broadcast_to(np.asarray(planned_units, dtype=np.float64), first.shape)
    sizes = np.diff(first, append=len(looks))
    of = np.repeat(np.arange(first.size), sizes)

    sound_look = np.asarray(((looks >= 0) & (looks <= LARGEST)).all(axis=1))
    sound_weights = np.asarray(((given >= 0) & (given <= LARGEST)).all(axis=1))
    weight = np.where(sound_weights[:, None], given, 1.0)
    share = weight / np.maximum(weight.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    active = share > SMALLEST_SHARE
    share = np.where(active, share, 0.0)
    looks = np.where(sound_look[:, None] & active[of], looks, 0.0)
    newest = np.zeros_like(share)
    newest[sizes > 0] = looks[(first + sizes - 1)[sizes > 0]]

    broken = np.bincount(of[~sound_look], minlength=first.size) > 0
    status = np.select(
        [
            broken | ~sound_weights | ~((planned >= 1) & (planned <= LARGEST)),
            active.sum(axis=1) < 2,
            newest.sum(axis=1) < 1,
        ],
        [NoRatio.NOT_A_COUNT, NoRatio.ONE_ARM, NoRatio.NO_UNITS],
        NoRatio.SOUND,
    ).astype(np.int8)
    rows = np.flatnonzero(status == NoRatio.SOUND)
    if rows.size < first.size:
        kept = status[of] == NoRatio.SOUND
        looks, of, sizes = looks[kept], np.repeat(np.arange(rows.size), sizes[rows]), sizes[rows]
        share, active, newest, planned = share[rows], active[rows], newest[rows], planned[rows]

    evidence = _log_bayes_factor(looks, share, active, 1 / mixing(ALPHA, planned), of)
    most = np.maximum.reduceat(evidence, np.cumsum(sizes) - sizes) if rows.size else evidence
    units = newest.sum(axis=1, keepdims=True)
    expected = np.where(active, units * share, 1.0)
    statistic = np.where(active, np.square(newest - expected) / expected, 0.0).sum(axis=1)
    df = active.sum(axis=1) - 1
    return SampleRatios(
        status=status,
        rows=rows,
        p=np.exp(-np.maximum(most, 0)),
        chi_square=statistic,
        df=df,
        chi_square_p=special.chdtrc(df, statistic),
        largest_gap=np.abs(newest / units - share).max(axis=1),
    )


def sample_ratio(history: ArrayLike, weights: ArrayLike, planned_units: float) -> SampleRatio:
    """The test of one experiment: `history` (looks, arms) has the units so far, oldest look first.

    Raises `InsufficientData` without units or without two arms of positive weight. See `sample_ratios`.

    >>> round(sample_ratio([[400, 600], [5_000, 5_000]], [1, 1], 5_000).p, 8)
    4.2e-07
    """
    given = np.asarray(weights, dtype=np.float64)
    looks = np.asarray(history, dtype=np.float64)
    looks = np.atleast_2d(looks) if looks.size else np.zeros((0, given.size))
    return sample_ratios(looks, [0], given[None], planned_units).at(0)


def chi_square(observed: ArrayLike, weights: ArrayLike) -> tuple[float, int, float]:
    """Pearson's χ² (1900) of one look against the weights, its degrees of freedom and p; refuses as `sample_ratio`.

    >>> statistic, df, p = chi_square([821_588, 815_482], [1, 1])
    >>> round(statistic, 4), df, round(p, 8)
    (22.7744, 1, 1.82e-06)
    """
    test = sample_ratio(observed, weights, 1.0)
    return test.chi_square, test.df, test.chi_square_p


def _log_bayes_factor(
    counts: Floats, share: Floats, active: NDArray[np.bool_], concentration: Floats, of: NDArray[np.intp]
) -> Floats:
    """Dirichlet(concentration · share) mixture against the shares themselves, one value per look.

    Written around Stirling's series with the large parts cancelled by hand: the plain difference of log-gamma
    functions is off by ± 20 at 10¹⁵ units.
    """
    plan, takes_part = np.where(active, share, 1.0), active[of]
    prior = concentration[:, None] * plan
    before = remainder(concentration) - np.where(active, remainder(prior), 0.0).sum(axis=1)
    df = active.sum(axis=1) - 1

    units = counts.sum(axis=1)
    start = concentration[of]
    total = start + units
    posterior, expected = prior[of] + counts, total[:, None] * plan[of]
    off = (counts - units[:, None] * plan[of]) / expected
    log = np.where(off < -0.5, np.log(posterior / expected), np.log1p(np.maximum(off, -0.5)))
    excess = np.where(np.abs(off) < STRAIGHT, np.square(off) * (0.5 - off / 6), posterior / expected * log - off)
    per_arm = expected * excess - log / 2 + remainder(posterior)
    return np.asarray(
        np.where(takes_part, per_arm, 0.0).sum(axis=1)
        - df[of] / 2 * np.log1p(units / start)
        - remainder(total)
        + before[of]
    )
