"""Pictures that Slack takes in only after it said that it has them: waited for, and given up in words."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from bot.connectors.slack import SlackConnector
from bot.sandbox.server import Sandbox
from experiments.errors import Unavailable
from tests.worlds import PIXEL

CHANNEL = "C0EXPERIMENTS"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def slack(sandbox: Sandbox) -> SlackConnector:
    return SlackConnector("xoxb-sandbox", sandbox.api_url)


async def show(slack: SlackConnector, file: str) -> None:
    image = {"type": "image", "slack_file": {"id": file}, "alt_text": "A forest plot"}
    await slack.call("chat.postMessage", channel=CHANNEL, text="look", blocks=[image])


async def test_a_picture_can_be_shown_once_it_is_uploaded(sandbox: Sandbox, slack: SlackConnector) -> None:
    sandbox.workspace.files.looks = 2
    await show(slack, await slack.upload(PIXEL, "comparison.png", "A forest plot"))


async def test_before_it_is_taken_in_nothing_can_show_it(sandbox: Sandbox, slack: SlackConnector) -> None:
    sandbox.workspace.files.looks = 1
    stored, ticket = sandbox.workspace.files.announce("a.png", len(PIXEL), "U0ADA", sandbox.clock.now())
    sandbox.workspace.files.receive(ticket, PIXEL)
    await slack.call("files.completeUploadExternal", files=json.dumps([{"id": stored.id}]))
    with pytest.raises(Unavailable, match="invalid_blocks"):
        await show(slack, stored.id)
    assert (await slack.call("files.info", file=stored.id))["file"]["mimetype"] == "image/png"
    await show(slack, stored.id)


async def test_a_picture_that_is_never_taken_in_is_unavailable(
    sandbox: Sandbox, slack: SlackConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.connectors.slack.UNTIL_TAKEN_IN", (0.0, 0.0))
    sandbox.workspace.files.looks = 99
    with pytest.raises(Unavailable, match="has not taken the picture in"):
        await slack.upload(PIXEL, "comparison.png", "A forest plot")
