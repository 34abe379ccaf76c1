"""What is to be measured, as three small tables: the variants of every look, its metrics and what they are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from experiments.design import Metric, MetricKind, MetricRole
from experiments.model import LIVE, Experiment, Status

DAY = timedelta(days=1)
ROLLOUT = frozenset({Status.ROLLING_OUT, Status.ROLLED_OUT})
Columns = Mapping[str, tuple[str, list[Any]]]
"""Name → ibis type and values."""


class Measure(NamedTuple):
    """One metric of one look."""

    number: int
    look: int
    metric: Metric

    @property
    def sources(self) -> tuple[tuple[str, bool], ...]:
        """The metrics of the observations that it is made of, and whether one is what it is divided by."""
        below = self.metric.denominator if self.metric.kind is MetricKind.RATIO else None
        return ((self.metric.key, False), *(((below, True),) if below else ()))

    @property
    def daily(self) -> bool:
        """Whether it is also read by segments and by days since exposure."""
        return self.metric.role is MetricRole.PRIMARY

    @property
    def ordered(self) -> bool:
        """Whether it is a quantile, which needs all units in order."""
        return self.metric.kind is MetricKind.QUANTILE

    @property
    def cap(self) -> float | None:
        """The quantile of its units' values at which they are cut off."""
        return self.metric.cap if self.metric.kind in (MetricKind.MEAN, MetricKind.RATIO) else None

    @property
    def additive(self) -> bool:
        """Whether its statistics are sums over units that can be kept up to date."""
        return not self.ordered and self.cap is None


@dataclass(frozen=True, slots=True)
class Look:
    """The newest phase of an experiment from `since` up to `until`; `day` is how that moment is called in its rows."""

    number: int
    experiment: str
    phase: int
    since: datetime
    until: datetime
    day: float
    arms: tuple[str, ...]
    measures: tuple[Measure, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Several looks, numbered through, as the tables that the expressions join with the events."""

    looks: tuple[Look, ...]
    by_number: Mapping[int, Look] = field(default_factory=dict)

    @classmethod
    def of(cls, looks: Iterable[Look]) -> Plan:
        found = tuple(looks)
        return cls(found, {look.number: look for look in found})

    @property
    def measures(self) -> tuple[Measure, ...]:
        return tuple(measure for look in self.looks for measure in look.measures)

    @property
    def lookbacks(self) -> tuple[int, ...]:
        """The distinct days before exposure that metrics look back."""
        return tuple(sorted({each.metric.lookback_days for each in self.measures} - {0}))

    def arms(self) -> Columns:
        """A row per look and variant: which exposures count, and the number of the variant."""
        rows = [
            (look.number, look.experiment, look.phase, look.since, look.until, variant, arm)
            for look in self.looks
            for arm, variant in enumerate(look.arms)
        ]
        types = ("int32", "string", "int32", "timestamp('UTC')", "timestamp('UTC')", "string", "int16")
        return _columns(("look", "experiment", "phase", "since", "until", "variant", "arm"), types, rows)

    def parts(self, measures: Sequence[Measure] | None = None) -> Columns:
        """A row per metric and source of it: which observations count, and as what."""
        rows = [
            (
                each.number,
                each.look,
                source,
                below,
                0 if below else each.metric.lookback_days,
                each.metric.kind is MetricKind.PROPORTION,
                each.ordered,
                self.by_number[each.look].until,
            )
            for each in (self.measures if measures is None else measures)
            for source, below in each.sources
        ]
        types = ("int32", "int32", "string", "boolean", "int32", "boolean", "boolean", "timestamp('UTC')")
        names = ("measure", "look", "source", "below", "lookback", "binary", "ordered", "until")
        return _columns(names, types, rows)

    def kinds(self, measures: Sequence[Measure] | None = None) -> Columns:
        """A row per metric: what is made of a unit's observations."""
        rows = [
            (
                each.number,
                each.look,
                each.metric.kind is MetricKind.PROPORTION,
                each.ordered,
                each.metric.quantile if each.ordered else None,
                each.cap,
            )
            for each in (self.measures if measures is None else measures)
        ]
        types = ("int32", "int32", "boolean", "boolean", "float64", "float64")
        return _columns(("measure", "look", "binary", "ordered", "quantile", "cap"), types, rows)


def look_of(experiment: Experiment, until: datetime, number: int, first_measure: int = 0) -> Look | None:
    """The newest phase of an experiment up to `until`; None where nothing was served yet.

    After an experiment has ended nothing counts any more; in a rollout every stage is a phase of its own.
    """
    if experiment.started_at is None or experiment.phase is None:
        return None
    phase, since = experiment.phase.number, experiment.phase.started_at
    end = until
    if experiment.rollout is not None and experiment.status in ROLLOUT:
        phase, since = len(experiment.phases) + 1 + experiment.rollout.stage, experiment.rollout.stage_at
    elif experiment.status not in LIVE and experiment.stopped_at is not None:
        end = min(until, experiment.stopped_at)
    if end <= since:
        return None
    metrics = [metric for metric in experiment.design.metrics if not metric.query]
    lost = [metric for metric in metrics if metric.kind is MetricKind.RATIO and metric.denominator is None]
    return Look(
        number,
        experiment.key,
        phase,
        since,
        end,
        (end - experiment.started_at) / DAY,
        tuple(variant.key for variant in experiment.design.variants),
        tuple(
            Measure(first_measure + at, number, metric)
            for at, metric in enumerate(metric for metric in metrics if metric not in lost)
        ),
        tuple(f"{metric.key} has nothing to be divided by, so it was not measured" for metric in lost),
    )


def looks_until(experiment: Experiment, until: datetime, most: int) -> list[datetime]:
    """The whole days of the newest phase that nobody has measured yet, at most so many, and `until` itself."""
    whole = look_of(experiment, until, 0)
    if whole is None or experiment.started_at is None:
        return [until]
    after = max(experiment.data_day or 0.0, (whole.since - experiment.started_at) / DAY)
    days = range(math.floor(after) + 1, math.ceil(whole.day))
    step = max(1, math.ceil(len(days) / most))
    return [*(experiment.started_at + day * DAY for day in days[::step]), until]


def windows_of(experiment: Experiment, since: datetime, until: datetime, length: timedelta) -> Plan:
    """One look at each whole window between two moments, as far as they are in the newest phase; a look's day is the
    number of its window."""
    whole = look_of(experiment, until, 0)
    if whole is None:
        return Plan(())
    looks: list[Look] = []
    start = since
    while start + length <= whole.until:
        if start >= whole.since:
            at = len(looks)
            measures = tuple(
                each._replace(number=at * len(whole.measures) + place, look=at)
                for place, each in enumerate(whole.measures)
            )
            looks.append(replace(whole, number=at, since=start, until=start + length, day=float(at), measures=measures))
        start += length
    return Plan.of(looks)


def plan_of(experiments: Iterable[Experiment], until: datetime) -> Plan:
    """One look at each of these experiments, at `until`.

    >>> plan_of([], datetime.min).looks
    ()
    """
    looks: list[Look] = []
    measures = 0
    for experiment in experiments:
        look = look_of(experiment, until, len(looks), measures)
        if look is not None:
            looks.append(look)
            measures += len(look.measures)
    return Plan.of(looks)


def _columns(names: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[Any]]) -> Columns:
    return {name: (kind, [row[at] for row in rows]) for at, (name, kind) in enumerate(zip(names, types, strict=True))}
