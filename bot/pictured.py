"""The pictures that `bunsen analyze` draws: those for which the data of one file and their readout are enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from experiments.aggregate import Aggregate
from experiments.model import Experiment
from experiments.pictures.cost import cost_metrics, cost_of
from experiments.pictures.latency import families_of, latency_of
from experiments.pictures.quality import metrics_of, quality_of
from experiments.pictures.segments import segments_of
from experiments.pictures.significance import significance_of
from experiments.policy import Project
from experiments.readout import Readout

Data = Callable[[Experiment, Sequence[Aggregate], Readout], Any]


def _quality(experiment: Experiment, rows: Sequence[Aggregate], readout: Readout) -> Any:
    return quality_of(experiment, rows, readout, metric=_first(each.key for each in metrics_of(experiment)))


def _cost(experiment: Experiment, rows: Sequence[Aggregate], readout: Readout) -> Any:
    metric = _first(each.key for each in cost_metrics(experiment))
    return cost_of(experiment, rows, readout, Project(name=experiment.project), metric=metric)


def _latency(experiment: Experiment, rows: Sequence[Aggregate], readout: Readout) -> Any:
    return latency_of(experiment, rows, readout, family=_first(families_of(experiment)))


def _first(names: Iterable[str]) -> str:
    return next(iter(names), "")


PICTURES: Mapping[str, Data] = {
    "comparison": lambda experiment, rows, readout: readout,
    "significance": lambda experiment, rows, readout: significance_of(readout, experiment),
    "quality": _quality,
    "cost": _cost,
    "latency": _latency,
    "segments": lambda experiment, rows, readout: segments_of(readout),
}
