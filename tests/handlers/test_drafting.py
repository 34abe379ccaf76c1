"""What a form does not ask for stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.design import Design, Expectation, Limit, Metric, MetricRole
from experiments.errors import BadInput
from handlers.drafting import design_fields, safety_fields, with_fields
from handlers.surfaces.design_modal import design_modal
from handlers.surfaces.safety_modal import safety_modal
from tests.handlers.asking import submitted
from tests.handlers.surfaces.situations import bait, design, experiment


def after(before: Design, **typed: Any) -> Design:
    """The design once both forms were submitted with these answers and nothing else changed."""
    changed = before
    for modal, read in ((design_modal, design_fields), (safety_modal, safety_fields)):
        view = modal(experiment(design=changed))
        asked = {block["block_id"].split("__")[0] for block in view["blocks"] if block["type"] == "input"}
        given = {name: value for name, value in typed.items() if name in asked}
        changed = with_fields(changed, read(submitted(view, **given), changed))
    return changed


def test_more_lines_than_a_form_holds_stay_as_they_are() -> None:
    many = tuple(
        Metric(key=f"metric-{n}", role=role, direction="down", unit=bait(60))
        for n, role in enumerate([MetricRole.SECONDARY] * 60 + [MetricRole.GUARDRAIL] * 60)
    )
    before = design(metrics=(*design().metrics[:1], *many))
    assert after(before) == before
    renamed = after(before, primary_metric="orders")
    assert [metric for metric in renamed.metrics if metric != renamed.primary] == list(many)
    assert renamed.primary is not None
    assert renamed.primary.key == "orders"


def test_a_variant_keeps_its_description_and_its_config() -> None:
    described = [
        {"key": "small", "weight": 5_000, "is_control": True, "config": {"model": "small"}},
        {"key": "large", "weight": 5_000, "description": "Twice as big", "config": {"model": "large"}},
    ]
    changed = after(design(variants=described), variants="large 30\nsmall 60 (control)\nhuge 10")
    assert [(each.key, each.weight, each.config) for each in changed.variants] == [
        ("small", 6_000, {"model": "small"}),
        ("large", 3_000, {"model": "large"}),
        ("huge", 1_000, {}),
    ]
    assert changed.variants[1].description == "Twice as big"


def test_guardrails_wait_for_their_own_step() -> None:
    before = design()
    changed = after(before, other_metrics="clicks up", guardrails="latency-p95 down limit 5 % stop in ms")
    assert [metric.key for metric in changed.metrics] == ["conversion", "latency-p95", "clicks"]
    assert changed.guardrails[0].limit == Limit(harm=0.05)


def test_a_metric_that_becomes_a_guardrail_is_one_thing() -> None:
    changed = after(design(), other_metrics="latency-p95 mean down guardrail limit 1 % in s\nrevenue in EUR")
    assert [metric.key for metric in changed.metrics] == ["conversion", "revenue", "latency-p95"]
    assert changed.guardrails[0].unit == "s"


def test_numbers_without_a_baseline_ask_for_it() -> None:
    with pytest.raises(BadInput) as caught:
        after(design(), per_day="900")
    assert caught.value.field == "baseline"


def test_while_somebody_types_a_metric_needs_no_name_yet() -> None:
    view = submitted(design_modal(experiment(design=Design())), baseline="10")
    trial = with_fields(Design(), design_fields(view, Design(), typing=True))
    assert trial.expectation == Expectation(baseline=0.1)
    assert trial.primary is not None
