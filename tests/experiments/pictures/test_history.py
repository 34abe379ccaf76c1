"""Every attempt in its lane with its lesson, and the sum of the winners as it grew, with and without the luck."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.knowledge.gains import Z, counting, gains_of
from experiments.knowledge.learning import Lesson
from experiments.model import Status
from experiments.pictures.history import (
    MOST_ATTEMPTS,
    MOST_STEPS,
    NO_DIRECTION,
    OTHER,
    directions_of,
    history_of,
    metrics_of,
)
from tests.experiments.pictures.attempts import NOW, attempt, fleet


def test_the_sum_grows_winner_by_winner_in_the_order_in_which_they_ended() -> None:
    some = [attempt(1, 0.05), attempt(2, 0.001), attempt(3, 0.03)]
    found = history_of(some, NOW)
    assert [each.at for each in found.steps] == [NOW - timedelta(days=3), NOW - timedelta(days=1)]
    assert [each.measured.value for each in found.steps] == [pytest.approx(0.03), pytest.approx(0.08)]
    assert found.steps[1].measured.upper == pytest.approx(0.08 + Z * sqrt(2) * 0.01)
    assert (found.winners, found.steps[1].corrected) == (2, None)
    assert "here are 3" in found.refused


def test_it_ends_where_the_winners_curse_ends() -> None:
    some = fleet(40)
    found = history_of(some, NOW)
    gains = gains_of([trial for each in some if (trial := counting(each))])
    assert found.steps[-1].corrected is not None
    assert found.steps[-1].corrected.value == pytest.approx(sum(each.corrected or 0 for each in gains.winners if each))
    assert found.steps[-1].measured.value == pytest.approx(sum(each.lift for each in gains.winners if each))
    assert len(found.steps) == found.winners == gains.count


def test_an_attempt_stands_in_one_lane_the_largest_of_its_directions_first() -> None:
    tags = [("a", "b"), ("a",), ("b", "a"), ("b",), ("c",), ()]
    found = history_of([attempt(number + 1, 0.05, tags=each) for number, each in enumerate(tags)], NOW)
    assert [(each.direction, each.attempts) for each in found.lanes] == [
        ("a", 3),
        ("b", 1),
        ("c", 1),
        (NO_DIRECTION, 1),
    ]
    assert sum(each.wins for each in found.lanes) == 6
    assert {each.key: each.lane for each in found.attempts}["attempt-3"] == 0


def test_the_smallest_directions_share_a_lane() -> None:
    found = history_of([attempt(number, tags=(f"tag-{number}",)) for number in range(9)], NOW)
    assert [each.direction for each in found.lanes[:-1]] == [f"tag-{number}" for number in range(5)]
    assert (found.lanes[-1].direction, found.lanes[-1].attempts) == (OTHER, 4)


def test_each_attempt_says_what_it_taught() -> None:
    harmful = attempt(2)
    assert harmful.reading is not None
    harmful = harmful.evolve(reading=harmful.reading.model_copy(update={"harmed": True}))
    some = [attempt(1), harmful, attempt(3, 0.001), attempt(4, 0.001, 0.05, units=100), attempt(5, reading=None)]
    found = history_of(some, NOW)
    assert [each.lesson for each in reversed(found.attempts)] == [
        Lesson.WIN, Lesson.HARM_AVOIDED, Lesson.POWERED_NEUTRAL, Lesson.UNDERPOWERED, Lesson.INVALID,
    ]  # fmt: skip
    assert found.winners == 1, "what did harm is not added up"
    assert found.attempts[0].lift is None


def test_it_can_be_of_one_direction_and_of_one_metric() -> None:
    some = [attempt(1, 0.05, tags=("a", "b")), attempt(2, 0.04, tags=("b",)), attempt(3, 0.03, tags=("c",))]
    assert directions_of(some) == ("b", "a", "c")
    assert metrics_of(some) == ("conversion",)
    found = history_of(some, NOW, direction="b")
    assert ([each.key for each in found.attempts], len(found.lanes)) == (["attempt-2", "attempt-1"], 1)
    assert history_of(some, NOW, metric="conversion").experiments == 3
    assert history_of(some, NOW, metric="revenue").attempts == ()


def test_what_runs_is_no_attempt_yet_and_without_one_there_is_nothing() -> None:
    found = history_of([attempt(status=Status.RUNNING, stopped_at=None, decision=None)], NOW)
    assert (found.attempts, found.lanes, found.steps, found.basis.as_of) == ((), (), (), NOW)


def test_very_many_are_thinned_and_the_end_is_kept() -> None:
    some = [attempt(number + 1, 0.03, ended=NOW - timedelta(hours=number)) for number in range(MOST_STEPS + 100)]
    found = history_of(some, NOW)
    assert len(found.steps) <= MOST_STEPS
    assert found.steps[-1].measured.value == pytest.approx(0.03 * len(some))
    assert (len(found.attempts), found.not_drawn) == (MOST_ATTEMPTS, len(some) - MOST_ATTEMPTS)
    assert found.attempts[-1].key == "attempt-1"


@given(st.lists(st.tuples(st.floats(-0.5, 2), st.floats(1e-4, 1), st.integers(0, 2_000)), max_size=15))
def test_steps_and_attempts_come_in_order(made: list[tuple[float, float, int]]) -> None:
    some = [attempt(number, lift, error, ended=NOW - timedelta(hours=hours))
            for number, (lift, error, hours) in enumerate(made)]  # fmt: skip
    found = history_of(some, NOW)
    for first, then in (*pairwise(found.attempts), *pairwise(found.steps)):
        assert (first.ended <= then.ended) if hasattr(first, "ended") else (first.at <= then.at)
    assert sum(each.attempts for each in found.lanes) == len(some)
    assert all(each.measured.lower <= each.measured.value <= each.measured.upper for each in found.steps)
