"""Ticks of time: round moments, in order, few enough, within their bounds, whatever the length."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import moments
from charts.moments import days_of, moment_ticks

START = datetime(2026, 3, 4, 7, 30, tzinfo=UTC)


def test_the_examples_hold() -> None:
    assert doctest.testmod(moments).failed == 0


@pytest.mark.parametrize(
    ("length", "labels"),
    [
        (timedelta(hours=5), ["4 Mar 08:00", "4 Mar 09:00", "4 Mar 10:00", "4 Mar 11:00", "4 Mar 12:00"]),
        (timedelta(days=5), ["5 Mar", "6 Mar", "7 Mar", "8 Mar", "9 Mar"]),
        (timedelta(days=30), ["9 Mar", "16 Mar", "23 Mar", "30 Mar"]),
        (timedelta(days=400), ["May 2026", "Jul 2026", "Sep 2026", "Nov 2026", "Jan 2027", "Mar 2027"]),
        (timedelta(days=1_900), ["2027", "2028", "2029", "2030", "2031"]),
    ],
)
def test_they_are_round(length: timedelta, labels: list[str]) -> None:
    assert moment_ticks(START, START + length)[1] == labels


@given(st.floats(-16_000, 27_000), st.floats(0.05, 20_000))
def test_they_are_few_and_within(since: float, length: float) -> None:
    low = START + timedelta(days=since)
    high = low + timedelta(days=length)
    places, labels = moment_ticks(low, high)
    assert len(places) == len(labels) <= 8
    assert places == sorted(places)
    assert all(days_of(low) <= place <= days_of(high) for place in places)
