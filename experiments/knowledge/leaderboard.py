"""The leaderboard: who is on the Pareto front of quality, cost and latency, and how sure that is.

A row is on the front when no other row is at least as good in every column and better in one (Pareto dominance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats

Sense = Literal["min", "max", "diff"]

DRAWS = 20_000
SIGNS = {"min": 1.0, "max": -1.0}


@dataclass(frozen=True, slots=True)
class Chances:
    """Per row the probability to be on the front, and per row and column the probability to be the best there."""

    on_front: Floats
    best: Floats


def pareto_front(rows: ArrayLike, sense: Sequence[Sense], *, distinct: bool = True) -> NDArray[np.bool_]:
    """Which of the rows, shape (entries, columns), are on the Pareto front: a mask of shape (entries,).

    `sense` says per column whether less (`min`) or more (`max`) is better; rows compete only where they agree in every
    `diff` column. Of identical rows the first alone is kept, or with `distinct=False` all of them. Infinities compare
    as they are. Raises `InsufficientData` for missing values, and where rows and senses do not fit together.
    Method: Kung, Luccio & Preparata 1975; names as in the package paretoset.

    >>> cost_and_quality = [[1, 0.8], [2, 0.85], [2, 0.7], [1, 0.8]]
    >>> pareto_front(cost_and_quality, ["min", "max"]).tolist()
    [True, True, False, False]
    >>> pareto_front(cost_and_quality, ["min", "max"], distinct=False).tolist()
    [True, True, False, True]
    """
    values = _table(rows, sense)
    costs, groups = _costs(values, sense), values[:, [each == "diff" for each in sense]]
    front = np.ones(len(costs), dtype=np.bool_)
    for place in range(len(costs)):
        if front[place]:
            rivals = (groups == groups[place]).all(axis=1)
            no_better, worse = (costs >= costs[place]).all(axis=1), (costs > costs[place]).any(axis=1)
            beaten = rivals & no_better & worse
            if distinct:
                again = rivals & no_better & ~worse
                beaten |= again & (np.arange(len(costs)) > place)
            front &= ~beaten
    return front


def chances(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    sense: Sequence[Sense],
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Chances:
    """How likely each row is to be on the front, and the best of each column, given normal errors of the estimates.

    `estimates` and `standard_errors` have the shape (entries, columns), a standard error of 0 stands for a value known
    exactly; `sense` is `min` or `max`. Errors are taken as independent: rows scored on the same examples are told apart
    better than this says. Those who share a first place share its probability; identical rows are all on the front.
    The probabilities are frequencies over `draws` draws from `rng` (standard error at most 0.5 / √draws).
    Raises `InsufficientData` for values that are missing, infinite or have no standard error.

    >>> found = chances([[0.80, 1.0], [0.82, 1.0]], [[0.01, 0], [0.01, 0]], ["max", "min"], np.random.default_rng(1))
    >>> [round(float(each), 1) for each in found.on_front]
    [0.1, 0.9]
    >>> found.best[:, 1].tolist()
    [0.5, 0.5]
    """
    values, errors = _table(estimates, sense), _table(standard_errors, sense)
    if "diff" in sense:
        raise InsufficientData("Every column needs a direction: less or more is better.")
    if draws < 1 or values.shape != errors.shape or not np.isfinite(values).all():
        raise InsufficientData("Every entry needs a finite estimate and its standard error in every column.")
    if not np.isfinite(errors).all() or (errors < 0).any():
        raise InsufficientData("A standard error is missing, negative or infinite.")
    costs, spread = _costs(values, sense)[:, :, None], errors[:, :, None]
    drawn = costs + spread * rng.standard_normal((*values.shape, draws))
    best = drawn == drawn.min(axis=0)
    on_front = [
        1 - ((drawn <= own).all(axis=1) & (drawn < own).any(axis=1)).any(axis=0).mean(dtype=np.float64) for own in drawn
    ]
    return Chances(np.asarray(on_front), (best / best.sum(axis=0)).mean(axis=2))


def _table(rows: ArrayLike, sense: Sequence[Sense]) -> Floats:
    values = np.asarray(rows, dtype=np.float64)
    if values.ndim != 2 or not values.size or values.shape[1] != len(sense):
        raise InsufficientData("A leaderboard needs at least one entry, and every entry a value in every column.")
    if not set(sense) <= {"min", "max", "diff"} or set(sense) == {"diff"}:
        raise InsufficientData("A column's direction is min, max or diff, and at least one is min or max.")
    if np.isnan(values).any():
        raise InsufficientData("A value is missing, so its entry cannot be ranked.")
    return values


def _costs(values: Floats, sense: Sequence[Sense]) -> Floats:
    """The columns that are ranked, turned so that less is better."""
    ranked = [column for column, each in enumerate(sense) if each != "diff"]
    costs: Floats = values[:, ranked] * np.asarray([SIGNS[sense[column]] for column in ranked])
    return costs
