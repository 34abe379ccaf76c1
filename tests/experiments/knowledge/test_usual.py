"""What is usual in a project: medians of the metric that most of its experiments measure."""

from __future__ import annotations

import pytest

from experiments.aggregate import Aggregate
from experiments.design import Metric, MetricKind, MetricRole, Unit
from experiments.knowledge.usual import usual_of
from experiments.model import Experiment
from tests.charts.pictures.size import design
from tests.experiments.pictures.attempts import attempt


def rows(metric: str = "conversion", mean: float = 0.1, variance: float = 0.09, daily: int = 1_000) -> list[Aggregate]:
    """Two weeks of both arms, with as many units a day in both together."""
    return [
        Aggregate(metric=metric, variant=variant, day=day, n=daily // 2 * day, mean=mean, variance=variance)
        for day in range(1, 15)
        for variant in ("control", "treatment")
    ]


def revenue(number: int) -> Experiment:
    primary = Metric(key="revenue", role=MetricRole.PRIMARY, kind=MetricKind.MEAN)
    return attempt(number, design=design(metrics=(primary,), unit=Unit.SESSION))


def test_the_medians_of_the_most_usual_metric() -> None:
    measured = [(attempt(number), rows(mean=mean, daily=daily)) for number, mean, daily in
                ((1, 0.10, 1_000), (2, 0.12, 3_000), (3, 0.30, 2_000))]  # fmt: skip
    found = usual_of("shop", [*measured, (revenue(4), rows("revenue", 40.0, 900.0))])
    assert found is not None
    assert (found.metric, found.kind, found.unit, found.experiments) == ("conversion", "proportion", "user", 3)
    assert (found.baseline, found.sd, found.per_day) == (0.12, None, 2_000)
    assert found.words == (
        "From the 3 newest measured experiments of shop: conversion 12.0 % in control, 2,000 users a day."
    )


def test_a_mean_has_its_spread() -> None:
    found = usual_of("shop", [(revenue(1), rows("revenue", 40.0, 900.0))])
    assert found is not None
    assert (found.baseline, found.sd, found.unit) == (40.0, 30.0, Unit.SESSION)
    assert found.expectation.sd == 30.0
    assert "From the newest measured experiment of shop: revenue 40 in control (spread 30)" in found.words


def test_a_part_of_the_traffic_is_counted_as_all_of_it() -> None:
    half = attempt(1)
    phases = tuple(each.model_copy(update={"exposure": 5_000}) for each in half.phases)
    found = usual_of("shop", [(half.evolve(phases=phases), rows(daily=1_000))])
    assert found is not None
    assert found.per_day == pytest.approx(2_000)


def test_nothing_is_made_up_where_nothing_was_measured() -> None:
    ratio = Metric(key="share", role=MetricRole.PRIMARY, kind=MetricKind.RATIO)
    assert usual_of("shop", []) is None
    assert usual_of("shop", [(attempt(1), [])]) is None
    assert usual_of("shop", [(attempt(1), rows(mean=1.0, variance=0.0))]) is None
    assert usual_of("shop", [(attempt(1, design=design(metrics=(ratio,))), rows("share"))]) is None
