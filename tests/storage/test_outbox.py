"""The outbox delivers in order per stream, each message once, and forgets nothing."""

import asyncio
from datetime import timedelta
from typing import Any

from experiments.announcements import Announcement
from experiments.outbox import Posting
from storage import Database
from tests.worlds import MONDAY, WORKSPACE

LEASE = 30.0
AFTER_THE_LEASE = MONDAY + timedelta(seconds=LEASE + 1)


def said(text: str, stream: str = "checkout", **place: str) -> Announcement:
    return Announcement(surface="change", stream=stream, channel="C1", payload={"text": text}, **place)


def card(text: str) -> Announcement:
    return said(text, slot="card")


async def add(database: Database, *announcements: Announcement) -> None:
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.add(announcements, MONDAY)


async def claim(database: Database, wall: Any = MONDAY, limit: int = 10) -> tuple[Posting, ...]:
    async with database.uow(WORKSPACE) as uow:
        return await uow.outbox.claim(wall, LEASE, limit)


async def deliver(database: Database, posting: Posting, ts: str) -> None:
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.delivered(posting, ts, MONDAY)


async def waiting(database: Database) -> int:
    async with database.reading(WORKSPACE) as reading:
        return await reading.outbox.waiting()


def texts(postings: tuple[Posting, ...]) -> list[str]:
    return [posting.announcement.payload["text"] for posting in postings]


async def test_the_oldest_of_each_stream_is_claimed(database: Database) -> None:
    await add(database, said("a1"), said("b1", "other"), said("a2"))
    first = await claim(database)
    assert texts(first) == ["a1", "b1"]
    assert first[0].announcement == said("a1")
    assert texts(await claim(database)) == []
    await deliver(database, first[0], "1.0")
    assert texts(await claim(database)) == ["a2"]
    assert await waiting(database) == 2


async def test_no_more_than_the_limit_are_claimed(database: Database) -> None:
    await add(database, *(said(str(number), f"stream {number}") for number in range(5)))
    assert texts(await claim(database, limit=2)) == ["0", "1"]
    assert texts(await claim(database, limit=2)) == ["2", "3"]


async def test_a_lease_that_ran_out_is_claimed_again_and_counted(database: Database) -> None:
    await add(database, said("a1"))
    assert [each.attempts for each in await claim(database)] == [0]
    assert [each.attempts for each in await claim(database, AFTER_THE_LEASE)] == [1]


async def test_a_slot_remembers_its_message_and_threads_hang_from_it(database: Database) -> None:
    await add(database, card("first"), said("told", thread_of="card"), card("edited"))
    [first] = await claim(database)
    assert (first.ts, first.thread_ts) == (None, None)
    await deliver(database, first, "17.01")
    [told] = await claim(database)
    assert (told.ts, told.thread_ts) == (None, "17.01")
    await deliver(database, told, "17.02")
    [edited] = await claim(database)
    assert (edited.ts, edited.thread_ts) == ("17.01", None)
    await deliver(database, edited, "17.01")
    assert await waiting(database) == 0


async def test_the_message_that_stands_in_a_slot_can_be_asked_for(database: Database) -> None:
    await add(database, card("first"))
    async with database.reading(WORKSPACE) as uow:
        assert await uow.outbox.standing("checkout", "C1", "card") is None
    [posting] = await claim(database)
    await deliver(database, posting, "17.01")
    async with database.reading(WORKSPACE) as uow:
        assert await uow.outbox.standing("checkout", "C1", "card") == "17.01"
        for place in (("checkout", "C2", "card"), ("other", "C1", "card"), ("checkout", "C1", "review-1")):
            assert await uow.outbox.standing(*place) is None


async def test_edits_that_a_newer_one_follows_are_left_out(database: Database) -> None:
    await add(database, card("first"))
    [first] = await claim(database)
    await add(database, card("second"), said("told", thread_of="card"), card("third"))
    await deliver(database, first, "17.01")
    assert await waiting(database) == 3
    [told] = await claim(database)
    assert texts((told,)) == ["told"]
    await deliver(database, told, "17.02")
    assert texts(await claim(database)) == ["third"]
    assert await waiting(database) == 1


async def test_the_first_message_of_a_slot_is_posted_before_what_hangs_from_it(database: Database) -> None:
    await add(database, card("first"), said("told", thread_of="card"), card("second"))
    assert texts(await claim(database)) == ["first"]


async def test_an_edit_that_was_tried_is_never_left_out(database: Database) -> None:
    await add(database, card("first"))
    await deliver(database, (await claim(database))[0], "17.01")
    await add(database, card("second"))
    assert texts(await claim(database)) == ["second"]
    await add(database, card("third"))
    assert texts(await claim(database, AFTER_THE_LEASE)) == ["second"]


async def test_a_retry_waits_and_holds_up_its_stream_alone(database: Database) -> None:
    await add(database, said("a1"), said("a2"), said("b1", "other"))
    first, _ = await claim(database)
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.retry(first, "ratelimited", MONDAY + timedelta(seconds=5))
    assert texts(await claim(database, MONDAY + timedelta(seconds=4))) == []
    [again] = await claim(database, MONDAY + timedelta(seconds=5))
    assert (again.announcement.payload["text"], again.attempts) == ("a1", 1)


async def test_a_refused_one_is_given_up_and_the_stream_goes_on_without_a_thread(database: Database) -> None:
    await add(database, card("first"), said("told", thread_of="card"))
    [first] = await claim(database)
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.refused(first, "channel_not_found", MONDAY)
    [told] = await claim(database)
    assert (told.announcement.payload["text"], told.thread_ts) == ("told", None)
    assert await waiting(database) == 1


async def test_who_lost_the_lease_can_neither_give_up_nor_put_off(database: Database) -> None:
    await add(database, said("a1"))
    [slow] = await claim(database)
    [quick] = await claim(database, AFTER_THE_LEASE)
    async with database.uow(WORKSPACE) as uow:
        await uow.outbox.refused(slow, "timeout", MONDAY)
        await uow.outbox.retry(slow, "timeout", MONDAY)
    assert await claim(database, AFTER_THE_LEASE) == ()
    await deliver(database, quick, "17.01")
    assert await waiting(database) == 0


async def test_the_first_report_of_a_delivery_counts(database: Database) -> None:
    await add(database, card("first"))
    [slow] = await claim(database)
    [quick] = await claim(database, AFTER_THE_LEASE)
    await deliver(database, slow, "17.01")
    await deliver(database, quick, "17.99")
    await add(database, card("second"))
    assert [each.ts for each in await claim(database)] == ["17.01"]


async def test_claims_at_the_same_time_never_share_a_row(database: Database) -> None:
    await add(database, *(said(str(number), f"stream {number}") for number in range(20)))
    claimed = await asyncio.gather(*(claim(database, limit=4) for _ in range(8)))
    numbers = [posting.id for postings in claimed for posting in postings]
    assert len(numbers) == len(set(numbers))
    assert len(numbers) >= 4


async def test_a_change_that_is_undone_leaves_nothing_to_deliver(database: Database) -> None:
    async def fail() -> None:
        async with database.uow(WORKSPACE) as uow:
            await uow.outbox.add([said("a1")], MONDAY)
            raise KeyError

    try:
        await fail()
    except KeyError:
        assert await waiting(database) == 0


async def test_a_long_backlog_of_edits_comes_down_to_the_newest_of_each(database: Database) -> None:
    await add(database, *(said(str(number), f"stream {number % 50}", slot="card") for number in range(4000)))
    for posting in await claim(database, limit=50):
        await deliver(database, posting, "17.01")
    assert texts(await claim(database, limit=50)) == [str(number) for number in range(3950, 4000)]
    assert await waiting(database) == 50
