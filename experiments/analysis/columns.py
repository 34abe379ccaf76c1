"""Pairs of rows → the columns of a panel, each metric by its kind: mean, proportion, ratio, quantile, CUPED."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from experiments.aggregate import Aggregate
from experiments.analysis.pairing import Pair, dimension_of
from experiments.analysis.panel import Ints, Panel, Role
from experiments.design import Design, Direction, MetricKind, MetricRole, Scale
from experiments.stats.estimates import Estimates, adjust, of_ratios
from experiments.stats.moments import Floats, Joint

ROLE = {
    MetricRole.PRIMARY: Role.PRIMARY,
    MetricRole.SECONDARY: Role.SECONDARY,
    MetricRole.GUARDRAIL: Role.GUARDRAIL,
    MetricRole.COST: Role.COST,
}


@dataclass(frozen=True, slots=True)
class Columns:
    """A panel, and for every comparison what CUPED left of the variance at its newest look (1: it was not used)."""

    panel: Panel
    variance_left: Floats


def columns_of(cases: Sequence[tuple[Design, Sequence[Pair]]]) -> Columns:
    """The pairs of many experiments as one panel, in order; arms, families and experiments are numbered through.

    >>> from experiments.analysis.pairing import pairs, tabulate
    >>> from experiments.from_rows import design_of
    >>> rows = [Aggregate("clicks", arm, 7.0, 500, 2.0, 1.0) for arm in ("control", "blue", "red")]
    >>> design = design_of(rows, key="shop")
    >>> panel = columns_of([(design, pairs(design, tabulate(rows)))]).panel
    >>> panel.size, panel.arm.tolist(), panel.family.tolist()
    (2, [0, 1], [0, 0])
    """
    pairs = [pair for _, each in cases for pair in each]
    roles = [Role.SEGMENT if pair.segment else ROLE[pair.metric.role] for pair in pairs]
    owner = [number for number, (_, each) in enumerate(cases) for _ in each]
    sizes = np.array([len(pair.control) for pair in pairs], dtype=np.intp)
    starts = np.cumsum(sizes) - sizes
    control, treatment = _plain([pair.control for pair in pairs]), _plain([pair.treatment for pair in pairs])
    left = np.ones(len(pairs))
    for number, pair in enumerate(pairs):
        if pair.is_ratio or pair.has_covariate:
            span = slice(int(starts[number]), int(starts[number] + sizes[number]))
            left[number] = _fill_joint(pair, control, treatment, span)
    limits = [pair.metric.limit for pair in pairs]
    return Columns(
        Panel.of(
            control,
            treatment,
            day=[row.day for pair in pairs for row in pair.control],
            starts=starts,
            experiment=owner,
            arm=_numbered([(number, pair.treatment_key) for number, pair in zip(owner, pairs, strict=True)]),
            family=_numbered([_family(*each) for each in zip(owner, pairs, roles, strict=True)]),
            role=roles,
            good=[1.0 if pair.metric.direction is Direction.UP else -1.0 for pair in pairs],
            limit=[limit.harm if limit else 0.0 for limit in limits],
            relative=[limit is not None and limit.scale is Scale.RELATIVE for limit in limits],
            proportion=[pair.metric.kind is MetricKind.PROPORTION and not pair.has_covariate for pair in pairs],
            planned_units=[design.planned_units for design, _ in cases],
        ),
        left,
    )


def _family(owner: int, pair: Pair, role: Role) -> tuple[object, ...]:
    """What is read together: the treatments of a primary metric, all secondary metrics, the levels of a dimension."""
    if role is Role.PRIMARY:
        return owner, "primary", pair.metric.key
    if role is Role.SEGMENT:
        return owner, "segment", pair.metric.key, pair.treatment_key, dimension_of(pair.segment)
    return owner, "guardrail" if role is Role.GUARDRAIL else "secondary"


def _numbered(keys: Sequence[object]) -> Ints:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)


def _plain(series: Sequence[tuple[Aggregate, ...]]) -> Estimates:
    table = np.array([row[3:6] for row in chain.from_iterable(series)], dtype=np.float64).reshape(-1, 3)
    n, mean, variance = table.T
    with np.errstate(over="ignore", invalid="ignore"):
        return Estimates(n.copy(), mean.copy(), variance / np.maximum(n, 1), np.zeros(n.size, dtype=np.int8))


def _fill_joint(pair: Pair, control: Estimates, treatment: Estimates, span: slice) -> float:
    """Write a ratio's or adjusted metric's estimates over the plain ones; what is left of the newest variance."""
    ours, theirs = (_joint(rows, pair.is_ratio, pair.has_covariate) for rows in (pair.control, pair.treatment))
    if pair.has_covariate:
        done = adjust(ours, theirs)
        arms, left = (done.control, done.treatment), float(done.variance_left[-1])
    else:
        arms, left = (of_ratios(ours), of_ratios(theirs)), 1.0
    for arm, estimates in zip((control, treatment), arms, strict=True):
        arm.value[span], arm.variance[span], arm.flaw[span] = estimates.value, estimates.variance, estimates.flaw
    return left


def _joint(rows: Sequence[Aggregate], ratio: bool, covariate: bool) -> Joint:
    """The metric, its denominator if it has one, then the covariate if there is one, look by look."""
    width = 1 + ratio + covariate
    mean, spread = np.empty((len(rows), width)), np.zeros((len(rows), width, width))
    for at, row in enumerate(rows):
        mean[at, 0], spread[at, 0, 0] = row.mean, row.variance
        if ratio and row.denominator is not None:
            mean[at, 1], spread[at, 1, 1] = row.denominator.mean, row.denominator.variance
            spread[at, 0, 1] = spread[at, 1, 0] = row.denominator.covariance
        if covariate and row.covariate is not None:
            mean[at, -1], spread[at, -1, -1] = row.covariate.mean, row.covariate.variance
            spread[at, 0, -1] = spread[at, -1, 0] = row.covariate.covariance
            if ratio:
                spread[at, 1, -1] = spread[at, -1, 1] = row.covariate.with_denominator
    return Joint.given(np.array([row.n for row in rows], dtype=np.float64), mean, spread)
