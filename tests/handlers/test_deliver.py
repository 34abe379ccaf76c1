"""Deliver: in order, once, edited in place, put off or given up, and no mistake stops the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from experiments.announcements import CARD, Announcement
from experiments.errors import Busy
from experiments.repositories import UnitOfWork
from handlers.deliver import EVENT_TYPE, FINAL, LEASE_SECONDS, MOST_STUMBLES, deliver_due
from handlers.surfaces import kit
from handlers.surfaces.announced import ANNOUNCED
from handlers.surfaces.kit import Message
from tests.charts import samples
from tests.handlers.asking import CHANNEL
from tests.worlds import MemoryWorld


def words(payload: dict[str, Any]) -> Message:
    return kit.message(payload["words"], kit.section(payload["words"]))


def mistaken(payload: dict[str, Any]) -> Message:
    raise KeyError("a mistake of ours")


SURFACES = {**ANNOUNCED, "words": words, "mistaken": mistaken}


def saying(text: str, *, stream: str = "bigger-button", surface: str = "words", **place: str) -> Announcement:
    payload = {"words": text, "actor": "U0ADA"}
    return Announcement(surface=surface, stream=stream, channel=CHANNEL, payload=payload, **place)


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def announce(bench: MemoryWorld, *announcements: Announcement) -> None:
    async with bench.world.uow(bench.world.workspace) as uow:
        await uow.outbox.add(announcements, bench.clock.now())


async def deliver(bench: MemoryWorld) -> None:
    """As the dispatcher does it: as long as something is due."""
    while await deliver_due(bench.world, SURFACES):
        pass


def posted(bench: MemoryWorld) -> list[str]:
    return [each["text"] for each in bench.slack.made("chat.postMessage")]


def state(bench: MemoryWorld, number: int = 1) -> str:
    return bench.tables.outbox[number].state


def own_message(number: int, ts: str = "1.000100") -> dict[str, Any]:
    return {"ts": ts, "metadata": {"event_type": EVENT_TYPE, "event_payload": {"id": number}}}


async def test_a_stream_keeps_its_order_while_another_overtakes_it(bench: MemoryWorld) -> None:
    await announce(bench, saying("first"), saying("second"), saying("elsewhere", stream="other"))
    bench.slack.refuse("chat.postMessage", "timeout")
    await deliver(bench)
    assert posted(bench) == ["first", "elsewhere"]
    bench.clock.advance(minutes=1)
    await deliver(bench)
    assert posted(bench) == ["first", "elsewhere", "first", "second"]


async def test_the_outbox_id_travels_with_the_message(bench: MemoryWorld) -> None:
    await announce(bench, saying("hello"))
    await deliver(bench)
    [message] = bench.slack.made("chat.postMessage")
    assert message["metadata"] == {"event_type": EVENT_TYPE, "event_payload": {"id": 1}}
    assert message["unfurl_links"] is False


async def test_a_slot_is_edited_in_place_and_its_thread_hangs_from_it(bench: MemoryWorld) -> None:
    await announce(bench, saying("card", slot=CARD), saying("line", thread_of=CARD))
    await deliver(bench)
    card_ts = bench.tables.messages["bigger-button", CHANNEL, CARD]
    assert bench.slack.made("chat.postMessage")[1]["thread_ts"] == card_ts
    await announce(bench, saying("card, changed", slot=CARD))
    await deliver(bench)
    [edit] = bench.slack.made("chat.update")
    assert (edit["ts"], edit["text"]) == (card_ts, "card, changed")
    assert len(posted(bench)) == 2


async def test_a_message_that_a_person_deleted_is_posted_anew(bench: MemoryWorld) -> None:
    await announce(bench, saying("card", slot=CARD))
    await deliver(bench)
    before = bench.tables.messages["bigger-button", CHANNEL, CARD]
    bench.slack.refuse("chat.update", "message_not_found")
    await announce(bench, saying("card again", slot=CARD))
    await deliver(bench)
    assert posted(bench) == ["card", "card again"]
    assert bench.tables.messages["bigger-button", CHANNEL, CARD] != before


async def test_posted_anew_is_posted_once_though_the_answer_was_lost(bench: MemoryWorld) -> None:
    await announce(bench, saying("card", slot=CARD))
    await deliver(bench)
    await announce(bench, saying("card again", slot=CARD))
    bench.slack.refuse("chat.update", "message_not_found", times=2)
    bench.slack.refuse("chat.postMessage", "timeout")
    await deliver(bench)
    bench.slack.answer("conversations.history", messages=[own_message(2, "7.000100")])
    bench.clock.advance(minutes=1)
    await deliver(bench)
    assert posted(bench) == ["card", "card again"]
    assert bench.tables.messages["bigger-button", CHANNEL, CARD] == "7.000100"


async def test_a_thread_without_its_head_goes_on_in_the_channel(bench: MemoryWorld) -> None:
    await announce(bench, saying("card", slot=CARD))
    await deliver(bench)
    bench.slack.refuse("chat.postMessage", "thread_not_found")
    await announce(bench, saying("line", thread_of=CARD))
    await deliver(bench)
    assert "thread_ts" not in bench.slack.made("chat.postMessage")[-1]
    assert state(bench, 2) == "delivered"


async def test_a_lost_answer_is_looked_for_before_anything_is_posted_again(bench: MemoryWorld) -> None:
    await announce(bench, saying("hello"))
    bench.slack.refuse("chat.postMessage", "timeout")
    await deliver(bench)
    bench.slack.answer("conversations.history", messages=[{"ts": "9.9"}, own_message(99, "8.8"), own_message(1)])
    bench.clock.advance(minutes=1)
    await deliver(bench)
    assert posted(bench) == ["hello"]
    assert state(bench) == "delivered"


async def test_in_a_long_thread_it_is_looked_for_on_every_page(bench: MemoryWorld) -> None:
    await announce(bench, saying("card", slot=CARD))
    await deliver(bench)
    await announce(bench, saying("line", thread_of=CARD))
    bench.slack.refuse("chat.postMessage", "timeout")
    await deliver(bench)
    first = {"messages": [own_message(99)], "response_metadata": {"next_cursor": "page 2"}}
    bench.slack.answer("conversations.replies", **first)
    bench.slack.answer("conversations.replies", messages=[own_message(2, "3.000100")])
    bench.clock.advance(minutes=1)
    await deliver(bench)
    assert bench.slack.made("conversations.replies")[1]["cursor"] == "page 2"
    assert posted(bench) == ["card", "line"]


async def test_nothing_is_looked_for_at_the_first_attempt(bench: MemoryWorld) -> None:
    await announce(bench, saying("hello"))
    await deliver(bench)
    assert [call.method for call in bench.slack.calls] == ["chat.postMessage"]


@pytest.mark.parametrize("reason", ["is_archived", "not_in_channel", "channel_not_found", "invalid_blocks"])
async def test_what_slack_will_never_take_is_given_up_and_told(reason: str, bench: MemoryWorld) -> None:
    assert reason in FINAL
    await announce(bench, saying("card", slot=CARD), saying("line", thread_of=CARD))
    bench.slack.refuse("chat.postMessage", reason)
    await deliver(bench)
    assert (state(bench, 1), state(bench, 2)) == ("refused", "delivered")
    told = bench.slack.made("chat.postMessage")[1]
    assert told["channel"] == "U0ADA"
    assert "could not post" in told["text"]
    assert posted(bench)[2:] == ["line"]


async def test_a_line_that_slack_does_not_like_is_missed_silently(bench: MemoryWorld) -> None:
    await announce(bench, saying("line"))
    bench.slack.refuse("chat.postMessage", "invalid_blocks")
    await deliver(bench)
    assert len(bench.slack.calls) == 1


async def test_a_broken_place_is_told_once_a_week(bench: MemoryWorld) -> None:
    told = []
    for days in (0, 0, 1, 7):
        bench.clock.advance(days=days)
        await announce(bench, saying("line"))
        bench.slack.refuse("chat.postMessage", "is_archived")
        before = len(bench.slack.calls)
        await deliver(bench)
        told.append(len(bench.slack.calls) - before - 1)
    assert told == [1, 0, 0, 1]


async def test_who_cannot_be_told_stops_nothing(bench: MemoryWorld) -> None:
    await announce(bench, saying("card", slot=CARD), saying("line", thread_of=CARD))
    bench.slack.refuse("chat.postMessage", "is_archived", times=2)
    await deliver(bench)
    assert (state(bench, 1), state(bench, 2)) == ("refused", "delivered")


async def test_slack_says_how_long_to_wait(bench: MemoryWorld) -> None:
    await announce(bench, saying("hello"))
    bench.slack.refuse("chat.postMessage", "ratelimited", retry_after=600)
    await deliver(bench)
    bench.clock.advance(seconds=599)
    await deliver(bench)
    assert len(posted(bench)) == 1
    bench.clock.advance(seconds=1)
    await deliver(bench)
    assert state(bench) == "delivered"


async def test_each_wait_is_longer_up_to_five_minutes_however_long_it_lasts(bench: MemoryWorld) -> None:
    await announce(bench, saying("hello"))
    waits = []
    for _ in range(100):
        bench.slack.refuse("chat.postMessage", "internal_error")
        await deliver(bench)
        held = bench.tables.outbox[1].not_before
        assert held is not None
        waits.append((held - bench.clock.now()).total_seconds())
        bench.clock.time = held
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == 300
    await deliver(bench)
    assert state(bench) == "delivered"


async def test_a_surface_that_fails_holds_up_nobody_for_long(bench: MemoryWorld) -> None:
    await announce(bench, saying("x", surface="mistaken"), saying("after"), saying("elsewhere", stream="other"))
    await deliver(bench)
    assert posted(bench) == ["elsewhere"]
    for _ in range(MOST_STUMBLES):
        bench.clock.advance(minutes=5)
        await deliver(bench)
    assert state(bench) == "refused"
    assert bench.tables.outbox[1].reason == "KeyError"
    assert posted(bench) == ["elsewhere", "after"]


async def test_a_surface_that_this_version_does_not_know_waits_for_one_that_does(bench: MemoryWorld) -> None:
    await announce(bench, saying("from the future", surface="brand-new"))
    await deliver(bench)
    bench.clock.advance(minutes=1)
    while await deliver_due(bench.world, {**SURFACES, "brand-new": words}):
        pass
    assert posted(bench) == ["from the future"]


async def test_a_record_that_cannot_be_written_costs_no_second_message(bench: MemoryWorld) -> None:
    units = 0

    @asynccontextmanager
    async def locked_once(workspace: str) -> AsyncIterator[UnitOfWork]:
        nonlocal units
        units += 1
        if units == 2:
            raise Busy
        async with bench.database.uow(workspace) as uow:
            yield uow

    await announce(bench, saying("hello"))
    world = replace(bench.world, uow=locked_once)
    assert await deliver_due(world, SURFACES) == 1
    assert state(bench) == "waiting"
    bench.slack.answer("conversations.history", messages=[own_message(1)])
    bench.clock.advance(seconds=LEASE_SECONDS + 1)
    assert await deliver_due(world, SURFACES) == 1
    assert (posted(bench), state(bench)) == (["hello"], "delivered")


def update() -> Announcement:
    payload = {"readouts": [samples.readout().model_dump(mode="json")]}
    return Announcement(surface="significance_update", stream="channel C", channel=CHANNEL, payload=payload)


async def test_pictures_go_up_with_their_description_before_the_message(bench: MemoryWorld) -> None:
    await announce(bench, update())
    await deliver(bench)
    [(_, filename, alt)] = bench.slack.uploads
    assert filename.endswith(".png")
    assert len(alt) > 20
    [message] = bench.slack.made("chat.postMessage")
    assert [block["slack_file"] for block in message["blocks"] if block["type"] == "image"] == [{"id": "F1"}]


async def test_a_picture_that_cannot_be_drawn_leaves_words_in_its_place(bench: MemoryWorld) -> None:
    bench.draw.error = ValueError("cannot draw this")
    await announce(bench, update())
    await deliver(bench)
    [message] = bench.slack.made("chat.postMessage")
    assert not [block for block in message["blocks"] if block["type"] == "image"]
    assert "picture" in str(message["blocks"]).lower()
