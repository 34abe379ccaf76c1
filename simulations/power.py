"""Plans of `bunsen size`: the power of experiments of the planned size, read as the plan says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np

from experiments.stats import always_valid, proportions
from experiments.stats.comparison import compare
from experiments.stats.design import arms, minimum_effect, power, sample_size
from experiments.stats.estimates import of_means, of_proportions
from experiments.stats.group_sequential import GroupSequential
from experiments.stats.moments import Moments
from experiments.stats.plan import Plan
from experiments.stats.population import Population
from experiments.stats.spending import OBRIEN_FLEMING
from experiments.stats.tails import Alternative
from simulations.arms import Pair, Units, adjusted, normals, ratios, shares
from simulations.draws import normal
from simulations.promise import Obtained, Promise, share

ALPHA, POINT = 0.05, 0.01
RUNS = 200_000
Simulate: TypeAlias = Callable[..., Obtained]

CHECKOUT, SIGNUP = Population.proportion(0.2), Population.proportion(0.01)
STANDARD = Population(0.0, 1.0)
CLICKS = (2.0, 10.0, 4.0, 25.0, 6.0)
CORRELATION = 0.6
FIXED_UNITS = float(sample_size(CHECKOUT, 0.05, Plan(test="z")))


def found(
    dice: np.random.Generator,
    runs: int,
    draw: Callable[..., Pair],
    units: Units,
    alternative: Alternative = "two-sided",
) -> Obtained:
    """How often Welch's test finds the effect, in its own direction."""
    result = compare(*draw(dice, runs, units), alternative=alternative)
    return share(np.asarray((result.p <= ALPHA) & (result.effect > 0)))


def found_pooled(dice: np.random.Generator, runs: int, units: Units, rates: tuple[float, float]) -> Obtained:
    """The same of the pooled z of two shares."""
    counts = [dice.binomial(n, rate, runs) for n, rate in zip(units, rates, strict=True)]
    test = proportions.pooled_z(counts[0], units[0], counts[1], units[1])
    return share(np.asarray((test.p <= ALPHA) & (test.z > 0)))


def found_always_valid(dice: np.random.Generator, runs: int, per_look: int, looks: int, tuned_to: float) -> Obtained:
    """How often an always-valid test of 20 % → 25 % finds the effect by its last look."""
    hits = [dice.binomial(per_look, rate, (runs, looks)).cumsum(axis=1) for rate in (0.2, 0.25)]
    n = np.broadcast_to(per_look * np.arange(1, looks + 1), hits[0].shape).ravel()
    control, treatment = (of_proportions(n, each.ravel()) for each in hits)
    result = always_valid.compare_always_valid(control, treatment, always_valid.mixing(ALPHA, tuned_to))
    clear = (result.p <= ALPHA) & (result.effect > 0)
    return share(np.asarray(clear).reshape(runs, looks).max(axis=1))


def found_group_sequential(dice: np.random.Generator, runs: int, units: Units, looks: int, effect: float) -> Obtained:
    """How often a group-sequential test of normal data finds the effect at any of its looks."""
    boundary = GroupSequential(OBRIEN_FLEMING).boundary(np.arange(1, looks + 1) / looks).z
    so_far: list[Moments] = []
    hits = np.zeros(runs, dtype=np.bool_)
    for look in range(looks):
        new = [normal(dice, runs, round(units[0] / looks), mean) for mean in (0.0, effect)]
        so_far = [old.merge(more) for old, more in zip(so_far, new, strict=True)] if so_far else new
        hits |= compare(of_means(so_far[0]), of_means(so_far[1]), test="z").statistic >= boundary[look]
    return share(hits)


def promised(data: str, population: Population, effect: float, plan: Plan, simulate: Simulate) -> Promise:
    """Read at the planned units, each arm rounded up, against the power the plan gives for just these."""
    control, treatment = arms(float(sample_size(population, effect, plan)), plan)
    expected = float(power(population, effect, control + treatment, plan))
    return Promise(
        f"power of a plan for {plan.power:.0%}".replace("%", " %"),
        f"{data}; {control} and {treatment} units",
        "within",
        expected,
        partial(simulate, units=(control, treatment)),
        POINT,
        RUNS,
    )


TWENTY = float(minimum_effect(STANDARD, 40, Plan()))
UNEVEN = Plan(shares=(3, 1))
ONE_SIDED = Plan(goal="greater", power=0.9)
PROMISES = (
    promised("Bernoulli 20 % → 25 %", CHECKOUT, 0.05, Plan(), partial(found, draw=partial(shares, rates=(0.2, 0.25)))),
    promised("Bernoulli 20 % → 25 %, pooled", CHECKOUT, 0.05, Plan(test="pooled"),
             partial(found_pooled, rates=(0.2, 0.25))),
    promised("Bernoulli 1 % → 1.3 %", SIGNUP, 0.003, Plan(), partial(found, draw=partial(shares, rates=(0.01, 0.013)))),
    promised("normal, t", STANDARD, TWENTY * (1 + 1e-9), Plan(),
             partial(found, draw=partial(normals, means=(0, TWENTY), sds=(1, 1)))),
    promised("normal, split 3 : 1", STANDARD, 0.25, UNEVEN,
             partial(found, draw=partial(normals, means=(0, 0.25), sds=(1, 1)))),
    promised("normal, one-sided", STANDARD, 0.2, ONE_SIDED,
             partial(found, draw=partial(normals, means=(0, 0.2), sds=(1, 1)), alternative="greater")),
    promised("ratio", Population.ratio(*CLICKS), 0.01, Plan(),
             partial(found, draw=partial(ratios, moments=CLICKS, effect=0.01))),
    promised("normal with CUPED, ρ 0.6", STANDARD.adjusted(CORRELATION), 0.2, Plan(),
             partial(found, draw=partial(adjusted, correlation=CORRELATION, means=(5.0, 5.2)))),
    promised("normal, O'Brien–Fleming type, 5 looks", STANDARD, 0.2, Plan(sequential=OBRIEN_FLEMING, looks=5),
             partial(found_group_sequential, looks=5, effect=0.2)),
    *(
        Promise(
            "power of always-valid",
            f"Bernoulli 20 % → 25 %, {words} the fixed-80 % sample, {looks} looks",
            "within",
            expected,
            partial(found_always_valid, per_look=round(FIXED_UNITS / 16), looks=looks, tuned_to=FIXED_UNITS),
            POINT,
            RUNS,
        )
        for words, looks, expected in (("at", 8, 0.47), ("at twice", 16, 0.86))
    ),
)  # fmt: skip
