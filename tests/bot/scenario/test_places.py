"""Wherever people are: threads, direct messages, private channels, where the bot is no member, the App Home."""

from __future__ import annotations

import pytest

from tests.bot.scenario.lab import ADA, BO, CHANNEL, DEE, DESIGN, Lab, button
from tests.bot.scenario.test_fleet import home as opens_home

DM, PRIVATE, NOT_A_MEMBER = "D0ADA", "G0SEARCH", "C0GENERAL"


async def creates(lab: Lab, channel: str) -> None:
    await lab.types("create", channel=channel)
    await lab.submits(title="Bigger button")
    await lab.submits(**DESIGN)
    await lab.submits()
    await lab.settled()


async def on_home(lab: Lab, verb: str, user: str) -> None:
    """The person presses a button of the App Home."""
    home = await opens_home(lab, user)
    await lab.control("action", user=user, container={"type": "home"}, action=button(home["blocks"], verb))


@pytest.mark.parametrize("channel", [DM, PRIVATE])
async def test_an_experiment_can_live_in_private(channel: str, lab: Lab) -> None:
    lab.workspace.add_member(lab.workspace.channels[PRIVATE], lab.workspace.app.user_id)
    lab.workspace.add_member(lab.workspace.channels[PRIVATE], ADA)
    await creates(lab, channel)
    assert (await lab.experiment("bigger-button")).channel == channel
    assert await lab.message_with("Bigger button", channel=channel)
    assert not any("Bigger button" in str(each) for each in await lab.messages())


async def test_answers_come_where_the_bot_is_no_member(lab: Lab) -> None:
    await lab.drafts()
    await lab.types("list", channel=NOT_A_MEMBER)
    assert "bigger-button" in str(await lab.answer(channel=NOT_A_MEMBER))
    assert not any("1 experiment" in str(each) for each in await lab.messages(BO, NOT_A_MEMBER))


async def test_slow_answers_come_there_too(lab: Lab) -> None:
    running = await lab.runs()
    await lab.types(f"results {running.key}", channel=NOT_A_MEMBER)
    assert await lab.message_with("Bigger button", channel=NOT_A_MEMBER)


async def test_an_answer_to_one_is_seen_by_one(lab: Lab) -> None:
    await lab.drafts()
    await lab.types("show bigger-button")
    await lab.types("nonsense")
    seen_by_bo = str(await lab.messages(BO))
    assert "*History*" in str(await lab.messages(ADA))
    assert "*History*" not in seen_by_bo
    assert "nonsense" not in seen_by_bo


async def test_a_button_in_a_thread_answers_in_the_thread(lab: Lab) -> None:
    running = await lab.runs()
    card = await lab.message_with("'results'")
    before = await lab.messages()
    await lab.presses("results", card)
    await lab.settled()
    [answer] = [each for each in await lab.messages() if each["ts"] not in {known["ts"] for known in before}]
    assert answer["thread_ts"] == card["ts"]
    assert running.title in str(answer)


async def test_from_the_home_a_modal_opens_and_what_cannot_be_is_said_by_message(lab: Lab) -> None:
    await on_home(lab, "create", DEE)
    assert lab.modal(DEE)["callback_id"] == "create_what"
    await lab.submits(DEE, title="From the home tab")
    await lab.settled()
    made = await lab.experiment("from-the-home-tab")
    assert (made.channel, made.owner) == ("", DEE)


async def test_from_the_home_results_come_as_a_direct_message(lab: Lab) -> None:
    await lab.runs()
    await on_home(lab, "results", DEE)
    assert await lab.message_with("Bigger button", DEE, "D0DEE")


async def test_a_refusal_on_the_home_comes_as_a_direct_message(lab: Lab) -> None:
    await lab.runs()
    home = await opens_home(lab, DEE)
    gone = button(home["blocks"], "results") | {"value": "gone@1"}
    await lab.control("action", user=DEE, container={"type": "home"}, action=gone)
    assert "no experiment “gone”" in str(await lab.message_with("gone", user=DEE, channel="D0DEE"))


async def test_a_guest_sees_nothing_anywhere(lab: Lab) -> None:
    await lab.drafts()
    await lab.control("person", id=DEE, is_restricted=True)
    await lab.types("list", user=DEE)
    assert "members of this workspace who were given a role" in str(await lab.answer(DEE))
    await lab.control("home", user=DEE)
    await lab.sandbox.courier.settled()
    await lab.settled()
    home = str((await lab.state(DEE))["home"])
    assert "members of this workspace who were given a role" in home
    assert "Bigger button" not in home
    assert await lab.messages(DEE, channel="D0DEE") == []
    await lab.types("show bigger-button", user=DEE)
    assert not any("*History*" in str(each) for each in await lab.messages(DEE))


async def test_every_door_leads_on_from_a_picker(lab: Lab) -> None:
    await lab.drafts()
    await lab.types("review", channel=CHANNEL)
    assert lab.modal()["callback_id"] == "pick"
    await lab.submits(key="bigger-button")
    assert lab.modal()["callback_id"] == "review"
    await lab.submits()
    await lab.settled()
    assert await lab.message_with("please review", user=BO)


async def test_a_redelivered_command_action_and_event_act_once(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types(f"note {draft.key} only once")
    index = lab.sandbox.courier.deliveries[-1].index
    assert (await lab.control("redeliver", index=index))["ok"]
    await lab.types(f"review {draft.key}")
    await lab.submits()
    await lab.presses("approve", await lab.message_with("please review"), user=BO)
    index = lab.sandbox.courier.deliveries[-1].index
    assert (await lab.control("redeliver", index=index))["ok"]
    await lab.control("home", user=BO)
    await lab.sandbox.courier.settled()
    index = lab.sandbox.courier.deliveries[-1].index
    await lab.settled()
    assert (await lab.control("redeliver", index=index))["ok"]
    await lab.settled()
    async with lab.world.reading(lab.world.workspace) as uow:
        commands = [record.command for record in await uow.audit.all()]
    assert commands.count("AddNote") == commands.count("ApproveReview") == 1
    assert sum(call["method"] == "views.publish" for call in lab.workspace.calls) == 1
