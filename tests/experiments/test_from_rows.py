"""A design from rows: what is assumed, what people may say, and what they cannot."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.aggregate import Aggregate, Companion
from experiments.design import Direction, Limit, Method, MetricKind, MetricRole
from experiments.errors import BadInput
from experiments.from_rows import design_of, find_control


def rows(*metrics: str, arms: tuple[str, ...] = ("control", "treatment"), day: float = 14.0) -> list[Aggregate]:
    return [Aggregate(metric, arm, day, 1000, 2.0, 3.0) for metric in metrics for arm in arms]


def test_what_is_assumed_of_rows_alone() -> None:
    design = design_of(rows("revenue", "orders", arms=("calm", "control", "bold"), day=9.7), key="shop")
    assert [(each.key, each.weight) for each in design.variants] == [("control", 3334), ("bold", 3333), ("calm", 3333)]
    assert [(each.key, each.role) for each in design.metrics] == [
        ("orders", MetricRole.PRIMARY),
        ("revenue", MetricRole.SECONDARY),
    ]
    assert (design.planned_days, design.planned_units, design.method) == (10, 5_000, Method.ALWAYS_VALID)


def test_what_people_say_of_them() -> None:
    design = design_of(
        rows("revenue", "orders", "latency"),
        key="shop",
        control="treatment",
        kinds={"latency": MetricKind.QUANTILE, "revenue": None, "gone": None, "orders": None},
        weights={"treatment": 9, "control": 1},
        directions={"latency": Direction.DOWN},
        guardrails={"latency": Limit(harm=0.02), "orders": None},
        alpha=0.01,
    )
    assert [(each.key, each.role, each.kind, each.direction) for each in design.metrics] == [
        ("latency", MetricRole.GUARDRAIL, MetricKind.QUANTILE, Direction.DOWN),
        ("revenue", MetricRole.PRIMARY, MetricKind.MEAN, Direction.UP),
        ("orders", MetricRole.GUARDRAIL, MetricKind.MEAN, Direction.UP),
    ]
    assert [(each.key, each.weight) for each in design.variants] == [("treatment", 9000), ("control", 1000)]
    assert (design.metrics[0].limit, design.alpha) == (Limit(harm=0.02), 0.01)


def test_a_metric_that_is_named_primary_is_no_guardrail() -> None:
    limits = {"orders": Limit(harm=0.02)}
    assert design_of(rows("orders"), key="shop", guardrails=limits).primary is not None
    (metric,) = design_of(rows("orders"), key="shop", guardrails=limits, primary="orders").metrics
    assert (metric.role, metric.limit) == (MetricRole.PRIMARY, None)


@pytest.mark.parametrize(
    ("mean", "variance", "kind"),
    [
        (0.5, 0.25, MetricKind.PROPORTION),
        (0.5, 0.25 * 10 / 9, MetricKind.PROPORTION),
        (0.5, 0.3, MetricKind.MEAN),
        (2.0, 2.0, MetricKind.MEAN),
    ],
)
def test_a_kind_is_told_from_the_variance(mean: float, variance: float, kind: MetricKind) -> None:
    few = [Aggregate("orders", arm, 1.0, 10, mean, variance) for arm in ("control", "treatment")]
    assert design_of(few, key="shop").metrics[0].kind is kind


def test_a_denominator_makes_a_ratio() -> None:
    below = Companion(3.0, 1.0, 0.5)
    few = [Aggregate("ctr", arm, 1.0, 10, 0.5, 0.25, denominator=below) for arm in ("control", "treatment")]
    assert design_of(few, key="shop").metrics[0].kind is MetricKind.RATIO


def test_a_group_sequential_design_ends_with_the_units_there_are() -> None:
    grown = [*rows("orders", arms=("control", "bold", "calm")), Aggregate("orders", "bold", 15.0, 1500, 2.0, 3.0)]
    assert design_of(grown, key="shop", method=Method.GROUP_SEQUENTIAL).planned_units == 2_500
    assert design_of(grown, key="shop", method=Method.GROUP_SEQUENTIAL, planned_units=9_000).planned_units == 9_000
    few = [row._replace(n=5) for row in rows("orders")]
    assert design_of(few, key="shop", method=Method.GROUP_SEQUENTIAL).planned_units == 100


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"control": "nobody"}, "The rows of shop do not compare anything with nobody."),
        ({"primary": "clicks"}, "shop has no metric clicks; it has orders."),
        ({"weights": {"control": 1.0}}, "The weights are those of control, but shop has control and treatment."),
        ({"weights": {"control": -1.0, "treatment": 2.0}}, "not negative"),
        ({"weights": {"control": 0.0, "treatment": 0.0}}, "Weights are numbers"),
        ({"weights": {"control": 1e308, "treatment": 1e308}}, "Weights are numbers"),
    ],
)
def test_what_cannot_be(said: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        design_of(rows("orders"), key="shop", **said)


def test_one_variant_alone_is_no_comparison() -> None:
    with pytest.raises(BadInput, match="do not compare anything"):
        design_of(rows("orders", arms=("control",)), key="shop")


@pytest.mark.parametrize(
    ("variants", "control"),
    [
        ({"variant-a", "variant-b"}, "variant-a"),
        ({"variant-c", "variant-t"}, "variant-c"),
        ({"on", "off"}, "off"),
        ({"variant-1", "variant-0"}, "variant-0"),
        ({"baseline", "variant-a"}, "baseline"),
    ],
)
def test_a_control_is_known_by_its_name(variants: set[str], control: str) -> None:
    assert find_control(variants) == control


def test_without_such_a_name_somebody_has_to_say_it() -> None:
    with pytest.raises(BadInput, match="Which variant is the control\\? Say one of blue and green") as refused:
        find_control({"green", "blue"})
    assert refused.value.field == "control"
