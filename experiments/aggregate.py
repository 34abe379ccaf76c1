"""Aggregates: the sufficient statistics that every analysis starts from."""

from __future__ import annotations

from typing import NamedTuple


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


class Aggregate(NamedTuple):
    """Sufficient statistics of one metric in one variant from the start up to `day` (days since start).

    For a ratio `mean` and `variance` are the numerator's per unit; for a quantile `mean` is the quantile and
    `variance` n times the square of its standard error. `segment` is "dimension=level", or "" for everybody.
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

    @property
    def numbers(self) -> tuple[float, ...]:
        """Every number that was measured."""
        return (*self[2:6], *(self.denominator or ()), *(self.covariate or ()), *(self.shape or ()))

    @property
    def stated(self) -> tuple[object, ...]:
        """The fields without the trailing ones that say nothing, so that what is added later changes no digest."""
        fields = tuple(self)
        while fields and fields[-1] in (None, ""):
            fields = fields[:-1]
        return fields
