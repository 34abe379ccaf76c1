"""What is usual in a project: where its primary metric stands, how it spreads, and how many units come a day."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from experiments.aggregate import Aggregate
from experiments.design import Expectation, Metric, MetricKind, Unit
from experiments.model import Experiment
from experiments.numerals import amount, counted, percent
from experiments.pictures.arrivals import eligible_per_day
from experiments.texts import Frozen

KINDS = (MetricKind.PROPORTION, MetricKind.MEAN)
LARGEST = 1e12
DIGITS = 4


class Usual(Frozen):
    """The medians of the `experiments` that measured the usual primary `metric` of a project: its mean in control, its
    spread per unit where it is no rate, and the eligible units of one day (None where nobody knows)."""

    project: str
    metric: str
    kind: MetricKind
    unit: Unit
    baseline: float
    sd: float | None = None
    per_day: int | None = None
    experiments: int

    @property
    def expectation(self) -> Expectation:
        return Expectation(baseline=self.baseline, sd=self.sd, per_day=self.per_day)

    @property
    def words(self) -> str:
        """“From the 4 newest measured experiments of checkout: conversion 12.4 % in control, 3,800 users a day.”"""
        level = percent(self.baseline) if self.kind is MetricKind.PROPORTION else amount(self.baseline)
        spread = f" (spread {amount(self.sd)})" if self.sd is not None else ""
        traffic = f", {counted(self.per_day, self.unit.words)} a day" if self.per_day else ""
        newest = "newest measured experiment"
        which = f"the {newest}" if self.experiments == 1 else f"the {counted(self.experiments, newest)}"
        return f"From {which} of {self.project}: {self.metric} {level} in control{spread}{traffic}."


class _Measured(NamedTuple):
    metric: Metric
    unit: Unit
    baseline: float
    sd: float
    per_day: float | None


def usual_of(project: str, measured: Iterable[tuple[Experiment, Sequence[Aggregate]]]) -> Usual | None:
    """What these experiments of the project, the newest first, with their aggregates, have in common; None where none
    of them measured a rate or a mean that a plan can start from."""
    known = [found for experiment, rows in measured if (found := _measured(experiment, rows))]
    if not known:
        return None
    kinds = Counter((each.metric.key, each.metric.kind, each.unit) for each in known)
    (key, kind, unit), count = kinds.most_common(1)[0]
    same = [each for each in known if (each.metric.key, each.metric.kind, each.unit) == (key, kind, unit)]
    rates = [each.per_day for each in same if each.per_day]
    is_rate = kind is MetricKind.PROPORTION
    return Usual(
        project=project,
        metric=key,
        kind=kind,
        unit=unit,
        baseline=_rounded(median(each.baseline for each in same)),
        sd=None if is_rate else _rounded(median(each.sd for each in same)),
        per_day=max(1, round(_rounded(median(rates)))) if rates else None,
        experiments=count,
    )


def _measured(experiment: Experiment, rows: Sequence[Aggregate]) -> _Measured | None:
    metric = experiment.design.primary
    if metric is None or metric.kind not in KINDS or not experiment.design.variants:
        return None
    key = experiment.control.key
    own = [row for row in rows if row.metric == metric.key and row.variant == key and not row.segment and row.n > 1]
    newest = max(own, key=lambda row: row.day, default=None)
    if newest is None or not 0 < newest.mean < LARGEST or not 0 < newest.variance < LARGEST**2:
        return None
    if metric.kind is MetricKind.PROPORTION and newest.mean >= 1:
        return None
    rate = eligible_per_day(rows, experiment)
    per_day = rate if rate and rate < LARGEST else None
    return _Measured(metric, experiment.design.unit, newest.mean, math.sqrt(newest.variance), per_day)


def _rounded(value: float) -> float:
    """To as many digits as anybody plans with; never to nothing."""
    return float(f"{value:.{DIGITS}g}")
