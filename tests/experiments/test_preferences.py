"""What was chosen: whom it follows, what is muted, and when quiet hours end by the clocks of the place."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.announcements import Event
from experiments.commands import CreateExperiment
from experiments.execute import execute
from experiments.preferences import Preferences, prefer
from tests.worlds import ADA, BO, MONDAY, MemoryWorld

BERLIN, KOLKATA, LORD_HOWE = "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"
ZONES = (BERLIN, KOLKATA, LORD_HOWE, "America/New_York", "Asia/Gaza", "UTC")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def quiet(start: time, end: time, tz: str = BERLIN) -> Preferences:
    return Preferences(subject="C1", quiet_from=start, quiet_until=end, tz=tz)


NIGHT = (time(22), time(7))


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (utc(2026, 3, 2, 20, 59), None),
        (utc(2026, 3, 2, 21), utc(2026, 3, 3, 6)),
        (utc(2026, 3, 3, 5, 59), utc(2026, 3, 3, 6)),
        (utc(2026, 3, 3, 6), None),
        (utc(2026, 3, 28, 23), utc(2026, 3, 29, 5)),
        (utc(2026, 10, 24, 22), utc(2026, 10, 25, 6)),
        (utc(2028, 2, 28, 23), utc(2028, 2, 29, 6)),
    ],
    ids=["before", "begin", "last minute", "over", "spring", "autumn", "into the leap day"],
)
def test_a_night_in_berlin(now: datetime, end: datetime | None) -> None:
    assert quiet(*NIGHT).quiet_end(now) == end


def test_quiet_hours_by_day_and_in_zones_of_half_hours() -> None:
    lunch = quiet(time(12, 30), time(13, 30), KOLKATA)
    assert lunch.quiet_end(utc(2026, 3, 2, 7)) == utc(2026, 3, 2, 8)
    assert lunch.quiet_end(utc(2026, 3, 2, 6, 59)) is None


def test_an_end_that_spring_leaves_out_comes_with_the_gap() -> None:
    assert quiet(time(22), time(2, 30)).quiet_end(utc(2026, 3, 28, 23)) == utc(2026, 3, 29, 1, 30)


@given(st.times(), st.times(), st.integers(0, 25 * 366 * 86_400), st.sampled_from(ZONES))
def test_what_is_held_back_is_held_until_the_end_and_no_longer_than_a_day(
    start: time, end: time, seconds: int, tz: str
) -> None:
    now = utc(2010, 1, 1) + timedelta(seconds=seconds)
    choice = quiet(start, end, tz)
    until = choice.quiet_end(now)
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        local = until.astimezone(ZoneInfo(tz))
        assert local.time() >= end or local.utcoffset() != now.astimezone(ZoneInfo(tz)).utcoffset()


@pytest.mark.parametrize("hours", [(None, time(7)), (time(7), None), (time(7), time(7)), (None, None)])
def test_without_both_ends_no_hour_is_quiet(hours: tuple[time | None, time | None]) -> None:
    assert Preferences(subject="C1", quiet_from=hours[0], quiet_until=hours[1]).quiet_end(MONDAY) is None


async def test_what_follows_an_experiment() -> None:
    bench = MemoryWorld()
    made = await execute(
        CreateExperiment(key="faster-search", title="Faster", project="search", tags=("speed",)), ADA, bench.world
    )
    nobody = Preferences(subject="U0BO")
    assert not nobody.follows(made)
    assert not nobody.follows_something
    for chosen in ({"everything": True}, {"projects": ("search",)}, {"tags": ("speed",)}, {"experiments": (made.key,)}):
        assert Preferences.model_validate({"subject": "U0BO", **chosen}).follows(made), chosen
    for other in ({"projects": ("checkout",)}, {"tags": ("speedy",)}, {"experiments": ("faster",)}):
        assert not Preferences.model_validate({"subject": "U0BO", **other}).follows(made), other


def test_mutes_end_by_themselves() -> None:
    later = MONDAY + timedelta(hours=1)
    one = Preferences(subject="C1", muted_keys={"loud": later})
    assert one.is_muted("loud", MONDAY)
    assert not one.is_muted("loud", later)
    assert not one.is_muted("other", MONDAY)
    assert Preferences(subject="C1", muted_until=later).is_muted("other", MONDAY)


def test_the_usual_set_is_quiet() -> None:
    channel, person = Preferences(subject="C1"), Preferences(subject="U1")
    assert Event.SIGNIFICANCE not in channel.chosen
    assert set(person.chosen) == {Event.NEEDS_PEOPLE, Event.ALARM, Event.DECISION}
    assert Preferences(subject="C1", events=()).chosen == ()


async def test_choices_remember_who_made_them_and_keep_the_rest() -> None:
    bench = MemoryWorld()
    await prefer("C1", ADA, bench.world, lambda was: was.model_copy(update={"filters": {"fleet": "mine"}}))
    before, after = await prefer("C1", BO, bench.world, lambda was: was.model_copy(update={"everything": True}))
    assert (before.changed_by, after.changed_by) == ("U0ADA", "U0BO")
    assert after.filters == {"fleet": "mine"}
    assert bench.tables.preferences["C1"] == after
