"""When the repeating things are due: local wall-clock time in zones that jump, repeat and are half an hour off."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.cadence import Cadence

BERLIN, KOLKATA, NEW_YORK = "Europe/Berlin", "Asia/Kolkata", "America/New_York"
ZONES = (BERLIN, KOLKATA, NEW_YORK, "UTC", "Australia/Lord_Howe", "America/Scoresbysund", "Pacific/Apia", "Asia/Gaza")
NINE = Cadence(at=time(9, 0))
MONDAYS = Cadence(at=time(9, 0), weekday=0)
AT_NIGHT = Cadence(at=time(2, 30))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def moments(cadence: Cadence, start: datetime, tz: str, count: int) -> list[datetime]:
    found = [cadence.next(start, tz)]
    while len(found) < count:
        found.append(cadence.next(found[-1], tz))
    return found


def test_each_morning_in_local_time_whatever_the_season() -> None:
    assert NINE.next(utc(2026, 1, 15, 0), BERLIN) == utc(2026, 1, 15, 8)
    assert NINE.next(utc(2026, 7, 15, 0), BERLIN) == utc(2026, 7, 15, 7)
    assert NINE.next(utc(2026, 7, 15, 0), NEW_YORK) == utc(2026, 7, 15, 13)


def test_in_zones_half_an_hour_off() -> None:
    assert NINE.next(utc(2026, 3, 2, 3, 29), KOLKATA) == utc(2026, 3, 2, 3, 30)
    assert NINE.slot(utc(2026, 3, 2, 3, 30), KOLKATA) == "2026-03-02T09:00"


def test_exactly_at_its_moment_the_next_is_tomorrow() -> None:
    assert NINE.next(utc(2026, 1, 15, 8), BERLIN) == utc(2026, 1, 16, 8)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (utc(2026, 3, 2, 7, 59), utc(2026, 3, 2, 8)),
        (utc(2026, 3, 2, 8), utc(2026, 3, 9, 8)),
        (utc(2026, 3, 23, 8), utc(2026, 3, 30, 7)),
    ],
    ids=["just before", "at it", "over the spring change"],
)
def test_each_monday(after: datetime, expected: datetime) -> None:
    assert MONDAYS.next(after, BERLIN) == expected


def test_the_monday_is_the_local_one() -> None:
    auckland = Cadence(at=time(6, 0), weekday=0)
    moment = auckland.next(utc(2026, 3, 1, 0), "Pacific/Auckland")
    assert moment == utc(2026, 3, 1, 17)
    assert moment.astimezone(ZoneInfo("Pacific/Auckland")).weekday() == 0


def test_a_time_that_spring_leaves_out_comes_an_hour_later_and_once() -> None:
    night = moments(AT_NIGHT, utc(2026, 3, 28, 12), BERLIN, 2)
    assert night == [utc(2026, 3, 29, 1, 30), utc(2026, 3, 30, 0, 30)]
    assert [AT_NIGHT.slot(each, BERLIN) for each in night] == ["2026-03-29T03:30", "2026-03-30T02:30"]


def test_the_hour_that_autumn_repeats_comes_once() -> None:
    first, second = moments(AT_NIGHT, utc(2026, 10, 24, 12), BERLIN, 2)
    assert (first, second) == (utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30))
    between = utc(2026, 10, 25, 0, 45)
    assert AT_NIGHT.next(between, BERLIN) == second


def test_both_halves_of_the_repeated_hour_are_one_slot() -> None:
    names = {AT_NIGHT.slot(utc(2026, 10, 25, hour, 30), BERLIN) for hour in (0, 1)}
    assert names == {"2026-10-25T02:30"}


def test_the_leap_day_is_a_day() -> None:
    assert moments(NINE, utc(2028, 2, 28, 12), "UTC", 2) == [utc(2028, 2, 29, 9), utc(2028, 3, 1, 9)]


def test_a_gap_over_midnight_hides_no_moment() -> None:
    """In Scoresbysund the hour from 23:00 to midnight was left out on 29 March 2025."""
    late = Cadence(at=time(23, 30))
    just_before = utc(2025, 3, 30, 1, 10)
    assert late.next(just_before, "America/Scoresbysund") == utc(2025, 3, 30, 1, 30)


def test_the_week_before_a_change_of_the_clocks_has_no_gap() -> None:
    assert MONDAYS.previous(utc(2026, 3, 30, 7), BERLIN) == utc(2026, 3, 23, 8)
    assert MONDAYS.previous(utc(2026, 10, 26, 8), BERLIN) == utc(2026, 10, 19, 7)


cadences = st.builds(Cadence, at=st.times(timezones=st.none()), weekday=st.none() | st.integers(0, 6))
starts = st.integers(0, 25 * 366 * 86_400).map(lambda seconds: utc(2009, 1, 1) + timedelta(seconds=seconds))


@given(cadences, starts, st.sampled_from(ZONES))
def test_the_next_is_always_later_and_no_slot_comes_twice(cadence: Cadence, start: datetime, tz: str) -> None:
    run = moments(cadence, start, tz, 10)
    assert all(earlier < later for earlier, later in pairwise([start, *run]))
    names = [cadence.slot(each, tz) for each in run]
    assert len(set(names)) == len(names)
    assert run[-1] - start <= timedelta(days=10 * (7 if cadence.weekday is not None else 1) + 2)


@given(cadences, starts, st.sampled_from(ZONES))
def test_the_one_before_the_next_was_not_later_than_the_start(cadence: Cadence, start: datetime, tz: str) -> None:
    upcoming = cadence.next(start, tz)
    assert cadence.previous(upcoming, tz) <= start
    assert cadence.next(cadence.previous(upcoming, tz), tz) == upcoming
