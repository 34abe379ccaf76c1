"""The desk: what is delivered again, or clicked twice, acts once."""

from __future__ import annotations

import asyncio

import pytest

from bot.desk import Desk
from tests.bot.reception import Reception, new_reception
from tests.bot.scenario.lab import filled
from tests.storage.samples import draft, in_review
from tests.worlds import WORKSPACE


@pytest.fixture
def reception() -> Reception:
    return new_reception()


async def test_a_double_click_approves_once(reception: Reception) -> None:
    asked = await in_review(reception.bench.world)
    for _ in range(2):
        await reception.presses("approve", f"{asked.key}@{asked.design.hash}")
    assert reception.records().count("ApproveReview") == 1
    assert await reception.whispered()


async def test_a_redelivered_button_is_acknowledged_in_silence(reception: Reception) -> None:
    asked = await in_review(reception.bench.world)
    again = {"trigger_id": "the same"}
    for _ in range(2):
        assert await reception.presses("approve", f"{asked.key}@{asked.design.hash}", **again) == {}
    assert reception.records().count("ApproveReview") == 1
    assert await reception.whispered() == ""


async def test_a_redelivered_command_acts_once(reception: Reception) -> None:
    await draft(reception.bench.world)
    for _ in range(2):
        await reception.types("note checkout-button seen", trigger_id="the same")
    assert reception.records().count("AddNote") == 1


async def test_a_form_sent_twice_at_once_acts_once(reception: Reception) -> None:
    await reception.types("create")
    view = reception.modal()
    sent = {"id": "V1", "hash": "h1", **view, "state": {"values": filled(view, {"title": "Only once"})}}
    body = reception.body("U0ADA", view=sent)
    reception.acks.clear()
    await asyncio.gather(*(reception.desk.view(reception.ack, body) for _ in range(2)))
    assert reception.records() == ["CreateExperiment"]
    first, second = reception.acks
    assert first == second
    assert first["response_action"] == "update"


async def test_a_form_sent_twice_at_once_is_refused_twice(reception: Reception) -> None:
    await reception.types("create")
    view = reception.modal()
    typed = filled(view, {"title": "Bigger button", "key": "NO"})
    body = reception.body("U0ADA", view={"id": "V1", "hash": "h1", **view, "state": {"values": typed}})
    reception.acks.clear()
    await asyncio.gather(*(reception.desk.view(reception.ack, body) for _ in range(3)))
    assert [list(each["errors"]) for each in reception.acks] == [["key"]] * 3


async def test_another_replica_that_gets_the_same_form_acts_not_again(reception: Reception) -> None:
    await draft(reception.bench.world)
    await reception.types("note checkout-button")
    view = reception.modal()
    sent = {"id": "V1", "hash": "h1", **view, "state": {"values": filled(view, {"text": "Only once"})}}
    replica = Desk(reception.bench.world)
    for desk in (reception.desk, replica):
        await desk.view(reception.ack, reception.body("U0ADA", view=sent))
    assert reception.records().count("AddNote") == 1
    assert len(reception.bench.tables.notes["checkout-button"]) == 1


async def test_a_refused_form_can_be_sent_again(reception: Reception) -> None:
    await reception.types("create")
    view = reception.modal()
    assert "errors" in await reception.submits(view, title="Bigger button", key="NO")
    assert (await reception.submits(view, title="Bigger button"))["response_action"] == "update"


async def test_a_redelivered_event_acts_once(reception: Reception) -> None:
    event = {"type": "app_home_opened", "user": "U0ADA", "tab": "home"}
    for _ in range(2):
        body = {"team_id": WORKSPACE, "event": event, "event_id": "Ev1"}
        assert await reception.answered(reception.desk.event(reception.ack, body)) == {}
    await reception.desk.drained()
    assert len(reception.slack.made("views.publish")) == 1


async def test_a_form_that_comes_again_after_a_time_out_is_answered_as_before(reception: Reception) -> None:
    await reception.types("create")
    view = reception.modal()
    first = await reception.submits(view, title="Only once")
    assert first["response_action"] == "update"
    assert await reception.submits(view, title="Only once") == first
    assert reception.records() == ["CreateExperiment"]


async def test_what_was_typed_into_it_in_between_is_kept(reception: Reception) -> None:
    await reception.types("create")
    view = reception.modal()
    await reception.submits(view, title="Only once")
    again = await reception.submits(view, title="Another title", hypothesis="If it is sent again, then it is kept.")
    assert again["view"]["callback_id"] == "create_design"
    [draft] = reception.bench.tables.experiments.values()
    assert (draft.key, draft.title) == ("only-once", "Another title")
    assert reception.records() == ["CreateExperiment", "EditExperiment"]


async def test_a_form_in_which_a_field_changed_is_not_taken_for_a_button(reception: Reception) -> None:
    await reception.types("create")
    view = {"id": "V1", "hash": "h1", "type": "modal", **reception.modal()}
    view["state"] = {"values": filled(view, {"template": "canary"})}
    chosen = {"selected_option": {"value": "canary"}, "block_id": "template", "action_id": "template"}
    await reception.presses("", view=view, user="U0ADA", actions=[{"type": "static_select", **chosen}])
    await reception.desk.drained()
    [update] = reception.slack.made("views.update")
    assert "stay as they are" in str(update["view"])
