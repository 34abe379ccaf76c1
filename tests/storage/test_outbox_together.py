"""The outbox tells bursts in one message, keeps quiet hours, logs what became of messages and tries them again."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from experiments.announcements import CARD, MOST_TOLD, Announcement, Event, joined
from experiments.outbox import Delivery, DeliveryState, Posting
from experiments.preferences import Preferences
from storage import Database
from tests.storage.test_outbox import LEASE, card, deliver, said, waiting
from tests.worlds import MONDAY, WORKSPACE

SETTLED = MONDAY + timedelta(seconds=3)


def change(number: int, **place: Any) -> Announcement:
    told = {"changes": [{"actor": "U0ADA", "sentence": f"note {number}"}], "version": number}
    made = {"stream": "checkout", "channel": "C1", "thread_of": CARD, "settle": 3.0, **place}
    return Announcement(surface="change", payload=told, **made)


async def add(database: Database, *announcements: Announcement, wall: datetime = MONDAY) -> None:
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.add(announcements, MONDAY, wall)


async def claim(database: Database, wall: datetime = MONDAY, now: datetime | None = None) -> tuple[Posting, ...]:
    async with database.uow(WORKSPACE) as uow:
        return await uow.outbox.claim(wall, LEASE, 10, now)


async def log(database: Database) -> tuple[Delivery, ...]:
    async with database.reading(WORKSPACE) as reading:
        return await reading.outbox.log(50)


def notes(posting: Posting) -> list[str]:
    return [each["sentence"].removeprefix("note ") for each in posting.announcement.payload["changes"]]


async def test_a_burst_is_one_message_with_all_of_it_in_order(database: Database) -> None:
    for number in range(30):
        await add(database, card(f"card {number}"), change(number))
    [first] = await claim(database)
    assert first.announcement.slot == CARD
    await deliver(database, first, "1.0")
    [edit] = await claim(database)
    assert edit.announcement.payload["text"] == "card 29"
    await deliver(database, edit, "1.0")
    assert await claim(database, SETTLED - timedelta(milliseconds=1)) == ()
    [told] = await claim(database, SETTLED)
    assert notes(told) == [str(number) for number in range(30 - MOST_TOLD, 30)]
    assert told.announcement.payload["earlier"] == 30 - MOST_TOLD
    assert told.announcement.payload["version"] == 29
    assert told.thread_ts == "1.0"


async def test_what_was_tried_takes_nothing_along(database: Database) -> None:
    await add(database, change(1))
    [first] = await claim(database, SETTLED)
    await add(database, change(2))
    assert notes(first) == ["1"]
    await deliver(database, first, "1.1")
    [second] = await claim(database, SETTLED)
    assert notes(second) == ["2"]


async def test_what_needs_people_calls_up_what_waits_before_it(database: Database) -> None:
    await add(database, change(1))
    request = said("request", stream="checkout")
    await add(database, change(2), request)
    [told] = await claim(database)
    assert notes(told) == ["1", "2"]
    await deliver(database, told, "1.1")
    [now] = await claim(database)
    assert now.announcement.payload["text"] == "request"
    await add(database, change(3))
    await deliver(database, now, "1.2")
    assert await claim(database) == ()
    [later] = await claim(database, SETTLED)
    assert notes(later) == ["3"]


async def test_after_something_else_was_said_a_new_message_begins(database: Database) -> None:
    await add(database, change(1), said("request"))
    await add(database, change(2))
    assert await waiting(database) == 3


async def test_other_places_and_streams_keep_their_own(database: Database) -> None:
    await add(database, change(1), change(2, channel="C2"), change(3, stream="other"))
    assert await waiting(database) == 3


async def test_without_the_machines_time_nothing_settles(database: Database) -> None:
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.add([change(1), change(2)], MONDAY)
    assert await waiting(database) == 2
    [first] = await claim(database)
    assert notes(first) == ["1"]


async def test_a_claim_and_a_change_at_once_lose_nothing(database: Database) -> None:
    await add(database, change(0))
    await asyncio.gather(
        *(add(database, change(number), wall=SETTLED) for number in range(1, 9)), claim(database, SETTLED)
    )
    told: list[str] = []
    wall = SETTLED + timedelta(seconds=LEASE + 1)
    while found := await claim(database, wall):
        told += notes(found[0])
        await deliver(database, found[0], "1.1")
        wall += timedelta(seconds=LEASE)
    assert sorted(told) == [str(number) for number in range(9)]


async def test_quiet_hours_go_by_the_clock_of_the_product_and_hold_up_nobody(database: Database) -> None:
    until = MONDAY + timedelta(hours=8)
    held = said("held").model_copy(update={"due_at": until})
    await add(database, held, said("alarm"))
    [alarm] = await claim(database, now=MONDAY)
    assert alarm.announcement.payload["text"] == "alarm"
    await deliver(database, alarm, "1.1")
    assert await claim(database, MONDAY + timedelta(days=2), MONDAY) == ()
    [late] = await claim(database, MONDAY, until)
    assert late.announcement == held


async def test_the_log_tells_what_became_of_each(database: Database) -> None:
    await add(database, card("1"), said("2", "b"), said("3", "c"), said("4", "d"))
    first, second, third, _ = await claim(database)
    await deliver(database, first, "1.0")
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.refused(second, "is_archived", MONDAY)
        await uow.outbox.retry(third, "ratelimited", SETTLED)
    assert [(each.announcement.payload["text"], each.state, each.reason) for each in await log(database)] == [
        ("4", DeliveryState.WAITING, ""),
        ("3", DeliveryState.WAITING, "ratelimited"),
        ("2", DeliveryState.REFUSED, "is_archived"),
        ("1", DeliveryState.DELIVERED, ""),
    ]
    assert [each.at for each in await log(database)] == [None, SETTLED, MONDAY, MONDAY]


async def test_what_was_refused_goes_out_when_it_is_tried_again(database: Database) -> None:
    await add(database, said("1"))
    [posting] = await claim(database)
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.refused(posting, "not_in_channel", MONDAY)
    assert await waiting(database) == 0
    async with database.uow(WORKSPACE) as uow:
        assert await uow.outbox.again(posting.id)
    [again] = await claim(database)
    assert (again.id, again.attempts) == (posting.id, 1)
    await deliver(database, again, "1.1")
    async with database.uow(WORKSPACE) as uow:
        assert not await uow.outbox.again(posting.id)
        assert not await uow.outbox.again(999)


async def test_an_old_edit_is_not_tried_again_over_a_newer_one(database: Database) -> None:
    await add(database, card("old"))
    [old] = await claim(database)
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.refused(old, "not_in_channel", MONDAY)
    await add(database, card("new"))
    async with database.uow(WORKSPACE) as uow:
        assert not await uow.outbox.again(old.id)


async def test_followers_are_found_without_reading_everybody(database: Database) -> None:
    async with database.uow(WORKSPACE) as uow:
        for choice in (
            Preferences(subject="C1"),
            Preferences(subject="C2", events=(Event.DIGEST,)),
            Preferences(subject="U1", tags=("speed",)),
            Preferences(subject="U2", everything=True),
            Preferences(subject="U3", filters={"fleet": "mine"}),
        ):
            await uow.preferences.save(choice)
        await uow.preferences.save(Preferences(subject="U2"))
    async with database.reading(WORKSPACE) as reading:
        assert [each.subject for each in await reading.preferences.concerning("C1")] == ["C1", "U1"]
        assert [each.subject for each in await reading.preferences.concerning("")] == ["U1"]


def test_only_lists_of_changes_are_joined() -> None:
    assert joined({"text": "x"}, change(1).payload) is None
    assert joined(change(1).payload, {"text": "x"}) is None
    twice = joined(joined(change(1).payload, change(2).payload) or {}, change(3).payload)
    assert twice is not None
    assert [each["sentence"] for each in twice["changes"]] == ["note 1", "note 2", "note 3"]
    assert twice["earlier"] == 0
