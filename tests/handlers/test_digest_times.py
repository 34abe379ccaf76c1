"""The digest comes on the day and at the time that were chosen, by the clocks of the place."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from experiments.announcements import Event
from experiments.model import Status
from experiments.permissions import Role
from experiments.preferences import Preferences
from handlers.jobs import run_due
from tests.experiments.stages import KEY, lead_to
from tests.storage.samples import draft
from tests.worlds import DEE, MemoryWorld

CHANNEL = "C0EXPERIMENTS"
BERLIN, KOLKATA = "Europe/Berlin", "Asia/Kolkata"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.fixture
async def bench() -> MemoryWorld:
    bench = MemoryWorld()
    await lead_to(Status.STOPPED, bench)
    return bench


def choose(bench: MemoryWorld, subject: str = CHANNEL, **choices: Any) -> None:
    bench.tables.preferences[subject] = Preferences(subject=subject, **choices)


def next_digest(bench: MemoryWorld, subject: str = CHANNEL) -> datetime:
    return bench.tables.schedules["weekly_digest", subject].next_at


def posted(bench: MemoryWorld, subject: str = CHANNEL) -> int:
    rows = (row.announcement for row in bench.tables.outbox.values())
    return sum(each.surface == "weekly_digest" and each.channel == subject for each in rows)


async def ticks(bench: MemoryWorld, until: datetime, hours: float = 1, tz: str = BERLIN) -> list[datetime]:
    """Tick on and on; when a digest was posted."""
    moments = []
    while bench.clock.now() < until:
        before = posted(bench)
        await run_due(bench.world, tz)
        if posted(bench) > before:
            moments.append(bench.clock.now())
        bench.clock.advance(hours=hours)
    return moments


@pytest.mark.parametrize(
    ("choices", "at"),
    [
        ({}, utc(2026, 3, 9, 8)),
        ({"digest_weekday": 4, "digest_at": time(16)}, utc(2026, 3, 6, 15)),
        ({"digest_weekday": 4, "digest_at": time(16), "tz": KOLKATA}, utc(2026, 3, 6, 10, 30)),
        ({"digest_weekday": 2, "digest_at": time(0), "tz": "Australia/Lord_Howe"}, utc(2026, 3, 3, 13)),
    ],
)
async def test_the_chosen_day_and_time(choices: dict[str, Any], at: datetime, bench: MemoryWorld) -> None:
    choose(bench, **choices)
    await run_due(bench.world, BERLIN)
    assert next_digest(bench) == at


async def test_another_choice_moves_what_was_planned(bench: MemoryWorld) -> None:
    await run_due(bench.world, BERLIN)
    assert next_digest(bench) == utc(2026, 3, 9, 8)
    choose(bench, digest_weekday=3)
    await run_due(bench.world, BERLIN)
    assert next_digest(bench) == utc(2026, 3, 5, 8)
    choose(bench, digest_weekday=3, tz="America/New_York")
    await run_due(bench.world, BERLIN)
    assert next_digest(bench) == utc(2026, 3, 5, 14)


async def test_another_zone_of_the_whole_installation_moves_it_too(bench: MemoryWorld) -> None:
    await run_due(bench.world, "UTC")
    await run_due(bench.world, BERLIN)
    assert next_digest(bench) == utc(2026, 3, 9, 8)
    assert bench.tables.schedules["weekly_digest", CHANNEL].tz == BERLIN


async def test_a_move_neither_posts_at_once_nor_twice(bench: MemoryWorld) -> None:
    await run_due(bench.world, BERLIN)
    choose(bench, digest_weekday=0, digest_at=time(8))
    moments = await ticks(bench, utc(2026, 3, 10, 0))
    assert moments == [utc(2026, 3, 9, 7)]


@pytest.mark.parametrize(
    ("start", "tz", "local"),
    [
        (utc(2026, 3, 27, 12), BERLIN, "02:30"),
        (utc(2026, 10, 23, 12), BERLIN, "02:30"),
        (utc(2026, 4, 3, 12), "Australia/Lord_Howe", "01:45"),
        (utc(2028, 2, 26, 12), KOLKATA, "23:30"),
    ],
    ids=["spring", "autumn", "half an hour of autumn", "leap day"],
)
async def test_one_a_week_whatever_the_clocks_do(start: datetime, tz: str, local: str, bench: MemoryWorld) -> None:
    bench.clock.time = start
    choose(bench, digest_weekday=6, digest_at=time.fromisoformat(local), tz=tz)
    moments = await ticks(bench, start + timedelta(days=15), hours=0.25)
    assert len(moments) == 2
    assert timedelta(days=6, hours=22) < moments[1] - moments[0] < timedelta(days=7, hours=2)


async def test_the_digest_on_the_leap_day(bench: MemoryWorld) -> None:
    bench.clock.time = utc(2028, 2, 28, 12)
    choose(bench, digest_weekday=1)
    await run_due(bench.world, BERLIN)
    assert next_digest(bench) == utc(2028, 2, 29, 8)


async def test_after_a_sleep_of_a_day_it_is_late_and_after_a_week_missed(bench: MemoryWorld) -> None:
    await run_due(bench.world, BERLIN)
    bench.clock.time = utc(2026, 3, 10, 7, 59)
    await run_due(bench.world, BERLIN)
    assert posted(bench) == 1
    bench.clock.time = utc(2026, 3, 18, 12)
    await run_due(bench.world, BERLIN)
    assert posted(bench) == 1
    assert list(bench.tables.runs.values()) == ["posted", "missed"]
    assert next_digest(bench) == utc(2026, 3, 23, 8)


async def test_a_muted_channel_gets_none_and_the_next_again(bench: MemoryWorld) -> None:
    choose(bench, muted_until=utc(2026, 3, 10, 0))
    moments = await ticks(bench, utc(2026, 3, 17, 0))
    assert moments == [utc(2026, 3, 16, 8)]


async def test_who_did_not_choose_a_digest_gets_none(bench: MemoryWorld) -> None:
    choose(bench, events=(Event.DECISION,))
    await run_due(bench.world, BERLIN)
    assert not bench.tables.schedules


async def test_a_person_gets_the_digest_of_what_they_follow_and_may_read(bench: MemoryWorld) -> None:
    await draft(bench.world, "hidden-one", project="secret", channel="")
    choose(bench, DEE.user, everything=True, events=(Event.DIGEST,))
    bench.people.actors[DEE.user] = DEE.model_copy(update={"role": Role.OUTSIDER, "projects": {"secret": Role.VIEWER}})
    await ticks(bench, utc(2026, 3, 10, 0))
    assert posted(bench, DEE.user) == 0
    bench.people.actors[DEE.user] = DEE
    await ticks(bench, utc(2026, 3, 17, 0))
    [digest] = [row.announcement for row in bench.tables.outbox.values() if row.announcement.channel == DEE.user]
    assert [each["key"] for each in digest.payload["digest"]["needs_people"]] == [KEY]


async def test_before_the_minimum_run_time_no_update_says_anything() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    choose(bench, events=(Event.SIGNIFICANCE,))
    await ticks(bench, utc(2026, 3, 4, 0))
    assert not [row for row in bench.tables.outbox.values() if row.announcement.surface == "significance_update"]
    assert bench.tables.runs["significance_update", CHANNEL, "2026-03-03T09:00"] == "nothing new"
