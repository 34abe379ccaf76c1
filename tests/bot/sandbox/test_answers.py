"""What Slack's client refuses before the app sees it, and the values it fills in."""

from typing import Any

import pytest

from bot.sandbox.answers import initial_state, wrong_answers

WORDS = {"type": "plain_text", "text": "Words"}
OPTION = {"text": WORDS, "value": "a"}


def field(kind: str, optional: bool = False, **element: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": "b",
        "optional": optional,
        "label": WORDS,
        "element": {"type": kind, "action_id": "a", **element},
    }


@pytest.mark.parametrize(
    ("block", "answer", "words"),
    [
        (field("plain_text_input"), {"value": None}, "Please complete this required field."),
        (field("plain_text_input"), {}, "Please complete this required field."),
        (field("plain_text_input", optional=True), {"value": None}, None),
        (field("plain_text_input", min_length=3), {"value": "ab"}, "Please enter at least 3 characters."),
        (field("plain_text_input", max_length=3), {"value": "abcd"}, "Please enter no more than 3 characters."),
        (field("plain_text_input"), {"value": "x" * 3001}, "Please enter no more than 3000 characters."),
        (
            field("plain_text_input", optional=True, min_length=3),
            {"value": "ab"},
            "Please enter at least 3 characters.",
        ),
        (field("number_input", is_decimal_allowed=False), {"value": "12"}, None),
        (field("number_input", is_decimal_allowed=False), {"value": "1.5"}, "Please enter a whole number."),
        (field("number_input", is_decimal_allowed=True), {"value": "1.5"}, None),
        (field("number_input", is_decimal_allowed=True), {"value": "many"}, "Please enter a valid number."),
        (field("number_input", is_decimal_allowed=True), {"value": "NaN"}, "Please enter a valid number."),
        (
            field("number_input", is_decimal_allowed=True, min_value="2"),
            {"value": "1"},
            "Please enter a number of at least 2.",
        ),
        (
            field("number_input", is_decimal_allowed=True, max_value="2"),
            {"value": "3"},
            "Please enter a number of at most 2.",
        ),
        (field("email_text_input"), {"value": "ada@"}, "Please enter a valid email address."),
        (field("email_text_input"), {"value": "ada@lab.example"}, None),
        (field("url_text_input"), {"value": "javascript:alert(1)"}, "Please enter a valid URL."),
        (field("url_text_input"), {"value": "https://lab.example"}, None),
        (
            field("multi_users_select", max_selected_items=1),
            {"selected_users": ["U1", "U2"]},
            "Please choose at most 1.",
        ),
        (field("multi_users_select"), {"selected_users": []}, "Please complete this required field."),
        (field("file_input", max_files=1), {"files": [{}, {}]}, "Please add at most 1 files."),
        (
            field("file_input", filetypes=["csv"]),
            {"files": [{"filetype": "png"}]},
            "Please add files of these types: csv.",
        ),
        (field("datepicker"), {"selected_date": "2026-03-02"}, None),
    ],
)
def test_wrong_answers(block: dict[str, Any], answer: dict[str, Any], words: str | None) -> None:
    assert wrong_answers([block], {"b": {"a": answer}}) == ({"b": words} if words else {})


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "initial_value": "x"}, {"value": "x"}),
        ({"type": "plain_text_input"}, {"value": None}),
        ({"type": "static_select", "initial_option": OPTION}, {"selected_option": OPTION}),
        ({"type": "checkboxes", "initial_options": [OPTION]}, {"selected_options": [OPTION]}),
        ({"type": "checkboxes"}, {"selected_options": []}),
        ({"type": "users_select", "initial_user": "U1"}, {"selected_user": "U1"}),
        ({"type": "multi_users_select", "initial_users": ["U1"]}, {"selected_users": ["U1"]}),
        ({"type": "conversations_select", "initial_conversation": "C1"}, {"selected_conversation": "C1"}),
        ({"type": "datepicker", "initial_date": "2026-03-02"}, {"selected_date": "2026-03-02"}),
        ({"type": "datetimepicker", "initial_date_time": 1_800_000_000}, {"selected_date_time": 1_800_000_000}),
        ({"type": "timepicker", "initial_time": "09:30"}, {"selected_time": "09:30"}),
        (
            {"type": "rich_text_input", "initial_value": {"type": "rich_text"}},
            {"rich_text_value": {"type": "rich_text"}},
        ),
        ({"type": "file_input"}, {"files": []}),
    ],
)
def test_initial_values(element: dict[str, Any], value: dict[str, Any]) -> None:
    block = field(element["type"], **{key: each for key, each in element.items() if key != "type"})
    assert initial_state([block]) == {"b": {"a": {"type": element["type"], **value}}}


def test_buttons_have_no_value_and_typed_values_win() -> None:
    button = {"type": "actions", "block_id": "c", "elements": [{"type": "button", "action_id": "go", "text": WORDS}]}
    typed = {"b": {"a": {"type": "plain_text_input", "value": "typed"}}}
    assert initial_state([field("plain_text_input", initial_value="x"), button], typed) == typed
