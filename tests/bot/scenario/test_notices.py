"""News over the wire: who follows hears of it, quiet hours hold it back, and what cannot be posted has a way on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.world
from experiments import announcements
from experiments.commands import AddNote, CreateExperiment, EditExperiment, LogDecision, RequestReview, StopExperiment
from experiments.execute import execute
from experiments.model import Experiment, Outcome, StopReason
from experiments.permissions import Actor
from tests.bot.scenario.lab import ADA, BO, CHANNEL, CHEN, DEE, NOON, Lab, eventually, lab_at
from tests.experiments.stages import METRICS, VARIANTS
from tests.worlds import SettableClock

ACTOR = Actor(workspace="T0SANDBOX", user=ADA)
GENERAL, SEARCH = "C0GENERAL", "G0SEARCH"
KEY = "bigger-button"


async def creates(lab: Lab, key: str = KEY, channel: str = CHANNEL) -> Experiment:
    return await execute(CreateExperiment(key=key, title=f"Title of {key}", channel=channel), ACTOR, lab.world)


async def notes(lab: Lab, text: str) -> None:
    await execute(AddNote(key=KEY, text=text), ACTOR, lab.world)


def standing(lab: Lab, text: str, channel: str = CHANNEL) -> list[dict[str, Any]]:
    """The bot's messages with this text that stand there."""
    channels = lab.workspace.channels
    return [each for each in channels[channel].messages if text in str(each)] if channel in channels else []


async def test_a_person_and_another_channel_follow_and_hear_of_the_decision(lab: Lab) -> None:
    running = await lab.runs()
    await lab.types(f"subscribe {running.key}", user=DEE, channel="D0DEE")
    await lab.types("subscribe", user=BO, channel=SEARCH)
    await lab.submits(BO, everything=["yes"], events=["decision", "alarm"])
    await lab.types(f"note {running.key} nothing for them")
    await execute(StopExperiment(key=running.key, reason=StopReason.COMPLETED), ACTOR, lab.world)
    await execute(LogDecision(key=running.key, outcome=Outcome.SHIP, reasoning="It won."), ACTOR, lab.world)
    await lab.settled()
    [line] = standing(lab, "🏁", "D0DEE")
    assert "Bigger button" in line["text"]
    [decision] = standing(lab, "It won.", SEARCH)
    assert "decided to" in decision["text"]
    assert not standing(lab, "nothing for them", SEARCH)
    await lab.types(f"unsubscribe {running.key}", user=DEE, channel="D0DEE")
    assert "*Follows* nothing" in str(await lab.answer(DEE, "D0DEE"))


async def test_a_burst_of_thirty_notes_is_one_message_in_the_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = SettableClock(NOON)
    monkeypatch.setattr(bot.world, "utc_now", machine.now)
    async with lab_at(tmp_path) as lab:
        await creates(lab)
        await lab.settled()
        monkeypatch.setattr(announcements, "SETTLE_SECONDS", 1.5)
        for number in range(30):
            await notes(lab, f"remark {number}.")
        machine.advance(seconds=1.5)
        lab.world.nudge()
        await lab.settled()
        [message] = standing(lab, "30 changes")
        assert "remark 29." in message["text"]
        assert message["thread_ts"] == standing(lab, "Title of")[0]["ts"]
        assert len([each for each in lab.workspace.calls if each["method"] == "chat.postMessage"]) == 2


async def test_quiet_hours_end_by_the_clock_of_the_workspace(lab: Lab) -> None:
    await creates(lab)
    await lab.types("notifications", channel=CHANNEL)
    await lab.submits(quiet_from="11:30", quiet_until="13:30", tz="UTC")
    assert "Saved" in str(lab.modal())
    await notes(lab, "said at noon")
    await lab.desk.drained()

    async def card_edited() -> bool:
        return any(each["method"] == "chat.update" for each in lab.workspace.calls)

    await eventually(card_edited)
    assert not standing(lab, "said at noon")
    lab.clock.set(NOON + timedelta(hours=1, minutes=30))
    lab.world.nudge()
    await lab.settled()
    assert standing(lab, "said at noon")


async def test_an_archived_channel_is_told_to_the_owner_once_and_caught_up_with(lab: Lab) -> None:
    await creates(lab)
    await lab.settled()
    await lab.control("archive", user=ADA, channel=CHANNEL)
    for number in range(3):
        await notes(lab, f"while it was away {number}")
        await lab.settled()
    [told] = standing(lab, "could not post", "D0ADA")
    assert "Unarchive it and press Retry" in told["text"]
    await lab.control("unarchive", user=ADA, channel=CHANNEL)
    await lab.types("deliveries", channel="D0ADA")
    refused = [block for block in lab.modal()["blocks"] if "Retry" in str(block.get("accessory"))]
    assert refused
    await retries(lab, refused[0])
    await lab.settled()
    assert standing(lab, "while it was away 2")


async def retries(lab: Lab, block: dict[str, Any]) -> None:
    """The person presses Retry beside a delivery in the list."""
    view = lab.modal()
    action = {**{name: block["accessory"][name] for name in ("action_id", "type", "value")}}
    container = {"type": "view", "view_id": view["id"]}
    await lab.control(
        "action", user=ADA, container=container, action={**action, "block_id": block["block_id"]}, view_id=view["id"]
    )
    await lab.modal_titled("Deliveries")


async def test_where_the_bot_is_no_member_an_invitation_and_retry_mend_it(lab: Lab) -> None:
    await creates(lab, channel=GENERAL)
    told = await lab.message_with("could not post", channel="D0ADA")
    assert "/invite @Bunsen" in told["text"]
    await lab.control("invite", user=lab.workspace.app.user_id, channel=GENERAL, inviter=ADA)
    await lab.presses("retry_delivery", told, channel="D0ADA")
    card = await lab.message_with("Title of bigger-button", channel=GENERAL)
    assert card["blocks"][0]["type"] == "header"


async def test_a_test_says_whether_it_arrives(lab: Lab) -> None:
    for channel, words in ((CHANNEL, "The test arrived"), (GENERAL, "/invite @Bunsen")):
        await lab.types("notifications", channel=channel)
        view = lab.modal()
        [block] = [each for each in view["blocks"] if "send_test" in str(each)]
        [test] = [each for each in block["elements"] if each["action_id"] == "send_test"]
        action = {name: test[name] for name in ("action_id", "type", "value")} | {"block_id": block["block_id"]}
        container = {"type": "view", "view_id": view["id"]}
        await lab.control("action", user=ADA, container=container, action=action, view_id=view["id"])
        await lab.desk.drained()
        assert words in str(lab.modal()["blocks"])
    assert standing(lab, "A test that")


async def test_who_left_is_told_of_nothing_and_the_owner_that_they_are_needed(lab: Lab) -> None:
    await execute(CreateExperiment(key=KEY, title="Idea", hypothesis="If a then b."), ACTOR, lab.world)
    design = {"key": KEY, "variants": VARIANTS, "metrics": METRICS}
    await execute(EditExperiment.model_validate(design), ACTOR, lab.world)
    await lab.control("person", id=BO, deleted=True)
    lab.world.people.forget()
    await execute(RequestReview(key=KEY, reviewers=(BO,)), Actor(workspace="T0SANDBOX", user=CHEN), lab.world)
    await lab.settled()

    async def arrived() -> Any:
        return standing(lab, "I cannot reach them", "D0ADA")

    [told] = await eventually(arrived)
    assert "/experiment review" in told["text"]
    assert not standing(lab, "Idea", "D0BO")


async def test_muting_a_channel_for_an_hour(lab: Lab) -> None:
    await creates(lab)
    await lab.types(f"mute {KEY} 1h")
    assert "What needs people and alarms" in str(await lab.answer())
    await notes(lab, "unheard")
    await lab.settled()
    lab.clock.set(NOON + timedelta(hours=1))
    await notes(lab, "heard")
    await lab.settled()
    assert standing(lab, "heard")
    assert not standing(lab, "unheard")
