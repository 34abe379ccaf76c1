"""Modals and Home: triggers, hashes, the stack of three, closing, external selects."""

from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from tests.bot.sandbox.conftest import Connect, Lab

TITLE = {"type": "plain_text", "text": "A modal"}


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": TITLE, "blocks": [{"type": "divider"}], **more}


def text_block(block_id: str = "name", **element: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": "Name"},
        "element": {"type": "plain_text_input", "action_id": "name", **element},
    }


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "row", "elements": list(elements)}


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_trigger_works_once(lab: Lab) -> None:
    trigger = lab.workspace.triggers.issue("U0ADA")
    await lab.client.views_open(trigger_id=trigger, view=modal())
    assert await refused(lab.client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"


async def test_a_trigger_expires(lab: Lab) -> None:
    lab.workspace.triggers.seconds = 0
    trigger = lab.workspace.triggers.issue("U0ADA")
    assert await refused(lab.client.views_open(trigger_id=trigger, view=modal())) == "expired_trigger_id"


async def test_an_unknown_trigger_is_invalid(lab: Lab) -> None:
    assert await refused(lab.client.views_open(trigger_id="1.2.abc", view=modal())) == "invalid_trigger_id"


async def test_the_stack_holds_three(lab: Lab) -> None:
    opened = await lab.client.views_open(trigger_id=lab.workspace.triggers.issue("U0ADA"), view=modal())
    root = opened["view"]["id"]
    for _ in range(2):
        trigger = lab.workspace.triggers.issue("U0ADA", root)
        pushed = await lab.client.views_push(trigger_id=trigger, view=modal())
        assert pushed["view"]["root_view_id"] == root
    trigger = lab.workspace.triggers.issue("U0ADA", root)
    assert await refused(lab.client.views_push(trigger_id=trigger, view=modal())) == "push_limit_reached"


async def test_an_update_needs_the_current_hash_and_keeps_what_was_typed(lab: Lab) -> None:
    form = modal(submit=TITLE, blocks=[text_block()], external_id="one")
    opened = await lab.client.views_open(trigger_id=lab.workspace.triggers.issue("U0ADA"), view=form)
    view = lab.modal()
    lab.workspace.views.remember(view, {"name": {"name": {"value": "typed"}}})
    first_hash = opened["view"]["hash"]
    form["blocks"].append(text_block("second", initial_value="fresh"))
    updated = await lab.client.views_update(external_id="one", hash=first_hash, view=form)
    values = updated["view"]["state"]["values"]
    assert values["name"]["name"]["value"] == "typed"
    assert values["second"]["name"]["value"] == "fresh"
    again = lab.client.views_update(view_id=view["id"], hash=first_hash, view=form)
    assert await refused(again) == "hash_conflict"
    assert await refused(lab.client.views_update(view_id="V0NONE", view=form)) == "not_found"
    duplicate = lab.client.views_open(trigger_id=lab.workspace.triggers.issue("U0BO"), view=form)
    assert await refused(duplicate) == "duplicate_external_id"


async def test_home_is_published_and_its_opening_is_told(lab: Lab, connect: Connect) -> None:
    @lab.app.event("app_home_opened")
    async def show(event: dict[str, Any], client: Any) -> None:
        assert event["channel"] == "D0ADA"
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [{"type": "divider"}]})

    await connect(lab)
    assert (await lab.look("state", user="U0ADA"))["home"] is None
    await lab.do("home")
    await lab.sandbox.courier.settled()
    assert (await lab.look("state", user="U0ADA"))["home"]["blocks"][0]["type"] == "divider"
    stale = lab.client.views_publish(user_id="U0ADA", hash="0.0", view={"type": "home", "blocks": []})
    assert await refused(stale) == "hash_conflict"


@pytest.mark.parametrize("clear", [False, True])
async def test_closing_is_told_when_asked_for(lab: Lab, connect_socket: Connect, clear: bool) -> None:
    told: list[tuple[str, bool]] = []

    @lab.app.view_closed("asks")
    async def closed(ack: Any, body: dict[str, Any]) -> None:
        told.append((body["view"]["callback_id"], body["is_cleared"]))
        await ack()

    await connect_socket(lab)
    await lab.client.views_open(trigger_id=lab.workspace.triggers.issue("U0ADA"), view=modal())
    second = modal(callback_id="asks", notify_on_close=True)
    await lab.client.views_push(trigger_id=lab.workspace.triggers.issue("U0ADA", "any"), view=second)
    assert await lab.do("close", view_id=lab.modal()["id"], clear=clear) == {"ok": True}
    assert told == [("asks", clear)]
    assert len(lab.workspace.views.stack("U0ADA")) == (0 if clear else 1)


async def test_an_external_select_asks_the_app(lab: Lab, connect: Connect) -> None:
    @lab.app.options("pick")
    async def offer(ack: Any, payload: dict[str, Any]) -> None:
        words = payload["value"]
        await ack(options=[{"text": {"type": "plain_text", "text": words.upper()}, "value": words}])

    await connect(lab)
    select = {"type": "external_select", "action_id": "pick", "min_query_length": 0}
    block = {**text_block("which"), "element": select}
    await lab.client.views_open(
        trigger_id=lab.workspace.triggers.issue("U0ADA"), view=modal(submit=TITLE, blocks=[block])
    )
    container = {"type": "view", "view_id": lab.modal()["id"]}
    answer = await lab.do("options", container=container, block_id="which", action_id="pick", value="rank")
    assert answer == {"ok": True, "options": [{"text": {"type": "plain_text", "text": "RANK"}, "value": "rank"}]}
    too_long = await lab.do("options", container=container, block_id="which", action_id="pick", value="x" * 76)
    assert too_long["error"] == "invalid_options"
    assert "must be less than 76 characters [json-pointer:/options/0/text/text]" in too_long["detail"]


async def test_errors_for_unknown_fields_are_refused(lab: Lab, connect_socket: Connect) -> None:
    @lab.app.view("form")
    async def refuse(ack: Any) -> None:
        await ack(response_action="errors", errors={"nowhere": "words"})

    await connect_socket(lab)
    form = modal(callback_id="form", submit=TITLE, blocks=[text_block()])
    await lab.client.views_open(trigger_id=lab.workspace.triggers.issue("U0ADA"), view=form)
    values = {"name": {"name": {"type": "plain_text_input", "value": "x"}}}
    answer = await lab.do("submit", view_id=lab.modal()["id"], state={"values": values})
    assert answer["error"] == "invalid_response_action"
    assert "nowhere" in answer["detail"]


async def test_shortcuts_reach_the_app(lab: Lab, connect: Connect) -> None:
    heard: list[str] = []

    @lab.app.shortcut("anything")
    async def shortcut(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body.get("message", {}).get("text", body["type"]))
        await ack()

    await connect(lab)
    posted = await lab.do("message", channel="C0GENERAL", text="Remember this")
    await lab.do("shortcut", callback_id="anything")
    place = {"channel": "C0GENERAL", "message_ts": posted["message"]["ts"]}
    await lab.do("shortcut", callback_id="anything", **place)
    assert heard == ["shortcut", "Remember this"]


async def test_a_shortcut_opens_a_modal_and_answers_by_its_response_url(lab: Lab, connect: Connect) -> None:
    @lab.app.shortcut("anything")
    async def shortcut(ack: Any, body: dict[str, Any], client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(callback_id=body["type"]))
        if "response_url" in body:
            async with httpx.AsyncClient(trust_env=False, verify=False) as web:
                await web.post(body["response_url"], json={"text": f"about {body['message']['text']}"})
        await ack()

    await connect(lab)
    await lab.do("shortcut", callback_id="anything")
    assert lab.modal()["callback_id"] == "shortcut"
    posted = await lab.do("message", channel="C0GENERAL", text="this")
    await lab.do("shortcut", callback_id="anything", channel="C0GENERAL", message_ts=posted["message"]["ts"])
    assert lab.modal()["callback_id"] == "message_action"
    answer = (await lab.messages(channel="C0GENERAL"))[-1]
    assert (answer["text"], answer["ephemeral"]) == ("about this", True)


async def test_a_fourth_view_is_refused_as_an_answer_too(lab: Lab, connect_socket: Connect) -> None:
    @lab.app.view("form")
    async def more(ack: Any) -> None:
        await ack(response_action="push", view=modal(callback_id="form", submit=TITLE))

    await connect_socket(lab)
    form = modal(callback_id="form", submit=TITLE)
    await lab.client.views_open(trigger_id=lab.workspace.triggers.issue("U0ADA"), view=form)
    answers = [await lab.do("submit", view_id=lab.modal()["id"], state={"values": {}}) for _ in range(3)]
    assert [each.get("error") for each in answers] == [None, None, "push_limit_reached"]
    first, second, third = lab.workspace.views.stack("U0ADA")
    assert (first["previous_view_id"], second["previous_view_id"]) == (None, first["id"])
    assert (third["root_view_id"], third["previous_view_id"]) == (first["id"], second["id"])


async def test_an_update_in_answer_keeps_fields_of_the_same_name_and_kind_alone(
    lab: Lab, connect_socket: Connect
) -> None:
    @lab.app.view("form")
    async def turn(ack: Any) -> None:
        other = {**text_block("kind"), "element": {"type": "email_text_input", "action_id": "name"}}
        blocks = [text_block("same", initial_value="begun"), text_block("renamed__b"), other]
        await ack(response_action="update", view=modal(callback_id="form", submit=TITLE, blocks=blocks))

    await connect_socket(lab)
    form = modal(
        callback_id="form", submit=TITLE, blocks=[text_block("same"), text_block("renamed__a"), text_block("kind")]
    )
    await lab.client.views_open(trigger_id=lab.workspace.triggers.issue("U0ADA"), view=form)
    before = lab.modal()["hash"]
    typed = {name: {"name": {"value": "typed"}} for name in ("same", "renamed__a", "kind")}
    await lab.do("submit", view_id=lab.modal()["id"], state={"values": typed})
    values = lab.modal()["state"]["values"]
    assert {name: each["name"]["value"] for name, each in values.items()} == {
        "same": "typed",
        "renamed__b": None,
        "kind": None,
    }
    assert lab.modal()["hash"] != before


async def test_home_brings_its_state_its_note_and_its_version(lab: Lab, connect_socket: Connect) -> None:
    heard: list[dict[str, Any]] = []

    @lab.app.action("filter")
    async def filtered(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack()

    @lab.app.options("find")
    async def find(ack: Any, payload: dict[str, Any]) -> None:
        option = {"text": {"type": "plain_text", "text": payload["value"]}, "value": "1"}
        await ack(option_groups=[{"label": TITLE, "options": [option]}])

    @lab.app.event("app_home_opened")
    async def opened(event: dict[str, Any]) -> None:
        heard.append(event)

    await connect_socket(lab)
    option = {"text": TITLE, "value": "running"}
    picks = [
        {"type": "static_select", "action_id": "filter", "options": [option]},
        {"type": "datepicker", "action_id": "since", "initial_date": "2026-03-01"},
        {"type": "external_select", "action_id": "find", "min_query_length": 0},
    ]
    view = {"type": "home", "private_metadata": "page=2", "blocks": [actions(*picks)]}
    published = (await lab.client.views_publish(user_id="U0ADA", view=view))["view"]
    picked = {"type": "static_select", "block_id": "row", "action_id": "filter", "selected_option": option}
    state = {"values": {"row": {"filter": {"type": "static_select", "selected_option": option}}}}
    await lab.do("action", container={"type": "home"}, action=picked, state=state)
    (body,) = heard
    assert (body["view"]["private_metadata"], body["view"]["hash"]) == ("page=2", published["hash"])
    values = body["view"]["state"]["values"]["row"]
    assert values["filter"]["selected_option"] == option
    assert values["since"] == {"type": "datepicker", "selected_date": "2026-03-01"}
    asked = await lab.do("options", container={"type": "home"}, block_id="row", action_id="find", value="ra")
    assert asked["option_groups"][0]["options"][0]["text"]["text"] == "ra"
    await lab.client.views_publish(user_id="U0ADA", view=view, hash=published["hash"])
    stale = lab.client.views_publish(user_id="U0ADA", view=view, hash=published["hash"])
    assert await refused(stale) == "hash_conflict"
    await lab.do("home")
    await lab.do("home", tab="messages")
    await lab.sandbox.courier.settled()
    home, messages = heard[1:]
    assert (home["tab"], home["view"]["private_metadata"]) == ("home", "page=2")
    assert (messages["tab"], "view" in messages) == ("messages", False)
