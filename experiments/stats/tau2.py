"""How much true effects differ between studies: the usual estimators of that variance, τ²."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from experiments.stats.heterogeneity import others
from experiments.stats.moments import Floats

Method = Literal["FE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML"]

MOST_STEPS = 1000
CLOSE = 1e-11
GRID, FINE = 100, 1e-3
HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Studies:
    """Two effects or more, `y`, as distances from the surest one, and variances `v` in units of the smallest.

    That keeps everything below from overflowing or cancelling. Nothing is checked here.

    >>> studies = Studies(np.array([0.0, 2.0, 4.0]), np.ones(3))
    >>> round(studies.tau2("DL"), 6), round(studies.tau2("REML"), 6), studies.tau2("FE")
    (3.0, 3.0, 0.0)
    """

    y: Floats
    v: Floats

    @property
    def df(self) -> int:
        return self.y.size - 1

    def tau2(self, method: Method) -> float:
        """The variance of the true effects, at least 0.

        `FE` none; `DL` DerSimonian & Laird 1986; `HE` Hedges 1983; `HS` Hunter & Schmidt 1990; `SJ` Sidik & Jonkman
        2005; `PM` Paule & Mandel 1982; `ML` and `REML` the likelihoods (Harville 1977).

        >>> round(Studies(np.array([0.0, 2.0, 4.0]), np.array([1.0, 1.0, 2.0])).tau2("PM"), 6)
        2.522588
        """
        return _TAU2[method](self)

    def weighed(self, tau2: float) -> Weighed:
        """Each effect weighed by 1 / (its variance + τ²).

        >>> Studies(np.array([0.0, 2.0]), np.ones(2)).weighed(1.0).share.tolist()
        [0.5, 0.5]
        """
        weight = 1 / (self.v + tau2)
        total = float(weight.sum())
        share = weight / total
        return Weighed(share, others(share), total, self.y - share @ self.y)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Shares of the weights, their complements, the sum of the weights, and the distances from the weighted mean.

    >>> Studies(np.array([0.0, 2.0]), np.ones(2)).weighed(0.0).gap.tolist()
    [-1.0, 1.0]
    """

    share: Floats
    rest: Floats
    total: float
    gap: Floats

    @property
    def q(self) -> float:
        return self.total * float(self.share @ np.square(self.gap))

    @property
    def curvature(self) -> float:
        """Σw − Σw²/Σw."""
        return self.total * float(self.share @ self.rest)

    @property
    def slope(self) -> float:
        """By how much `q` falls with τ²: Σw²·gap²."""
        return self.total**2 * float(np.square(self.share * self.gap).sum())

    @property
    def freedom(self) -> float:
        """Satterthwaite's degrees of freedom of a variance made of the distances (Bell & McCaffrey 2002)."""
        leverage = np.sort(np.square(self.share) / self.rest)[::-1]
        rest = leverage[1:].sum()
        pairs = 2 * leverage[0] * rest + rest**2 - np.square(leverage[1:]).sum()
        return 1 / float(np.square(self.share).sum() + pairs)


def _hedges(studies: Studies) -> float:
    return max(0.0, float(studies.y.var(ddof=1) - studies.v.mean()))


def _sidik_jonkman(studies: Studies) -> float:
    start = float(studies.y.var())
    return start * studies.weighed(start).q / studies.df


def _paule_mandel(studies: Studies) -> float:
    """The τ² at which Q is its own expectation: Newton's steps on 1/Q, which is concave, so they never step over it."""
    tau2 = 0.0
    for _ in range(MOST_STEPS):
        weighed = studies.weighed(tau2)
        excess = weighed.q / studies.df - 1
        if excess <= CLOSE:
            break
        tau2 += excess * weighed.q / weighed.slope
    return tau2


def _likeliest(studies: Studies, restricted: bool) -> float:
    """The best of a grid, since the likelihood may have two peaks, and from there to where its slope is nothing.

    Beyond half the squared range of the effects the likelihood only falls.
    """
    end = max(float(np.square(np.ptp(studies.y))) / 2, FINE)
    grid = np.concatenate([[0.0], np.geomspace(FINE / 2, end, GRID)])
    best = int(_likelihood(studies, grid, restricted).argmax())
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, GRID)])
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        weighed = studies.weighed(middle)
        if weighed.slope > (weighed.curvature if restricted else weighed.total):
            low = middle
        else:
            high = middle
    return low


def _likelihood(studies: Studies, tau2: Floats, restricted: bool) -> Floats:
    """Twice the log-likelihood, but for a constant, at every τ²."""
    variance = studies.v + tau2[:, None]
    weight = 1 / variance
    total = weight.sum(axis=1)
    gap = studies.y - ((weight @ studies.y) / total)[:, None]
    loss = np.log(variance).sum(axis=1) + (weight * np.square(gap)).sum(axis=1)
    return np.asarray(-loss - np.log(total) if restricted else -loss)


def _der_simonian_laird(studies: Studies) -> float:
    alike = studies.weighed(0.0)
    return max(0.0, alike.q - studies.df) / alike.curvature


def _hunter_schmidt(studies: Studies) -> float:
    alike = studies.weighed(0.0)
    return max(0.0, alike.q - studies.df - 1) / alike.total


_TAU2: dict[Method, Callable[[Studies], float]] = {
    "FE": lambda studies: 0.0,
    "DL": _der_simonian_laird,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "SJ": _sidik_jonkman,
    "PM": _paule_mandel,
    "ML": lambda studies: _likeliest(studies, restricted=False),
    "REML": lambda studies: _likeliest(studies, restricted=True),
}
