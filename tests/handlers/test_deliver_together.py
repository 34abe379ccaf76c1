"""Deliver: thirty notes in a burst become one message, and nobody hears of what they may not read."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.commands import AddNote, LogDecision, StopExperiment
from experiments.execute import execute
from experiments.model import Outcome, Status, StopReason
from experiments.permissions import Role
from experiments.preferences import Preferences
from handlers.deliver import deliver_due
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import CHANNEL
from tests.worlds import ADA, BO, DEE, MemoryWorld


@pytest.fixture
async def bench() -> MemoryWorld:
    """An experiment is running, and all that was said of it so far has arrived."""
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    bench.clock.advance(seconds=5)
    await deliver(bench)
    bench.slack.calls.clear()
    return bench


async def deliver(bench: MemoryWorld) -> None:
    while await deliver_due(bench.world):
        pass


async def note(bench: MemoryWorld, number: int) -> None:
    await execute(AddNote(key=KEY, text=f"number {number}."), BO, bench.world)


def posted(bench: MemoryWorld) -> list[dict[str, Any]]:
    return bench.slack.made("chat.postMessage")


async def test_thirty_notes_in_a_burst_are_one_message_that_counts_them(bench: MemoryWorld) -> None:
    for number in range(30):
        await note(bench, number)
        await deliver(bench)
    assert posted(bench) == []
    bench.clock.advance(seconds=3)
    await deliver(bench)
    [message] = posted(bench)
    assert message["text"].startswith("30 changes, the newest: <@U0BO>")
    assert "number 29." in message["text"]
    assert message["thread_ts"]
    shown = str(message["blocks"])
    assert [n for n in range(30) if f"number {n}." in shown] == list(range(20, 30))
    assert "20 earlier changes" in shown


async def test_one_alone_looks_as_ever(bench: MemoryWorld) -> None:
    await note(bench, 1)
    bench.clock.advance(seconds=3)
    await deliver(bench)
    [message] = posted(bench)
    assert "at once" not in str(message)


async def test_notes_apart_are_messages_apart_in_order(bench: MemoryWorld) -> None:
    for number in range(3):
        await note(bench, number)
        bench.clock.advance(seconds=3)
        await deliver(bench)
    assert [n for each in posted(bench) for n in range(3) if f"number {n}." in each["text"]] == [0, 1, 2]


async def test_a_decision_is_told_at_once_after_what_came_before_it(bench: MemoryWorld) -> None:
    await note(bench, 1)
    await execute(StopExperiment(key=KEY, reason=StopReason.COMPLETED), ADA, bench.world)
    await execute(LogDecision(key=KEY, outcome=Outcome.SHIP, reasoning="It won."), ADA, bench.world)
    await deliver(bench)
    changes, decision = posted(bench)
    assert changes["text"].startswith("3 changes")
    assert "decided to" in decision["text"]


async def follows(bench: MemoryWorld, role: Role) -> None:
    bench.people.actors[DEE.user] = DEE.model_copy(update={"role": role})
    bench.tables.preferences[DEE.user] = Preferences(subject=DEE.user, experiments=(KEY,))
    await execute(StopExperiment(key=KEY, reason=StopReason.COMPLETED), ADA, bench.world)
    await execute(LogDecision(key=KEY, outcome=Outcome.SHIP, reasoning="It won."), ADA, bench.world)
    await deliver(bench)


async def test_a_follower_hears_of_the_decision_directly(bench: MemoryWorld) -> None:
    await follows(bench, Role.VIEWER)
    [line] = [each for each in posted(bench) if each["channel"] == DEE.user]
    assert line["text"].startswith("🏁 ")


async def test_who_may_not_read_it_any_more_hears_nothing(bench: MemoryWorld) -> None:
    await follows(bench, Role.OUTSIDER)
    assert not [each for each in posted(bench) if each["channel"] == DEE.user]
    refused = [row.reason for row in bench.tables.outbox.values() if row.state == "refused"]
    assert refused == ["no_longer_readable"]


async def test_a_follower_who_left_is_followed_up_no_more(bench: MemoryWorld) -> None:
    bench.tables.preferences[DEE.user] = Preferences(subject=DEE.user, experiments=(KEY,), filters={"fleet": "all"})
    await execute(StopExperiment(key=KEY, reason=StopReason.COMPLETED), ADA, bench.world)
    await execute(LogDecision(key=KEY, outcome=Outcome.SHIP, reasoning="It won."), ADA, bench.world)
    await deliver_refusing(bench, DEE.user, "account_inactive")
    after = bench.tables.preferences[DEE.user]
    assert not after.follows_something
    assert after.filters == {"fleet": "all"}


async def deliver_refusing(bench: MemoryWorld, channel: str, reason: str) -> None:
    """Deliver while Slack takes nothing for this place."""
    call = bench.slack.call

    async def refusing(method: str, **arguments: Any) -> dict[str, Any]:
        if arguments.get("channel") == channel:
            bench.slack.refuse(method, reason)
        return await call(method, **arguments)

    bench.slack.call = refusing  # type: ignore[method-assign]
    await deliver(bench)


async def test_a_channel_that_follows_has_one_card_with_its_thread(bench: MemoryWorld) -> None:
    other = "C0LEADS"
    bench.tables.preferences[other] = Preferences(subject=other, experiments=(KEY,), changed_by=DEE.user)
    for number in range(3):
        await note(bench, number)
        bench.clock.advance(seconds=3)
        await deliver(bench)
    there = [each for each in posted(bench) if each["channel"] == other]
    [card, *lines] = there
    assert card["blocks"][0]["type"] == "header"
    assert {each["thread_ts"] for each in lines} == {bench.tables.messages[f"{KEY} {other}", other, "card"]}
    assert len(lines) == 3
    assert len([each for each in bench.slack.made("chat.update") if each["channel"] == other]) == 2
    assert bench.tables.messages[KEY, CHANNEL, "card"]


async def test_who_let_a_channel_follow_hears_that_it_is_gone_and_the_owner_does_not(bench: MemoryWorld) -> None:
    other = "C0LEADS"
    bench.tables.preferences[other] = Preferences(subject=other, experiments=(KEY,), changed_by=DEE.user)
    await note(bench, 1)
    bench.clock.advance(seconds=3)
    await deliver_refusing(bench, other, "is_archived")
    told = [each for each in posted(bench) if "could not post" in each["text"]]
    assert [each["channel"] for each in told] == [DEE.user]
