"""Costs and benefits: counted by hand, told apart by currency, refused with a reason, never guessed."""

from __future__ import annotations

from datetime import timedelta
from math import isfinite
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.design import Direction, MetricKind
from experiments.knowledge.gains import Z
from experiments.model import Experiment, Status
from experiments.pictures.roi import PERCENT, Quadrant, measures_of, roi_of
from experiments.policy import Policies, Project
from experiments.running import Phase
from tests.experiments.pictures.attempts import NOW, attempt, fleet, policies

EUR = "money:EUR"


def test_money_is_counted_as_by_hand() -> None:
    """A lift of 3 % on a rate of 10 %: 28,000 of 14 days are 730,000 a year; 2,190 more conversions at 12.50."""
    found = roi_of([attempt()], policies(), EUR, NOW)
    (stake,) = found.stakes
    assert stake.cost == pytest.approx(14 * 450)
    assert stake.benefit == pytest.approx(0.03 * 0.1 * 28_000 / 14 * 365 * 12.5)
    assert stake.lower is not None
    assert stake.lower == pytest.approx(stake.benefit / 3)
    assert stake.sureness == pytest.approx(NormalDist().cdf(3))
    assert stake.shipped
    assert found.spent == stake.cost
    assert found.measured is not None
    assert found.measured.value == pytest.approx(stake.benefit)
    assert found.measured.upper == pytest.approx(stake.benefit * (1 + Z / 3))


def test_a_year_is_counted_at_the_whole_traffic() -> None:
    """A tenth of the traffic, a quarter of it in each of two of three arms: 20 times what these two saw."""
    weights = {"control": 2_500, "treatment": 2_500, "other": 5_000}
    phase = Phase(number=1, started_at=NOW - timedelta(days=14), weights=weights, exposure=1_000)
    whole, part = (roi_of([each], policies(), EUR, NOW).stakes[0] for each in (attempt(), attempt(phases=(phase,))))
    assert part.benefit == pytest.approx(whole.benefit * 20)


def test_where_less_is_better_less_is_worth_something() -> None:
    down = attempt(lift=-0.03, direction=Direction.DOWN, control=120.0, metric_kind=MetricKind.MEAN)
    found = roi_of([down], policies(worth={"conversion": -0.02}), EUR, NOW)
    assert found.stakes[0].benefit == pytest.approx(0.03 * 120 * 2_000 * 365 * 0.02)
    refused = roi_of([down], policies(worth={"conversion": 0.02}), EUR, NOW)
    assert refused.missing == ("1 has a worth that says the contrary of its metric's good direction",)


@pytest.mark.parametrize(
    ("experiment", "project", "words"),
    [
        (attempt(reading=None), {}, "1 has no lift: their data allow none, or nobody has read them"),
        (attempt(), {"day_cost": None}, "1 has no cost of a day in their project's settings"),
        (attempt(), {"worth": {}}, "1 has a metric whose worth is not in their project's settings"),
        (attempt(), {"worth": {"conversion": 0.0}}, "1 has a metric whose worth is not in their project's settings"),
        (attempt(metric_kind=MetricKind.RATIO), {}, "1 has a ratio or a quantile, which is no amount per unit"),
        (attempt(units=0), {}, "1 has no traffic to count a year from"),
        (attempt(control=None), {}, "1 has no traffic to count a year from"),
        (attempt(), {"currency": "USD"}, "1 has another currency: USD"),
        (attempt(stopped_at=None, decision=None, status=Status.STOPPED), {}, "1 has no length: nobody knows when they "
         "began"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_said_and_never_guessed(
    experiment: Experiment, project: dict[str, Any], words: str
) -> None:
    found = roi_of([experiment], policies(**project), EUR, NOW)
    assert (found.stakes, found.experiments, found.missing) == ((), 0, (words,))


def test_percent_needs_no_money() -> None:
    found = roi_of([attempt(), attempt(2, metric_kind=MetricKind.QUANTILE)], Policies(), PERCENT, NOW)
    assert [(each.cost, each.benefit) for each in found.stakes] == [(14.0, 0.03), (14.0, 0.03)]
    assert not found.in_money
    assert "here are 2" in found.refused
    assert found.measured is not None
    assert found.corrected is None


def test_what_runs_has_no_place_here() -> None:
    running = attempt(status=Status.RUNNING, stopped_at=None, decision=None)
    found = roi_of([running], policies(), EUR, NOW)
    assert (found.stakes, found.missing, found.basis.as_of) == ((), (), NOW)


def test_data_from_elsewhere_take_as_long_as_they_reach() -> None:
    brought = attempt(started_at=None, stopped_at=None, decision=None, status=Status.STOPPED, phases=())
    assert roi_of([brought], Policies(), PERCENT, NOW).stakes[0].cost == 14.0


def test_quadrants_part_at_the_median_cost_and_at_what_it_paid_back() -> None:
    some = [attempt(1, 0.03, days=7), attempt(2, 0.03, days=28), attempt(3, -0.03, days=7), attempt(4, -0.03, days=28)]
    found = roi_of(some, Policies(), PERCENT, NOW)
    assert found.split == 17.5
    assert found.quadrants == dict.fromkeys(Quadrant, 1)
    cheap = policies(worth={"conversion": 0.01})
    lessons = roi_of(some, cheap, EUR, NOW).quadrants
    assert lessons == {Quadrant.CHEAP_LESSON: 2, Quadrant.COSTLY_LESSON: 2}


def test_the_totals_are_side_by_side() -> None:
    found = roi_of(fleet(), policies(), EUR, NOW)
    assert found.measured is not None
    assert found.corrected is not None
    assert 0 < found.corrected.value < found.measured.value
    assert found.corrected.lower < found.corrected.value < found.corrected.upper
    assert found.winners == sum(each.standing.value == "better" for each in found.stakes)


def test_who_did_harm_is_no_winner() -> None:
    harmful = attempt(1)
    assert harmful.reading is not None
    harmful = harmful.evolve(reading=harmful.reading.model_copy(update={"harmed": True}))
    found = roi_of([harmful], policies(), EUR, NOW)
    assert (found.winners, found.stakes[0].standing.value, found.stakes[0].benefit > 0) == (0, "worse", True)


def test_money_is_offered_first_where_half_can_be_said_in_it() -> None:
    some = [attempt(number, project="shop" if number % 2 else "search") for number in range(10)]
    both = Policies(projects=(*policies().projects, Project(name="search", currency="USD", worth={"conversion": 1.0},
                                                            day_cost=1.0)))  # fmt: skip
    assert measures_of(some, policies())[0] == (EUR, "Money in EUR")
    assert measures_of(some[:5], policies()) == ((PERCENT, "Percent and days"), (EUR, "Money in EUR"))
    assert [value for value, _ in measures_of(some, both)] == ["money:USD", PERCENT, EUR]
    assert measures_of(some, Policies()) == ((PERCENT, "Percent and days"),)
    found = roi_of(some, both, EUR, NOW)
    assert (found.experiments, found.missing) == (5, ("5 have another currency: USD",))


def test_the_picture_keeps_the_largest_and_the_totals_count_all() -> None:
    found = roi_of(fleet(200), policies(), EUR, NOW)
    assert (len(found.stakes), found.not_drawn, found.experiments) == (80, 120, 200)
    assert sum(found.quadrants.values()) == 200
    sizes = [abs(each.benefit) for each in found.stakes]
    assert sizes == sorted(sizes, reverse=True)


@given(st.lists(st.tuples(st.floats(-0.9, 10), st.floats(1e-6, 3), st.floats(0.01, 400)), max_size=12))
def test_there_is_never_a_number_that_is_none(made: list[tuple[float, float, float]]) -> None:
    some = [attempt(number, lift, error, days=days) for number, (lift, error, days) in enumerate(made)]
    for measure in (EUR, PERCENT):
        found = roi_of(some, policies(), measure, NOW)
        numbers = [number for each in found.stakes for number in (each.cost, each.benefit, each.lower, each.upper)]
        totals = [end for each in (found.measured, found.corrected) if each for end in (each.lower, each.upper)]
        assert all(number is None or isfinite(number) for number in (*numbers, *totals, found.spent))
        assert len(found.stakes) == len(some)
