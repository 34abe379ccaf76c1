"""Blocks: what passes, and the exact words with the path for what does not."""

from typing import Any

import pytest

from bot.sandbox.errors import SlackError
from bot.sandbox.file_store import FileStore
from bot.sandbox.validation import check_blocks
from tests.bot.sandbox.parts import (
    CONFIRM,
    RICH,
    actions,
    button,
    field,
    mrkdwn,
    option,
    plain,
    rich,
    section,
    text_input,
)

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
