"""A report over the wire: files in the thread of the card, or with whoever asked."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.bot.scenario.lab import ADA, CHANNEL, CHEN, DEE, Lab

KEY = "bigger-button"
NAMES = [f"{KEY}-report.pdf", f"{KEY}-report.json", f"{KEY}-comparisons.csv"]


async def files_in(lab: Lab, channel: str, user: str = ADA) -> list[dict[str, Any]]:
    return [file for each in await lab.messages(user, channel) for file in each.get("files", ())]


async def test_the_command_puts_three_files_into_the_thread_of_the_card(lab: Lab) -> None:
    running = await lab.runs()
    await lab.days_pass(running.key, 2)
    card = await lab.message_with("'results'")
    await lab.types(f"report {KEY}", user=CHEN)
    assert "is being made" in str(await lab.answer(CHEN))
    await lab.settled()
    said = await lab.message_with("Report on")
    assert said["thread_ts"] == card["ts"]
    with_files = [each for each in await lab.messages() if each.get("files")]
    assert {each["thread_ts"] for each in with_files} == {card["ts"]}
    files = await files_in(lab, CHANNEL)
    assert [each["name"] for each in files] == NAMES
    headers = {"Authorization": f"Bearer {lab.workspace.app.bot_token}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as browser:
        contents = [(await browser.get(each["url_private_download"])).content for each in files]
    assert contents[0].startswith(b"%PDF")
    told = json.loads(contents[1])
    assert told["names"][ADA] == "Ada Meyer"
    assert told["readout"]
    assert contents[2].count(b"\n") > 1


@pytest.mark.parametrize("door", ["button", "picker"])
async def test_it_comes_through_a_button_and_a_picker_too(lab: Lab, door: str) -> None:
    await lab.drafts()
    if door == "button":
        card = await lab.message_with("menu")
        menu = next(
            element
            for block in card["blocks"]
            for element in block.get("elements", ())
            if element.get("action_id") == "menu"
        )
        block = next(each for each in card["blocks"] if menu in each.get("elements", ()))
        value = f"report:{KEY}@0"
        action = {"type": "overflow", "action_id": "menu", "block_id": block["block_id"]}
        action |= {"selected_option": {"text": {"type": "plain_text", "text": "Report"}, "value": value}}
        place = {"type": "message", "channel": CHANNEL, "message_ts": card["ts"]}
        await lab.control("action", user=ADA, container=place, action=action)
    else:
        await lab.types("report")
        await lab.submits(key=KEY)
        assert "is being made" in str(lab.modal())
    await lab.settled()
    assert [each["name"] for each in await files_in(lab, CHANNEL)] == NAMES


async def test_where_the_card_cannot_be_answered_it_comes_as_a_direct_message(lab: Lab) -> None:
    await lab.drafts()
    await lab.control("archive", user=ADA, channel=CHANNEL)
    await lab.types(f"report {KEY}", user=DEE, channel="D0DEE")
    await lab.settled()
    assert "comes to you" in str(await lab.message_with("Report on", user=DEE, channel="D0DEE"))
    assert [each["name"] for each in await files_in(lab, "D0DEE", DEE)] == NAMES


async def test_where_somebody_deleted_the_card_it_comes_as_a_direct_message(lab: Lab) -> None:
    await lab.drafts()
    card = await lab.message_with("bigger-button · design")
    await lab.control("delete", user=ADA, channel=CHANNEL, ts=card["ts"])
    await lab.types(f"report {KEY}", user=DEE)
    await lab.settled()
    assert [each["name"] for each in [*await files_in(lab, "D0DEE", DEE), *await files_in(lab, CHANNEL)]] == NAMES


async def test_an_experiment_without_a_channel_is_reported_on_to_whoever_asks(lab: Lab) -> None:
    await lab.control("shortcut", user=ADA, callback_id="new_experiment")
    await lab.submits(title="Bigger button")
    await lab.types(f"report {KEY}")
    await lab.settled()
    assert [each["name"] for each in await files_in(lab, "D0ADA")] == NAMES


async def test_who_may_not_read_it_gets_no_report(lab: Lab) -> None:
    await lab.drafts()
    await lab.control("person", id=CHEN, is_restricted=True)
    lab.world.people.forget()
    await lab.types(f"report {KEY}", user=CHEN)
    await lab.settled()
    assert "given a role" in str(await lab.answer(CHEN))
    assert await files_in(lab, CHANNEL) == []
