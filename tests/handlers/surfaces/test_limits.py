"""Every surface keeps to Slack's limits, whatever people typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers.surfaces.kit import Message, View
from tests import gallery

LIMITS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "limits.json").read_text())
BLOCK, ELEMENT, PART = LIMITS["block"], LIMITS["element"], LIMITS["composition"]
MESSAGES, VIEWS = gallery.all_messages(), gallery.all_views()

LENGTHS = {
    ("section", "text"): BLOCK["section.text"],
    ("header", "text"): BLOCK["header.text"],
    ("image", "alt_text"): BLOCK["image.alt_text"],
    ("input", "label"): BLOCK["input.label"],
    ("input", "hint"): BLOCK["input.hint"],
    ("button", "text"): ELEMENT["button.text"],
    ("button", "value"): ELEMENT["button.value"],
    ("modal", "title"): LIMITS["surface"]["modal"]["title"],
    ("modal", "submit"): LIMITS["surface"]["modal"]["submit"],
    ("modal", "close"): LIMITS["surface"]["modal"]["close"],
    ("modal", "private_metadata"): LIMITS["surface"]["modal"]["private_metadata"],
    ("modal", "callback_id"): LIMITS["surface"]["modal"]["callback_id"],
    ("", "placeholder"): ELEMENT["placeholder"],
    ("", "block_id"): BLOCK["block_id"],
    ("", "action_id"): ELEMENT["action_id"],
}
COUNTS = {
    ("actions", "elements"): BLOCK["actions.elements"],
    ("context", "elements"): BLOCK["context.elements"],
    ("section", "fields"): BLOCK["section.fields"],
    ("static_select", "options"): ELEMENT["static_select.options"],
    ("checkboxes", "options"): ELEMENT["checkboxes.options"],
    ("radio_buttons", "options"): ELEMENT["radio_buttons.options"],
}


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside, the outermost first."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from nodes(each)
    elif isinstance(value, list):
        for each in value:
            yield from nodes(each)


def length(value: Any) -> int:
    return len(value["text"] if isinstance(value, dict) else value)


def faults(root: Any) -> Iterator[str]:
    """Everything that Slack would refuse for its length or number."""
    for node in nodes(root):
        kind = node.get("type", "")
        for (of, name), most in LENGTHS.items():
            if of in ("", kind) and name in node and not 1 <= length(node[name]) <= most:
                yield f"{kind}.{name} has {length(node[name])} of {most}: {str(node[name])[:80]}"
        for (of, name), most in COUNTS.items():
            if of == kind and name in node and not 1 <= len(node[name]) <= most:
                yield f"{kind}.{name}: {len(node[name])} of {most}"
        if kind in ("plain_text", "mrkdwn", "text") and not 1 <= len(node["text"]) <= PART["text_object"]:
            yield f"{kind} has {len(node['text'])}"
        for cell in node.get("fields", ()):
            if len(cell["text"]) > BLOCK["section.field"]:
                yield f"a field has {len(cell['text'])}"
        yield from option_faults(node)
        if kind == "plain_text_input" and len(node.get("initial_value", "")) > node["max_length"]:
            yield f"{node['action_id']} begins with more than it takes"


def option_faults(node: dict[str, Any]) -> Iterator[str]:
    for option in node.get("options", ()):
        for name in ("text", "value", "description"):
            if name in option and length(option[name]) > PART[f"option.{name}"]:
                yield f"option.{name}: {option[name]}"
    for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        if name in node.get("confirm", {}) and length(node["confirm"][name]) > most:
            yield f"confirm.{name}"


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_keep_to_the_limits(name: str) -> None:
    message = MESSAGES[name]
    limits = LIMITS["surface"]["message"]
    assert list(faults(message.blocks)) == []
    assert 0 < len(message.text) <= limits["text_recommended"]
    assert len(message.blocks) <= limits["blocks"]
    assert len(json.dumps(message.blocks, ensure_ascii=False)) <= limits["observed_total_blocks_json_chars"]


@pytest.mark.parametrize("name", VIEWS)
def test_views_keep_to_the_limits(name: str) -> None:
    view = VIEWS[name]
    limits = LIMITS["surface"][view["type"]]
    assert list(faults(view)) == []
    assert 0 < len(view["blocks"]) <= limits["blocks"]
    assert len(json.dumps(view, ensure_ascii=False).encode()) <= limits["view_bytes"]


@pytest.mark.parametrize("name", VIEWS)
def test_an_input_has_one_name(name: str) -> None:
    blocks = VIEWS[name]["blocks"]
    inputs = [block for block in blocks if block["type"] == "input"]
    assert all(block["block_id"] == block["element"]["action_id"] for block in inputs)
    assert len({block["block_id"] for block in inputs}) == len(inputs)


@pytest.mark.parametrize(
    "blocks", [*(each.blocks for each in MESSAGES.values()), *(v["blocks"] for v in VIEWS.values())]
)
def test_action_ids_are_unique_within_a_block(blocks: list[dict[str, Any]]) -> None:
    for block in blocks:
        ids = [each["action_id"] for each in block.get("elements", ()) if "action_id" in each]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", MESSAGES)
def test_each_picture_has_its_place_until_it_has_a_file(name: str) -> None:
    message: Message = MESSAGES[name]
    places = [block["slack_file"]["id"] for block in message.blocks if block["type"] == "image"]
    if name.endswith("with files"):
        assert not any(place.startswith("picture:") for place in places)
    else:
        assert places == [f"picture:{index}" for index in range(len(message.pictures))]


def test_the_sandbox_takes_every_surface() -> None:
    validation = pytest.importorskip("bot.sandbox.validation", reason="the sandbox's validator is not there")
    from bot.sandbox.file_store import FileStore

    del validation
    from bot.sandbox.validation.blocks import check_blocks
    from bot.sandbox.validation.views import check_view

    for name, message in MESSAGES.items():
        without_pictures = [block for block in message.blocks if block["type"] != "image"]
        try:
            check_blocks(without_pictures, FileStore())
        except Exception as error:
            error.add_note(name)
            raise
    view: View
    for name, view in VIEWS.items():
        drawn = {**view, "blocks": [block for block in view["blocks"] if block["type"] != "image"]}
        try:
            check_view(drawn, FileStore(), view["type"])
        except Exception as error:
            error.add_note(name)
            raise


def test_what_does_not_fit_is_counted() -> None:
    update = MESSAGES["significance update full"]
    shown = sum(block["type"] == "section" for block in update.blocks) - 1
    assert 3 < shown < 84
    assert update.blocks[-1]["elements"][0]["text"] == f"… and {84 - shown} more experiments"


def test_every_part_of_a_full_week_is_told() -> None:
    sections = [block["text"]["text"] for block in MESSAGES["weekly digest full"].blocks if block["type"] == "section"]
    assert any(text.startswith("*🙋 Needs people*") for text in sections)
    assert any(text.startswith("*🏁 Decided*") for text in sections)
    assert "… and 53 more" in sections
    entries = sum(text.count("•") for text in sections)
    parts_told = sum(int(text.split()[2]) for text in sections if text.startswith("… and"))
    context = next(block for block in MESSAGES["weekly digest full"].blocks if block["type"] == "context")
    left_out = int(context["elements"][0]["text"].split()[2])
    assert entries + parts_told + left_out == 5 * 60


def test_the_older_part_of_a_history_is_counted() -> None:
    sections = [block["text"]["text"] for block in MESSAGES["show hostile"].blocks if "text" in block]
    assert any(str(text).endswith("… and 42 older") for text in sections)
    assert any(str(text).endswith("… and 188 older") for text in sections)
