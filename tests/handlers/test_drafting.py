"""What a form does not ask for stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.canary import CanaryPlan
from experiments.design import Design, Expectation, Limit, Metric, MetricRole
from experiments.errors import BadInput
from experiments.targeting import Exclusion
from experiments.targeting_lines import audience_from
from handlers.drafting import cleared, design_fields, safety_fields, with_fields
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


def test_what_a_variant_is_can_be_written_and_taken_back() -> None:
    before = design()
    told = after(before, details="control: what all see, model=large\nbigger-button: model=small, temperature=0.2")
    assert [(each.description, each.config) for each in told.variants] == [
        ("what all see", {"model": "large"}),
        ("", {"model": "small", "temperature": 0.2}),
    ]
    assert after(told) == told
    assert after(told, details="") == before


def test_guardrails_wait_for_their_own_step() -> None:
    before = design()
    changed = after(before, other_metrics="clicks up", guardrails="latency-p95 down limit 5 % stop in ms")
    assert [metric.key for metric in changed.metrics] == ["conversion", "latency-p95", "clicks"]
    assert changed.guardrails[0].limit == Limit(harm=0.05)


def test_a_metric_that_becomes_a_guardrail_is_one_thing() -> None:
    changed = after(design(), other_metrics="latency-p95 mean down guardrail limit 1 % in s\nrevenue in EUR")
    assert [metric.key for metric in changed.metrics] == ["conversion", "revenue", "latency-p95"]
    assert changed.guardrails[0].unit == "s"


def test_who_is_meant_and_the_steps_of_a_canary_are_read_and_written_back() -> None:
    before = design(
        audience=audience_from('country is DE, "a, b"\nage greater than 17'),
        exclusion=Exclusion(group="checkout", first=1_250, share=5_025),
        canary=CanaryPlan(steps=(50, 2_500), minutes=45, critical=("latency-p95",), pass_score=90),
    )
    assert after(before) == before
    changed = after(
        before,
        audience="plan is not free",
        exclusion="search 0 % - 12.5 %",
        canary_steps="1 %, 10 → 20",
        canary_critical="conversion",
    )
    assert [each.words for each in changed.audience] == ["plan is not free"]
    assert changed.exclusion == Exclusion(group="search", first=0, share=1_250)
    assert changed.canary == CanaryPlan(steps=(100, 1_000, 2_000), minutes=45, critical=("conversion",), pass_score=90)


def test_what_is_emptied_is_gone_and_says_so_by_name() -> None:
    before = design(
        exclusion=Exclusion(group="all", share=100), canary=CanaryPlan(), expectation=Expectation(baseline=1)
    )
    gone = after(before, exclusion="", canary_steps="", baseline="")
    assert (gone.exclusion, gone.canary, gone.expectation) == (None, None, None)
    view = submitted(design_modal(experiment(design=before)), exclusion="", baseline="")
    assert cleared(design_fields(view, before))["cleared"] == ("expectation", "exclusion")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"audience": "country is DE\ncountry"}, "audience", "Line 2"),
        ({"exclusion": "checkout"}, "exclusion", "like checkout 0-50"),
        ({"exclusion": "checkout 50-50"}, "exclusion", "begins before it ends"),
        ({"exclusion": "checkout 60-140"}, "exclusion", "40 % are left"),
        ({"exclusion": "Check! 0-50"}, "exclusion", "lower-case"),
        ({"canary_steps": "5, many"}, "canary_steps", "“many” is not a percent"),
        ({"canary_steps": "25, 5"}, "canary_steps", "the steps rise"),
        ({"canary_steps": "5", "canary_critical": "revenue"}, "canary_critical", "revenue is not among"),
        ({"primary_metric": "sales per user", "primary_kind": "ratio"}, "primary_metric", "in per user"),
        ({"other_metrics": "sales ratio up per visits"}, "other_metrics", "divided by visits"),
        ({"guardrails": "sales ratio up per visits"}, "guardrails", "divided by visits"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        after(design(), **typed)
    assert caught.value.field == field
    assert words.lower() in caught.value.words.lower()


def test_numbers_without_a_baseline_ask_for_it() -> None:
    with pytest.raises(BadInput) as caught:
        after(design(), per_day="900")
    assert caught.value.field == "baseline"


def test_while_somebody_types_a_metric_needs_no_name_yet() -> None:
    view = submitted(design_modal(experiment(design=Design())), baseline="10")
    trial = with_fields(Design(), design_fields(view, Design(), typing=True))
    assert trial.expectation == Expectation(baseline=0.1)
    assert trial.primary is not None
