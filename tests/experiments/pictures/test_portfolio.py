"""What the portfolio is given: projects with their months, hits, pooled lifts and health, against known values."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experiments.design import Direction
from experiments.knowledge.outcomes import trial_of
from experiments.knowledge.patterns import patterns_of, share_interval
from experiments.model import Status
from experiments.pictures.condition import Level
from experiments.pictures.portfolio import MOST, Holding, Portfolio, portfolio_of
from experiments.policy import Policies
from experiments.readout import Interval
from tests.experiments.pictures.attempts import NOW, attempt, fleet
from tests.experiments.pictures.companies import UNSOUND, company, departments, moved
from tests.experiments.pictures.pipelines import drafted, ran
from tests.experiments.pictures.underway import underway


def pictured(*some: object, days: int | None = None) -> Portfolio:
    return portfolio_of(some, Policies(), NOW, days)  # type: ignore[arg-type]


def of(data: Portfolio, project: str = "shop") -> Holding:
    (found,) = [each for each in data.holdings if each.project == project]
    return found


def test_what_finished_is_counted_by_month_and_project() -> None:
    data = pictured(attempt(1), attempt(2), attempt(3, ended=NOW - timedelta(days=40)), attempt(4, project="search"))
    assert of(data).months[-3:] == (0, 1, 2)
    assert (of(data).finished, of(data).pace, of(data, "search").finished) == (3, 0.5, 1)
    assert data.partial == (False,) * 11 + (True,)
    assert data.total.finished == 4
    assert data.total.months[-2:] == (1, 3)


def test_hits_are_clear_wins_of_those_with_a_number() -> None:
    some = [attempt(1, 0.03), attempt(2, -0.03), attempt(3, 0.01), attempt(4).evolve(reading=None)]
    found = of(pictured(*some))
    assert (found.hits, found.trials, found.hit_interval) == (1, 3, share_interval(1, 3))
    assert found.finished == 4


def test_the_lift_is_the_pooled_one_of_the_main_metric() -> None:
    some = [*fleet(6), moved(attempt(90), "shop", "revenue", 0.0, Direction.UP)]
    recent = [each.evolve(stopped_at=NOW - timedelta(days=n)) for n, each in enumerate(some, 1)]
    found = of(pictured(*recent)).lift
    (pattern,) = patterns_of([trial for each in recent if (trial := trial_of(each))], "project")
    main = next(each for each in pattern.pooled if each.metric == "conversion")
    assert found is not None
    assert (found.metric, found.experiments) == ("conversion", 6)
    assert (found.value, found.interval) == (main.lift, main.interval)


def test_a_single_experiment_stands_for_itself_in_the_good_direction() -> None:
    found = of(pictured(attempt(1, -0.04, 0.01, direction=Direction.DOWN))).lift
    assert found is not None
    assert (found.experiments, found.value, found.interval) == (1, 0.04, Interval(lower=0.02, upper=0.06))


def test_what_may_show_no_lift_has_none_and_is_no_miss_either() -> None:
    blocked = attempt(3).evolve(reading=UNSOUND)
    assert (of(pictured(blocked)).lift, of(pictured(blocked)).trials) == (None, 0)


def test_running_ones_are_counted_by_condition() -> None:
    well = underway(1).experiment
    data = pictured(well, underway(2, status=Status.PAUSED).experiment, underway(3).experiment.evolve(reading=UNSOUND))
    assert of(data).running == {Level.TROUBLE: 1, Level.NEEDS_A_LOOK: 1, Level.HEALTHY: 1}
    assert (of(data).live, data.trouble, of(data).trials) == (3, "running-3", 0)
    assert data.total.running == of(data).running


def test_the_oldest_owed_decision_counts_its_days() -> None:
    some = [ran(n, NOW - timedelta(days=ago), 0.01, 0.01, 10, None) for n, ago in ((1, 24), (2, 64))]
    data = pictured(*some, attempt(3))
    assert (of(data).owed, of(data).oldest, data.oldest_owed) == (2, pytest.approx(50.0), "attempt-2")
    assert (data.total.owed, data.total.oldest) == (2, pytest.approx(50.0))


def test_a_shorter_time_counts_what_ended_in_it_and_all_that_is_owed() -> None:
    some = [attempt(1), attempt(2, ended=NOW - timedelta(days=60)),
            ran(3, NOW - timedelta(days=90), 0.01, 0.01, 10, None)]  # fmt: skip
    found = of(pictured(*some, days=30))
    assert (found.finished, found.trials, found.owed) == (1, 1, 1)


def test_the_busiest_come_first_and_the_rest_is_counted() -> None:
    some = [
        attempt(100 * n + m, project=f"p{n}", ended=NOW - timedelta(days=9))
        for n in range(MOST + 5)
        for m in range(1, 2 + n % 3)
    ]
    data = pictured(*some, drafted(1, project="idle"))
    assert (len(data.holdings), data.projects) == (MOST, MOST + 5)
    counts = [each.finished for each in data.holdings]
    assert counts == sorted(counts, reverse=True)
    assert data.total.finished == len(some), "all projects together are all projects, drawn or not"


def test_departments_are_those_of_the_policies() -> None:
    data = portfolio_of(company(), departments(), NOW)
    assert of(data, "search").department == "Discovery"
    assert data.trouble == "running-902"
    assert of(data, "platform").lift.value > 0  # type: ignore[union-attr, operator]


def test_without_anything_there_is_nothing() -> None:
    data = pictured()
    assert (data.holdings, data.total.hit_interval, data.total.oldest, data.basis.as_of) == ((), None, None, NOW)
    assert pictured(drafted()).holdings == ()
