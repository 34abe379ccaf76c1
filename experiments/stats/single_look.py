"""Power of a comparison that is read once, at the planned end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats
from experiments.stats.plan import Plan
from experiments.stats.population import Population
from experiments.stats.refusal import LARGEST

FARTHEST = 1e5


@dataclass(frozen=True, slots=True)
class Contrast:
    """Treatment − (1 + null)·control, or treatment − control − null: how far from 0, and variance per unit of all arms.

    `of_control` and `of_treatment` are the two parts of that variance; `under_null` is all of it where the null holds.

    >>> found = contrast(Population.proportion(0.2), np.asarray(0.05), 0.0, Plan())
    >>> round(float(found.distance), 6), round(float(found.under_null), 6)
    (0.05, 0.695)
    """

    distance: Floats
    of_control: Floats
    of_treatment: Floats
    under_null: Floats

    @property
    def variance(self) -> Floats:
        return self.of_control + self.of_treatment

    def df(self, units: Floats, plan: Plan) -> Floats | None:
        """Degrees of freedom at `units` units in all arms (Satterthwaite 1946, or Student's); none for a z test.

        >>> pair = contrast(Population(0.0, 1.0), np.asarray(0.5), 0.0, Plan(shares=(3.0, 1.0)))
        >>> round(float(pair.df(np.asarray(40.0), Plan(shares=(3.0, 1.0)))), 3)
        15.467
        """
        of_control, of_treatment = (share * units for share in plan.compared)
        if plan.test == "student":
            return np.asarray(of_control + of_treatment - 2)
        if plan.test != "welch":
            return None
        ours, theirs = np.square(self.of_control / self.variance), np.square(self.of_treatment / self.variance)
        return np.asarray(1 / (ours / (of_control - 1) + theirs / (of_treatment - 1)))


def contrast(control: Population, effect: Floats, null: float, plan: Plan) -> Contrast:
    """What `plan` compares under `effect`. `InsufficientData` for a relative effect on a mean not above 0.

    >>> round(float(contrast(Population(10.0, 25.0), np.asarray(0.03), -0.02, Plan(relative=True)).distance), 6)
    0.5
    """
    mean = np.asarray(control.mean, dtype=np.float64)
    if plan.relative and not (mean >= 1 / LARGEST).all():
        raise InsufficientData("A relative effect needs a control mean above 0.")
    scale = mean if plan.relative else np.ones_like(mean)
    weight = np.square(1 + null) if plan.relative else 1.0
    ours, theirs = plan.compared
    treated = mean + effect * scale
    of_control, of_treatment = control.variance * weight / ours, control.variance_at(treated) / theirs
    under_null = of_control + of_treatment
    if plan.test == "pooled":
        if not control.binary:
            raise InsufficientData("The pooled test compares two rates; this metric is not one.")
        merged = (ours * mean + theirs * treated) / (ours + theirs)
        under_null = control.variance_at(merged) * (1 / ours + 1 / theirs)
    return Contrast((effect - null) * scale, np.asarray(of_control), of_treatment, under_null)


def single_power(control: Population, effect: Floats, units: Floats, plan: Plan) -> Floats:
    """Chance of one look at `units` units in all arms to find `effect`, whatever the plan's looks.

    t tests by the noncentral t; equivalence by two one-sided tests (Schuirmann 1987) in the approximation of Phillips
    (1990).

    >>> round(float(single_power(Population(0.0, 1.0), np.asarray(1.0), np.asarray(40.0), Plan())), 6)
    0.868953
    """
    if plan.goal == "equivalence":
        low, high = (_standing(contrast(control, effect, edge, plan), units, plan) for edge in (-plan.null, plan.null))
        found = _below(-high[1], high[0], high[2]) - _below(low[1], low[0], low[2])
        return np.maximum(found, 0.0)
    _, critical, df = _standing(contrast(control, effect, plan.null, plan), units, plan)
    expected = expected_z(control, effect, units, plan)
    found = _below(-critical, -expected, df)
    if plan.both_tails and plan.goal == "two-sided":
        found = found + _below(-critical, expected, df)
    return found


def expected_z(control: Population, effect: Floats, units: Floats, plan: Plan) -> Floats:
    """Expected statistic at `units` units, positive on the side that counts (two-sided: on the side of the effect).

    >>> round(float(expected_z(Population(0.0, 1.0), np.asarray(-0.5), np.asarray(400.0), Plan(goal="less"))), 6)
    5.0
    """
    found = _standing(contrast(control, effect, plan.null, plan), units, plan)[0]
    return np.abs(found) if plan.goal == "two-sided" else -found if plan.goal == "less" else found


def _standing(pair: Contrast, units: Floats, plan: Plan) -> tuple[Floats, Floats, Floats | None]:
    """Expected statistic, critical value in its unit, degrees of freedom."""
    df = pair.df(units, plan)
    expected = pair.distance * np.sqrt(units / pair.variance)
    level = plan.level / plan.sides
    if df is None:
        return expected, np.asarray(-special.ndtri(level) * np.sqrt(pair.under_null / pair.variance)), None
    return expected, np.asarray(-special.stdtrit(df, level)), df


def _below(at: Floats, expected: Floats, df: Floats | None) -> Floats:
    if df is None:
        return np.asarray(special.ndtr(at - expected))
    found = special.nctdtr(df, np.clip(expected, -FARTHEST, FARTHEST), at)
    return np.asarray(np.nan_to_num(found, nan=0.0))  # the routine gives up in tails below 1e-9
