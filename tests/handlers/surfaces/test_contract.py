"""Every surface is what Slack's own types allow."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests import gallery

SCHEMA = Path(__file__).parents[4] / "shared" / "slack" / "blocks_and_views.schema.json"
MESSAGES, VIEWS = gallery.all_messages(), gallery.all_views()

pytestmark = pytest.mark.skipif(
    not SCHEMA.exists(), reason="Slack's types as JSON Schema are not on this machine (shared/slack beside the project)"
)


@functools.cache
def allowed(name: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator({**json.loads(SCHEMA.read_text()), "$ref": f"#/definitions/{name}"})


def complaints(value: Any, name: str) -> list[str]:
    return [error.message[:300] for error in allowed(name).iter_errors(value)]


@pytest.mark.parametrize("name", MESSAGES)
def test_messages(name: str) -> None:
    blocks = MESSAGES[name].blocks
    kinds = {"image": "ImageBlock", "section": "SectionBlock", "rich_text": "RichTextBlock", "actions": "ActionsBlock"}
    for block in blocks:
        assert complaints(block, kinds.get(block["type"], f"{block['type'].title()}Block")) == []


@pytest.mark.parametrize("name", VIEWS)
def test_views(name: str) -> None:
    view = VIEWS[name]
    assert complaints(view, "HomeView" if view["type"] == "home" else "ModalView") == []
