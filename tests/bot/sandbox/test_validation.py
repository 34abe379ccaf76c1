"""Blocks and views: what passes, and the exact words with the path for what does not."""

from typing import Any

import pytest

from bot.sandbox.errors import SlackError
from bot.sandbox.file_store import FileStore
from bot.sandbox.validation import check_blocks, check_options, check_view


def plain(words: str = "Words") -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def mrkdwn(words: str = "*Words*") -> dict[str, Any]:
    return {"type": "mrkdwn", "text": words}


def option(value: str = "a") -> dict[str, Any]:
    return {"text": plain(value), "value": value}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(), **more}


def section(**more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(), **more}


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain(), "element": element, **more}


def text_input(**more: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", **more}


def rich(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(parts)}


RICH = rich(
    {"type": "rich_text_section", "elements": [{"type": "text", "text": "bold", "style": {"bold": True}}]},
    {
        "type": "rich_text_list",
        "style": "bullet",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U0ADA"}]}],
    },
    {"type": "rich_text_quote", "elements": [{"type": "link", "url": "https://example.com"}]},
    {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]},
)
CONFIRM = {"title": plain(), "text": mrkdwn(), "confirm": plain(), "deny": plain(), "style": "danger"}

GOOD_IN_MESSAGES = [
    section(fields=[plain(), mrkdwn()], accessory=button(confirm=CONFIRM, style="danger", value="1")),
    {"type": "section", "fields": [mrkdwn()]},
    {"type": "header", "text": plain()},
    {"type": "divider", "block_id": "line"},
    {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a", "title": plain()},
    {"type": "context", "elements": [mrkdwn(), {"type": "image", "image_url": "https://x.example", "alt_text": "a"}]},
    actions(button(action_id="a"), button(action_id="b", url="https://example.com"), {"type": "datepicker"}),
    actions({"type": "static_select", "options": [option()], "initial_option": option()}),
    actions({"type": "static_select", "option_groups": [{"label": plain(), "options": [option()]}]}),
    actions({"type": "overflow", "options": [{**option(), "url": "https://example.com"}]}),
    actions({"type": "checkboxes", "options": [{"text": mrkdwn(), "value": "a", "description": mrkdwn()}]}),
    {"type": "markdown", "text": "**bold**"},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, RICH], [{"type": "raw_text", "text": "b"}]]},
    RICH,
    {
        "type": "video",
        "alt_text": "a",
        "title": plain(),
        "thumbnail_url": "https://x.example",
        "video_url": "https://x.example",
    },
    {"type": "alert", "text": mrkdwn(), "level": "warning"},
    {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}]},
    {"type": "card", "title": mrkdwn(), "actions": [button()]},
    {"type": "carousel", "elements": [{"type": "card", "body": mrkdwn()}]},
    {
        "type": "plan",
        "title": "Plan",
        "tasks": [{"type": "task_card", "task_id": "1", "title": "t", "status": "complete"}],
    },
    {"type": "container", "title": plain(), "child_blocks": [section()]},
    {"type": "data_table", "caption": "c", "rows": [[{"type": "raw_text", "text": "a"}]] * 2},
]


@pytest.mark.parametrize("block", GOOD_IN_MESSAGES, ids=lambda each: str(each["type"]))
def test_good_blocks_pass(block: dict[str, Any]) -> None:
    check_blocks([block], FileStore())


def pointer(words: str, path: str) -> str:
    return f"[ERROR] {words} [json-pointer:/blocks{path}]"


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([section(text=mrkdwn("x" * 3001))], pointer("must be less than 3001 characters", "/0/text/text")),
        ([{"type": "header", "text": plain("x" * 151)}], pointer("must be less than 151 characters", "/0/text/text")),
        ([{"type": "header", "text": mrkdwn()}], pointer("must be a valid enum value: plain_text", "/0/text/type")),
        ([{"type": "header", "text": plain("")}], pointer("must be more than 0 characters", "/0/text/text")),
        ([{"type": "header"}], pointer("missing required field: text", "/0")),
        ([{"type": "section"}], pointer("missing required field: text or fields", "/0")),
        ([{"type": "spaceship"}], pointer("unsupported type: spaceship", "/0/type")),
        ([{}], pointer("missing required field: type", "/0")),
        (["words"], pointer("must provide an object", "/0")),
        ([{"type": "divider", "colour": "red"}], pointer("invalid additional property: colour", "/0")),
        ([{"type": "divider"}] * 51, pointer("no more than 50 items allowed", "")),
        ([{"type": "divider", "block_id": "x" * 256}], pointer("must be less than 256 characters", "/0/block_id")),
        ([{"type": "divider", "block_id": "a"}] * 2, pointer("block_id already exists: a", "/0/block_id")),
        ([field(text_input())], pointer("unsupported type: input", "/0/type")),
        ([actions()], pointer("no fewer than 1 items allowed", "/0/elements")),
        ([actions(*[button()] * 26)], pointer("no more than 25 items allowed", "/0/elements")),
        ([actions(text_input())], pointer("unsupported type: plain_text_input", "/0/elements/0/type")),
        (
            [actions(button(action_id="a"), button(action_id="a"))],
            pointer("action_id already exists: a", "/0/elements/0/action_id"),
        ),
        (
            [actions(button(text=mrkdwn()))],
            pointer("must be a valid enum value: plain_text", "/0/elements/0/text/type"),
        ),
        (
            [actions(button(text=plain("x" * 76)))],
            pointer("must be less than 76 characters", "/0/elements/0/text/text"),
        ),
        ([actions(button(value="x" * 2001))], pointer("must be less than 2001 characters", "/0/elements/0/value")),
        (
            [actions(button(style="loud"))],
            pointer("must be a valid enum value: primary, danger", "/0/elements/0/style"),
        ),
        (
            [actions(button(confirm={**CONFIRM, "title": plain("x" * 101)}))],
            pointer("must be less than 101 characters", "/0/elements/0/confirm/title/text"),
        ),
        ([section(fields=[mrkdwn()] * 11)], pointer("no more than 10 items allowed", "/0/fields")),
        ([section(fields=[mrkdwn("x" * 2001)])], pointer("must be less than 2001 characters", "/0/fields/0/text")),
        (
            [actions({"type": "static_select", "options": [option()] * 101})],
            pointer("no more than 100 items allowed", "/0/elements/0/options"),
        ),
        (
            [actions({"type": "static_select"})],
            pointer("must provide exactly one of options, option_groups", "/0/elements/0"),
        ),
        (
            [actions({"type": "static_select", "options": [option()], "initial_option": option("b")})],
            pointer("initial options must match the provided options", "/0/elements/0/initial_option"),
        ),
        (
            [actions({"type": "static_select", "options": [{"text": mrkdwn(), "value": "a"}]})],
            pointer("must be a valid enum value: plain_text", "/0/elements/0/options/0/text/type"),
        ),
        (
            [actions({"type": "overflow", "options": [option(str(n)) for n in range(6)]})],
            pointer("no more than 5 items allowed", "/0/elements/0/options"),
        ),
        (
            [actions({"type": "radio_buttons", "options": [option(str(n)) for n in range(11)]})],
            pointer("no more than 10 items allowed", "/0/elements/0/options"),
        ),
        (
            [actions({"type": "datepicker", "initial_date": "1 May"})],
            pointer("must be a valid date YYYY-MM-DD", "/0/elements/0/initial_date"),
        ),
        ([{"type": "context", "elements": [mrkdwn()] * 11}], pointer("no more than 10 items allowed", "/0/elements")),
        (
            [{"type": "image", "image_url": "https://x.example"}],
            pointer("missing required field: alt_text", "/0"),
        ),
        (
            [{"type": "image", "alt_text": "a"}],
            pointer("must provide exactly one of image_url, slack_file", "/0"),
        ),
        (
            [{"type": "image", "alt_text": "a", "slack_file": {"id": "F0NONE"}}],
            pointer("invalid slack file", "/0/slack_file"),
        ),
        ([{"type": "table", "rows": [[]] * 101}], pointer("no more than 100 items allowed", "/0/rows")),
        ([{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}] * 2, pointer("only_one_table_allowed", "")),
        ([{"type": "markdown", "text": "x" * 12_001}], pointer("must be less than 12001 characters", "/0/text")),
        ([rich({"type": "rich_text_poem"})], pointer("unsupported type: rich_text_poem", "/0/elements/0/type")),
        ([section(text={**plain(), "verbatim": True})], pointer("invalid additional property: verbatim", "/0/text")),
    ],
)
def test_bad_blocks_are_refused_with_the_path(blocks: list[Any], message: str) -> None:
    with pytest.raises(SlackError) as caught:
        check_blocks(blocks, FileStore())
    assert caught.value.code == "invalid_blocks"
    assert message in caught.value.messages
    assert message.removeprefix("[ERROR] ") in caught.value.more["errors"]


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
