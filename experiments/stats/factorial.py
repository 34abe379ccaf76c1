"""Multivariate experiments: which factors and which of their combinations matter, from one aggregate per cell.

`wald` is the test to read: it lets every cell have its own variance. `anova` is the classic table, under equal ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Literal

import numpy as np
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.heterogeneity import EXTREME, variances_of_means, welch_james
from experiments.stats.moments import Floats, Moments
from experiments.stats.refusal import ROUNDING, require_level

Kind = Literal["I", "II", "III"]
Factors = tuple[str, ...]

SMALLEST_SHARE = 1e-18


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of levels, factor → level, with its count, mean and sample variance (n − 1 in the denominator).

    >>> Cell({"prompt": "short", "model": "small"}, n=120, mean=3.1, variance=0.8).levels["model"]
    'small'
    """

    levels: Mapping[str, str]
    n: float
    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Term:
    """A factor or an interaction with its sum of squares, degrees of freedom, F and p.

    >>> Term("prompt:model", ss=1.2, df=1, f=0.3, p=0.6).name
    'prompt:model'
    """

    name: str
    ss: float
    df: int
    f: float
    p: float


@dataclass(frozen=True, slots=True)
class Anova:
    """The table of an analysis of variance: main effects first, then interactions of two, three, … and the residual.

    >>> Anova((), residual_ss=12.0, residual_df=36.0).residual_df
    36.0
    """

    terms: tuple[Term, ...]
    residual_ss: float
    residual_df: float


@dataclass(frozen=True, slots=True)
class Contrast:
    """A factor or an interaction with Wald's statistic, F with its two degrees of freedom, and p.

    >>> Contrast("prompt", statistic=4.0, f=4.0, df=1, residual_df=20.5, p=0.06).f
    4.0
    """

    name: str
    statistic: float
    f: float
    df: int
    residual_df: float
    p: float


@dataclass(frozen=True, slots=True)
class MarginalMean:
    """The mean at one level of a factor when all combinations of the others count the same, with its interval.

    >>> MarginalMean("prompt", "short", mean=13.0, se=1.4, df=9.0, lower=9.8, upper=16.2).level
    'short'
    """

    factor: str
    level: str
    mean: float
    se: float
    df: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Every cell of a complete design: arrays with the last factor running fastest, and the levels of each factor."""

    levels: Mapping[str, tuple[str, ...]]
    moments: Moments

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> Grid:
        """The cells in order; `InsufficientData` unless every combination is there once, with units.

        >>> Grid.of([Cell({"prompt": level}, 10, 1.0, 2.0) for level in ("short", "long")]).levels
        {'prompt': ('short', 'long')}
        """
        given = list(cells)
        names = tuple(given[0].levels) if given else ()
        if any(set(cell.levels) != set(names) for cell in given) or not names:
            raise InsufficientData("Every combination names a level of every factor.")
        levels = {name: tuple(dict.fromkeys(cell.levels[name] for cell in given)) for name in names}
        for name, each in levels.items():
            if len(each) < 2:
                raise InsufficientData(f"Factor {name} has only one level, so there is nothing to compare.")
        places = [tuple(levels[name].index(cell.levels[name]) for name in names) for cell in given]
        if len(set(places)) < len(places):
            raise InsufficientData("A combination is given twice.")
        if len(places) < prod(len(each) for each in levels.values()) or any(cell.n == 0 for cell in given):
            raise InsufficientData("A combination of levels has no units, so the factors cannot be told apart.")
        ordered = [given[at] for at in sorted(range(len(given)), key=places.__getitem__)]
        columns = ([getattr(cell, name) for cell in ordered] for name in ("n", "mean", "variance"))
        return cls(levels, Moments.given(*columns))

    @property
    def terms(self) -> list[Factors]:
        """Main effects, then interactions of two, three, …, each size in R's order: what earlier factors span first."""
        names = list(self.levels)
        sizes = range(1, len(names) + 1)
        chosen = [sorted(combinations(range(len(names)), size), key=lambda each: each[::-1]) for size in sizes]
        return [tuple(names[at] for at in each) for same_size in chosen for each in same_size]

    def columns(self, term: Factors) -> Floats:
        """Effect coding of a term, a row per cell: the last level of a factor is minus the sum of the others.

        >>> Grid.of([Cell({"t": level}, 9, 1.0, 2.0) for level in "abc"]).columns(("t",)).tolist()
        [[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]
        """
        coded = np.ones((1, 1))
        for name, each in self.levels.items():
            own = len(each) - 1
            part = np.vstack([np.eye(own), -np.ones(own)]) if name in term else np.ones((own + 1, 1))
            coded = np.kron(coded, part).astype(np.float64)
        return coded


def anova(cells: Iterable[Cell], kind: Kind = "II") -> Anova:
    """Analysis of variance of a complete factorial design with all interactions, by least squares weighed with n.

    Type `I` compares each term with those before it, in the order of the factors in the first cell; `II` with all that
    do not contain it (Yates 1934, Langsrud 2003); `III` with all others in effect coding, so that cells count the same
    whatever their size. They agree when all cells are of one size. Assumes equal variances. Raises `InsufficientData`
    for an empty or missing cell, a factor with one level, and a residual of zero or without degrees of freedom.

    >>> cells = [
    ...     Cell({"prompt": "short", "model": "small"}, 10, 13.23, 19.889),
    ...     Cell({"prompt": "short", "model": "large"}, 10, 22.70, 15.296),
    ...     Cell({"prompt": "long", "model": "small"}, 10, 7.98, 7.544),
    ...     Cell({"prompt": "long", "model": "large"}, 10, 16.77, 6.327),
    ... ]
    >>> [(term.name, round(term.ss, 4), round(term.f, 4)) for term in anova(cells).terms]
    [('prompt', 312.481, 25.4795), ('model', 833.569, 67.9688), ('prompt:model', 1.156, 0.0943)]
    """
    grid = Grid.of(cells)
    n, mean, within, df = _residual(grid.moments)
    terms = grid.terms
    weight = np.sqrt(n / n.max())
    blocks = {term: weight[:, None] * grid.columns(term) for term in terms}
    response = weight * mean
    found = []
    for at, term in enumerate(terms):
        if kind == "I":
            rest = terms[:at]
        else:
            rest = [other for other in terms if other != term and (kind == "III" or not set(term) <= set(other))]
        ss = float(n.max()) * _extra([weight[:, None], *(blocks[other] for other in rest)], blocks[term], response)
        size = blocks[term].shape[1]
        f = ss / size / (within / df)
        found.append(Term(":".join(term), ss, size, f, float(special.fdtrc(size, df, f))))
    return Anova(tuple(found), within, df)


def wald(cells: Iterable[Cell]) -> tuple[Contrast, ...]:
    """Every factor and interaction tested with each cell's own variance: Welch & James' statistic (Johansen 1980).

    The hypotheses are those of type III: the means of a factor's levels are equal when all combinations of the others
    count the same. With two cells this is Welch's t squared, with one factor Welch's F (1951). Raises
    `InsufficientData` for an empty or missing cell, fewer than two units or no spread in a cell, and a factor with one
    level.

    >>> cells = [Cell({"prompt": "short"}, 10, 13.0, 20.0), Cell({"prompt": "long"}, 30, 10.0, 5.0)]
    >>> found = wald(cells)[0]
    >>> found.name, round(found.f, 4), round(found.residual_df, 4), round(found.p, 6)
    ('prompt', 4.1538, 10.5398, 0.067431)
    """
    grid = Grid.of(cells)
    variance = variances_of_means(grid.moments)
    _require_alike(variance)
    spread = np.sqrt(variance / variance.max())
    surest = float(grid.moments.mean[variance.argmin()])
    centred = (grid.moments.mean - surest) / np.sqrt(variance)
    found = []
    for term in grid.terms:
        basis = np.linalg.qr(spread[:, None] * grid.columns(term))[0]
        statistic = float(np.square(basis.T @ centred).sum())
        leverage = np.square(basis).sum(axis=1)
        unsure = np.asarray((np.square(leverage) / (grid.moments.n - 1)).sum())
        size = basis.shape[1]
        f, p, df = welch_james(np.asarray(statistic), np.asarray(float(size)), unsure)
        found.append(Contrast(":".join(term), statistic, float(f), size, float(df), float(p)))
    return tuple(found)


def marginal_means(cells: Iterable[Cell], alpha: float = 0.05) -> tuple[MarginalMean, ...]:
    """Per factor and level the unweighted mean of its cells, with a t interval at level 1 − α (Searle et al. 1980).

    Each cell has its own variance; the degrees of freedom are Satterthwaite's (1946). Raises what `wald` raises.

    >>> cells = [Cell({"prompt": "short"}, 10, 13.0, 20.0), Cell({"prompt": "long"}, 30, 10.0, 5.0)]
    >>> [(each.level, each.mean, round(each.lower, 4), round(each.upper, 4)) for each in marginal_means(cells)]
    [('short', 13.0, 9.8008, 16.1992), ('long', 10.0, 9.165, 10.835)]
    """
    require_level(alpha)
    grid = Grid.of(cells)
    shape = tuple(len(each) for each in grid.levels.values())
    mean, n = grid.moments.mean.reshape(shape), grid.moments.n.reshape(shape)
    variance = variances_of_means(grid.moments).reshape(shape)
    found = []
    for axis, (factor, levels) in enumerate(grid.levels.items()):
        for at, level in enumerate(levels):
            ours = variance.take(at, axis)
            average = float(mean.take(at, axis).mean())
            se = float(np.sqrt(ours.sum())) / ours.size
            df = 1 / float((np.square(ours / ours.sum()) / (n.take(at, axis) - 1)).sum())
            reach = -float(special.stdtrit(df, alpha / 2)) * se
            found.append(MarginalMean(factor, level, average, se, df, average - reach, average + reach))
    return tuple(found)


def _residual(moments: Moments) -> tuple[Floats, Floats, float, float]:
    """Counts, means from their average, and the residual sum of squares within cells with its degrees of freedom."""
    n, mean, spread = moments.n, moments.mean, np.where(moments.n == 1, 0.0, moments.m2)
    if not (np.isfinite(n) & np.isfinite(mean) & np.isfinite(spread) & (n >= 1) & (spread >= 0)).all():
        raise InsufficientData("A count, mean or variance is missing, negative or not a number.")
    df, within = float((n - 1).sum()), float(spread.sum())
    if df <= 0:
        raise InsufficientData("There is only one unit in every combination, so nothing is known about the spread.")
    if np.sqrt(within) <= ROUNDING * np.sqrt(n.sum()) * np.abs(mean).max():
        raise InsufficientData("All units of a combination have the same value, so nothing is known about the spread.")
    if max(np.abs(mean).max(), n.max(), within / df, df / within) > EXTREME:
        raise InsufficientData("The values are too large or too small to calculate with; use another unit.")
    _require_alike(n)
    centred = mean - mean[0]
    return n, centred - (n * centred).sum() / n.sum(), within, df


def _require_alike(weights: Floats) -> None:
    if weights.min() < SMALLEST_SHARE * weights.max():
        raise InsufficientData("The combinations differ too much in size or spread to be read together.")


def _extra(others: Sequence[Floats], term: Floats, response: Floats) -> float:
    """By how much the sum of squares that a least-squares fit explains grows with `term` after `others`."""
    basis = np.linalg.qr(np.hstack([*others, term]))[0]
    return float(np.square(basis[:, -term.shape[1] :].T @ response).sum())
