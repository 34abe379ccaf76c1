"""The Slack port over slack_sdk: each method in the form Slack takes it, errors as words, nothing posted twice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.connectors.slack import TAKES_JSON, SlackConnector
from bot.sandbox.faults import Fault
from bot.sandbox.server import Sandbox
from experiments.errors import BadInput, Unavailable
from tests.worlds import PIXEL

CHANNEL = "C0EXPERIMENTS"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def slack(sandbox: Sandbox) -> SlackConnector:
    return SlackConnector("xoxb-sandbox", sandbox.api_url)


def fault(sandbox: Sandbox, method: str, **fault: Any) -> None:
    sandbox.workspace.faults.add(Fault(method=method, **fault))


def made(sandbox: Sandbox, method: str) -> int:
    return sum(call["method"] == method for call in sandbox.workspace.calls)


class Listening:
    """A server that writes down how it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, dict[str, Any]]] = []

    async def answer(self, request: web.Request) -> web.Response:
        sent = request.content_type
        body = await request.text()
        arguments = json.loads(body) if sent == "application/json" else parse_qs(urlsplit(str(request.url)).query)
        self.asked.append((request.match_info["method"], request.method, sent, arguments))
        return web.json_response({"ok": True})


@pytest.fixture
async def listening() -> AsyncIterator[tuple[Listening, str]]:
    server, app = Listening(), web.Application()
    app.router.add_route("*", "/api/{method}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield server, f"http://127.0.0.1:{port}/api/"
    await runner.cleanup()


@pytest.mark.parametrize("method", ["users.info", "files.info", "conversations.history", "conversations.replies"])
async def test_methods_that_only_read_get_no_json(method: str, listening: tuple[Listening, str]) -> None:
    server, url = listening
    await SlackConnector("xoxb-1", url).call(method, user="U0ADA", include_all_metadata=True, limit=100)
    [(asked, verb, sent, arguments)] = server.asked
    assert not method.startswith(TAKES_JSON)
    assert (asked, verb) == (method, "GET")
    assert sent != "application/json"
    assert (arguments["user"], arguments["limit"], arguments["include_all_metadata"]) == (["U0ADA"], ["100"], ["1"])


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "views.open", "views.publish"])
async def test_methods_that_write_get_their_blocks_as_json(method: str, listening: tuple[Listening, str]) -> None:
    server, url = listening
    blocks = [{"type": "divider"}]
    await SlackConnector("xoxb-1", url).call(method, channel=CHANNEL, blocks=blocks)
    [(_, verb, sent, arguments)] = server.asked
    assert (verb, sent) == ("POST", "application/json")
    assert arguments["blocks"] == blocks


async def test_an_answer_is_a_dictionary(slack: SlackConnector) -> None:
    assert (await slack.call("auth.test"))["team_id"] == "T0SANDBOX"
    assert (await slack.call("users.info", user="U0ADA"))["user"]["real_name"] == "Ada Meyer"


async def test_a_refusal_has_slacks_word_for_it(slack: SlackConnector) -> None:
    with pytest.raises(Unavailable) as refusal:
        await slack.call("chat.postMessage", channel="C0ARCHIVE", text="hello")
    assert refusal.value.reason == "is_archived"


@pytest.mark.parametrize("reason", ["expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"])
async def test_a_trigger_that_came_too_late_is_explained(reason: str, sandbox: Sandbox, slack: SlackConnector) -> None:
    fault(sandbox, "views.open", kind="error", error=reason)
    with pytest.raises(Unavailable, match="longer than Slack allows"):
        await slack.call("views.open", trigger_id="1.2.3", view={})


async def test_slowing_down_says_for_how_long(sandbox: Sandbox, slack: SlackConnector) -> None:
    fault(sandbox, "chat.postMessage", kind="ratelimited", retry_after=7)
    with pytest.raises(Unavailable) as refusal:
        await slack.call("chat.postMessage", channel=CHANNEL, text="hello")
    assert (refusal.value.reason, refusal.value.retry_after) == ("ratelimited", 7)
    assert made(sandbox, "chat.postMessage") == 1


@pytest.mark.parametrize("method", ["chat.postMessage", "views.open"])
async def test_what_must_not_happen_twice_is_sent_once(method: str, sandbox: Sandbox, slack: SlackConnector) -> None:
    fault(sandbox, method, kind="http", status=500, times=9)
    with pytest.raises(Unavailable):
        await slack.call(method, channel=CHANNEL, text="hello")
    assert made(sandbox, method) == 1


async def test_reading_is_tried_again(sandbox: Sandbox, slack: SlackConnector) -> None:
    fault(sandbox, "users.info", kind="ratelimited", retry_after=0)
    assert (await slack.call("users.info", user="U0ADA"))["ok"]
    assert made(sandbox, "users.info") == 2


async def test_silence_has_an_end(sandbox: Sandbox, slack: SlackConnector, monkeypatch: pytest.MonkeyPatch) -> None:
    brief = AsyncWebClient("xoxb-sandbox", base_url=sandbox.api_url, timeout=0, retry_handlers=[])
    brief.timeout = 0.1  # type: ignore[assignment]
    monkeypatch.setattr(slack, "_once", brief)
    fault(sandbox, "chat.postMessage", kind="silence")
    with pytest.raises(Unavailable, match="did not answer"):
        await slack.call("chat.postMessage", channel=CHANNEL, text="hello")


async def test_nobody_there_is_unavailable_without_the_token() -> None:
    slack = SlackConnector("xoxb-hush", "http://127.0.0.1:9/api/")
    with pytest.raises(Unavailable) as refusal:
        await slack.call("chat.postMessage", channel=CHANNEL, text="hello")
    assert "hush" not in refusal.value.words + refusal.value.reason


async def test_an_expired_response_url_is_said(sandbox: Sandbox, slack: SlackConnector) -> None:
    with pytest.raises(Unavailable, match="Ask again"):
        await slack.respond(f"{sandbox.url}/response/gone", text="late")


async def test_a_picture_can_be_shown_at_once(sandbox: Sandbox, slack: SlackConnector) -> None:
    file = await slack.upload(PIXEL, "comparison.png", "A forest plot")
    stored = sandbox.workspace.files.get(file)
    assert (stored.content, stored.alt_text) == (PIXEL, "A forest plot")
    image = {"type": "image", "slack_file": {"id": file}, "alt_text": "A forest plot"}
    assert (await slack.call("chat.postMessage", channel=CHANNEL, text="look", blocks=[image]))["ok"]


async def test_an_upload_that_fails_is_unavailable(sandbox: Sandbox, slack: SlackConnector) -> None:
    fault(sandbox, "files.getUploadURLExternal", kind="error", error="internal_error")
    with pytest.raises(Unavailable):
        await slack.upload(PIXEL, "comparison.png", "A forest plot")


async def test_a_file_comes_down_with_its_name(sandbox: Sandbox, slack: SlackConnector) -> None:
    stored = sandbox.workspace.files.add("shop.csv", b"a,b\n1,2\n", "U0ADA", sandbox.clock.now())
    assert await slack.download(stored.id, 100) == ("shop.csv", b"a,b\n1,2\n")


@pytest.mark.parametrize("said", [2 * 2**30, 10])
async def test_too_large_a_file_is_refused_whatever_it_says(said: int, sandbox: Sandbox, slack: SlackConnector) -> None:
    stored = sandbox.workspace.files.add("huge.csv", b"x" * 1000, "U0ADA", sandbox.clock.now())
    stored.length = said
    with pytest.raises(BadInput, match=r"huge\.csv is larger") as refusal:
        await slack.download(stored.id, 100)
    assert refusal.value.field == "files"


async def test_a_file_that_is_gone_is_unavailable(slack: SlackConnector) -> None:
    with pytest.raises(Unavailable) as refusal:
        await slack.download("F0GONE", 100)
    assert refusal.value.reason == "file_not_found"


async def test_the_token_is_shown_to_slack_alone(listening: tuple[Listening, str], slack: SlackConnector) -> None:
    server, url = listening
    link = {"name": "link.csv", "size": 1, "is_external": True, "url_private_download": f"{url}stolen"}

    async def call(method: str, **arguments: Any) -> dict[str, Any]:
        return {"file": link}

    slack.call = call  # type: ignore[method-assign]
    with pytest.raises(BadInput, match=r"link\.csv"):
        await slack.download("F0LINK", 100)
    assert server.asked == []
