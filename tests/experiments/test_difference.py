"""Differences between designs and experiments: nothing that differs is left out, nothing that agrees is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from experiments import design as vocabulary
from experiments.canary import CanaryPlan
from experiments.design import Design, Direction, Expectation, Limit, Metric, MetricRole, Scale, Variant
from experiments.difference import OF_AN_EXPERIMENT, Change, differences, of_experiments
from experiments.model import Experiment, Source, SourceKind
from experiments.targeting import Condition, Exclusion, Operator

CONTROL = Variant(key="control", weight=5000, is_control=True)
BIGGER = Variant(key="bigger-button", weight=5000, config={"model": {"name": "small", "temperature": 0.2}})
FEWER = BIGGER.model_copy(update={"weight": 2000})
TINY = Variant(key="tiny", weight=3000, description="Half the size")
CONVERSION = Metric(key="conversion", role=MetricRole.PRIMARY)
LATENCY = Metric(key="latency", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, limit=Limit(harm=0.05))
DESIGN = Design(hypothesis="If a then b", variants=(CONTROL, BIGGER), metrics=(CONVERSION, LATENCY))
WORDS = [each for each in vars(vocabulary).values() if isinstance(each, type) and issubclass(each, StrEnum)]
VALUES: list[Any] = [
    True,
    False,
    7,
    9_000,
    0.07,
    0.9,
    ("k",),
    "other-words",
    'p95{variant="{variant}"}[{window}]',
    {"a": 1},
    Limit(harm=3),
    Expectation(baseline=0.1),
    (Condition(attribute="country", operator=Operator.IS, values=("DE",)),),
    Exclusion(group="checkout", first=0, share=5_000),
    CanaryPlan(),
    *(m for w in WORDS for m in w),
]


def told(after: Design, before: Design = DESIGN) -> list[str]:
    return [change.words for change in differences(before, after)]


def changed(design: Design = DESIGN, **changes: Any) -> Design:
    return Design.model_validate({**dict(design), **changes})


def with_bigger(**changes: Any) -> Design:
    other = Variant.model_validate({**dict(BIGGER), **changes})
    return changed(variants=(CONTROL.model_copy(update={"weight": 10_000 - other.weight}), other))


def with_latency(**changes: Any) -> Design:
    return changed(metrics=(CONVERSION, Metric.model_validate({**dict(LATENCY), **changes})))


def another(model: BaseModel, name: str) -> BaseModel:
    """The same with another value in one field, whatever the field takes."""
    for value in VALUES:
        try:
            other = type(model).model_validate({**dict(model), name: value})
        except ValidationError:
            continue
        if other != model:
            return other
    raise AssertionError(f"no other value for {name} is known here; add one to VALUES")


def _at(variant: Variant, **factors: str) -> Variant:
    return variant.model_copy(update={"factors": factors})


def single_changes() -> Iterator[tuple[str, Design]]:
    """One design for each field of a design, a variant, a metric and a limit that differs in nothing else."""
    for name in Design.model_fields:
        if name not in {"variants", "metrics"}:
            yield f"Design.{name}", Design.model_validate(dict(another(DESIGN, name)))
    for name in Metric.model_fields:
        yield f"Metric.{name}", changed(metrics=(CONVERSION, another(LATENCY, name)))
    for name in Limit.model_fields:
        yield f"Limit.{name}", with_latency(limit=another(Limit(harm=0.05), name))
    for name in Variant.model_fields:
        if name not in {"weight", "is_control", "factors"}:
            yield f"Variant.{name}", changed(variants=(CONTROL, another(BIGGER, name)))
    yield "Variant.weight", with_bigger(weight=3000)
    yield "Variant.factors", changed(variants=(_at(CONTROL, model="small"), _at(BIGGER, model="large")))
    yield (
        "Variant.is_control",
        changed(
            variants=(CONTROL.model_copy(update={"is_control": False}), BIGGER.model_copy(update={"is_control": True}))
        ),
    )


CHANGES = dict(single_changes())


@pytest.mark.parametrize("field", CHANGES)
def test_every_field_is_named_when_it_changes_in_both_directions(field: str) -> None:
    after = CHANGES[field]
    forth, back = differences(DESIGN, after), differences(after, DESIGN)
    assert forth
    assert all(change.before != change.after for change in forth)
    assert {(each.field, each.after, each.before) for each in back} == {tuple(each) for each in forth}


def test_no_field_was_forgotten_here() -> None:
    models = (Design, Variant, Metric, Limit)
    fields = {f"{model.__name__}.{name}" for model in models for name in model.model_fields}
    assert set(CHANGES) == fields - {"Design.variants", "Design.metrics"}


designs = st.builds(
    Design,
    hypothesis=st.sampled_from(["", "empty", "If a then b"]),
    smallest_effect=st.sampled_from([0.02, 0.02 + 1e-12, 0.05]),
    planned_days=st.sampled_from([14, 21]),
    alpha=st.sampled_from([0.05, 0.1]),
    metrics=st.lists(
        st.builds(
            Metric,
            key=st.sampled_from(["conversion", "latency", "cost"]),
            role=st.sampled_from(MetricRole),
            limit=st.none() | st.builds(Limit, harm=st.sampled_from([0.02, 2]), scale=st.sampled_from(Scale)),
        ),
        max_size=3,
        unique_by=lambda metric: metric.key,
    ),
    variants=st.permutations(
        [
            Variant(key="a1", weight=2000, is_control=True),
            Variant(key="b1", weight=8000),
        ]
    )
    | st.just(())
    | st.dictionaries(
        st.sampled_from(["a", "b", "a.b"]),
        st.recursive(
            st.sampled_from([None, True, 1, 1.0, "1", "", "null", "empty"]),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            max_leaves=4,
        ),
    ).map(lambda config: (CONTROL, BIGGER.model_copy(update={"config": config}))),
)


@given(designs, designs)
def test_there_is_no_difference_exactly_when_both_have_the_same_hash(before: Design, after: Design) -> None:
    found = differences(before, after)
    assert (found == ()) is (before.hash == after.hash)
    assert all(change.before != change.after for change in found)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (changed(planned_days=21), ["planned days: 14 → 21"]),
        (changed(smallest_effect=0.015), ["smallest effect: 2 % → 1.5 %"]),
        (changed(alpha=0.1), ["significance level: 5 % → 10 %"]),
        (changed(planned_units=20_000), ["planned units: 5,000 → 20,000"]),
        (changed(unit="session"), ["randomised unit: user → session"]),
        (changed(kind="prompt_ab"), ["kind: feature → prompt A/B"]),
        (changed(method="group_sequential"), ["way of reading: always-valid → group-sequential"]),
        (changed(hypothesis=""), ["hypothesis: If a then b → empty"]),
        (with_bigger(weight=3000), ["weight of control: 50 % → 70 %", "weight of bigger-button: 50 % → 30 %"]),
        (
            with_bigger(config={"model": {"name": "large", "temperature": 0.2}, "stream": True}),
            ["config model.name of bigger-button: small → large", "config stream of bigger-button added: true"],
        ),
        (with_bigger(config={}), ['config model of bigger-button removed: {"name": "small", "temperature": 0.2}']),
        (with_latency(limit=None), ["limit of latency: 5 % of control → none"]),
        (with_latency(limit=Limit(harm=3, scale=Scale.ABSOLUTE)), ["limit of latency: 5 % of control → 3"]),
        (with_latency(role="secondary"), ["role of latency: guardrail → secondary"]),
        (with_latency(direction="up"), ["good direction of latency: down → up"]),
        (
            changed(metrics=(CONVERSION,)),
            ["metric latency removed: guardrail, mean, good when down, limit 5 % of control"],
        ),
        (changed(metrics=(LATENCY, CONVERSION)), ["order of metrics: conversion, latency → latency, conversion"]),
        (
            changed(variants=(CONTROL, FEWER, TINY)),
            ["variant tiny added: 30 %, Half the size", "weight of bigger-button: 50 % → 20 %"],
        ),
        (CHANGES["Variant.is_control"], ["control: control → bigger-button"]),
    ],
)
def test_changes_read_well(after: Design, words: list[str]) -> None:
    assert told(after) == words


def test_values_whose_words_agree_are_told_apart_exactly() -> None:
    assert told(with_bigger(config={"n": 1}), with_bigger(config={"n": "1"})) == ['config n of bigger-button: "1" → 1']
    assert told(changed(smallest_effect=0.02 + 1e-12)) == ["smallest effect: 0.02 → 0.020000000001"]


def test_texts_are_kept_whole() -> None:
    long = "If " + "x" * 2900
    (change,) = differences(DESIGN, changed(hypothesis=long))
    assert change == Change("hypothesis", "If a then b", long)


def experiment(**changes: Any) -> Experiment:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    stated = {"workspace": "T1", "key": "button", "title": "Button", "owner": "U1", "created_at": at, "updated_at": at}
    return Experiment.model_validate({**stated, **changes})


def test_experiments_are_compared_by_what_people_wrote() -> None:
    before = experiment(tags=("checkout",), reviewers=("U2",))
    source = Source(kind=SourceKind.PAPER, reference="arXiv 1")
    after = experiment(title="Bigger", project="shop", source=source, tags=("checkout", "ui"), design=DESIGN, version=4)
    found = of_experiments(before, after)
    assert [change.words for change in found[:6]] == [
        "title: Button → Bigger",
        "project: general → shop",
        "kind of source: hypothesis → paper",
        "reference of source: empty → arXiv 1",
        "tags: checkout → checkout, ui",
        "reviewers: U2 → none",
    ]
    assert found[6:] == differences(before.design, DESIGN)
    assert of_experiments(before, before.model_copy(update={"version": 9, "owner": "U9"})) == ()


def test_the_compared_fields_of_an_experiment_exist() -> None:
    assert set(OF_AN_EXPERIMENT) <= set(Experiment.model_fields)


def test_the_level_of_a_factor_is_told_from_old_to_new() -> None:
    before, after = (
        changed(variants=(_at(CONTROL, prompt="short", model="small"), _at(BIGGER, prompt=prompt, model="large")))
        for prompt in ("long", "longer")
    )
    assert told(after, before) == ["factor prompt of bigger-button: long → longer"]
    third = _at(TINY, prompt="short", model="large")
    variants = (*(each.model_copy(update={"weight": 3_500}) for each in after.variants), third)
    assert "variant tiny added: 30 %, prompt=short model=large, Half the size" in told(
        changed(variants=variants), after
    )
