"""View state and button values as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from experiments.commands import EditExperiment
from experiments.design import Design
from experiments.errors import BadInput
from experiments.model import Status
from handlers.drafting import design_fields, safety_fields
from handlers.forms import about, answers, block_of, emptied, target
from handlers.lines import metrics_from, tags_from, variants_from
from handlers.surfaces.decide_modal import decide_modal
from handlers.surfaces.design_modal import design_modal
from handlers.surfaces.safety_modal import safety_modal
from handlers.surfaces.what_modal import what_modal
from tests.handlers.surfaces import situations


def view(**states: dict[str, Any]) -> dict[str, Any]:
    return {"state": {"values": {name: {name: state} for name, state in states.items()}}}


def option(value: str) -> dict[str, Any]:
    return {"value": value, "text": {"type": "plain_text", "text": value}}


@pytest.mark.parametrize(
    ("state", "value"),
    [
        ({"type": "plain_text_input", "value": "  words \n"}, "words"),
        ({"type": "email_text_input", "value": "ada@bunsen-lab.example"}, "ada@bunsen-lab.example"),
        ({"type": "url_text_input", "value": "https://bunsen-lab.example"}, "https://bunsen-lab.example"),
        ({"type": "number_input", "value": "14"}, 14),
        ({"type": "number_input", "value": "0.25"}, 0.25),
        ({"type": "static_select", "selected_option": option("mean")}, "mean"),
        ({"type": "external_select", "selected_option": option("key")}, "key"),
        ({"type": "radio_buttons", "selected_option": option("ship")}, "ship"),
        ({"type": "multi_static_select", "selected_options": [option("a"), option("b")]}, ("a", "b")),
        ({"type": "checkboxes", "selected_options": [option("create")]}, ("create",)),
        ({"type": "users_select", "selected_user": "U1"}, "U1"),
        ({"type": "multi_users_select", "selected_users": ["U1", "U2"]}, ("U1", "U2")),
        ({"type": "conversations_select", "selected_conversation": "C1"}, "C1"),
        ({"type": "channels_select", "selected_channel": "C1"}, "C1"),
        ({"type": "datepicker", "selected_date": "2026-03-09"}, "2026-03-09"),
        ({"type": "timepicker", "selected_time": "09:30"}, "09:30"),
        ({"type": "datetimepicker", "selected_date_time": 1773046800}, datetime(2026, 3, 9, 9, tzinfo=UTC)),
        ({"type": "file_input", "files": [{"id": "F1", "name": "a.csv"}]}, ("F1",)),
    ],
)
def test_every_kind_of_answer(state: dict[str, Any], value: Any) -> None:
    assert answers(view(field=state)) == {"field": value}


@pytest.mark.parametrize(
    "state",
    [
        {"type": "plain_text_input", "value": None},
        {"type": "plain_text_input", "value": "   "},
        {"type": "number_input"},
        {"type": "static_select", "selected_option": None},
        {"type": "checkboxes", "selected_options": []},
        {"type": "multi_users_select", "selected_users": []},
        {"type": "users_select", "selected_user": None},
        {"type": "datetimepicker", "selected_date_time": None},
        {"type": "file_input", "files": []},
        {"type": "something_new", "value": "x"},
    ],
)
def test_empty_answers_are_left_out(state: dict[str, Any]) -> None:
    assert answers(view(field=state)) == {}


def test_what_was_emptied_can_be_told_from_what_was_not_asked() -> None:
    given = view(
        hypothesis={"type": "plain_text_input", "value": None},
        title={"type": "plain_text_input", "value": "Still here"},
        reviewers={"type": "multi_users_select", "selected_users": []},
        kind={"type": "static_select", "selected_option": None},
    )
    assert emptied(given) == {"hypothesis": "", "reviewers": ()}
    assert emptied({}) == {}


def test_a_view_without_state_answers_nothing() -> None:
    assert answers({}) == {}


def test_scopes_are_taken_off() -> None:
    given = view(
        metric__checkout={"type": "plain_text_input", "value": "conversion"},
        smallest_effect__percent={"type": "number_input", "value": "2.15"},
    )
    assert answers(given) == {"metric": "conversion", "smallest_effect": 0.0215}


@pytest.mark.parametrize("typed", ["many", "nan", "inf", "-inf"])
def test_numbers_that_are_none_blame_their_field(typed: str) -> None:
    with pytest.raises(BadInput) as caught:
        answers(view(planned_days={"type": "number_input", "value": typed}))
    assert caught.value.field == "planned_days"


def test_targets_and_about() -> None:
    assert target("checkout-button@5") == ("checkout-button", "5")
    assert target("") == ("", "")
    assert about({"private_metadata": '{"key":"a","revision":3}'}) == {"key": "a", "revision": 3}
    assert about({"private_metadata": ""}) == {}
    assert about({}) == {}


def test_an_error_finds_the_block_of_its_field() -> None:
    modal = design_modal(situations.experiment())
    assert block_of(modal, "smallest_effect") == "smallest_effect__percent"
    assert block_of(modal, "variants") == "variants"
    assert block_of(modal, "title") is None


def test_tags() -> None:
    assert tags_from("checkout, copy;checkout\n #new ,, #") == ("checkout", "copy", "#new")
    assert tags_from("") == ()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("control 50, treatment 50", [("control", 5000, True), ("treatment", 5000, False)]),
        ("control: 50\nbigger-button: 50 %", [("control", 5000, True), ("bigger-button", 5000, False)]),
        ("a=33.34%; b=33,33; c 33.33", [("a", 3334, True), ("b", 3333, False), ("c", 3333, False)]),
        ("new 10, control 90", [("new", 1000, False), ("control", 9000, True)]),
        ("old 50 (control), control 50", [("old", 5000, True), ("control", 5000, False)]),
        ("a, b, c", [("a", 3334, True), ("b", 3333, False), ("c", 3333, False)]),
        ("1st 50\n2nd 50", [("1st", 5000, True), ("2nd", 5000, False)]),
        ("v 2 50, w 50", [("v 2", 5000, True), ("w", 5000, False)]),
        ("", []),
        (" \n , ", []),
    ],
)
def test_variants(text: str, read: list[tuple[str, int, bool]]) -> None:
    assert [(each["key"], each["weight"], each["is_control"]) for each in variants_from(text)] == read


@pytest.mark.parametrize("text", ["a 50, b", "a 33.333, b 66.667", "a 101, b 1", "=50, b 50", "a, 50", "50 %"])
def test_variants_that_cannot_be_read_blame_their_field(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        variants_from(text)
    assert caught.value.field == "variants"


def test_metrics() -> None:
    given = {
        "primary_metric": "revenue in EUR per user",
        "primary_kind": "mean",
        "primary_direction": "up",
        "other_metrics": "latency-p95 mean down guardrail in ms\n\ncost: cost Down\nclicks up per user",
    }
    assert metrics_from(given) == (
        {"key": "revenue", "role": "primary", "kind": "mean", "direction": "up", "unit": "EUR per user"},
        {"key": "latency-p95", "kind": "mean", "direction": "down", "role": "guardrail", "unit": "ms"},
        {"key": "cost", "role": "cost", "direction": "down"},
        {"key": "clicks", "direction": "up", "unit": "per user"},
    )
    assert metrics_from({}) == ()


@pytest.mark.parametrize(
    ("line", "harm", "scale", "unit"),
    [
        ("latency guardrail limit 2 % in ms", 0.02, "relative", "ms"),
        ("latency guardrail limit 2.5% in ms", 0.025, "relative", "ms"),
        ("latency, limit 3, guardrail in ms", 3.0, "absolute", "ms"),
        ("latency Limit 0,5 guardrail down", 0.5, "absolute", None),
    ],
)
def test_a_guardrail_says_how_much_harm_it_tolerates(line: str, harm: float, scale: str, unit: str | None) -> None:
    (metric,) = metrics_from({"other_metrics": line})
    assert metric["limit"] == {"harm": harm, "scale": scale}
    assert (metric["key"], metric["role"], metric.get("unit")) == ("latency", "guardrail", unit)


@pytest.mark.parametrize(
    "line",
    [
        "latency sideways",
        "latency up down",
        "latency mean primary",
        "latency mean limit 2 %",
        "latency guardrail limit x",
    ],
)
def test_metrics_that_cannot_be_read_name_their_line(line: str) -> None:
    with pytest.raises(BadInput) as caught:
        metrics_from({"other_metrics": f"clicks\n{line}"})
    assert caught.value.field == "other_metrics"
    assert caught.value.words.startswith("Line 2: ")


def initial_state(modal: dict[str, Any]) -> dict[str, Any]:
    """The state of a view that is submitted as it was opened."""
    values = {}
    for block in modal["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            state = {"type": element["type"], "value": element.get("initial_value")}
            state |= {
                "selected_option": element.get("initial_option"),
                "selected_options": element.get("initial_options", []),
                "selected_users": element.get("initial_users", []),
                "selected_date_time": element.get("initial_date_time"),
            }
            values[block["block_id"]] = {element["action_id"]: state}
    return {**modal, "state": {"values": values}}


def designs() -> Iterator[Design]:
    yield situations.design()
    yield situations.design(smallest_effect=0.0215, planned_days=7, unit="session")
    variants = [
        {"key": "control", "weight": 1, "is_control": False},
        {"key": "old", "weight": 9_999, "is_control": True},
    ]
    yield situations.design(variants=variants)
    described = [
        {
            "key": "treatment",
            "weight": 5_000,
            "description": "Twice as big",
            "config": {"model": "small", "size": [1, 2]},
        },
        {"key": "control", "weight": 5_000, "is_control": True},
    ]
    yield situations.design(variants=described, exposure=1_234, expectation={"baseline": 0.123, "per_day": 900})
    mean = [{"key": "guarded", "role": "guardrail"}, {"key": "spend", "role": "primary", "kind": "mean"}]
    yield situations.design(metrics=mean, expectation={"baseline": 20.5, "sd": 4.25})
    three = [{"key": key, "weight": weight} for key, weight in (("blue", 3_000), ("red", 3_000))]
    guards = [
        {"key": "latency", "role": "guardrail", "unit": "ms", "limit": {"harm": 0.025, "scale": "relative"}},
        {"key": "errors", "role": "guardrail", "limit": {"harm": 1.5, "scale": "absolute"}},
    ]
    yield situations.design(
        variants=[{"key": "control", "weight": 4_000, "is_control": True}, *three],
        metrics=[{"key": "conversion", "role": "primary"}, *guards],
        method="group_sequential",
        correction="bonferroni",
    )


@pytest.mark.parametrize("design", [*designs()])
def test_an_edit_that_changes_nothing_changes_nothing(design: Design) -> None:
    before = situations.experiment(design=design)
    fields = answers(initial_state(what_modal(before)))
    fields |= {"tags": tags_from(fields["tags"])}
    steps = (
        fields,
        design_fields(initial_state(design_modal(before)), design),
        safety_fields(initial_state(safety_modal(before)), design),
    )
    for step in steps:
        command = EditExperiment.model_validate({"key": before.key, **step})
        assert command.apply(before, situations.actor(), situations.NOW) == before


def test_a_new_draft_of_the_summary_takes_the_place_of_the_old_one() -> None:
    stopped = situations.experiment(Status.STOPPED)
    first, second = (decide_modal(stopped, None, draft=situations.summary(text=text)) for text in ("One.", "Two."))
    ids = [next(each for each in modal["blocks"] if "summary" in each.get("block_id", "")) for modal in (first, second)]
    assert ids[0]["block_id"] != ids[1]["block_id"]
    assert [answers(initial_state(modal))["summary"] for modal in (first, second)] == ["One.", "Two."]
    assert about(first)["readout_number"] == 24
