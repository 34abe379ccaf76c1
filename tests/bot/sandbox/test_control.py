"""The control API: what the page sees, hears and does, and the events that follow."""

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.app import App
from bot.sandbox.workspace import Workspace
from tests.bot.sandbox.conftest import Connect, Lab

MANIFEST = {
    "features": {
        "slash_commands": [
            {"command": "/experiment", "description": "Experiments", "usage_hint": "[create]", "should_escape": True},
            {"command": "/plain", "description": "Plain"},
        ],
        "shortcuts": [{"name": "New experiment", "callback_id": "new", "type": "global", "description": "d"}],
        "unfurl_domains": ["bunsen.example"],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "links:write", "channels:history", "im:history"]}},
    "settings": {"event_subscriptions": {"bot_events": ["app_mention", "link_shared", "member_joined_channel"]}},
}


@pytest.fixture
async def workspace() -> Workspace:
    return Workspace(MANIFEST)


async def test_state_shows_what_a_person_may_see(lab: Lab) -> None:
    state = await lab.look("state", user="U0CHEN")
    assert state["team"]["name"] == "Bunsen Lab"
    assert state["app"]["commands"][0] == {
        "command": "/experiment",
        "description": "Experiments",
        "usage_hint": "[create]",
    }
    assert state["app"]["shortcuts"] == [{"name": "New experiment", "callback_id": "new", "type": "global"}]
    channels = {each["id"]: each for each in state["channels"]}
    assert set(channels) == {"C0EXPERIMENTS", "C0GENERAL", "C0ARCHIVE", "D0CHEN"}
    assert channels["D0CHEN"]["user"] == "U0CHEN"
    assert channels["C0ARCHIVE"]["is_archived"] is True
    people = {each["id"]: each["real_name"] for each in state["users"]}
    assert people["U0BO"] == "Bo Lindqvist"
    assert (await lab.look("state", user="U0NOBODY"))["error"] == "user_not_found"


async def test_pages_hear_only_what_is_theirs(lab: Lab) -> None:
    base = lab.sandbox.url.replace("http", "ws")
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{base}/_sandbox/live?user=U0ADA") as ada,
        session.ws_connect(f"{base}/_sandbox/live?user=U0CHEN") as chen,
    ):
        assert (await ada.receive_json())["type"] == (await chen.receive_json())["type"] == "presence"
        secret = await lab.do("message", channel="G0SEARCH", text="private")
        public = await lab.do("message", channel="C0EXPERIMENTS", text="public")
        await lab.client.chat_postEphemeral(channel="C0EXPERIMENTS", user="U0CHEN", text="psst")
        await lab.control("clock", advance=60)
        heard_by_ada = [await ada.receive_json() for _ in range(3)]
        heard_by_chen = [await chen.receive_json() for _ in range(3)]
    told = [(each["type"], each.get("message", {}).get("ts")) for each in heard_by_ada]
    assert told[:2] == [("message", secret["message"]["ts"]), ("message", public["message"]["ts"])]
    assert [each["type"] for each in heard_by_chen] == ["message", "ephemeral", "clock"]
    assert heard_by_chen[1]["message"]["text"] == "psst"


async def test_typed_text_is_escaped_and_mentions_and_links_are_marked(lab: Lab) -> None:
    typed = "<@U0BO> <!channel> a < b & <b> https://bunsen.example/x?a=1&b=2"
    await lab.do("message", channel="C0EXPERIMENTS", text=typed)
    expected = "<@U0BO> &lt;!channel&gt; a &lt; b &amp; &lt;b&gt; <https://bunsen.example/x?a=1&amp;b=2>"
    assert await lab.texts() == [expected]


@pytest.mark.parametrize(
    ("command", "text"),
    [("/experiment", "show <@U0BO|bo> <#C0GENERAL|general> <@U0X>"), ("/plain", "show @bo #general <@U0X>")],
)
async def test_names_in_commands_follow_the_manifest(lab: Lab, connect: Connect, command: str, text: str) -> None:
    @lab.app.command(command)
    async def echo(ack: Any, payload: dict[str, Any]) -> None:
        await ack(payload["text"])

    await connect(lab)
    await lab.do("command", channel="C0EXPERIMENTS", text=f"{command} show <@U0BO> <#C0GENERAL> <@U0X>")
    assert await lab.texts() == [text]


async def test_an_unknown_command_is_explained(lab: Lab) -> None:
    answer = await lab.do("command", channel="C0EXPERIMENTS", text="/dance")
    assert answer["error"] == "unknown_command"
    assert answer["detail"].startswith("/dance is not a valid command.")


async def test_only_subscribed_events_are_sent(lab: Lab, connect_socket: Connect) -> None:
    heard: list[str] = []

    @lab.app.event("app_mention")
    async def mention(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    await connect_socket(lab)
    await lab.do("message", channel="C0EXPERIMENTS", text="plain")
    await lab.do("message", channel="C0EXPERIMENTS", text="<@U0BUNSEN> status")
    await lab.do("message", channel="C0GENERAL", text="<@U0BUNSEN> not a member here")
    await lab.sandbox.courier.settled()
    assert heard == ["<@U0BUNSEN> status"]
    assert [each.payload["event"]["type"] for each in lab.sandbox.courier.deliveries] == ["app_mention"]


async def test_links_are_announced_and_unfurled(lab: Lab, connect: Connect) -> None:
    @lab.app.event("link_shared")
    async def unfurl(event: dict[str, Any], client: Any) -> None:
        url = event["links"][0]["url"]
        block = {"type": "section", "text": {"type": "mrkdwn", "text": "An experiment"}}
        await client.chat_unfurl(channel=event["channel"], ts=event["message_ts"], unfurls={url: {"blocks": [block]}})

    await connect(lab)
    await lab.do("message", channel="C0EXPERIMENTS", text="see https://lab.bunsen.example/e/ranking please")
    await lab.do("message", channel="C0EXPERIMENTS", text="and https://elsewhere.example/")
    await lab.sandbox.courier.settled()
    first, second = await lab.messages()
    assert first["attachments"][0]["from_url"] == "https://lab.bunsen.example/e/ranking"
    assert "attachments" not in second


async def test_every_link_of_a_message_is_unfurled_if_its_domain_is_the_apps(lab: Lab, connect: Connect) -> None:
    told: list[list[dict[str, str]]] = []

    @lab.app.event("link_shared")
    async def unfurl(event: dict[str, Any], client: Any) -> None:
        told.append(event["links"])
        unfurls = {each["url"]: {"text": each["url"][-1]} for each in event["links"]}
        source = {"unfurl_id": event["unfurl_id"], "source": event["source"]}
        await client.api_call("chat.unfurl", json={**source, "unfurls": unfurls})
        await client.api_call("chat.unfurl", json={**source, "unfurls": {event["links"][0]["url"]: {"text": "again"}}})

    await connect(lab)
    mine, other, no = "https://bunsen.example/a", "https://lab.bunsen.example/b?x=1&y=2", "https://evilbunsen.example/c"
    await lab.do("message", channel="C0EXPERIMENTS", text=f"{mine} {other} {mine} {no}")
    await lab.sandbox.courier.settled()
    assert [[each["url"] for each in links] for links in told] == [[mine, other]]
    message = (await lab.messages())[0]
    assert {each["from_url"]: each["text"] for each in message["attachments"]} == {mine: "again", other: "2"}
    foreign = lab.client.chat_unfurl(channel="C0EXPERIMENTS", ts=message["ts"], unfurls={no: {"text": "no"}})
    with pytest.raises(SlackApiError, match="cannot_unfurl_url"):
        await foreign


async def test_inviting_the_bot_lets_it_in(lab: Lab, connect: Connect) -> None:
    joined: list[str] = []

    @lab.app.event("member_joined_channel")
    async def welcome(event: dict[str, Any]) -> None:
        joined.append(event["channel"])

    await connect(lab)
    assert (await lab.do("invite", user="U0BUNSEN", channel="C0GENERAL", inviter="U0ADA"))["ok"] is True
    await lab.sandbox.courier.settled()
    assert joined == ["C0GENERAL"]
    await lab.client.chat_postMessage(channel="C0GENERAL", text="thank you")


async def test_archiving_closes_the_channel(lab: Lab) -> None:
    assert (await lab.do("archive", channel="C0EXPERIMENTS"))["channel"]["is_archived"] is True
    assert (await lab.do("message", channel="C0EXPERIMENTS", text="too late"))["error"] == "is_archived"


@pytest.mark.parametrize(
    ("what", "body", "error"),
    [
        ("message", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ("message", {"text": "x"}, "invalid_arguments"),
        ("submit", {"view_id": "V0NONE", "state": {}}, "view_not_found"),
        ("close", {"view_id": "V0NONE"}, "view_not_found"),
        ("action", {"container": {"type": "home"}, "action": {}}, "not_found"),
        ("shortcut", {"callback_id": "x", "channel": "C0GENERAL", "message_ts": "1.0"}, "message_not_found"),
        ("clock", {"now": "yesterday"}, "invalid_clock"),
    ],
)
async def test_mistakes_are_answered_in_words(lab: Lab, what: str, body: dict[str, Any], error: str) -> None:
    answer = await lab.do(what, **body)
    assert (answer["ok"], answer["error"]) == (False, error)
    assert answer["detail"]


async def test_calls_are_logged_without_the_token(lab: Lab) -> None:
    await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="hello")
    (call,) = (await lab.look("calls", method="chat.postMessage"))["calls"]
    assert (call["arguments"]["text"], call["answer"]["ok"]) == ("hello", True)
    assert "xoxb" not in json.dumps(await lab.look("calls"))


def test_no_secret_shows_in_a_repr() -> None:
    assert not any(word in repr(App()) for word in ("xoxb", "xapp", "secret"))
