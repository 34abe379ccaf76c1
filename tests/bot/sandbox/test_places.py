"""Where people act: Home tabs, ephemeral messages, threads, uploads, the page itself."""

from typing import Any

import httpx
import pytest

from bot.sandbox.server import Sandbox, create
from bot.sandbox.workspace import Workspace
from tests.bot.sandbox.conftest import Connect, Lab

WORDS = {"type": "plain_text", "text": "Words"}
BUTTON = {
    "type": "actions",
    "block_id": "b",
    "elements": [{"type": "button", "action_id": "go", "text": WORDS, "value": "7"}],
}
PRESS = {"type": "button", "block_id": "b", "action_id": "go"}


def pressed(lab: Lab) -> list[dict[str, Any]]:
    """Registers a listener for the button and collects what it gets."""
    bodies: list[dict[str, Any]] = []

    @lab.app.action("go")
    async def go(ack: Any, body: dict[str, Any]) -> None:
        bodies.append(body)
        await ack()

    return bodies


async def test_a_button_in_the_home_tab(lab: Lab, connect_socket: Connect) -> None:
    bodies = pressed(lab)
    await connect_socket(lab)
    await lab.client.views_publish(user_id="U0ADA", view={"type": "home", "blocks": [BUTTON]})
    assert await lab.do("action", container={"type": "home"}, action=PRESS) == {"ok": True}
    (body,) = bodies
    assert (body["view"]["type"], body["container"]["type"], "response_url" in body) == ("home", "view", False)
    assert (body["actions"][0]["value"], body["actions"][0]["text"]) == ("7", WORDS)


async def test_a_button_in_a_modal_brings_what_was_typed(lab: Lab, connect_socket: Connect) -> None:
    bodies = pressed(lab)
    await connect_socket(lab)
    element = {"type": "plain_text_input", "action_id": "name"}
    field = {"type": "input", "block_id": "name", "label": WORDS, "element": element}
    view = {"type": "modal", "title": WORDS, "submit": WORDS, "blocks": [field, BUTTON]}
    await lab.client.views_open(trigger_id=lab.workspace.triggers.issue("U0ADA"), view=view)
    state = {"values": {"name": {"name": {"type": "plain_text_input", "value": "half ty"}}}}
    container = {"type": "view", "view_id": lab.modal()["id"]}
    await lab.do("action", container=container, action=PRESS, state=state)
    assert bodies[0]["view"]["state"] == state
    pushed = {"type": "modal", "title": WORDS, "blocks": []}
    await lab.client.views_push(trigger_id=bodies[0]["trigger_id"], view=pushed)
    assert len(lab.workspace.views.stack("U0ADA")) == 2


async def test_a_button_in_an_ephemeral_message(lab: Lab, connect_socket: Connect) -> None:
    bodies = pressed(lab)
    await connect_socket(lab)
    posted = await lab.client.chat_postEphemeral(channel="C0EXPERIMENTS", user="U0ADA", text="x", blocks=[BUTTON])
    container = {"type": "message", "channel": "C0EXPERIMENTS", "message_ts": posted["message_ts"]}
    assert (await lab.do("action", user="U0BO", container=container, action=PRESS))["error"] == "message_not_found"
    await lab.do("action", container=container, action=PRESS)
    (body,) = bodies
    assert (body["container"]["is_ephemeral"], "message" in body) == (True, False)
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        await client.post(body["response_url"], json={"text": "done", "replace_original": True})
    (message,) = await lab.messages()
    assert (message["text"], "blocks" in message) == ("done", False)


async def test_a_select_in_a_message_carries_the_whole_state(lab: Lab, connect_socket: Connect) -> None:
    bodies = pressed(lab)
    await connect_socket(lab)
    people = {"type": "users_select", "action_id": "who", "initial_user": "U0BO"}
    block = {**BUTTON, "elements": [*BUTTON["elements"], people]}
    posted = await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="x", blocks=[block])
    container = {"type": "message", "channel": "C0EXPERIMENTS", "message_ts": posted["ts"]}
    await lab.do("action", container=container, action=PRESS)
    assert bodies[0]["state"] == {"values": {"b": {"who": {"type": "users_select", "selected_user": "U0BO"}}}}


async def test_a_submission_can_answer_into_a_channel(lab: Lab, connect_socket: Connect) -> None:
    urls: list[dict[str, Any]] = []

    @lab.app.view("form")
    async def take(ack: Any, body: dict[str, Any]) -> None:
        urls.extend(body["response_urls"])
        await ack()

    await connect_socket(lab)
    element = {"type": "conversations_select", "action_id": "where", "response_url_enabled": True}
    field = {"type": "input", "block_id": "where", "label": WORDS, "element": element}
    view = {"type": "modal", "callback_id": "form", "title": WORDS, "submit": WORDS, "blocks": [field]}
    await lab.client.views_open(trigger_id=lab.workspace.triggers.issue("U0ADA"), view=view)
    answer = {"type": "conversations_select", "selected_conversation": "C0GENERAL"}
    await lab.do("submit", view_id=lab.modal()["id"], state={"values": {"where": {"where": answer}}})
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        await client.post(urls[0]["response_url"], json={"text": "from the form", "response_type": "in_channel"})
    assert await lab.texts("U0BO", "C0GENERAL") == ["from the form"]


async def test_a_reply_to_a_reply_joins_the_thread(lab: Lab) -> None:
    parent = (await lab.do("message", channel="C0EXPERIMENTS", text="parent"))["message"]["ts"]
    reply = (await lab.do("message", channel="C0EXPERIMENTS", text="one", thread_ts=parent))["message"]["ts"]
    posted = await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="two", thread_ts=reply)
    assert posted["message"]["thread_ts"] == parent
    await lab.client.chat_delete(channel="C0EXPERIMENTS", ts=posted["ts"])
    assert [each.get("reply_count") for each in await lab.messages()] == [1, None]


async def test_an_upload_to_a_channel_is_told_to_the_app(lab: Lab) -> None:
    async with httpx.AsyncClient(base_url=lab.sandbox.url, trust_env=False, verify=False) as client:
        form = {"user": "U0BO", "channel": "C0EXPERIMENTS"}
        sent = await client.post("/_sandbox/upload", data=form, files={"file": ("data.csv", b"a,b")})
        refused = await client.post("/_sandbox/upload", data={"user": "U0BO"})
    file_id = sent.json()["file"]["id"]
    assert refused.json()["error"] == "invalid_arguments"
    assert (await lab.messages())[0]["files"][0]["id"] == file_id
    events = [each.payload["event"] for each in lab.sandbox.courier.deliveries]
    assert [(each["type"], each.get("subtype")) for each in events] == [
        ("message", "file_share"),
        ("file_shared", None),
    ]


async def test_what_people_upload_cannot_run_in_the_page(lab: Lab) -> None:
    stored = lab.workspace.files.add("evil.html", b"<script>", "U0BO", lab.workspace.clock.now())
    async with httpx.AsyncClient(base_url=lab.sandbox.url, trust_env=False, verify=False) as client:
        shown = await client.get(f"/files/{stored.id}/evil.html?page=1")
    assert shown.headers["content-disposition"] == "attachment"
    assert shown.headers["content-security-policy"] == "sandbox"


async def test_the_page_and_permalinks_are_served(lab: Lab) -> None:
    async with httpx.AsyncClient(base_url=lab.sandbox.url, trust_env=False, verify=False) as client:
        page = await client.get("/")
        link = await client.get("/archives/C0GENERAL/p1700000000000001")
    assert page.headers["content-type"].startswith("text/html")
    assert link.headers["location"] == "/?channel=C0GENERAL&message=p1700000000000001"


async def test_a_taken_port_is_said_at_once() -> None:
    async with Sandbox() as first:
        port = int(first.url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"):
            await Sandbox(port=port).__aenter__()


def test_create_gives_an_application_to_mount() -> None:
    app = create(Workspace())
    assert app.state.courier.sockets is app.state.sockets
