"""Everything the sandbox sends to an app fits the recorded contract of Slack's inbound payloads."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from tests.bot.sandbox.conftest import Lab
from tests.patience import unhurried
from tests.slack_types import SLACK, definition

CONTRACT = SLACK / "inbound_payloads.schema.json"
pytestmark = pytest.mark.skipif(
    not CONTRACT.exists(),
    reason=f"the recorded Slack contract {CONTRACT.name} lies beside the project, and is not here",
)

WORDS = {"type": "plain_text", "text": "Words"}
ELEMENTS: list[dict[str, Any]] = [
    {"type": "button", "action_id": "act", "text": WORDS, "value": "1"},
    {"type": "static_select", "action_id": "act", "options": [{"text": WORDS, "value": "a"}]},
    {"type": "users_select", "action_id": "act"},
    {"type": "datepicker", "action_id": "act"},
    {"type": "checkboxes", "action_id": "act", "options": [{"text": WORDS, "value": "a"}]},
]
ANSWERS: dict[str, dict[str, Any]] = {
    "button": {},
    "static_select": {"selected_option": {"text": WORDS, "value": "a"}},
    "users_select": {"selected_user": "U0ADA"},
    "datepicker": {"selected_date": "2026-03-02"},
    "checkboxes": {"selected_options": [{"text": WORDS, "value": "a"}]},
}


PICKS = {"type": "actions", "block_id": "b", "elements": [ELEMENTS[1]]}
MANIFEST = {
    "functions": {
        "create": {
            "title": "Create experiment",
            "description": "Starts a draft",
            "input_parameters": {"owner": {"type": "slack#/types/user_id", "title": "Owner", "is_required": True}},
            "output_parameters": {"key": {"type": "string", "title": "Key", "is_required": True}},
        }
    },
    "settings": {"event_subscriptions": {"bot_events": ["function_executed"]}},
}


@pytest.fixture
async def stepping() -> AsyncIterator[Lab]:
    async with (
        Sandbox(unhurried(Workspace(MANIFEST))) as sandbox,
        httpx.AsyncClient(base_url=sandbox.url, trust_env=False, verify=False) as hands,
    ):
        yield Lab(sandbox, hands)


def as_typed(payload: dict[str, Any]) -> dict[str, Any]:
    """Slack documents null where its own types, from which the contract was made, know only objects and strings."""
    nulls = ("enterprise", "context_enterprise_id")
    return {key: each for key, each in payload.items() if not (key in nulls and each is None)}


def assert_fits(payload: dict[str, Any], name: str) -> None:
    contract = definition(CONTRACT.name, name)
    problems = [f"{each.json_path}: {each.message}" for each in contract.iter_errors(as_typed(payload))]
    assert problems == []


def last(lab: Lab) -> dict[str, Any]:
    return lab.sandbox.courier.deliveries[-1].payload


async def open_form(lab: Lab) -> str:
    field = {
        "type": "input",
        "block_id": "name",
        "label": WORDS,
        "optional": True,
        "element": {"type": "plain_text_input", "action_id": "name"},
    }
    view = {"type": "modal", "title": WORDS, "submit": WORDS, "notify_on_close": True, "blocks": [field]}
    await lab.client.views_open(trigger_id=lab.workspace.triggers.issue("U0ADA"), view=view)
    return str(lab.modal()["id"])


async def test_slash_commands(lab: Lab) -> None:
    await lab.do("command", channel="C0EXPERIMENTS", text="/experiment create")
    assert_fits(last(lab), "SlashCommandPayload")


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda each: str(each["type"]))
async def test_block_actions(lab: Lab, element: dict[str, Any]) -> None:
    posted = await lab.client.chat_postMessage(
        channel="C0EXPERIMENTS", text="x", blocks=[{"type": "actions", "block_id": "b", "elements": [element]}]
    )
    container = {"type": "message", "channel": "C0EXPERIMENTS", "message_ts": posted["ts"]}
    action = {"type": element["type"], "block_id": "b", "action_id": "act", **ANSWERS[element["type"]]}
    await lab.do("action", container=container, action=action)
    assert_fits(last(lab), "BlockActionsPayload")


async def test_submission_and_closing(lab: Lab) -> None:
    view_id = await open_form(lab)
    await lab.do("submit", view_id=view_id, state={"values": {"name": {"name": {"value": "x"}}}})
    assert_fits(last(lab), "ViewSubmissionPayload")
    await lab.do("close", view_id=view_id)
    assert_fits(last(lab), "ViewClosedPayload")


async def test_suggestions(lab: Lab) -> None:
    container = {"type": "view", "view_id": await open_form(lab)}
    await lab.do("options", container=container, block_id="name", action_id="name", value="x")
    assert_fits(last(lab), "BlockSuggestionPayload")


async def test_shortcuts(lab: Lab) -> None:
    await lab.do("shortcut", callback_id="new")
    assert_fits(last(lab), "GlobalShortcut")
    posted = await lab.do("message", channel="C0GENERAL", text="x")
    await lab.do("shortcut", callback_id="new", channel="C0GENERAL", message_ts=posted["message"]["ts"])
    assert_fits(last(lab), "MessageShortcut")


async def test_actions_of_home_tab_and_of_people_from_outside(lab: Lab) -> None:
    await lab.client.views_publish(user_id="U0ADA", view={"type": "home", "blocks": [PICKS], "private_metadata": "p=2"})
    picked = {"type": "static_select", "block_id": "b", "action_id": "act", **ANSWERS["static_select"]}
    await lab.do("action", container={"type": "home"}, action=picked)
    # Slack's own type asks for a response_url always; from a view Slack sends none.
    assert_fits({**last(lab), "response_url": ""}, "BlockActionsPayload")
    assert last(lab)["view"]["private_metadata"] == "p=2"
    posted = await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="x", blocks=[PICKS])
    place = {"type": "message", "channel": "C0EXPERIMENTS", "message_ts": posted["ts"]}
    await lab.do("action", user="U0FINN", container=place, action=picked)
    assert_fits(last(lab), "BlockActionsPayload")
    assert (last(lab)["user"]["team_id"], last(lab)["team"]["id"]) == ("T0HARBOUR", "T0SANDBOX")


async def test_steps_of_workflows(stepping: Lab) -> None:
    await stepping.do("step", channel="C0EXPERIMENTS", callback_id="create", inputs={"owner": "U0BO"})
    assert_fits(last(stepping), "EventCallback")
    assert_fits(last(stepping)["event"], "FunctionExecutedEvent")


async def test_events_of_people_and_channels(lab: Lab) -> None:
    await lab.control("person", id="U0NEW", real_name="New", tz="Asia/Kathmandu")
    await lab.control("usergroup", id="S0NEW", handle="new", users=["U0NEW"])
    group = await lab.do("converse", users=["U0ADA", "U0BO", "U0BUNSEN"])
    posted = await lab.do("message", channel=group["channel"]["id"], text="in a group")
    await lab.do("delete", channel=group["channel"]["id"], ts=posted["message"]["ts"])
    await lab.do("remove", user="U0CHEN", channel="C0EXPERIMENTS")
    await lab.do("archive", channel="C0EXPERIMENTS")
    await lab.do("unarchive", channel="C0EXPERIMENTS")
    await lab.do("remove", user="U0BUNSEN", channel="C0EXPERIMENTS")
    await lab.do("remove", user="U0BUNSEN", channel="G0SEARCH")
    events = [each.payload["event"] for each in lab.sandbox.courier.deliveries]
    assert [each.get("subtype", each["type"]) for each in events] == [
        "team_join",
        "subteam_created",
        "message",
        "message_deleted",
        "member_left_channel",
        "channel_archive",
        "channel_unarchive",
        "channel_left",
        "group_left",
    ]
    for delivery in lab.sandbox.courier.deliveries:
        assert_fits(delivery.payload, "EventCallback")


async def test_events(lab: Lab) -> None:
    await lab.do("message", channel="C0EXPERIMENTS", text="<@U0BUNSEN> hello")
    await lab.do("home")
    await lab.do("invite", user="U0BUNSEN", channel="C0GENERAL")
    kinds = [each.payload["event"]["type"] for each in lab.sandbox.courier.deliveries]
    assert kinds == ["message", "app_mention", "app_home_opened", "member_joined_channel"]
    for delivery in lab.sandbox.courier.deliveries:
        assert_fits(delivery.payload, "EventCallback")
