"""Model comparisons and prompt tests with data: evaluation runs over versions of a dataset, and online variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from experiments.aggregate import Aggregate
from experiments.design import FULL_WEIGHT, Design, Direction, Kind, Metric, MetricKind, MetricRole, Variant
from experiments.model import Experiment, Status
from experiments.pictures.boards import boards_of, nameless
from experiments.pictures.leaderboard import Gathered, Leaderboard, leaderboard_of
from experiments.running import Phase
from tests.charts.readings import means, shares
from tests.experiments.readings import reading

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ACCURACY = Metric(key="accuracy", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION, unit="per answer")
COST = Metric(key="cost", role=MetricRole.COST, direction=Direction.DOWN, unit="€ per 1,000 answers")
LATENCY = Metric(key="latency-p50", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, unit="ms")
METRICS = (ACCURACY, COST, LATENCY)


class Truth(NamedTuple):
    """What is true of a model or prompt."""

    accuracy: float
    cost: float
    latency: float


class Contest(NamedTuple):
    """An experiment with its rows."""

    experiment: Experiment
    rows: Sequence[Aggregate]


def contest(
    key: str, configs: Mapping[str, Mapping[str, Any]], truths: Mapping[str, Truth], *, ago: float = 3.0, seed: int = 1,
    days: int = 8, per_day: int = 400, metrics: Sequence[Metric] = METRICS, kind: Kind = Kind.MODEL_COMPARISON,
    title: str = "",
) -> Contest:  # fmt: skip
    """Variant → configuration, and what is true of each; the first is control."""
    share, rest = divmod(FULL_WEIGHT, len(configs))
    variants = tuple(
        Variant(key=name, weight=share + (rest if place == 0 else 0), is_control=place == 0, config=dict(config))
        for place, (name, config) in enumerate(configs.items())
    )
    reached = NOW - timedelta(days=ago)
    start = reached - timedelta(days=days)
    made = Experiment(
        workspace="T1", key=key, title=title or key.replace("-", " ").capitalize(), owner="U1", status=Status.RUNNING,
        created_at=start, updated_at=reached, started_at=start, data_version=1, data_at=reached, data_day=float(days),
        phases=(Phase(number=1, started_at=start, weights={each.key: each.weight for each in variants}),),
        design=Design(hypothesis="If, then.", kind=kind, variants=variants, metrics=tuple(metrics),
                      planned_units=20_000, planned_days=max(7, days)),
    )  # fmt: skip
    rows = shares("accuracy", {name: truth.accuracy for name, truth in truths.items()}, days=days, per_day=per_day,
                  seed=seed)  # fmt: skip
    for place, metric in enumerate(metrics[1:], 1):
        averages = {name: truth[1 + ("latency" in metric.key)] for name, truth in truths.items()}
        rows += means(metric.key, averages, days=days, per_day=per_day, seed=seed + place,
                      deviation=max(averages.values()) * 0.4)  # fmt: skip
    return Contest(made, rows)


def board_of(contests: Sequence[Contest], chosen: int = 0) -> Leaderboard:
    """The leaderboard of the board at this place."""
    boards = boards_of(each.experiment for each in contests)
    known = {each.experiment.key: Gathered(each.rows, reading(each.experiment, each.rows)) for each in contests}
    board = boards[chosen] if boards else None
    return leaderboard_of(board, boards, known, NOW, nameless(each.experiment for each in contests))
