"""Slack answers 429, 500 or nothing, the database is locked: Bunsen goes on, says so, and catches up."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot import desk as desk_module
from experiments.commands import AddNote, CreateExperiment
from experiments.execute import execute
from experiments.model import Status
from experiments.permissions import Actor
from handlers import deliver
from tests.bot.scenario.lab import ADA, BO, CHANNEL, Lab, eventually
from tests.patience import LONG

ACTOR = Actor(workspace="T0SANDBOX", user=ADA)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put deliveries off for moments only."""
    waits = deliver._pause

    def moments(posting: Any) -> Any:
        return waits(posting) / 20

    monkeypatch.setattr(deliver, "_pause", moments)


async def creates(lab: Lab, key: str = "bigger-button", channel: str = CHANNEL) -> None:
    await execute(CreateExperiment(key=key, title=f"Title of {key}", channel=channel), ACTOR, lab.world)


async def caught_up(lab: Lab) -> None:
    """As `settled`, with a dispatcher that is woken all the time."""
    await lab.desk.drained()

    async def empty() -> bool:
        lab.world.nudge()
        async with lab.world.reading(lab.world.workspace) as uow:
            return await uow.outbox.waiting() == 0

    await eventually(empty)


def standing(lab: Lab, text: str, channel: str = CHANNEL) -> list[dict[str, Any]]:
    """The bot's messages with this text that stand in the channel."""
    return [each for each in lab.workspace.channels[channel].messages if text in str(each)]


def calls(lab: Lab, method: str) -> list[dict[str, Any]]:
    return [each for each in lab.workspace.calls if each["method"] == method]


@pytest.mark.parametrize("kind", ["http", "ratelimited", "error"])
@pytest.mark.parametrize("after", [False, True])
async def test_a_delivery_that_fails_is_made_later_exactly_once(kind: str, after: bool, lab: Lab) -> None:
    fault = {"kind": kind, "after": after, "times": 1, "retry_after": 0, "error": "internal_error"}
    await lab.control("fault", method="chat.postMessage", **fault)
    await creates(lab)
    await caught_up(lab)
    assert len(standing(lab, "Title of bigger-button")) == 1


@pytest.mark.parametrize("after", [False, True])
async def test_a_silent_slack_is_met_again_and_the_message_posted_once(
    after: bool, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector: Any = lab.world.slack
    brief = AsyncWebClient(token="xoxb-sandbox", base_url=lab.sandbox.api_url, retry_handlers=[])
    brief.timeout = 0.2  # type: ignore[assignment]
    monkeypatch.setattr(connector, "_once", brief)
    await lab.control("fault", method="chat.postMessage", kind="silence", after=after)
    await creates(lab)
    await caught_up(lab)
    assert len(standing(lab, "Title of bigger-button")) == 1
    assert len(calls(lab, "chat.postMessage")) == (1 if after else 2)


async def test_a_long_outage_loses_nothing_and_keeps_the_order(lab: Lab) -> None:
    await lab.control("fault", method="chat.postMessage", kind="http", status=503, times=4)
    await creates(lab)
    for number in range(3):
        await execute(AddNote(key="bigger-button", text=f"remark {number}"), ACTOR, lab.world)
    await caught_up(lab)
    texts = [each["text"] for each in lab.workspace.channels[CHANNEL].messages]
    remarks = [number for text in texts for number in range(3) if f"remark {number}" in text]
    assert remarks == [0, 1, 2]


async def test_one_stuck_experiment_holds_up_no_other(lab: Lab) -> None:
    await lab.control("fault", method="chat.postMessage", kind="ratelimited", retry_after=3600)
    await creates(lab, "stuck")
    await eventually(lambda: _posting_tried(lab))
    await creates(lab, "free")
    await lab.message_with("Title of free")
    assert not standing(lab, "Title of stuck")


async def _posting_tried(lab: Lab) -> bool:
    return bool(calls(lab, "chat.postMessage"))


async def test_a_card_that_a_person_deleted_comes_back_with_the_next_change(lab: Lab) -> None:
    await creates(lab)
    await caught_up(lab)
    channel = lab.workspace.channels[CHANNEL]
    [card] = standing(lab, "Title of bigger-button")
    lab.workspace.delete(channel, card)
    await execute(AddNote(key="bigger-button", text="back again"), ACTOR, lab.world)
    await caught_up(lab)
    [again] = [
        each
        for each in standing(lab, "Title of bigger-button")
        if "thread_ts" not in each or each["ts"] == each["thread_ts"]
    ]
    assert again["ts"] != card["ts"]
    [remark] = [each for each in standing(lab, "back again") if each.get("thread_ts") != each["ts"]]
    assert remark["thread_ts"] == again["ts"]


async def test_a_channel_that_was_archived_is_told_to_the_person_and_work_goes_on(lab: Lab) -> None:
    await lab.runs()
    await lab.control("archive", user=ADA, channel=CHANNEL)
    await lab.types("note bigger-button still working", channel=CHANNEL)
    await caught_up(lab)
    assert (await lab.experiment("bigger-button")).note_count == 1
    told = await lab.message_with("could not post", channel="D0ADA")
    assert "archived" in str(told)
    await creates(lab, "elsewhere", channel="G0SEARCH")
    await caught_up(lab)


async def test_where_the_bot_is_no_member_the_person_is_told_how_to_invite_it(lab: Lab) -> None:
    await creates(lab, channel="C0GENERAL")
    await caught_up(lab)
    assert "/invite @Bunsen" in str(await lab.message_with("could not post", channel="D0ADA"))


async def test_blocks_that_slack_refuses_are_given_up_and_the_rest_is_posted(lab: Lab) -> None:
    await lab.control("fault", method="chat.postMessage", kind="error", error="invalid_blocks")
    await creates(lab)
    await execute(AddNote(key="bigger-button", text="after the refusal"), ACTOR, lab.world)
    await caught_up(lab)
    assert standing(lab, "after the refusal")
    assert await lab.message_with("could not post", channel="D0ADA")


async def test_pictures_that_do_not_go_up_leave_words(lab: Lab) -> None:
    running = await lab.runs()
    await lab.days_pass(running.key, 4)
    await lab.control("fault", method="files.getUploadURLExternal", kind="error", times=99)
    await lab.types(f"results {running.key}")
    shown = await lab.message_with("picture could not be drawn")
    assert "always-valid" in str(shown)
    assert not any(block["type"] == "image" for block in shown["blocks"])


async def test_a_modal_that_slack_does_not_open_is_said(lab: Lab) -> None:
    await lab.control("fault", method="views.open", kind="error", error="expired_trigger_id")
    await lab.types("create")
    assert "longer than Slack allows" in str(await lab.answer())
    await lab.types("create")
    assert lab.modal()["callback_id"] == "create_what"


async def test_a_slack_that_does_not_say_who_somebody_is(lab: Lab) -> None:
    await lab.control("fault", method="users.info", kind="error", error="internal_error")
    await lab.types("list", user=BO)
    assert "users.info" in str(await lab.answer(BO))
    await lab.types("list", user=BO)
    assert "users.info" not in str(await lab.answer(BO))


async def test_a_locked_database_is_said_in_time_and_caught_up_with(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = await lab.drafts()
    await lab.types(f"note {draft.key}")
    with closing(sqlite3.connect(tmp_path / "bunsen.db", timeout=LONG, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with monkeypatch.context() as patched:
            patched.setattr(desk_module, "ANSWER_SECONDS", 0.5)
            answer = await lab.types(f"note {draft.key} while locked")
            assert answer["ok"]
            assert "try again in a moment" in str(await lab.answer())
            answer = await lab.submits(text="from a form")
            assert "try again in a moment" in str(lab.modal()["blocks"])
        await lab.types("list")
        assert draft.key in str(await lab.answer())
        other.execute("ROLLBACK")
    await lab.types(f"note {draft.key} after the lock")
    await caught_up(lab)
    assert standing(lab, "after the lock")
    notes = (await lab.experiment(draft.key)).note_count
    async with lab.world.reading(lab.world.workspace) as uow:
        assert len(await uow.notes.of(draft.key)) == notes


async def test_reconnecting_loses_nothing(lab: Lab) -> None:
    await creates(lab)
    await lab.control("disconnect")
    await lab.sandbox.sockets.connected()
    await lab.types("list")
    assert "bigger-button" in str(await lab.answer())


async def test_an_unexpected_error_is_told_with_a_reference_and_nothing_else(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handlers import table

    async def mistaken(*_: Any) -> None:
        raise RuntimeError("xoxb-hush and other inner things")

    lab.workspace.ack_seconds = 0.3
    monkeypatch.setitem(table.COMMANDS, "list", mistaken)
    await lab.types("list")
    told = await lab.message_with("Something went wrong on our side")
    assert "reference" in told["text"]
    assert "hush" not in str(told)


async def test_slack_down_while_people_work_with_forms(lab: Lab) -> None:
    await lab.control("fault", method="chat.postMessage", kind="http", times=2)
    running = await lab.runs()
    assert running.status is Status.RUNNING
    assert len([each for each in standing(lab, "Bigger button") if each["blocks"][0]["type"] == "header"]) >= 1
