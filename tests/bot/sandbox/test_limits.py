"""The sandbox's limits are Slack's, as recorded in tests/limits.json."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import limits

RECORDED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "limits.json").read_text())

SAME = {
    "MESSAGE_BLOCKS": ("surface", "message", "blocks"),
    "MESSAGE_ATTACHMENTS": ("surface", "message", "attachments"),
    "MESSAGE_TEXT": ("surface", "message", "text_truncated_at"),
    "UPDATE_TEXT": ("surface", "message", "text_recommended"),
    "MESSAGE_BLOCKS_CHARS": ("surface", "message", "observed_total_blocks_json_chars"),
    "MESSAGE_MARKDOWN": ("surface", "message", "markdown_blocks_total"),
    "MESSAGE_TABLES": ("surface", "message", "tables"),
    "VIEW_BLOCKS": ("surface", "modal", "blocks"),
    "VIEW_TITLE": ("surface", "modal", "title"),
    "VIEW_BUTTON": ("surface", "modal", "submit"),
    "VIEW_PRIVATE_METADATA": ("surface", "modal", "private_metadata"),
    "VIEW_ID_TEXT": ("surface", "modal", "callback_id"),
    "VIEW_BYTES": ("surface", "modal", "view_bytes"),
    "VIEW_STACK": ("surface", "modal", "stack"),
    "BLOCK_ID": ("block", "block_id"),
    "ACTIONS_ELEMENTS": ("block", "actions.elements"),
    "CONTEXT_ELEMENTS": ("block", "context.elements"),
    "CONTEXT_ACTIONS_ELEMENTS": ("block", "context_actions.elements"),
    "SECTION_TEXT": ("block", "section.text"),
    "SECTION_FIELDS": ("block", "section.fields"),
    "SECTION_FIELD": ("block", "section.field"),
    "HEADER_TEXT": ("block", "header.text"),
    "IMAGE_URL": ("block", "image.image_url"),
    "IMAGE_ALT_TEXT": ("block", "image.alt_text"),
    "IMAGE_TITLE": ("block", "image.title"),
    "INPUT_LABEL": ("block", "input.label"),
    "INPUT_HINT": ("block", "input.hint"),
    "MARKDOWN_TEXT": ("block", "markdown.text"),
    "VIDEO_TITLE": ("block", "video.title"),
    "VIDEO_AUTHOR": ("block", "video.author_name"),
    "CARD_TITLE": ("block", "card.title"),
    "CARD_BODY": ("block", "card.body"),
    "CARD_ACTIONS": ("block", "card.actions"),
    "CAROUSEL_ELEMENTS": ("block", "carousel.elements"),
    "CONTAINER_BLOCKS": ("block", "container.child_blocks"),
    "CONTAINER_TITLE": ("block", "container.title"),
    "TABLE_ROWS": ("block", "table.rows"),
    "TABLE_COLUMNS": ("block", "table.columns"),
    "DATA_TABLE_ROWS": ("block", "data_table.rows_including_header"),
    "DATA_TABLE_MIN_ROWS": ("block", "data_table.min_rows"),
    "DATA_TABLE_COLUMNS": ("block", "data_table.columns"),
    "ACTION_ID": ("element", "action_id"),
    "BUTTON_TEXT": ("element", "button.text"),
    "BUTTON_VALUE": ("element", "button.value"),
    "BUTTON_URL": ("element", "button.url"),
    "BUTTON_LABEL": ("element", "button.accessibility_label"),
    "PLACEHOLDER": ("element", "placeholder"),
    "SELECT_OPTIONS": ("element", "static_select.options"),
    "SELECT_GROUPS": ("element", "static_select.option_groups"),
    "CHOICE_OPTIONS": ("element", "checkboxes.options"),
    "OVERFLOW_OPTIONS": ("element", "overflow.options"),
    "TEXT_INPUT_LENGTH": ("element", "plain_text_input.max_length"),
    "FILE_INPUT_FILES": ("element", "file_input.max_files"),
    "TEXT_OBJECT": ("composition", "text_object"),
    "CONFIRM_TITLE": ("composition", "confirm.title"),
    "CONFIRM_TEXT": ("composition", "confirm.text"),
    "CONFIRM_BUTTON": ("composition", "confirm.confirm"),
    "OPTION_TEXT": ("composition", "option.text"),
    "OPTION_VALUE": ("composition", "option.value"),
    "OPTION_DESCRIPTION": ("composition", "option.description"),
    "OPTION_URL": ("composition", "option.url"),
    "OPTION_GROUP_LABEL": ("composition", "option_group.label"),
    "ACK_SECONDS": ("interaction", "ack_seconds"),
    "TRIGGER_SECONDS": ("interaction", "trigger_id_seconds"),
    "RESPONSE_URL_USES": ("interaction", "response_url_uses"),
    "RESPONSE_URL_MINUTES": ("interaction", "response_url_minutes"),
    "OPTIONS_RETURNED": ("interaction", "options_returned"),
    "EVENT_RETRIES": ("events", "retries"),
    "SOCKET_CONNECTIONS": ("socket_mode", "max_connections"),
    "TIERS_PER_MINUTE": ("web_api", "tiers_per_minute"),
    "MESSAGES_PER_SECOND": ("web_api", "message_per_second_per_channel"),
}


@pytest.mark.parametrize("name", SAME)
def test_the_limit_is_slacks(name: str) -> None:
    here: Any = RECORDED
    for part in SAME[name]:
        here = here[part]
    assert getattr(limits, name) == here


def test_no_limit_goes_unchecked() -> None:
    """Only how much the sandbox remembers, and who fits into a conversation, is said elsewhere or nobody's business."""
    named = {name for name in vars(limits) if name.isupper()}
    assert named - set(SAME) == {"REMEMBERED", "DIRECT_MEMBERS"}
