"""A plan with looks is one with a single look at fewer units: both ways to solve for units agree."""

from __future__ import annotations

import pytest

from experiments.errors import InsufficientData
from experiments.stats.design import power, sample_size
from experiments.stats.plan import Plan
from experiments.stats.population import Population
from experiments.stats.sequential_power import AlwaysValid, Looks
from experiments.stats.solving import Question, Way, inflation
from experiments.stats.spending import OBRIEN_FLEMING

RATE = Population.proportion(0.12)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
@pytest.mark.parametrize("rule", [AlwaysValid(20_000), OBRIEN_FLEMING])
@pytest.mark.parametrize("looks", [1, 14, 40])
def test_inflated_units_have_the_planned_power(rule: AlwaysValid, looks: int, alpha: float) -> None:
    plan = Plan(alpha=alpha, sequential=rule, looks=looks)
    alone = float(sample_size(RATE, 0.01, Plan(alpha=alpha, test="z")))
    units = alone
    for _ in range(20):
        units = alone * inflation(Looks(rule, looks, alpha, 2), units, 0.8)
    assert float(power(RATE, 0.01, units, plan)) == pytest.approx(0.8, abs=1e-5)
    assert units == pytest.approx(float(sample_size(RATE, 0.01, plan)), rel=1e-4)


def test_one_group_sequential_look_costs_nothing() -> None:
    assert inflation(Looks(OBRIEN_FLEMING, 1, 0.05, 2), 1_000, 0.8) == pytest.approx(1)


def test_power_out_of_reach_is_refused() -> None:
    with pytest.raises(InsufficientData):
        inflation(Looks(OBRIEN_FLEMING, 5, 0.05, 2), 1_000, 0.01)


@pytest.mark.parametrize("way", ["group-sequential", "always-valid"])
def test_days_set_the_number_of_looks(way: Way) -> None:
    asked = Question(RATE, Plan(), way, effect=0.01, units=None, per_day=2_000)
    found = asked.solved(way)
    assert found.days is not None
    assert found.days * 2_000 >= found.units > asked.solved("fixed").units
