"""The values of single units → aggregates, in two passes so that a large offset does not drown the spread."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.aggregate import Aggregate, Companion, Shape
from experiments.design import MetricKind
from experiments.stats.estimates import quantile_of, quantile_with
from experiments.stats.moments import Floats, Moments
from experiments.stats.spread import spread_of


class Metric(NamedTuple):
    """A metric of single units and the columns that hold its value, its denominator and its covariate; or a quantile of
    the values of its units.

    >>> Metric("orders", "orders", None, "orders_before").covariate
    'orders_before'
    """

    key: str
    value: str
    denominator: str | None
    covariate: str | None
    quantile: float | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that it is made of."""
        return tuple(name for name in self[1:4] if name is not None)


@dataclass(frozen=True, slots=True)
class Units:
    """Single units as columns of one length.

    `arms` are (experiment, variant) → the code by which `arm` says where a unit belongs; `values` the numbers by
    column, at most 1e100 in size; `levels` per dimension each unit's code of its level and the segments by code.

    >>> Units({("shop", "control"): 0}, np.array([0, 0]), {"orders": np.array([1.0, 3.0])}, []).arm.size
    2
    """

    arms: Mapping[tuple[str, str], int]
    arm: NDArray[np.int64]
    values: Mapping[str, Floats]
    levels: Sequence[tuple[NDArray[np.int64], Sequence[str]]]

    def by_arm(self) -> Iterator[tuple[str, str, str, NDArray[np.intp]]]:
        """Experiment, variant, segment ("" is everybody) and the indices of the units there, of every one with units.

        >>> units = Units({("shop", "control"): 0}, np.array([0, 0]), {}, [(np.array([0, 1]), ["", "os=ios"])])
        >>> [(segment, indices.tolist()) for _, _, segment, indices in units.by_arm()]
        [('', [0, 1]), ('os=ios', [1])]
        """
        order = np.argsort(self.arm, kind="stable")
        members = np.split(order, np.searchsorted(self.arm[order], np.arange(1, len(self.arms))))
        for (experiment, variant), code in sorted(self.arms.items()):
            here = members[code]
            if here.size:
                yield experiment, variant, "", here
            for codes, names in self.levels:
                for level in np.unique(codes[here]):
                    if level:
                        yield experiment, variant, names[level], here[codes[here] == level]


def summed_up(
    units: Units, metrics: Sequence[Metric], day: float
) -> tuple[dict[str, tuple[Aggregate, ...]], dict[str, dict[str, MetricKind | None]]]:
    """The aggregates and the kinds of these metrics by experiment; a metric of zeros and ones is a proportion.

    >>> units = Units({("shop", "control"): 0}, np.array([0, 0]), {"paid": np.array([0.0, 1.0])}, [])
    >>> batches, kinds = summed_up(units, [Metric("paid", "paid", None, None)], 1.0)
    >>> batches["shop"][0].mean, str(kinds["shop"]["paid"])
    (0.5, 'proportion')
    """
    batches: dict[str, list[Aggregate]] = {}
    kinds: dict[str, dict[str, MetricKind | None]] = {}
    for experiment, variant, segment, here in units.by_arm():
        of = kinds.setdefault(experiment, {})
        for metric in metrics:
            value = units.values[metric.value][here]
            below, before = (None if name is None else units.values[name][here] for name in metric[2:4])
            if metric.quantile is None:
                row = _aggregate(value, below, before)
            else:
                row = _quantile(value, before, metric.quantile, whole=not segment)
            row = row._replace(metric=metric.key, variant=variant, day=day, segment=segment)
            batches.setdefault(experiment, []).append(row)
            kind = MetricKind.PROPORTION if _is_binary(value) else MetricKind.MEAN
            kind = MetricKind.RATIO if metric.denominator else kind
            kind = MetricKind.QUANTILE if metric.quantile else kind
            of[metric.key] = kind if of.get(metric.key, kind) is kind else MetricKind.MEAN
    return {experiment: tuple(sorted(rows, key=_place)) for experiment, rows in sorted(batches.items())}, kinds


def _place(row: Aggregate) -> tuple[str, str, str]:
    return row.metric, row.variant, row.segment


def _is_binary(value: Floats) -> bool:
    return bool(((value == 0) | (value == 1)).all())


def _aggregate(value: Floats, denominator: Floats | None, covariate: Floats | None) -> Aggregate:
    moments = Moments.of(value)
    apart = value - moments.mean
    deviation = math.sqrt(float(moments.m2) / value.size)
    skewness = float(np.mean((apart / deviation) ** 3)) if deviation > 0 else 0.0
    shape = None if _is_binary(value) else Shape(skewness, float(value.max()))
    below = None if denominator is None else _companion(apart, denominator)
    before = None if covariate is None else _companion(apart, covariate)
    if before and denominator is not None and covariate is not None:
        with_denominator = _companion(covariate - Moments.of(covariate).mean, denominator).covariance
        before = before._replace(with_denominator=with_denominator)
    return Aggregate(
        "", "", 0.0, value.size, float(moments.mean), float(moments.variance),
        denominator=below, covariate=before, shape=shape,
    )  # fmt: skip


def _quantile(value: Floats, covariate: Floats | None, quantile: float, *, whole: bool) -> Aggregate:
    """With how its values are spread where the units are the `whole` arm."""
    found, before = quantile_of(value, quantile), None
    if covariate is not None:
        moments, covariance = Moments.of(covariate), quantile_with(value, covariate, quantile).covariance[0, 1]
        before = Companion(
            float(moments.mean), float(moments.variance), float(covariance) if found.variance[0] else 0.0
        )
    return Aggregate(
        "", "", 0.0, value.size, float(found.value[0]), float(found.variance[0]) * value.size,
        covariate=before, spread=spread_of(value) if whole else None,
    )  # fmt: skip


def _companion(apart: Floats, other: Floats) -> Companion:
    """What goes along with values that are `apart` from their mean."""
    moments = Moments.of(other)
    covariance = float(np.dot(apart, other - moments.mean)) / max(other.size - 1, 1)
    return Companion(float(moments.mean), float(moments.variance), covariance)
