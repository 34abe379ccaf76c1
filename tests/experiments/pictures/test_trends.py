"""How a metric came along: what counts, in which month, in which direction, with and without the luck."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import fsum, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.design import Direction
from experiments.knowledge.gains import Estimate, gains_of
from experiments.knowledge.outcomes import trial_of
from experiments.model import Experiment, Outcome, Status
from experiments.pictures.portfolio import portfolio_of
from experiments.pictures.trends import Trend, shipped_at, trend_of
from experiments.policy import Policies
from experiments.running import Rollout, Withdrawal
from tests.experiments.pictures.attempts import NOW, attempt, fleet
from tests.experiments.pictures.companies import moved

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
ABOUT = ("conversion", "user")
TAKEN_BACK = Withdrawal(by="U0ADA", at=NOW, share=10_000, since=NOW - timedelta(days=2))


def trend(*some: Experiment, since: datetime = SINCE) -> Trend:
    return trend_of(some, ABOUT, since, NOW)


def shipped(number: int, lift: float = 0.03, error: float = 0.01, **changes: Any) -> Experiment:
    return attempt(number, lift, error, **{"outcome": Outcome.SHIP, **changes})


def rolled(each: Experiment, stage: int, at: datetime = NOW - timedelta(days=1)) -> Experiment:
    rollout = Rollout(variant="treatment", stages=(1_000, 10_000), stage=stage, by="U0ADA", at=at, stage_at=at)
    return each.evolve(rollout=rollout, status=Status.ROLLED_OUT if rollout.is_last else Status.ROLLING_OUT)


def values(some: tuple[Estimate, ...]) -> list[float]:
    return [each.value for each in some]


def test_what_was_shipped_is_added_up_by_the_month() -> None:
    march, may = datetime(2026, 3, 31, 23, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    found = trend(shipped(1, 0.02, 0.003, ended=march), shipped(2, 0.01, 0.004, ended=may))
    assert values(found.measured) == [0.0, 0.0, 0.02, 0.02, *[pytest.approx(0.03)] * 7]
    end = Estimate.of(0.03, 0.005)
    assert (found.measured[-1].lower, found.measured[-1].upper) == pytest.approx((end.lower, end.upper))
    assert (found.shipped, found.experiments) == (2, 2)


def test_the_month_is_that_of_utc() -> None:
    here = datetime.fromisoformat("2026-03-01T00:30:00+02:00")
    found = trend(shipped(1, ended=here), shipped(2, outcome=Outcome.ABANDON))
    assert values(found.measured)[:3] == [0.0, 0.03, 0.03]


def test_a_win_that_was_abandoned_or_taken_back_moved_nothing() -> None:
    kept = [shipped(1), attempt(2, 0.01)]
    abandoned, back = attempt(3, 0.05, outcome=Outcome.ABANDON), shipped(4, 0.05).evolve(withdrawal=TAKEN_BACK)
    found = trend(*kept, abandoned, back)
    assert (found.shipped, found.experiments, found.measured) == (1, 4, trend(*kept).measured)
    archived = back.evolve(status=Status.ARCHIVED, archived_from=Status.ROLLED_BACK)
    assert shipped_at(archived) is None


def test_a_loss_that_was_shipped_counts() -> None:
    assert values(trend(shipped(1, -0.03), shipped(2, 0.01)).measured)[-1] == pytest.approx(-0.02)


def test_a_rollout_counts_from_its_last_stage_on() -> None:
    when = NOW - timedelta(hours=3)
    one = shipped(1)
    assert shipped_at(rolled(one, 0)) is None
    assert shipped_at(rolled(one, 1, when)) == when
    assert shipped_at(one) == one.decision.at  # type: ignore[union-attr]
    assert shipped_at(attempt(1).evolve(status=Status.STOPPED, decision=None)) is None
    assert trend(rolled(one, 0), shipped(2)).shipped == 1


def test_what_was_shipped_before_this_time_is_known_and_not_added() -> None:
    some = [shipped(1), shipped(2, ended=SINCE - timedelta(hours=1))]
    found = trend(*some)
    assert (found.shipped, found.experiments, values(found.measured)[-1]) == (1, 2, 0.03)
    assert (len(found.measured), len(trend(*some, since=NOW - timedelta(days=7)).measured)) == (11, 1)


def test_other_metrics_are_counted_and_not_mixed() -> None:
    other = moved(shipped(3, 0.2), "shop", "revenue", 0.0, Direction.UP)
    nothing = shipped(4).evolve(reading=None)
    found = trend(shipped(1), shipped(2), other, nothing)
    assert (found.elsewhere, found.measured, found.experiments) == (2, trend(shipped(1), shipped(2)).measured, 2)


def test_one_experiment_is_no_trend() -> None:
    found = trend(shipped(1), moved(shipped(2), "shop", "revenue", 0.0, Direction.UP))
    assert found == Trend(experiments=1, elsewhere=1)
    assert found.course == ()


def test_nothing_shipped_is_no_course() -> None:
    some = [attempt(number, outcome=Outcome.ABANDON) for number in (1, 2)]
    assert trend(*some).course == ()


def test_without_a_standard_error_it_is_counted_apart() -> None:
    bare = shipped(1)
    assert bare.reading
    effects = tuple(each.model_copy(update={"error": None}) for each in bare.reading.effects)
    bare = bare.evolve(reading=bare.reading.model_copy(update={"effects": effects}))
    found = trend(bare, attempt(2, outcome=Outcome.ABANDON), attempt(3, outcome=Outcome.ABANDON))
    assert (found.unknown, found.shipped, found.experiments, found.course) == (1, 0, 2, ())


def test_from_six_on_the_luck_is_taken_out_with_all_that_is_known() -> None:
    some = fleet(24)
    found = trend(*some)
    known = [trial.model_copy(update={"hit": each.decision.outcome is Outcome.SHIP and each.decision.at >= SINCE})
             for each in some if (trial := trial_of(each)) and each.decision]  # fmt: skip
    winners = [each for each in gains_of(known).winners if each]
    assert 0 < found.shipped == len(winners) < len(some)
    assert found.corrected[-1].value == pytest.approx(fsum(each.corrected or 0.0 for each in winners))
    assert found.measured[-1].value == pytest.approx(fsum(each.lift for each in winners))
    assert found.course == found.corrected
    assert len(found.corrected) == len(found.measured)
    few = trend(*some[:5])
    assert (few.corrected, few.course) == ((), few.measured)
    assert "from 6 experiments on" in few.refused


def test_a_project_has_the_trend_of_its_main_metric() -> None:
    some = [*fleet(24), moved(shipped(90), "shop", "revenue", 0.0, Direction.UP), shipped(91).evolve(project="search")]
    data = portfolio_of(some, Policies(), NOW)
    shop, search = data.holdings
    assert shop.trend == trend_of([each for each in some if each.project == "shop"], ABOUT, data.since, data.until)
    assert shop.trend.elsewhere == 1
    assert search.trend == Trend(experiments=1)
    assert len(shop.trend.measured) == len(data.partial)
    assert data.total.trend is None


MADE = st.tuples(st.floats(-0.9, 9), st.floats(1e-6, 3), st.floats(0, 500), st.sampled_from(Outcome))


@given(st.lists(MADE, min_size=2, max_size=12), st.randoms())
def test_it_ends_with_the_sum_and_never_narrows(made: list[tuple[float, float, float, Outcome]], dice: Any) -> None:
    some = [attempt(number, lift, error, ended=NOW - timedelta(days=ago), outcome=outcome)
            for number, (lift, error, ago, outcome) in enumerate(made)]  # fmt: skip
    found = trend(*some)
    added = [(lift, error) for lift, error, ago, outcome in made
             if outcome is Outcome.SHIP and NOW - timedelta(days=ago) >= SINCE]  # fmt: skip
    assert found.shipped == len(added)
    if added:
        end = found.measured[-1]
        assert end.value == pytest.approx(fsum(lift for lift, _ in added), abs=1e-12)
        assert end.upper - end.value == pytest.approx(1.959964 * sqrt(fsum(error**2 for _, error in added)))
        assert len(found.measured) == 11
    for course in (found.measured, found.corrected):
        assert all(one.upper - one.lower <= other.upper - other.lower + 1e-12 for one, other in pairwise(course))
    mixed = list(some)
    dice.shuffle(mixed)
    assert values(trend(*mixed).measured) == pytest.approx(values(found.measured), abs=1e-12)


@given(st.lists(MADE, min_size=2, max_size=9))
def test_less_is_more_where_less_is_better(made: list[tuple[float, float, float, Outcome]]) -> None:
    up, down = (
        trend(*(
            attempt(number, sign * lift, error, ended=NOW - timedelta(days=ago), outcome=outcome, direction=direction)
            for number, (lift, error, ago, outcome) in enumerate(made)
        ))
        for sign, direction in ((1, Direction.UP), (-1, Direction.DOWN))
    )  # fmt: skip
    assert up == down
