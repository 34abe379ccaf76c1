"""Treatment against control, a row per comparison: effect, interval, lift with its interval, p, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.estimates import Estimates
from experiments.stats.fieller import Lift, relative_lift
from experiments.stats.moments import Floats
from experiments.stats.refusal import Refusal, refusals, require_level
from experiments.stats.tails import Alternative, normal_p

Test = Literal["welch", "z", "pooled"]


class Compared(NamedTuple):
    """One comparison; the lift and its interval are None where control is too close to zero for this level."""

    effect: float
    lower: float
    upper: float
    p: float
    lift: float | None
    lift_lower: float | None
    lift_upper: float | None
    method: str


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Columns of comparisons. `status` has a `Refusal` for every row that was asked for; all other columns have the
    sound rows alone, in order, and `rows` says which those are, so that a refused row has no number to misread.

    `effect` is treatment − control, `se` its standard error, `statistic` (effect − null)/se, `df` the degrees of
    freedom (infinite for a normal reference), `lift` Fieller's relative interval with the same critical value.

    >>> found = compare(Estimates.given([100, 1], [1.0, 1.0], 0.01), Estimates.given([100, 1], [1.5, 2.0], 0.01))
    >>> found.status.tolist(), found.rows.tolist(), found.effect.tolist()
    ([0, 3], [0], [0.5])
    """

    method: str
    status: NDArray[np.int8]
    rows: NDArray[np.intp]
    effect: Floats
    se: Floats
    statistic: Floats
    df: Floats
    p: Floats
    lower: Floats
    upper: Floats
    lift: Lift

    def at(self, row: int) -> Compared:
        """One row as plain numbers; `InsufficientData` with the reason where it was refused.

        >>> found = compare(Estimates.given(100, 1.0, 0.01), Estimates.given(100, 1.5, 0.01))
        >>> round(found.at(0).p, 6), found.at(0).lift
        (0.000507, 0.5)
        """
        if self.status[row]:
            raise InsufficientData(Refusal(int(self.status[row])).words)
        at = int(np.searchsorted(self.rows, row))
        lift = self.lift
        bounded = bool(lift.bounded[at])
        return Compared(
            effect=float(self.effect[at]),
            lower=float(self.lower[at]),
            upper=float(self.upper[at]),
            p=float(self.p[at]),
            lift=float(lift.lift[at]) if bounded else None,
            lift_lower=float(lift.lower[at]) if bounded else None,
            lift_upper=float(lift.upper[at]) if bounded else None,
            method=self.method,
        )


class Sound(NamedTuple):
    """The rows of two arms that can be compared, their places, and the status of every row."""

    control: Estimates
    treatment: Estimates
    rows: NDArray[np.intp]
    status: NDArray[np.int8]

    def column(self, value: ArrayLike) -> Floats:
        """A value for all rows or one for each, cut down to the sound ones.

        >>> arms = sound(Estimates.given([9, 0], [1.0, 1.0], 0.1), Estimates.given([9, 9], [1.0, 1.0], 0.1))
        >>> arms.column([0.5, 0.7]).tolist(), arms.column(0.5).tolist()
        ([0.5], 0.5)
        """
        given = np.asarray(value, dtype=np.float64)
        return given if given.size == 1 else given[self.rows]


def sound(control: Estimates, treatment: Estimates) -> Sound:
    """Leave out the rows that cannot be compared.

    >>> sound(Estimates.given([9, 0], [1.0, 1.0], 0.1), Estimates.given([9, 9], [1.0, 1.0], 0.1)).rows.tolist()
    [0]
    """
    status = refusals(control, treatment)
    if not status.any():
        return Sound(control, treatment, np.arange(status.size), status)
    rows = np.flatnonzero(status == Refusal.SOUND)
    return Sound(control.take(rows), treatment.take(rows), rows, status)


def compare(
    control: Estimates,
    treatment: Estimates,
    *,
    alpha: ArrayLike = 0.05,
    alternative: Alternative = "two-sided",
    null: ArrayLike = 0.0,
    test: Test = "welch",
) -> Comparisons:
    """Every row of `treatment` against the same row of `control`, as one planned look.

    `welch` is Welch's t (1947) with Satterthwaite's degrees of freedom, `z` the same with a normal reference, `pooled`
    Student's t with one variance for both arms. p comes from a survival function, so it stays exact far out in the
    tail; a one-sided interval has an infinite bound. The lift's interval excludes zero exactly when p < α (null 0).

    >>> sleep = [Estimates.given(10, mean, sd**2 / 10) for mean, sd in ((0.75, 1.789010), (2.33, 2.002249))]
    >>> found = compare(*sleep)
    >>> round(float(found.p[0]), 5), round(float(found.lower[0]), 4), round(float(found.upper[0]), 4)
    (0.07939, -0.2055, 3.3655)
    """
    require_level(alpha)
    both = sound(control, treatment)
    ours, theirs = both.control, both.treatment
    level = both.column(alpha)
    if test == "pooled":
        spread = (ours.variance * ours.n * (ours.n - 1) + theirs.variance * theirs.n * (theirs.n - 1)) / (
            ours.n + theirs.n - 2
        )
        ours = Estimates(ours.n, ours.value, spread / ours.n, ours.flaw)
        theirs = Estimates(theirs.n, theirs.value, spread / theirs.n, theirs.flaw)
    effect, variance = theirs.value - ours.value, ours.variance + theirs.variance
    se = np.sqrt(variance)
    if test == "welch":
        of_ours, of_theirs = np.square(ours.variance / variance), np.square(theirs.variance / variance)
        df = 1 / (of_ours / (ours.n - 1) + of_theirs / (theirs.n - 1))
    elif test == "pooled":
        df = ours.n + theirs.n - 2
    else:
        df = np.full_like(se, np.inf)
    statistic = (effect - both.column(null)) / se
    tail = level / 2 if alternative == "two-sided" else level
    if test == "z":
        p, critical = normal_p(statistic, alternative), -special.ndtri(tail)
    else:
        p, critical = _student_p(statistic, df, alternative), -special.stdtrit(df, tail)
    return conclude(test, Sound(ours, theirs, both.rows, both.status), statistic, df, p, critical, alternative)


def conclude(
    method: str,
    both: Sound,
    statistic: Floats,
    df: Floats,
    p: Floats,
    critical: Floats | float,
    alternative: Alternative = "two-sided",
) -> Comparisons:
    """Intervals and lifts from a critical value per row, whatever test that value belongs to.

    >>> arms = sound(Estimates.given(9, 2.0, 0.01), Estimates.given(9, 3.0, 0.01))
    >>> columns = (np.array([7.07]), np.array([16.0]), np.array([1e-6]))
    >>> conclude("z", arms, *columns, 2.0).lower.round(4).tolist()
    [0.7172]
    """
    ours, theirs = both.control, both.treatment
    effect, se = theirs.value - ours.value, np.sqrt(ours.variance + theirs.variance)
    lift = relative_lift(ours.value, ours.variance, theirs.value, theirs.variance, critical)
    reach = critical * se
    lower, upper = effect - reach, effect + reach
    if alternative == "greater":
        upper, lift = np.full_like(upper, np.inf), lift.without_upper()
    elif alternative == "less":
        lower, lift = np.full_like(lower, -np.inf), lift.without_lower()
    return Comparisons(method, both.status, both.rows, effect, se, statistic, df, p, lower, upper, lift)


def _student_p(statistic: Floats, df: Floats, alternative: Alternative) -> Floats:
    if alternative == "two-sided":
        return np.asarray(2 * special.stdtr(df, -np.abs(statistic)))
    return np.asarray(special.stdtr(df, -statistic if alternative == "greater" else statistic))
