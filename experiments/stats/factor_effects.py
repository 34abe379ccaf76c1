"""Effects of factors as contrasts of cells, one degree of freedom each, so that any method of looking can read them.

`factorial.wald` says whether a term matters at all, at one look; the contrasts here say by how much, level against base
level, and their z may be read by an always-valid test as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from experiments.errors import InsufficientData
from experiments.stats.factorial import Cell, Factors, Grid
from experiments.stats.heterogeneity import variances_of_means
from experiments.stats.moments import Floats


@dataclass(frozen=True, slots=True)
class Estimate:
    """A weighted sum of the cells' means: its value, standard error and Satterthwaite's degrees of freedom (1946).

    >>> Estimate(value=3.0, se=1.5, df=10.5).z
    2.0
    """

    value: float
    se: float
    df: float

    @property
    def z(self) -> float:
        return self.value / self.se


@dataclass(frozen=True, slots=True)
class FactorMean:
    """The mean at `levels` of some factors when all combinations of the others count the same, and its units.

    >>> FactorMean(("short",), Estimate(13.0, 1.4, 9.0), n=10).levels
    ('short',)
    """

    levels: tuple[str, ...]
    mean: Estimate
    n: float


@dataclass(frozen=True, slots=True)
class FactorEffect:
    """What `levels` of the factors of a `term` change against their base levels: of one factor a difference, of two the
    difference between two differences, and so on.

    >>> FactorEffect(("prompt",), ("short",), Estimate(3.0, 1.5, 10.5)).term
    ('prompt',)
    """

    term: Factors
    levels: tuple[str, ...]
    change: Estimate


def means(cells: Iterable[Cell], factors: Factors) -> tuple[FactorMean, ...]:
    """The mean at every combination of levels of these factors, unweighted over the others (Searle et al. 1980).

    Raises `InsufficientData` for a factor there is not and what `wald` raises.

    >>> cells = [Cell({"prompt": "short"}, 10, 13.0, 20.0), Cell({"prompt": "long"}, 30, 10.0, 5.0)]
    >>> [(each.levels, each.mean.value, round(each.mean.se, 4)) for each in means(cells, ("prompt",))]
    [(('short',), 13.0, 1.4142), (('long',), 10.0, 0.4082)]
    """
    grid = Grid.of(cells)
    _require_known(grid, factors)
    found = []
    for levels in product(*(grid.levels[name] for name in factors)):
        wanted = dict(zip(factors, levels, strict=True))
        weights = _woven(
            [
                _one(names, wanted[factor]) if factor in wanted else np.full(len(names), 1 / len(names))
                for factor, names in grid.levels.items()
            ]
        )
        n = float(grid.moments.n[weights > 0].sum())
        found.append(FactorMean(levels, _estimate(grid, weights), n))
    return tuple(found)


def effects(cells: Iterable[Cell], base: Mapping[str, str]) -> tuple[FactorEffect, ...]:
    """Every main effect and interaction, level by level against the `base` level of each factor, in `wald`'s order.

    Raises `InsufficientData` for a base that is no level and what `wald` raises.

    >>> cells = [Cell({"prompt": "short"}, 10, 13.0, 20.0), Cell({"prompt": "long"}, 30, 10.0, 5.0)]
    >>> [(each.levels, each.change.value, round(each.change.df, 2)) for each in effects(cells, {"prompt": "long"})]
    [(('short',), 3.0, 10.54)]
    """
    grid = Grid.of(cells)
    _require_known(grid, tuple(base))
    if any(base.get(factor) not in names for factor, names in grid.levels.items()):
        raise InsufficientData("Every factor needs a base level that one of the combinations has.")
    found = []
    for term in grid.terms:
        others = [[name for name in grid.levels[factor] if name != base[factor]] for factor in term]
        for levels in product(*others):
            wanted = dict(zip(term, levels, strict=True))
            weights = _woven(
                [
                    _one(names, wanted[factor]) - _one(names, base[factor])
                    if factor in wanted
                    else np.full(len(names), 1 / len(names))
                    for factor, names in grid.levels.items()
                ]
            )
            found.append(FactorEffect(term, levels, _estimate(grid, weights)))
    return tuple(found)


def _require_known(grid: Grid, factors: Factors) -> None:
    if unknown := [name for name in factors if name not in grid.levels]:
        raise InsufficientData(f"There is no factor {unknown[0]}.")


def _one(names: tuple[str, ...], level: str) -> Floats:
    return np.array([float(name == level) for name in names])


def _woven(parts: list[Floats]) -> Floats:
    """A weight for every cell, the last factor running fastest."""
    woven = np.ones(1)
    for part in parts:
        woven = np.kron(woven, part).astype(np.float64)
    return woven


def _estimate(grid: Grid, weights: Floats) -> Estimate:
    parts = np.square(weights) * variances_of_means(grid.moments)
    total = float(parts.sum())
    unsure = float((np.square(parts / total) / (grid.moments.n - 1)).sum())
    value = float((weights * (grid.moments.mean - grid.moments.mean[0])).sum() + weights.sum() * grid.moments.mean[0])
    return Estimate(value, float(np.sqrt(total)), 1 / unsure)
