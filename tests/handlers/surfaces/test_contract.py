"""Every surface is what Slack's own types allow."""

from __future__ import annotations

import functools

import pytest

from tests import gallery, slack_types

SCHEMA = slack_types.SLACK / "blocks_and_views.schema.json"
MESSAGES, VIEWS = gallery.all_messages(), gallery.all_views()

pytestmark = pytest.mark.skipif(
    not SCHEMA.exists(), reason="Slack's types as JSON Schema are not on this machine (shared/slack beside the project)"
)


complaints = functools.partial(slack_types.complaints, SCHEMA.name)


@pytest.mark.parametrize("name", MESSAGES)
def test_messages(name: str) -> None:
    blocks = MESSAGES[name].blocks
    kinds = {"image": "ImageBlock", "section": "SectionBlock", "rich_text": "RichTextBlock", "actions": "ActionsBlock"}
    for block in blocks:
        assert complaints(kinds.get(block["type"], f"{block['type'].title()}Block"), block) == []


@pytest.mark.parametrize("name", VIEWS)
def test_views(name: str) -> None:
    view = VIEWS[name]
    assert complaints("HomeView" if view["type"] == "home" else "ModalView", view) == []
