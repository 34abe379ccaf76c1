"""The desk: every delivery is answered in words, where they belong, and in time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import structlog

from bot import answered
from bot import desk as desk_module
from bot.desk import ANSWER_SECONDS
from bot.identity import Directory
from experiments.errors import Unavailable
from experiments.model import Status
from experiments.permissions import Actor
from experiments.ports import World
from experiments.repositories import UnitOfWork
from handlers import table
from handlers.turn import Ack, Turn
from tests.bot.reception import CHANNEL, Reception, new_reception
from tests.experiments.stages import KEY, lead_to
from tests.patience import LONG
from tests.storage.samples import draft, in_review
from tests.worlds import WORKSPACE, RecordingSlack


@pytest.fixture
def reception() -> Reception:
    return new_reception()


async def test_an_unknown_command_is_answered_with_the_nearest(reception: Reception) -> None:
    assert "/experiment create" in (await reception.types("craete it"))["text"]


@pytest.mark.parametrize("text", ["", "  ", "HELP", "help me please"])
async def test_commands_are_found_in_any_case(text: str, reception: Reception) -> None:
    answer = await reception.types(text)
    assert "do not know" not in answer["text"]


async def test_an_unknown_button_is_acknowledged_and_nothing_more(reception: Reception) -> None:
    assert await reception.presses("from-another-version") == {}


async def test_an_error_of_a_field_stands_at_the_field(reception: Reception) -> None:
    await reception.types("create")
    answer = await reception.submits(reception.modal(), title="Bigger button", key="Not A Key!")
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == ["key"]
    assert "lower-case" in answer["errors"]["key"]
    assert reception.records() == []


async def test_an_error_of_a_rule_stands_at_the_field_it_blames(reception: Reception) -> None:
    await draft(reception.bench.world, "bigger-button")
    await reception.types("create")
    answer = await reception.submits(reception.modal(), title="Another one", key="bigger-button")
    assert answer == {"response_action": "errors", "errors": {"key": answer["errors"]["key"]}}
    assert "bigger-button-2nd" in answer["errors"]["key"]


async def test_the_field_is_found_under_its_scope(reception: Reception) -> None:
    await reception.types("create")
    design = (await reception.submits(reception.modal(), title="Bigger button"))["view"]
    answer = await reception.submits(design, primary_metric="conversion", smallest_effect="5000")
    assert list(answer["errors"]) == ["smallest_effect__percent"]


async def test_several_errors_stand_at_their_fields(reception: Reception) -> None:
    await reception.types("create")
    design = (await reception.submits(reception.modal(), title="Bigger button"))["view"]
    answer = await reception.submits(design, primary_metric="no key at all!", other_metrics="_ mean\nlatency mean")
    assert set(answer["errors"]) == {"primary_metric", "other_metrics"}


async def test_weights_that_are_not_everything_are_said_at_the_variants(reception: Reception) -> None:
    await reception.types("create")
    design = (await reception.submits(reception.modal(), title="Bigger button"))["view"]
    answer = await reception.submits(design, variants="control 50, treatment 40", primary_metric="conversion")
    assert "sum to 90 %" in answer["errors"]["variants"]


async def test_an_error_of_no_field_comes_on_top_and_the_form_stays(reception: Reception) -> None:
    running = await lead_to(Status.RUNNING, reception.bench)
    await reception.types(f"stop {KEY}")
    form = reception.modal()
    reception.bench.tables.experiments[KEY] = running.evolve(status=Status.STOPPED)
    answer = await reception.submits(form, reason="harm", comment="Complaints doubled.")
    assert answer["response_action"] == "push"
    assert "has been stopped already" in str(answer["view"]["blocks"])
    assert "submit" not in answer["view"]


async def test_what_was_changed_in_the_meantime_is_said(reception: Reception) -> None:
    await draft(reception.bench.world)
    await reception.types("edit checkout-button")
    form = reception.modal()
    await reception.types("edit checkout-button", user="U0BO")
    await reception.submits(form, user="U0BO", title="Bo was quicker")
    answer = await reception.submits({**form, "id": "V2"}, title="Ada was slower")
    assert "changed in the meantime" in str(answer["view"]["blocks"])
    assert reception.bench.tables.experiments["checkout-button"].title == "Bo was quicker"


async def test_an_error_of_a_command_is_its_answer(reception: Reception) -> None:
    answer = await reception.types("stop nothing-here")
    assert "no experiment “nothing-here”" in answer["text"]
    assert answer["blocks"]


async def test_an_error_of_a_button_is_told_to_the_presser_alone(reception: Reception) -> None:
    asked = await in_review(reception.bench.world)
    assert await reception.presses("approve", f"{asked.key}@{asked.design.hash}", user="U0ADA") == {}
    assert "somebody else has to approve" in await reception.whispered()


async def test_a_button_of_an_older_design_approves_nothing(reception: Reception) -> None:
    asked = await in_review(reception.bench.world)
    await reception.presses("approve", f"{asked.key}@{'0' * 64}")
    assert await reception.whispered()
    assert reception.bench.tables.experiments[asked.key].status is Status.IN_REVIEW


@pytest.mark.parametrize("guest", [{"is_restricted": True}, {"is_ultra_restricted": True}, {"is_stranger": True}])
@pytest.mark.parametrize("text", ["list", "show checkout-button", "results checkout-button", "create", ""])
async def test_guests_are_refused_in_words(guest: dict[str, bool], text: str, reception: Reception) -> None:
    await draft(reception.bench.world)
    reception.slack.people["U0GUEST"] = guest
    answer = await reception.types(text, user="U0GUEST")
    assert "members of this workspace who were given a role" in answer["text"]
    assert "Green checkout button" not in str(answer)
    assert not reception.slack.made("views.open")


async def test_somebody_of_another_workspace_sees_nothing(reception: Reception) -> None:
    await draft(reception.bench.world)
    reception.slack.people["U0FAR"] = {"team_id": "T0FAR"}
    for team in (WORKSPACE, "T0FAR"):
        answer = await reception.types("list", user="U0FAR", team_id=team)
        assert "members of this workspace who were given a role" in answer["text"]
    assert await reception.presses("show", "checkout-button@1", user="U0FAR") == {}
    assert "members of this workspace who were given a role" in await reception.whispered()


async def test_when_slack_does_not_say_who_it_is_nothing_is_done(reception: Reception) -> None:
    reception.slack.refuse("users.info", "timeout")
    answer = await reception.types("list")
    assert "Slack answered timeout" in answer["text"]
    assert "experiment" in (await reception.types("list"))["text"].lower()


async def test_when_slack_is_silent_the_answer_still_comes_in_time(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SilentSlack(RecordingSlack):
        async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
            await asyncio.Event().wait()
            raise AssertionError

    assert ANSWER_SECONDS < 3
    monkeypatch.setattr(desk_module, "ANSWER_SECONDS", 0.05)
    silent = Directory(SilentSlack(), reception.bench.database.reading)
    reception.desk.world = replace(reception.desk.world, people=silent)
    async with asyncio.timeout(LONG):
        assert "try again in a moment" in (await reception.types("list"))["text"]


async def test_when_the_database_is_locked_the_answer_still_comes_in_time(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def locked(workspace: str) -> AsyncIterator[UnitOfWork]:
        await asyncio.Event().wait()
        yield reception.bench.world  # type: ignore[misc]

    await reception.types("create")
    monkeypatch.setattr(desk_module, "ANSWER_SECONDS", 0.05)
    reception.desk.world = replace(reception.bench.world, uow=locked)
    async with asyncio.timeout(LONG):
        answer = await reception.submits(reception.modal(), title="Bigger button")
    assert answer["response_action"] == "push"
    assert "try again in a moment" in str(answer["view"])
    reception.desk.world = reception.bench.world
    monkeypatch.undo()
    assert (await reception.submits(reception.modal(), title="Bigger button"))["response_action"] == "update"


async def test_a_timeout_of_something_else_is_no_word_for_slowness(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handler(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        raise TimeoutError

    monkeypatch.setitem(table.COMMANDS, "list", handler)
    with pytest.raises(TimeoutError):
        await reception.types("list")


async def test_an_unexpected_error_lets_the_person_try_again(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reception.types("create")
    view, real = reception.modal(), table.VIEWS["create_what"]

    async def mistaken(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        raise KeyError("ours")

    monkeypatch.setitem(table.VIEWS, "create_what", mistaken)
    with pytest.raises(KeyError):
        await reception.submits(view, title="Bigger button")
    monkeypatch.setitem(table.VIEWS, "create_what", real)
    assert (await reception.submits(view, title="Bigger button"))["response_action"] == "update"


async def test_an_unexpected_error_is_told_with_the_reference_it_is_logged_under(reception: Reception) -> None:
    body = reception.body("U0ADA", channel={"id": CHANNEL})
    with structlog.testing.capture_logs() as logs:
        await reception.desk.failed(body, RuntimeError("SELECT password FROM users"))
    [entry] = logs
    told = await reception.whispered()
    assert entry["reference"] in told
    assert entry["log_level"] == "error"
    assert "SELECT" not in told


async def test_slow_work_that_fails_is_told_too(reception: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow() -> None:
        raise RuntimeError("ours")

    async def handler(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        await ack()
        turn.later(slow())

    monkeypatch.setitem(table.COMMANDS, "list", handler)
    with structlog.testing.capture_logs() as logs:
        assert await reception.types("list") == {}
        assert logs == [] or logs[0]["event"] == "unexpected error"
        told = await reception.whispered()
    assert logs[0]["reference"] in told


async def test_slow_work_that_is_refused_is_told_in_its_words(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow() -> None:
        raise Unavailable("Slack asks us to slow down.", reason="ratelimited")

    async def handler(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        await ack()
        turn.later(slow())

    monkeypatch.setitem(table.ACTIONS, "list", handler)
    await reception.presses("list")
    assert "slow down" in await reception.whispered()


async def test_who_cannot_be_told_is_logged(reception: Reception) -> None:
    reception.slack.refuse("chat.postEphemeral", "channel_not_found")
    asked = await in_review(reception.bench.world)
    with structlog.testing.capture_logs() as logs:
        await reception.presses("approve", f"{asked.key}@{asked.design.hash}", user="U0ADA")
        await reception.desk.drained()
    assert [entry["event"] for entry in logs] == ["could not tell the person"]


async def test_deliveries_long_ago_are_forgotten(reception: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answered, "MOST_DELIVERIES", 3)
    for number in range(5):
        await reception.types("help", trigger_id=str(number))
    assert (await reception.types("help", trigger_id="0"))["text"]
    assert await reception.types("help", trigger_id="4") == {}


async def test_answers_long_ago_are_forgotten_before_deliveries(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answered, "MOST_ANSWERS", 2)

    handled: list[str] = []

    async def handler(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        handled.append(turn.view["id"])
        await ack(response_action="errors", errors={"title": "once"})

    monkeypatch.setitem(table.VIEWS, "note", handler)
    for view in ("V0", "V1", "V2", "V3", "V4", "V4", "V0"):
        answer = await reception.submits({"id": view, "callback_id": "note", "blocks": []})
        assert answer["errors"] == {"title": "once"}
    assert handled == ["V0", "V1", "V2", "V3", "V4", "V0"]


async def test_who_was_changed_is_asked_anew_and_nobody_else(reception: Reception) -> None:
    for user in ("U0ADA", "U0BO"):
        await reception.types("help", user=user)
    await reception.answered(reception.desk.people_changed(reception.ack, {"event": {"user": {"id": "U0BO"}}}))
    for user in ("U0ADA", "U0BO"):
        await reception.types("help", user=user)
    assert [call["user"] for call in reception.slack.made("users.info")] == ["U0ADA", "U0BO", "U0BO"]
    await reception.answered(reception.desk.people_changed(reception.ack, {"event": {"subteam_id": "S1"}}))
    await reception.types("help", user="U0ADA")
    assert len(reception.slack.made("users.info")) == 4


async def test_a_picked_option_and_the_thread_come_with_the_press(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Turn] = []

    async def handler(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        seen.append(turn)
        await ack()

    monkeypatch.setitem(table.ACTIONS, "show", handler)
    action = {"action_id": "show__x", "selected_option": {"value": "picked@2"}, "action_ts": "1"}
    message = {"ts": "6.000100", "thread_ts": "5.000100"}
    await reception.presses("show", actions=[action], message=message, response_url="https://hooks/1")
    [turn] = seen
    assert (turn.value, turn.thread_ts, turn.response_url) == ("picked@2", "5.000100", "https://hooks/1")
    assert json.dumps(turn.view) == "{}"
