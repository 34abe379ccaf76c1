"""The columns of a leaderboard: which metric of an experiment is its quality, its cost and its latency."""

from __future__ import annotations

from collections import Counter

from experiments.design import Direction, Metric, MetricKind, MetricRole
from experiments.model import Experiment
from experiments.pictures.boards import Board
from experiments.texts import Frozen, Words

TIMES = frozenset({"ms", "s", "sec", "second", "seconds", "millisecond", "milliseconds", "µs", "us", "min", "minutes"})


class Column(Words):
    QUALITY = "quality"
    COST = "cost"
    LATENCY = "latency"


class Measure(Frozen):
    """What a column holds; `counts` tells whether it counts for the front, as it does when every entry has it."""

    column: Column
    metric: str
    unit: str
    kind: MetricKind
    direction: Direction
    counts: bool = True


def measures_of(board: Board) -> tuple[Measure, ...]:
    """What the columns hold: of each the metric that most experiments of the board have."""
    measures = []
    for column in Column:
        named = Counter(agreed(metric) for seat in board.seats if (metric := metric_of(seat.experiment, column)))
        if named:
            (key, kind, unit, direction), _ = named.most_common(1)[0]
            measures.append(Measure(column=column, metric=key, unit=unit, kind=kind, direction=direction))
    return tuple(measures)


def metric_of(experiment: Experiment, column: Column) -> Metric | None:
    """The experiment's metric for a column: the primary one, the first cost, the first time that something takes."""
    metrics = experiment.design.metrics
    if column is Column.QUALITY:
        return experiment.design.primary
    if column is Column.COST:
        return next((each for each in metrics if each.role is MetricRole.COST), None)
    times = (each for each in metrics if each.role is not MetricRole.PRIMARY and _is_a_time(each))
    return next(times, None)


def agreed(metric: Metric) -> tuple[str, MetricKind, str, Direction]:
    """What two experiments must agree in for their values to stand in one column."""
    return metric.key, metric.kind, metric.unit, metric.direction


def _is_a_time(metric: Metric) -> bool:
    measured = metric.kind in (MetricKind.QUANTILE, MetricKind.MEAN)
    return measured and ("latency" in metric.key or not TIMES.isdisjoint(metric.unit.lower().split()))
