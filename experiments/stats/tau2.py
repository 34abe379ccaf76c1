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
    """The likelihood may have two peaks, one at 0 or near: climb from three places and keep the highest."""
    starts = {0.0, _hedges(studies), _paule_mandel(studies)}
    return max((_climb(studies, start, restricted) for start in sorted(starts)), key=lambda peak: peak[1])[0]


def _climb(studies: Studies, tau2: float, restricted: bool) -> tuple[float, float]:
    """Fisher's scoring with halved steps wherever a whole one would lower the likelihood: the peak and its height."""

    def likelihood(tau2: float) -> float:
        weighed = studies.weighed(tau2)
        loss = np.log(studies.v + tau2).sum() + weighed.q
        return -float(loss + np.log(weighed.total) if restricted else loss)

    best = likelihood(tau2)
    for _ in range(MOST_STEPS):
        weighed = studies.weighed(tau2)
        square = np.square(weighed.share)
        if restricted:
            score = weighed.slope - weighed.curvature
            information = (square * np.square(weighed.rest)).sum() + square.sum() ** 2 - np.square(square).sum()
        else:
            score, information = weighed.slope - weighed.total, square.sum()
        target = max(0.0, tau2 + score / float(information) / weighed.total**2)
        while (found := likelihood(target)) < best and abs(target - tau2) > CLOSE * (1 + tau2):
            target = (target + tau2) / 2
        near = abs(target - tau2) <= CLOSE * (1 + tau2)
        tau2, best = target, found
        if near:
            break
    return tau2, best


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
