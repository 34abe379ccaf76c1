"""A real Bolt app and the sandbox talk: commands, modals, buttons, over Socket Mode and signed HTTP."""

from typing import Any

import pytest

from tests.bot.sandbox.conftest import Connect, Lab


def modal(**more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "create",
        "title": {"type": "plain_text", "text": "New experiment"},
        "submit": {"type": "plain_text", "text": "Create"},
        "blocks": [
            {
                "type": "input",
                "block_id": "title",
                "label": {"type": "plain_text", "text": "Title"},
                "element": {"type": "plain_text_input", "action_id": "title", "min_length": 2},
            }
        ],
        **more,
    }


def typed(words: str) -> dict[str, Any]:
    return {"values": {"title": {"title": {"type": "plain_text_input", "value": words}}}}


async def test_a_command_is_answered_for_one_person_only(lab: Lab, connect: Connect) -> None:
    @lab.app.command("/experiment")
    async def answer(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"You said {command['text']}.")

    await connect(lab)
    assert await lab.do("command", channel="C0EXPERIMENTS", text="/experiment help me") == {"ok": True}
    assert await lab.texts("U0ADA") == ["You said help me."]
    assert (await lab.messages("U0ADA"))[0]["ephemeral"] is True
    assert await lab.texts("U0BO") == []


async def test_an_answer_in_channel_is_seen_by_all(lab: Lab, connect: Connect) -> None:
    @lab.app.command("/experiment")
    async def answer(ack: Any) -> None:
        await ack(text="Hello all", response_type="in_channel")

    await connect(lab)
    await lab.do("command", channel="C0EXPERIMENTS", text="/experiment")
    assert await lab.texts("U0BO") == ["Hello all"]


async def test_a_modal_refuses_then_accepts_and_posts(lab: Lab, connect: Connect) -> None:
    @lab.app.command("/experiment")
    async def open_form(ack: Any, body: dict[str, Any], client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(private_metadata=body["channel_id"]))
        await ack()

    @lab.app.view("create")
    async def create(ack: Any, view: dict[str, Any], client: Any) -> None:
        title = view["state"]["values"]["title"]["title"]["value"]
        if title == "taken":
            await ack(response_action="errors", errors={"title": "Somebody has that one."})
            return
        await ack()
        await client.chat_postMessage(channel=view["private_metadata"], text=f"Created {title}")

    await connect(lab)
    await lab.do("command", channel="C0EXPERIMENTS", text="/experiment create")
    view_id = lab.modal()["id"]
    empty = await lab.do("submit", view_id=view_id, state=typed(""))
    assert empty["errors"] == {"title": "Please complete this required field."}
    assert (await lab.do("submit", view_id=view_id, state=typed("x")))["errors"]["title"].endswith("2 characters.")
    taken = await lab.do("submit", view_id=view_id, state=typed("taken"))
    assert taken["errors"] == {"title": "Somebody has that one."}
    assert lab.modal()["state"]["values"]["title"]["title"]["value"] == "taken"
    assert await lab.do("submit", view_id=view_id, state=typed("ranking")) == {"ok": True}
    assert lab.workspace.views.stack("U0ADA") == []
    assert await lab.texts("U0BO") == ["Created ranking"]


async def test_a_button_updates_its_message(lab: Lab, connect: Connect) -> None:
    @lab.app.action("approve")
    async def approve(ack: Any, body: dict[str, Any], client: Any) -> None:
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        await client.chat_update(channel=channel, ts=ts, text=f"Approved by {body['user']['id']}")
        await ack()

    await connect(lab)
    button = {"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Approve"}, "value": "7"}
    posted = await lab.client.chat_postMessage(
        channel="C0EXPERIMENTS",
        text="Please review",
        blocks=[{"type": "actions", "block_id": "b", "elements": [button]}],
    )
    container = {"type": "message", "channel": "C0EXPERIMENTS", "message_ts": posted["ts"]}
    action = {"type": "button", "block_id": "b", "action_id": "approve", "value": "7"}
    assert await lab.do("action", user="U0BO", container=container, action=action) == {"ok": True}
    (message,) = await lab.messages()
    assert message["text"] == "Approved by U0BO"
    assert "blocks" not in message
    assert message["edited"]["user"] == "U0BUNSEN"


@pytest.mark.parametrize("step", ["update", "push", "clear"])
async def test_response_actions(lab: Lab, connect_socket: Connect, step: str) -> None:
    second = modal(title={"type": "plain_text", "text": "Second"}, callback_id="second")

    @lab.app.command("/experiment")
    async def open_form(ack: Any, body: dict[str, Any], client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal())
        await ack()

    @lab.app.view("create")
    async def create(ack: Any) -> None:
        await (ack(response_action="clear") if step == "clear" else ack(response_action=step, view=second))

    await connect_socket(lab)
    await lab.do("command", channel="C0EXPERIMENTS", text="/experiment create")
    first_id = lab.modal()["id"]
    assert await lab.do("submit", view_id=first_id, state=typed("ranking")) == {"ok": True}
    stack = [(each["id"] == first_id, each["title"]["text"]) for each in lab.workspace.views.stack("U0ADA")]
    assert (
        stack
        == {
            "update": [(True, "Second")],
            "push": [(True, "New experiment"), (False, "Second")],
            "clear": [],
        }[step]
    )
