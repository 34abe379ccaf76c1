"""People come at their rate, with their shares, come back, and are the same however one asks for them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.visitors.people import DAY, SLOT, Population, Visits
from bot.visitors.presets import PRESETS
from bot.visitors.scenario import Scenario

START = 20_000 * DAY
SCENARIO = PRESETS["novelty"].changed(experiment="checkout", people_per_day=300)


def all_of(scenario: Scenario, since: int = START, until: int = START + DAY) -> list[Visits]:
    return list(Population(scenario, START).between(since, until))


def told(visits: list[Visits]) -> list[tuple[object, ...]]:
    """Everything about each visit, as plain values."""
    return [
        (
            int(each.times[row]),
            each.units[row],
            each.attributes[row],
            int(each.age[row]),
            float(each.fate[row]),
            *(value for luck in each.luck for column in luck for value in np.atleast_1d(column[row]).tolist()),
        )
        for each in visits
        for row in range(len(each.units))
    ]


WHOLE = told(all_of(SCENARIO))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(START, START + DAY), max_size=8))
def test_it_does_not_matter_in_which_pieces_one_asks(cuts: list[int]) -> None:
    population = Population(SCENARIO, START)
    moments = [START, *sorted(cuts), START + DAY]
    pieces = [visits for since, until in itertools.pairwise(moments) for visits in population.between(since, until)]
    assert told(pieces) == WHOLE


def test_the_order_is_that_of_time() -> None:
    times = [visit[0] for visit in WHOLE]
    assert times == sorted(times)
    assert times[0] > START
    assert times[-1] <= START + DAY


def test_another_seed_or_experiment_has_other_people() -> None:
    units = {visit[1] for visit in WHOLE}
    for other in (SCENARIO.changed(seed=2), SCENARIO.changed(experiment="search")):
        assert not units & {visit[1] for visit in told(all_of(other))}


def test_as_many_come_as_were_said_and_with_their_shares() -> None:
    scenario = SCENARIO.changed(people_per_day=40_000, returning=0)
    visits = all_of(scenario)
    count = sum(len(each.units) for each in visits)
    assert abs(count - 40_000) < 4 * 200
    assert len({unit for each in visits for unit in each.units}) == count
    for segment in scenario.segments:
        for level in segment.levels:
            having = sum(who[segment.attribute] == level.name for each in visits for who in each.attributes)
            assert abs(having / count - level.share) < 4 * (level.share * (1 - level.share) / count) ** 0.5


def test_the_evening_is_busier_than_the_morning() -> None:
    scenario = SCENARIO.changed(people_per_day=40_000, returning=0, rhythm=0.5)
    by_hour = np.histogram(np.concatenate([each.times for each in all_of(scenario)]) - START, 24, (0, DAY))[0]
    assert by_hour[19] == pytest.approx(1.5 * 40_000 / 24, rel=0.1)
    assert by_hour[7] == pytest.approx(0.5 * 40_000 / 24, rel=0.1)


def test_people_come_back_on_later_days_as_themselves() -> None:
    visits = all_of(SCENARIO.changed(returning=0.5, return_days=2), until=START + 3 * DAY)
    first = {unit: (who, time) for each in visits for unit, who, time in seen(each, 0)}
    for age in (1, 2):
        again = [visit for each in visits for visit in seen(each, age)]
        whole_days = 3 - age
        assert abs(len(again) - 0.5 * 300 * whole_days) < 5 * (0.5 * 300 * whole_days) ** 0.5
        for unit, who, time in again:
            assert first[unit][0] == who
            assert abs(time - first[unit][1] - age * DAY) < SLOT
    assert not any((each.age > 2).any() for each in visits)


def seen(visits: Visits, age: int) -> list[tuple[str, dict[str, str], int]]:
    rows = np.flatnonzero(visits.age == age)
    return [(visits.units[row], visits.attributes[row], int(visits.times[row])) for row in rows]


def test_the_same_person_keeps_what_is_their_own() -> None:
    visits = all_of(SCENARIO, until=START + 2 * DAY)
    steady: dict[str, set[tuple[float, ...]]] = {}
    for each in visits:
        for row, unit in enumerate(each.units):
            steady.setdefault(unit, set()).add(
                (float(each.fate[row]), *(float(luck.steady[row]) for luck in each.luck))
            )
    assert any(sum(unit in each.units for each in visits) > 1 for unit in list(steady)[:50])
    assert all(len(own) == 1 for own in steady.values())


def test_nobody_comes_before_the_start() -> None:
    middle = START + SLOT // 2
    assert [visit[0] for visit in told(list(Population(SCENARIO, middle).between(0, START + DAY)))] == [
        visit[0] for visit in WHOLE if visit[0] > middle
    ]
