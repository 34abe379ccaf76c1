"""Many comparisons at once: adjusted p-values, and per comparison the level whose interval tells the same story.

The last axis is one family; where families differ in size, `present` marks the places that count. A place that is not
present never influences the others and comes back as adjusted p = 1 and level = α, to be read by nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats
from experiments.stats.refusal import require_level

Method = Literal["none", "bonferroni", "sidak", "holm", "hochberg", "hommel", "bh", "by"]


@dataclass(frozen=True, slots=True)
class Split:
    """Levels of one comparison: of the `primary` metric, and of each `other` metric."""

    primary: float
    other: float


@dataclass(frozen=True, slots=True)
class _Families:
    """p in rising order (absent places last, as 1), `order` to undo that, `rank` from 1, `size` with a last axis."""

    p: Floats
    order: NDArray[np.intp]
    rank: NDArray[np.intp]
    size: NDArray[np.intp]

    @classmethod
    def of(cls, p: ArrayLike, present: ArrayLike | None) -> _Families:
        raw = np.asarray(p, dtype=np.float64)
        if raw.ndim == 0:
            raise InsufficientData("A family of comparisons is a list of p-values.")
        counts = np.broadcast_to(np.asarray(True if present is None else present, dtype=bool), raw.shape)
        if not ((raw >= 0) & (raw <= 1) | ~counts).all():
            raise InsufficientData("A p-value is missing or does not lie between 0 and 1.")
        keys = np.where(counts, raw, 2.0)
        order = np.argsort(keys, axis=-1, kind="stable")
        rising = np.minimum(np.take_along_axis(keys, order, -1), 1.0)
        return cls(rising, order, np.arange(1, raw.shape[-1] + 1), counts.sum(axis=-1, keepdims=True))

    @property
    def inside(self) -> NDArray[np.bool_]:
        return self.rank <= self.size

    @property
    def left(self) -> NDArray[np.intp]:
        """How many comparisons are not smaller than this one, counting itself."""
        return self.size - self.rank + 1

    @property
    def harmonic(self) -> Floats:
        """1 + 1/2 + … + 1/size: the price of arbitrary dependence."""
        return np.asarray(special.digamma(self.size + 1.0) + np.euler_gamma)

    def as_given(self, ranked: Floats) -> Floats:
        result = np.empty_like(ranked)
        np.put_along_axis(result, self.order, ranked, -1)
        return result

    def adjusted(self, method: Method) -> Floats:
        steps = np.where(self.inside, _ADJUSTED[method](self), 1.0)
        return np.minimum(np.maximum(steps, self.p), 1.0)


def adjust(p: ArrayLike, method: Method = "holm", present: ArrayLike | None = None) -> Floats:
    """Adjusted p-values of families along the last axis, any number of axes before it.

    A comparison is clear when its adjusted p is ≤ α. For the family-wise error: Bonferroni; Šidák 1967 (independent
    tests); Holm 1979; Hochberg 1988 and Hommel 1988 (independent or positively dependent tests). For the false
    discovery rate: `bh` Benjamini & Hochberg 1995; under any dependence `by` Benjamini & Yekutieli 2001. Or `none`.
    Raises `InsufficientData` for a present p that is not a number between 0 and 1.

    >>> adjust([0.01, 0.04, 0.03]).round(6).tolist()
    [0.03, 0.06, 0.06]
    >>> adjust([[0.01, 0.04, 0.03], [0.01, 0.04, 0.0]], "bh", [[1, 1, 1], [1, 1, 0]]).round(6).tolist()
    [[0.03, 0.04, 0.04], [0.02, 0.04, 1.0]]
    """
    families = _Families.of(p, present)
    return families.as_given(families.adjusted(method))


def holm(p: ArrayLike, present: ArrayLike | None = None) -> Floats:
    """Adjusted p-values by Holm's step-down (1979), of families along the last axis; refuses what `adjust` refuses.

    >>> holm([0.01, 0.04, 0.03]).round(6).tolist()
    [0.03, 0.06, 0.06]
    """
    return adjust(p, "holm", present)


def levels(p: ArrayLike, alpha: ArrayLike, method: Method = "holm", present: ArrayLike | None = None) -> Floats:
    """Per comparison the level whose own interval excludes zero exactly when its adjusted p is ≤ α (so when p ≤ level).

    `alpha` is one number or one per family. With R clear comparisons among m: Bonferroni α/m; Šidák 1 − (1 − α)^(1/m);
    Holm α over how many were still in the race when it was accepted (ties together) or when the race stopped; Hochberg
    α/(m − R + 1), and α/(m − R) for the rest; Hommel his own α/j; `bh` R·α/m, at which the false coverage rate of the
    selected intervals is at most α (Benjamini & Yekutieli 2005), never below α/m, also for the rest; `by` likewise.
    Raises `InsufficientData` as `adjust`, and for a level outside 0 to 1.

    >>> levels([0.01, 0.04, 0.03], 0.05).round(6).tolist()
    [0.016667, 0.025, 0.025]
    >>> levels([0.01, 0.04, 0.03], 0.05, "bh").round(6).tolist()
    [0.05, 0.05, 0.05]
    """
    alphas = np.asarray(alpha, dtype=np.float64)[..., None]
    require_level(alphas)
    families = _Families.of(p, present)
    clear = (families.adjusted(method) <= alphas) & families.inside
    level = _LEVEL[method](families, alphas, clear.sum(axis=-1, keepdims=True))
    # The last bit of p·m ≤ α and of p ≤ α/m may disagree; the adjusted p decides.
    level = np.where(clear, np.maximum(level, families.p), np.minimum(level, np.nextafter(families.p, 0)))
    return families.as_given(np.where(families.inside, level, alphas))


def preferential(alpha: float, gamma: float, treatments: int, metrics: int) -> Split:
    """Bonferroni with the share γ of α kept for the primary metric and the rest split over the other metrics.

    Each share is divided by the number of treatments (Eppo's preferential Bonferroni). Raises `InsufficientData` unless
    α and γ lie between 0 and 1, and for fewer than one treatment or two metrics.

    >>> preferential(0.05, gamma=0.5, treatments=2, metrics=6)
    Split(primary=0.0125, other=0.0025)
    """
    require_level(alpha)
    if not 0 < gamma < 1:
        raise InsufficientData("The share of the primary metric lies between 0 and 1.")
    if treatments < 1 or metrics < 2:
        raise InsufficientData("Splitting the level takes at least one treatment and two metrics.")
    return Split(gamma * alpha / treatments, (1 - gamma) * alpha / (treatments * (metrics - 1)))


def _rising(steps: Floats) -> Floats:
    return np.maximum.accumulate(steps, axis=-1)


def _falling(families: _Families, factor: Floats | NDArray[np.intp]) -> Floats:
    """Smallest of factor · p from here to the end of the family."""
    steps = np.where(families.inside, families.p * factor, np.inf)
    return np.minimum.accumulate(steps[..., ::-1], axis=-1)[..., ::-1]


def _sidak(families: _Families) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(np.maximum(families.size, 1) * np.log1p(-families.p)))


def _largest_sets(families: _Families) -> Iterator[tuple[int, Floats, Floats]]:
    """Per size s: Simes' p of the s largest but without their smallest, and that smallest; both keep the last axis."""
    at = np.broadcast_to(np.maximum(families.size - families.rank, 0), families.p.shape)
    down = np.take_along_axis(families.p, at, -1)
    for s in range(1, down.shape[-1] + 1):
        factors = s / np.arange(s, 1, -1)
        rest = (down[..., : s - 1] * factors).min(axis=-1, keepdims=True, initial=np.inf)
        yield s, rest, down[..., s - 1 : s]


def _hommel(families: _Families) -> Floats:
    """Closed testing with Simes: per size the worst set that holds a comparison is itself and the largest others."""
    found = families.p
    for s, rest, smallest in _largest_sets(families):
        simes = np.minimum(s * np.minimum(families.p, smallest), rest)
        found = np.maximum(found, np.where(s <= families.size, simes, 0.0))
    return found


def _hommel_level(families: _Families, alpha: Floats, _: NDArray[np.intp]) -> Floats:
    largest = np.ones_like(families.size)
    for s, rest, smallest in _largest_sets(families):
        largest = np.where((s <= families.size) & (np.minimum(s * smallest, rest) > alpha), s, largest)
    return np.asarray(alpha / largest)


def _holm_level(families: _Families, alpha: Floats, clear: NDArray[np.intp]) -> Floats:
    fresh = np.diff(families.p, axis=-1, prepend=-1.0) > 0
    before = np.maximum.accumulate(np.where(fresh, families.rank - 1, 0), axis=-1)
    return np.asarray(alpha / np.maximum(families.size - np.minimum(before, clear), 1))


def _hochberg_level(families: _Families, alpha: Floats, clear: NDArray[np.intp]) -> Floats:
    accepted = families.size - np.maximum(clear, 1) + 1
    return np.asarray(alpha / np.where(families.rank <= clear, accepted, np.maximum(families.size - clear, 1)))


_ADJUSTED: dict[Method, Callable[[_Families], Floats]] = {
    "none": lambda families: families.p,
    "bonferroni": lambda families: families.p * families.size,
    "sidak": _sidak,
    "holm": lambda families: _rising(families.p * families.left),
    "hochberg": lambda families: _falling(families, families.left),
    "hommel": _hommel,
    "bh": lambda families: _falling(families, families.size / families.rank),
    "by": lambda families: _falling(families, families.harmonic * families.size / families.rank),
}
_LEVEL: dict[Method, Callable[[_Families, Floats, NDArray[np.intp]], Floats]] = {
    "none": lambda _, alpha, __: alpha,
    "bonferroni": lambda families, alpha, _: alpha / np.maximum(families.size, 1),
    "sidak": lambda families, alpha, _: np.minimum(-np.expm1(np.log1p(-alpha) / np.maximum(families.size, 1)), alpha),
    "holm": _holm_level,
    "hochberg": _hochberg_level,
    "hommel": _hommel_level,
    "bh": lambda families, alpha, clear: alpha * (np.maximum(clear, 1) / np.maximum(families.size, 1)),
    "by": lambda families, alpha, clear: (
        alpha * np.maximum(clear, 1) / (np.maximum(families.size, 1) * np.maximum(families.harmonic, 1))
    ),
}
