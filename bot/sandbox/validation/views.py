"""Views: titles, ids, sizes and the rules that tie modals and Home tabs to their blocks."""

import json
from typing import Any

from bot.sandbox import limits
from bot.sandbox.errors import SlackError
from bot.sandbox.file_store import FileStore
from bot.sandbox.validation.blocks import Surface, note_block_problems
from bot.sandbox.validation.composition import text
from bot.sandbox.validation.schema import Check, Problems, anything, boolean, choice, record, string

_COMMON: dict[str, Check] = {
    "blocks": anything,
    "private_metadata": string(limits.VIEW_PRIVATE_METADATA),
    "callback_id": string(limits.VIEW_ID_TEXT),
    "external_id": string(limits.VIEW_ID_TEXT),
}
_HOME = record({**_COMMON, "type": choice("home")}, ("type", "blocks"))
_MODAL = record(
    {
        **_COMMON,
        "type": choice("modal"),
        "title": text(limits.VIEW_TITLE, plain_only=True),
        "submit": text(limits.VIEW_BUTTON, plain_only=True),
        "close": text(limits.VIEW_BUTTON, plain_only=True),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
    ("type", "title", "blocks"),
)


def check_view(view: Any, files: FileStore, kind: str) -> None:
    """Refuse a view that Slack would refuse."""
    problems = Problems(files)
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", "[ERROR] missing required field: view")
    if len(json.dumps(view, ensure_ascii=False).encode()) > limits.VIEW_BYTES:
        raise SlackError("view_too_large")
    surface: Surface = "home" if kind == "home" else "modal"
    (_HOME if surface == "home" else _MODAL)(view, "/view", problems)
    if isinstance(view.get("blocks"), list):
        note_block_problems(view["blocks"], "/view/blocks", problems, surface, limits.VIEW_BLOCKS)
    elif "blocks" in view:
        problems.note("must provide an array", "/view/blocks")
    if problems.messages:
        raise SlackError("invalid_arguments", *problems.messages)
    if surface == "modal" and not view.get("submit") and any(block["type"] == "input" for block in view["blocks"]):
        raise SlackError("invalid_arguments", "[ERROR] missing required field: submit [json-pointer:/view]")
