"""What the picture of velocity is given: months, lengths with exact intervals, the way of one cohort, and rates."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.knowledge.learning import Lesson
from experiments.knowledge.patterns import share_interval
from experiments.model import Experiment, Outcome, Status
from experiments.pictures import durations
from experiments.pictures import velocity as engine
from experiments.pictures.durations import median_interval
from experiments.pictures.funnel import Stage, steps_of
from experiments.pictures.velocity import Velocity, months_between, velocity_of
from tests.experiments.pictures.attempts import NOW, attempt
from tests.experiments.pictures.pipelines import approved, asked, drafted, ran, years

MARCH = datetime(2026, 3, 10, tzinfo=UTC)


def by_month(data: Velocity) -> dict[str, tuple[int, int]]:
    return {each.words: (each.started, each.finished) for each in data.months if each.started or each.finished}


def test_the_examples_hold() -> None:
    assert doctest.testmod(durations).failed == doctest.testmod(engine).failed == 0


def test_what_starts_and_finishes_is_counted_in_its_month() -> None:
    some = [ran(1, MARCH, 0.03, 0.01, 14, 2), ran(2, MARCH, 0.03, 0.01, 30, None), drafted(3), asked(4, MARCH)]
    data = velocity_of(some, NOW)
    assert by_month(data) == {"Mar 2026": (2, 1), "Apr 2026": (0, 1)}
    assert [each.words for each in data.months][:: len(data.months) - 1] == ["Dec 2025", "Nov 2026"]
    assert [each.partial for each in data.months] == [False] * 11 + [True]


def test_a_month_ends_at_midnight_utc() -> None:
    late = attempt(1, ended=datetime(2026, 7, 1, 0, 30, tzinfo=UTC), days=2)
    early = attempt(2, ended=datetime(2026, 6, 30, 23, 30, tzinfo=UTC), days=2)
    assert by_month(velocity_of([late, early], NOW)) == {"Jun 2026": (2, 1), "Jul 2026": (0, 1)}


def test_of_a_shorter_time_the_first_month_is_partial_too() -> None:
    data = velocity_of([attempt(1, ended=NOW - timedelta(days=95)), attempt(2)], NOW, 90)
    assert (data.since, [each.partial for each in data.months]) == (
        NOW - timedelta(days=90), [True, False, False, True],
    )  # fmt: skip
    assert by_month(data) == {"Nov 2026": (1, 1)}


def test_pace_is_that_of_full_months_beside_those_before() -> None:
    ends = {6: 1, 7: 2, 8: 3, 9: 4, 10: 5, 11: 9}
    some = [attempt(month * 100 + n, ended=datetime(2026, month, 15, tzinfo=UTC), days=1)
            for month, count in ends.items() for n in range(count)]  # fmt: skip
    data = velocity_of(some, NOW)
    assert (data.pace, data.before) == (4.0, None)
    more = velocity_of([*some, attempt(1, ended=datetime(2026, 5, 3, tzinfo=UTC), days=1)], NOW)
    assert (more.pace, more.before) == (4.0, pytest.approx(4 / 3))


def test_lengths_are_medians_with_the_middle_half() -> None:
    some = [ran(n, NOW - timedelta(days=200), 0.01, 0.01, days, after, wait=3.0)
            for n, (days, after) in enumerate([(7, 1), (14, 2), (21, None), (28, 6)])]  # fmt: skip
    to_start, run, to_decision = velocity_of([*some, drafted(9)], NOW).spreads
    assert (to_start.median, to_start.lower, to_start.upper, to_start.waiting) == (3.0, 3.0, 3.0, 1)
    assert (run.median, run.lower, run.upper, run.count, run.interval) == (17.5, 12.25, 22.75, 4, None)
    assert (to_decision.median, to_decision.count, to_decision.waiting) == (2.0, 3, 1)


def test_lengths_count_for_the_time_in_which_they_ended() -> None:
    old = ran(1, NOW - timedelta(days=100), 0.01, 0.01, 14, 70)
    to_start, run, to_decision = velocity_of([old], NOW, 30).spreads
    assert (to_start.count, run.count, to_decision.count) == (0, 0, 1)


@given(st.lists(st.floats(0, 1e6), min_size=6, max_size=60))
def test_the_interval_of_a_median_covers_it_by_the_binomial(values: list[float]) -> None:
    ordered, count = sorted(values), len(values)
    found = median_interval(values)
    assert found is not None
    below = next(rank for rank in range(count) if sum(comb(count, k) for k in range(rank + 1)) / 2**count > 0.025) - 1
    assert (found.lower, found.upper) == (ordered[below], ordered[count - 1 - below])
    inside = sum(comb(count, k) for k in range(below + 1, count - below)) / 2**count
    assert inside >= 0.95


def test_five_are_too_few_for_an_interval() -> None:
    assert median_interval([1.0, 2.0, 3.0, 4.0, 5.0]) is None


def archived(made: Experiment, **changes: Any) -> Experiment:
    return made.evolve(status=Status.ARCHIVED, **changes)


COHORT = (
    drafted(1, MARCH), archived(drafted(2, MARCH)), asked(3, MARCH), archived(asked(4, MARCH)),
    asked(5, MARCH, status=Status.DRAFT), approved(6, MARCH), archived(approved(7, MARCH)),
    ran(8, MARCH, 0.01, 0.01, 14, None).evolve(status=Status.RUNNING, stopped_at=None, stop_reason=None),
    ran(9, MARCH, 0.01, 0.01, 14, None), archived(ran(10, MARCH, 0.01, 0.01, 14, None)),
    ran(11, MARCH, 0.03, 0.01, 14, 2, Outcome.SHIP), ran(12, MARCH, 0.01, 0.01, 14, 2, Outcome.ITERATE),
    archived(ran(13, MARCH, 0.03, 0.01, 14, 2, Outcome.SHIP)),
)  # fmt: skip


def test_the_way_counts_who_went_on_who_waits_and_who_ended() -> None:
    found = {each.stage: (each.reached, each.went_on, each.wait, each.ended) for each in steps_of(COHORT)}
    assert found == {
        Stage.DRAFT: (13, 11, 1, 1),
        Stage.REVIEW: (11, 8, 2, 1),
        Stage.APPROVED: (8, 6, 1, 1),
        Stage.STARTED: (6, 5, 1, 0),
        Stage.FINISHED: (5, 3, 1, 1),
        Stage.DECIDED: (3, 2, 0, 1),
        Stage.SHIPPED: (2, 0, 0, 0),
    }


def test_the_share_leaves_out_who_waits() -> None:
    review = steps_of(COHORT)[1]
    assert review.share == pytest.approx(8 / 9)
    assert review.interval == share_interval(8, 9)
    waiting = steps_of([drafted(1), drafted(2)])
    assert [each.share for each in waiting] == [None] * 7


@given(st.lists(st.sampled_from(COHORT), max_size=30))
def test_nobody_is_lost_on_the_way(some: list[Experiment]) -> None:
    steps = steps_of(some)
    for each, following in pairwise(steps):
        assert each.reached == each.went_on + each.wait + each.ended
        assert each.went_on == following.reached


def test_the_way_is_that_of_what_was_drafted_in_the_time() -> None:
    data = velocity_of([ran(1, NOW - timedelta(days=40), 0.01, 0.01, 14, 2), drafted(2)], NOW, 30)
    assert [each.reached for each in data.steps] == [1, 0, 0, 0, 0, 0, 0]
    assert by_month(data) == {"Oct 2026": (0, 1)}


def test_rates_are_those_of_what_ended_in_the_time() -> None:
    some = [
        ran(1, MARCH, 0.03, 0.01, 14, 2), ran(2, MARCH, -0.03, 0.01, 14, 2), ran(3, MARCH, 0.01, 0.02, 14, None),
        ran(4, MARCH, 0.01, 0.02, 14, 1, units=10), ran(5, MARCH - timedelta(days=400), 0.03, 0.01, 14, 2),
    ]  # fmt: skip
    data = velocity_of(some, NOW)
    success, learning, written = data.rates
    assert (success.count, success.of, success.share, success.interval) == (1, 4, 0.25, share_interval(1, 4))
    assert (learning.count, learning.share) == (3, 0.75)
    assert (written.count, written.of, written.interval) == (3, 4, share_interval(3, 4))
    assert {lesson: count for lesson, count in data.lessons.items() if count} == {
        Lesson.WIN: 1, Lesson.HARM_AVOIDED: 1, Lesson.POWERED_NEUTRAL: 1, Lesson.UNDERPOWERED: 1,
    }  # fmt: skip


def test_where_nothing_ended_there_is_no_rate() -> None:
    data = velocity_of([drafted(1)], NOW)
    assert [(each.share, each.refused) for each in data.rates] == [(None, "nothing has ended")] * 3
    assert (data.pace, data.is_empty) == (None, False)
    assert velocity_of((), NOW).is_empty


def test_what_was_brought_in_has_lessons_but_no_way() -> None:
    file = attempt(1).evolve(started_at=None, stopped_at=None, phases=())
    data = velocity_of([file], NOW)
    assert (data.brought_in, data.rates[0].of, by_month(data)) == (1, 1, {})
    assert [each.reached for each in data.steps] == [0] * 7


def test_months_of_a_year_and_across_it() -> None:
    firsts = months_between(datetime(2025, 11, 30, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    assert [f"{each:%b %y}" for each in firsts] == ["Nov 25", "Dec 25", "Jan 26", "Feb 26"]


def test_the_same_experiments_make_the_same_picture() -> None:
    assert velocity_of(years(30), NOW).model_dump_json() == velocity_of(years(30), NOW).model_dump_json()
