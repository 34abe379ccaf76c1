"""Times as people type them, in zones with all their oddities."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import BadInput
from experiments.local_time import local_moment, told, zone

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Apia",
    "Africa/Casablanca",
)

MINUTES = st.integers(0, 60 * 365 * 24 * 60).map(
    lambda count: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=count)
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "tz", "moment", "remark"),
    [
        ("2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:30", "I took 03:30"),
        ("2026-03-29 01:59", "Europe/Berlin", "2026-03-29T00:59", ""),
        ("2026-03-29 03:00", "Europe/Berlin", "2026-03-29T01:00", ""),
        ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30", "comes twice"),
        ("2026-10-04 02:15", "Australia/Lord_Howe", "2026-10-03T15:45", "I took 02:45"),
        ("2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-04T14:45", "comes twice"),
        ("2026-06-01 09:00", "Asia/Kolkata", "2026-06-01T03:30", ""),
        ("2026-06-01 09:00", "Asia/Kathmandu", "2026-06-01T03:15", ""),
        ("2028-02-29 23:59", "America/New_York", "2028-03-01T04:59", ""),
        ("2026-6-1  9:05", "UTC", "2026-06-01T09:05", ""),
        ("2026-06-01T09:05", "No/Where", "2026-06-01T09:05", ""),
    ],
)
def test_a_local_time_is_one_moment(typed: str, tz: str, moment: str, remark: str) -> None:
    found = local_moment(typed, tz)
    assert found.at == utc(moment)
    assert remark in found.remark if remark else found.remark == ""


@pytest.mark.parametrize(
    "typed",
    ["", "tomorrow", "2027-02-29 09:00", "2026-13-01 09:00", "2026-06-01 24:00", "2026-06-01", "9999-12-31 23:59"],
)
def test_what_is_no_time_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        local_moment(typed, "America/New_York", field="stop_at")
    assert refused.value.field == "stop_at"
    assert "2026-03-29 14:30" in refused.value.words


@given(at=MINUTES, tz=st.sampled_from(ZONES))
def test_the_clock_shows_what_was_typed_unless_it_says_otherwise(at: datetime, tz: str) -> None:
    local = at.replace(tzinfo=None)
    found = local_moment(f"{local:%Y-%m-%d %H:%M}", tz)
    shown = found.at.astimezone(ZoneInfo(tz)).replace(tzinfo=None)
    assert found.at.tzinfo is UTC
    if "does not exist" in found.remark:
        assert timedelta() < shown - local <= timedelta(days=1)
        assert f"{shown:%H:%M}" in found.remark
    else:
        assert shown == local


@given(at=MINUTES, tz=st.sampled_from(ZONES))
def test_a_moment_is_told_in_its_zone(at: datetime, tz: str) -> None:
    assert told(at, tz) == f"{at.astimezone(ZoneInfo(tz)):%Y-%m-%d %H:%M} ({tz})"


def test_a_zone_nobody_knows_is_utc() -> None:
    assert [zone(name).key for name in ("", "../etc", "Moon/Tycho", "Asia/Kolkata")] == ["UTC"] * 3 + ["Asia/Kolkata"]
