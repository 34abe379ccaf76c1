"""Views and option lists: what passes, and the exact words with the path for what does not."""

from typing import Any

import pytest

from bot.sandbox.errors import SlackError
from bot.sandbox.file_store import FileStore
from bot.sandbox.validation import check_options, check_view
from tests.bot.sandbox.parts import (
    RICH,
    button,
    field,
    mrkdwn,
    option,
    plain,
    section,
    text_input,
)


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain(), "submit": plain(), "blocks": list(blocks), **more}


GOOD_INPUTS = [
    text_input(multiline=True, min_length=1, max_length=3000, placeholder=plain(), focus_on_load=True),
    text_input(dispatch_action_config={"trigger_actions_on": ["on_character_entered"]}),
    {"type": "number_input", "is_decimal_allowed": True, "min_value": "0", "max_value": "100", "initial_value": "50"},
    {"type": "email_text_input"},
    {"type": "url_text_input"},
    {"type": "rich_text_input", "initial_value": RICH},
    {"type": "file_input", "filetypes": ["csv"], "max_files": 1},
    {"type": "radio_buttons", "options": [option()], "initial_option": option()},
    {"type": "multi_static_select", "options": [option()], "initial_options": [option()], "max_selected_items": 3},
    {"type": "external_select", "min_query_length": 0},
    {"type": "multi_external_select", "initial_options": [option()]},
    {"type": "users_select", "initial_user": "U0ADA"},
    {"type": "multi_users_select", "initial_users": ["U0ADA"]},
    {"type": "conversations_select", "default_to_current_conversation": True, "response_url_enabled": True},
    {"type": "multi_conversations_select", "filter": {"include": ["public"], "exclude_bot_users": True}},
    {"type": "channels_select"},
    {"type": "timepicker", "initial_time": "09:30", "timezone": "Europe/Berlin"},
    {"type": "datetimepicker", "initial_date_time": 1_800_000_000},
]


@pytest.mark.parametrize("element", GOOD_INPUTS, ids=lambda each: str(each["type"]))
def test_good_inputs_pass_in_a_modal(element: dict[str, Any]) -> None:
    check_view(modal(field(element, hint=plain(), optional=True)), FileStore(), "modal")


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (modal(submit=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/submit/text]"),
        (modal(title=mrkdwn()), "must be a valid enum value: plain_text [json-pointer:/view/title/type]"),
        (modal(private_metadata="x" * 3001), "must be less than 3001 characters [json-pointer:/view/private_metadata]"),
        (modal(callback_id="x" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
        (modal(*[{"type": "divider"}] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal(colour="red"), "invalid additional property: colour [json-pointer:/view]"),
        (modal(field(text_input()), submit=None), "missing required field: submit [json-pointer:/view]"),
        (modal({"type": "table", "rows": []}), "unsupported type: table [json-pointer:/view/blocks/0/type]"),
        (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"),
        (modal(field(button())), "unsupported type: button [json-pointer:/view/blocks/0/element/type]"),
        ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
        ({"type": "home", "blocks": []}, "must be a valid enum value: modal [json-pointer:/view/type]"),
        (
            modal(field(text_input(), label=mrkdwn())),
            "must be a valid enum value: plain_text [json-pointer:/view/blocks/0/label/type]",
        ),
        (
            modal(field(text_input(max_length=3001))),
            "must be less than 3001 [json-pointer:/view/blocks/0/element/max_length]",
        ),
        (
            modal(field(text_input(min_length=5, max_length=4))),
            "min_length must not exceed max_length [json-pointer:/view/blocks/0/element]",
        ),
        (
            modal(field({"type": "number_input"})),
            "missing required field: is_decimal_allowed [json-pointer:/view/blocks/0/element]",
        ),
        (
            modal(field({"type": "number_input", "is_decimal_allowed": False, "min_value": 3})),
            "must be a valid number in a string [json-pointer:/view/blocks/0/element/min_value]",
        ),
        (
            modal(*[field(text_input(focus_on_load=True))] * 2),
            "only one element may have focus_on_load [json-pointer:/view/blocks]",
        ),
        (
            modal(field({"type": "file_input", "max_files": 11})),
            "must be less than 11 [json-pointer:/view/blocks/0/element/max_files]",
        ),
        (None, "missing required field: view"),
    ],
)
def test_bad_modals_are_refused_with_the_path(view: Any, message: str) -> None:
    with pytest.raises(SlackError) as caught:
        check_view(view, FileStore(), "modal")
    assert caught.value.code == "invalid_arguments"
    assert f"[ERROR] {message}" in caught.value.messages


def test_a_home_tab_takes_inputs_but_no_files_and_no_title() -> None:
    check_view({"type": "home", "blocks": [field(text_input())]}, FileStore(), "home")
    for view in (
        {"type": "home", "blocks": [field({"type": "file_input"})]},
        {"type": "home", "title": plain(), "blocks": []},
    ):
        with pytest.raises(SlackError):
            check_view(view, FileStore(), "home")


def test_a_view_may_weigh_250_kb() -> None:
    heavy = modal(*[section(text=mrkdwn("é" * 3000))] * 45)
    with pytest.raises(SlackError) as caught:
        check_view(heavy, FileStore(), "modal")
    assert caught.value.code == "view_too_large"


def test_option_lists_are_checked() -> None:
    check_options({"options": []})
    check_options({"option_groups": [{"label": plain(), "options": [option()]}]})
    with pytest.raises(SlackError):
        check_options({})
    with pytest.raises(SlackError):
        check_options({"options": [option()] * 101})
