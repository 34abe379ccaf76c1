"""The Web API refuses what Slack refuses, in Slack's words, and answers in Slack's shapes."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.server import Sandbox
from bot.sandbox.web_api import METHODS
from bot.sandbox.workspace import Workspace
from tests.bot.sandbox.conftest import Lab
from tests.patience import unhurried

NEEDED = """api.test auth.test apps.connections.open chat.postMessage chat.update chat.delete chat.postEphemeral
chat.getPermalink chat.unfurl conversations.info conversations.list conversations.members conversations.history
conversations.replies conversations.open conversations.join users.info users.list users.conversations usergroups.list
usergroups.users.list views.open views.push views.update views.publish files.getUploadURLExternal
files.completeUploadExternal files.info reactions.add bots.info oauth.v2.access""".split()


@pytest.mark.parametrize("method", NEEDED)
def test_the_methods_are_there(method: str) -> None:
    assert method in METHODS


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.teleport", {}, "unknown_method"),
        ("chat.postMessage", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0GENERAL", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "C0ARCHIVE", "text": "x"}, "is_archived"),
        ("chat.postMessage", {"channel": "C0EXPERIMENTS"}, "no_text"),
        ("chat.postMessage", {"channel": "C0EXPERIMENTS", "text": ""}, "no_text"),
        ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
        ("chat.postMessage", {"channel": "C0EXPERIMENTS", "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        ("chat.postMessage", {"channel": "C0EXPERIMENTS", "text": "x", "blocks": "{"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": "C0EXPERIMENTS", "text": "x", "blocks": [{}]}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "C0EXPERIMENTS", "text": "x", "metadata": {}}, "invalid_metadata_schema"),
        ("chat.postMessage", {"channel": "C0EXPERIMENTS", "text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        (
            "chat.postMessage",
            {
                "channel": "C0EXPERIMENTS",
                "blocks": [{"type": "markdown", "text": "x" * 7000}] * 1
                + [{"type": "section", "text": {"type": "mrkdwn", "text": "y" * 3000}}] * 3,
            },
            "msg_blocks_too_long",
        ),
        ("chat.postMessage", {"channel": "C0EXPERIMENTS", "attachments": [{}] * 101}, "too_many_attachments"),
        ("chat.postEphemeral", {"channel": "C0EXPERIMENTS", "user": "U0ADA", "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postEphemeral", {"channel": "G0SEARCH", "user": "U0CHEN", "text": "x"}, "user_not_in_channel"),
        ("chat.update", {"channel": "C0EXPERIMENTS", "ts": "1.000000", "text": "x"}, "message_not_found"),
        ("chat.delete", {"channel": "C0EXPERIMENTS", "ts": "1.000000"}, "message_not_found"),
        (
            "chat.unfurl",
            {"channel": "C0EXPERIMENTS", "ts": "1.0", "unfurls": {"u": {"text": "x"}}},
            "cannot_find_message",
        ),
        ("conversations.history", {"channel": "C0GENERAL"}, "not_in_channel"),
        ("conversations.history", {"channel": "C0EXPERIMENTS", "cursor": "x"}, "invalid_cursor"),
        ("conversations.replies", {"channel": "C0EXPERIMENTS", "ts": "1.000000"}, "thread_not_found"),
        ("conversations.open", {}, "users_list_not_supplied"),
        ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
        ("conversations.join", {"channel": "C0ARCHIVE"}, "is_archived"),
        ("conversations.join", {"channel": "G0SEARCH"}, "method_not_supported_for_channel_type"),
        ("users.info", {"user": "U0NOBODY"}, "user_not_found"),
        ("usergroups.users.list", {"usergroup": "S0NONE"}, "no_such_subteam"),
        ("reactions.add", {"channel": "C0EXPERIMENTS", "timestamp": "1.0", "name": "eyes"}, "message_not_found"),
        ("reactions.add", {"channel": "C0EXPERIMENTS", "timestamp": "1.0", "name": "no such"}, "invalid_name"),
        ("files.info", {"file": "F0NONE"}, "file_not_found"),
        ("oauth.v2.access", {"client_id": "x", "client_secret": "y", "code": "z"}, "invalid_client_id"),
        ("apps.connections.open", {}, "not_allowed_token_type"),
        ("api.test", {"error": "my_error"}, "my_error"),
    ],
)
async def test_refusals(lab: Lab, method: str, arguments: dict[str, Any], error: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        await lab.client.api_call(method, json=arguments)
    assert caught.value.response["error"] == error


async def test_a_private_channel_without_the_bot_does_not_exist_for_it(lab: Lab) -> None:
    lab.workspace.channel("G0SEARCH").members.remove("U0BUNSEN")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await lab.client.conversations_info(channel="G0SEARCH")


async def test_other_peoples_messages_cannot_be_changed(lab: Lab) -> None:
    ts = (await lab.do("message", channel="C0EXPERIMENTS", text="mine"))["message"]["ts"]
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await lab.client.chat_update(channel="C0EXPERIMENTS", ts=ts, text="yours")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await lab.client.chat_delete(channel="C0EXPERIMENTS", ts=ts)


@pytest.mark.parametrize(("token", "error"), [(None, "not_authed"), ("xoxb-other", "invalid_auth")])
async def test_tokens_are_checked(lab: Lab, token: str | None, error: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(base_url=lab.sandbox.api_url, trust_env=False, verify=False) as client:
        assert (await client.post("auth.test", headers=headers)).json() == {"ok": False, "error": error}


@pytest.fixture
async def modest() -> AsyncIterator[AsyncWebClient]:
    """A client whose app may only write."""
    manifest = {"oauth_config": {"scopes": {"bot": ["chat:write", "channels:read"]}}}
    async with Sandbox(unhurried(Workspace(manifest))) as sandbox:
        yield AsyncWebClient(token="xoxb-sandbox", base_url=sandbox.api_url)


async def test_scopes_come_from_the_manifest(modest: AsyncWebClient) -> None:
    await modest.chat_postMessage(channel="C0EXPERIMENTS", text="allowed")
    with pytest.raises(SlackApiError) as caught:
        await modest.users_info(user="U0ADA")
    answer = caught.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")
    assert answer["provided"] == "channels:read,chat:write"
    with pytest.raises(SlackApiError) as caught:
        await modest.conversations_info(channel="G0SEARCH")
    assert caught.value.response["needed"] == "groups:read"


async def test_update_with_text_drops_blocks_and_update_with_blocks_is_not_marked_edited(lab: Lab) -> None:
    divider = [{"type": "divider"}]
    posted = await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="card", blocks=divider)
    place = {"channel": "C0EXPERIMENTS", "ts": posted["ts"]}
    with_blocks = await lab.client.chat_update(**place, text="card 2", blocks=divider)
    assert "edited" not in with_blocks["message"]
    with_text = await lab.client.chat_update(**place, text="card 3")
    assert "blocks" not in with_text["message"]
    assert with_text["message"]["edited"]["user"] == "U0BUNSEN"
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await lab.client.chat_update(**place, text="x" * 4001)


async def test_metadata_comes_back_when_asked_for(lab: Lab) -> None:
    metadata = {"event_type": "bunsen_outbox", "event_payload": {"id": "7"}}
    posted = await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="card", metadata=metadata)
    await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="reply", thread_ts=posted["ts"], metadata=metadata)
    plain = await lab.client.conversations_history(channel="C0EXPERIMENTS")
    assert "metadata" not in plain["messages"][0]
    full = await lab.client.conversations_history(channel="C0EXPERIMENTS", include_all_metadata=True)
    assert [each["metadata"] for each in full["messages"]] == [metadata]
    thread = await lab.client.conversations_replies(channel="C0EXPERIMENTS", ts=posted["ts"], include_all_metadata=True)
    assert [(each["text"], each["metadata"]) for each in thread["messages"]] == [
        ("card", metadata),
        ("reply", metadata),
    ]


async def test_history_pages_newest_first(lab: Lab) -> None:
    stamps = [(await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text=str(n)))["ts"] for n in range(5)]
    pages = [
        [each["text"] for each in page["messages"]]
        async for page in await lab.client.conversations_history(channel="C0EXPERIMENTS", limit=2)
    ]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]
    window = await lab.client.conversations_history(channel="C0EXPERIMENTS", oldest=stamps[1], latest=stamps[3])
    assert [each["text"] for each in window["messages"]] == ["2"]
    window = await lab.client.conversations_history(
        channel="C0EXPERIMENTS", oldest=stamps[1], latest=stamps[3], inclusive=True
    )
    assert [each["text"] for each in window["messages"]] == ["3", "2", "1"]


async def test_an_ephemeral_message_is_in_nobodys_history(lab: Lab) -> None:
    await lab.client.chat_postEphemeral(channel="C0EXPERIMENTS", user="U0BO", text="psst")
    assert (await lab.texts("U0BO"), await lab.texts("U0ADA")) == (["psst"], [])
    assert (await lab.client.conversations_history(channel="C0EXPERIMENTS"))["messages"] == []


async def test_a_message_to_a_person_is_a_dm(lab: Lab) -> None:
    posted = await lab.client.chat_postMessage(channel="U0BO", text="hello")
    assert posted["channel"] == "D0BO" == (await lab.client.conversations_open(users="U0BO"))["channel"]["id"]
    assert await lab.texts("U0BO", "D0BO") == ["hello"]
    assert (await lab.look("messages", user="U0ADA", channel="D0BO"))["error"] == "channel_not_found"


async def test_people_and_channels(lab: Lab) -> None:
    people = (await lab.client.users_list())["members"]
    assert {each["id"] for each in people} == set(lab.workspace.people)
    dee = (await lab.client.users_info(user="U0DEE"))["user"]
    assert (dee["real_name"], dee["tz"], dee["is_bot"]) == ("Dee Okafor", "America/New_York", False)
    kinds = "public_channel,private_channel,im"
    listed = (await lab.client.conversations_list(types=kinds, exclude_archived=True))["channels"]
    assert {each["id"] for each in listed} >= {"C0EXPERIMENTS", "C0GENERAL", "G0SEARCH", "D0ADA"}
    assert "C0ARCHIVE" not in {each["id"] for each in listed}
    mine = (await lab.client.users_conversations(exclude_archived=True))["channels"]
    assert [each["id"] for each in mine] == ["C0EXPERIMENTS"]
    members = (await lab.client.conversations_members(channel="G0SEARCH"))["members"]
    assert members == ["U0ADA", "U0BO", "U0BUNSEN"]
    await lab.client.conversations_join(channel="C0GENERAL")
    await lab.client.chat_postMessage(channel="#general", text="now I may")
    bot = (await lab.client.bots_info(bot="B0BUNSEN"))["bot"]
    assert (bot["user_id"], bot["app_id"]) == ("U0BUNSEN", "A0BUNSEN")


async def test_reactions_and_permalinks(lab: Lab) -> None:
    posted = await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="card")
    await lab.client.reactions_add(channel="C0EXPERIMENTS", timestamp=posted["ts"], name="eyes")
    assert (await lab.messages())[0]["reactions"] == [{"name": "eyes", "users": ["U0BUNSEN"], "count": 1}]
    with pytest.raises(SlackApiError, match="already_reacted"):
        await lab.client.reactions_add(channel="C0EXPERIMENTS", timestamp=posted["ts"], name="eyes")
    link = (await lab.client.chat_getPermalink(channel="C0EXPERIMENTS", message_ts=posted["ts"]))["permalink"]
    assert link == f"{lab.sandbox.url}/archives/C0EXPERIMENTS/p{posted['ts'].replace('.', '')}"


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_oauth_gives_the_token_for_a_code_once(lab: Lab) -> None:
    code = (await lab.control("oauth"))["code"]
    app = lab.workspace.app
    ask = {"client_id": app.client_id, "client_secret": app.client_secret, "code": code}
    answer = await lab.client.oauth_v2_access(**ask)
    assert (answer["access_token"], answer["bot_user_id"], answer["team"]["id"]) == (
        "xoxb-sandbox",
        "U0BUNSEN",
        "T0SANDBOX",
    )
    with pytest.raises(SlackApiError, match="invalid_code"):
        await lab.client.oauth_v2_access(**ask)
    assert "sandbox-client-secret" not in str(await lab.look("calls", method="oauth.v2.access"))


async def test_the_sdk_waits_and_retries_after_429(lab: Lab) -> None:
    lab.client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    await lab.control("fault", method="chat.postMessage", kind="ratelimited", retry_after=1, times=1)
    await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="at last")
    calls = (await lab.look("calls", method="chat.postMessage"))["calls"]
    assert [each["answer"].get("error") for each in calls] == ["ratelimited", None]
    assert await lab.texts() == ["at last"]


@pytest.mark.parametrize(("body", "error"), [("{", "invalid_json"), ("[]", "json_not_object")])
async def test_broken_json_is_named(lab: Lab, body: str, error: str) -> None:
    headers = {"Authorization": "Bearer xoxb-sandbox", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=lab.sandbox.api_url, trust_env=False, verify=False) as client:
        assert (await client.post("api.test", content=body, headers=headers)).json()["error"] == error


async def test_messages_to_one_channel_are_limited_when_switched_on(lab: Lab) -> None:
    lab.workspace.enforce_rate_limits = True
    for _ in range(3):
        await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="x")
    with pytest.raises(SlackApiError, match="ratelimited"):
        await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="x")
    await lab.client.chat_postMessage(channel="D0ADA", text="another channel has its own allowance")


async def test_faults(lab: Lab) -> None:
    post = {"channel": "C0EXPERIMENTS", "text": "x"}
    async with httpx.AsyncClient(
        base_url=lab.sandbox.api_url, trust_env=False, headers={"Authorization": "Bearer xoxb-sandbox"}
    ) as client:
        await lab.control("fault", method="chat.postMessage", kind="http", status=503)
        assert (await client.post("chat.postMessage", json=post)).status_code == 503
        await lab.control("fault", method="*", kind="error", error="fatal_error")
        assert (await client.post("chat.postMessage", json=post)).json()["error"] == "fatal_error"
        await lab.control("fault", method="chat.postMessage", kind="silence")
        with pytest.raises(httpx.ReadTimeout):
            await client.post("chat.postMessage", json=post, timeout=0.1)
        assert await lab.texts() == []
        await lab.control("fault", method="chat.postMessage", kind="http", status=500, after=True)
        assert (await client.post("chat.postMessage", json=post)).status_code == 500
        assert await lab.texts() == ["x"]
    assert (await lab.control("fault", method="x", kind="meteor"))["error"] == "invalid_fault"


async def test_rate_limits_are_enforced_only_when_switched_on(lab: Lab) -> None:
    for _ in range(25):
        await lab.client.users_list()
    lab.workspace.enforce_rate_limits = True
    for _ in range(20):
        await lab.client.users_list()
    with pytest.raises(SlackApiError, match="ratelimited") as caught:
        await lab.client.users_list()
    assert 1 <= int(caught.value.response.headers["Retry-After"]) <= 60
