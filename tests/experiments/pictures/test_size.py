"""The curve of a design: it falls with the days, agrees with the calculator, and says why there is none."""

from __future__ import annotations

import doctest

import pytest

from experiments.design import Expectation, Method
from experiments.pictures import size
from experiments.pictures.size import MOST_DAYS, NO_BASELINE, POWERS, days_of, size_of
from experiments.sizing import minimum_effects, sizing
from tests.charts.pictures.size import design
from tests.experiments.pictures.attempts import NOW

KNOWN = Expectation(baseline=0.2, per_day=1_000)


def test_the_examples_hold() -> None:
    assert doctest.testmod(size).failed == 0


@pytest.mark.parametrize("method", [Method.ALWAYS_VALID, Method.GROUP_SEQUENTIAL, Method.FIXED])
def test_the_more_days_the_smaller_the_effect_and_more_power_takes_more(method: Method) -> None:
    data = size_of("Button", design(method=method), KNOWN, "", NOW)
    usual, surer = (each.points for each in data.reaches)
    assert [each.power for each in data.reaches] == list(POWERS)
    assert [day for day, _ in usual] == [day for day, _ in surer]
    effects = [effect for _, effect in usual]
    assert effects == sorted(effects, reverse=True)
    assert all(more > less for (_, less), (_, more) in zip(usual, surer, strict=True))


@pytest.mark.parametrize("method", Method)
def test_what_the_planned_days_find_stands_on_the_curve(method: Method) -> None:
    plan = design(method=method)
    data = size_of("Button", plan, KNOWN, "", NOW)
    found = sizing(plan, baseline=0.2, per_day=1_000)
    assert dict(data.reaches[0].points)[14] == pytest.approx(found.minimum_effect)
    assert data.sizing == found
    assert data.daily == 1_000


def test_the_days_that_are_needed_find_the_effect() -> None:
    for method in (Method.ALWAYS_VALID, Method.GROUP_SEQUENTIAL, Method.FIXED):
        plan = design(method=method)
        needed = sizing(plan, baseline=0.2, per_day=1_000).days
        assert needed is not None
        (effect,) = minimum_effects(plan, [needed], baseline=0.2, per_day=1_000, power=0.8)
        assert effect is not None
        assert effect <= plan.smallest_effect
        (before,) = minimum_effects(plan, [max(1, needed - 8)], baseline=0.2, per_day=1_000, power=0.8)
        assert before is None or before > plan.smallest_effect


def test_exposure_thins_out_the_units() -> None:
    data = size_of("Button", design(exposure=2_500), KNOWN, "", NOW)
    assert data.daily == 250


def test_what_is_not_known_is_said() -> None:
    assert size_of("Button", design(), None, "", NOW).refused == NO_BASELINE
    assert "users come a day" in size_of("Button", design(), Expectation(baseline=0.2), "", NOW).refused
    high = size_of("Button", design(smallest_effect=0.5), Expectation(baseline=0.9, per_day=9), "", NOW)
    assert (high.reaches, bool(high.refused)) == ((), True)


def test_the_days_reach_beyond_plan_and_need_but_not_for_ever() -> None:
    assert max(days_of(14, 40)) >= 40
    assert {14, 28} <= {*days_of(14, None)}
    assert max(days_of(400, 100_000)) == MOST_DAYS
    assert len(days_of(400, None)) < 25
