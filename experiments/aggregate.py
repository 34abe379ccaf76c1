"""Aggregates: the sufficient statistics that every analysis starts from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

MOST_PARTS = 100


class Companion(NamedTuple):
    """A second quantity of the same units: the denominator of a ratio, or a covariate from before exposure.

    `covariance` is with the metric itself; `with_denominator` a covariate's covariance with the ratio's denominator.
    """

    mean: float
    variance: float
    covariance: float
    with_denominator: float = 0.0


class Shape(NamedTuple):
    """How lopsided the units' values are: their skewness and the largest of them."""

    skewness: float
    largest: float


class Part(NamedTuple):
    """The lowest and the highest value of some of the units, neighbours in the order of their values."""

    low: float
    high: float


class Spread(NamedTuple):
    """How the values of n units are spread: the units in the order of their values, cut into min(n, `MOST_PARTS`) parts
    of equal size. Of n units the one at place p, from 0, is in part p · parts // n.

    It is kept as text, because every look keeps it and only the newest is read: “low:high low:high …”, a value alone
    where both are the same.

    >>> Spread.of([(1.0, 2.0), (3.0, 3.0)]).text
    '1:2 3'
    """

    text: str

    @classmethod
    def of(cls, parts: Iterable[tuple[float, float]]) -> Spread:
        """Of the lowest and the highest value of each part; nine digits say more than any picture shows."""
        return cls(" ".join(f"{low:.9g}" if low == high else f"{low:.9g}:{high:.9g}" for low, high in parts))

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts, the lowest first."""
        ends = (each.partition(":") for each in self.text.split())
        return tuple(Part(float(low), float(high or low)) for low, _, high in ends)


class Aggregate(NamedTuple):
    """Sufficient statistics of one metric in one variant from the start up to `day` (days since start).

    For a ratio `mean` and `variance` are the numerator's per unit; for a quantile `mean` is the quantile and
    `variance` n times the square of its standard error, and `spread` may say how all values lie. `segment` is
    "dimension=level", or "" for everybody.
    """

    metric: str
    variant: str
    day: float
    n: int
    mean: float
    variance: float
    segment: str = ""
    denominator: Companion | None = None
    covariate: Companion | None = None
    shape: Shape | None = None
    spread: Spread | None = None

    @property
    def numbers(self) -> tuple[float, ...]:
        """Every number that was measured."""
        beside = (*(self.denominator or ()), *(self.covariate or ()), *(self.shape or ()))
        return (*self[2:6], *beside, *(end for part in (self.spread.parts if self.spread else ()) for end in part))

    @property
    def stated(self) -> tuple[object, ...]:
        """The fields without the trailing ones that say nothing, so that what is added later changes no digest."""
        fields = tuple(self)
        while fields and fields[-1] in (None, ""):
            fields = fields[:-1]
        return fields
