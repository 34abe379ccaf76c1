"""Sample size, power, minimum effect and days: each other's inverse, as simulated, as elsewhere; refused where odd."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.errors import InsufficientData
from experiments.stats import always_valid, power_conventions
from experiments.stats.design import arms, duration, minimum_effect, power, sample_size, units_in
from experiments.stats.group_sequential import GroupSequential, WangTsiatis
from experiments.stats.moments import Floats
from experiments.stats.plan import Plan
from experiments.stats.population import Population
from experiments.stats.sequential_power import AlwaysValid, Looks
from experiments.stats.spending import OBRIEN_FLEMING
from tests.experiments.stats.goldens_sequential import COVERED

FILE = Path(__file__).parents[2] / "stats-goldens.json"
CASES = {case["id"]: case for case in json.loads(FILE.read_text())["cases"]}
STANDARD = Population(0.0, 1.0)
LATENCY = Population(10.0, 25.0)
CHECKOUT = Population.proportion(0.2)
SETTLED = settings(deadline=None, max_examples=60)
ONE_POINT = 0.01
TESTS = st.sampled_from(["welch", "student", "z"])
PLANS = st.builds(
    Plan,
    alpha=st.floats(0.001, 0.2),
    power=st.floats(0.5, 0.99),
    goal=st.sampled_from(["two-sided", "greater"]),
    relative=st.booleans(),
    shares=st.tuples(st.floats(0.2, 5), st.floats(0.2, 5)) | st.just((2.0, 1.0, 1.0)),
    test=TESTS,
    both_tails=st.booleans(),
    null=st.sampled_from([0.0, -0.02]),
)


def one(found: Floats) -> float:
    return float(found)


@pytest.mark.parametrize("case", COVERED)
def test_the_independent_value_comes_out(case: str) -> None:
    golden = CASES[case]
    found = COVERED[case](golden["inputs"])
    for name, expected in golden["expected"].items():
        assert np.asarray(found[name]) == pytest.approx(np.asarray(expected, dtype=float), **golden["tolerance"]), name


@SETTLED
@given(PLANS, st.floats(0.1, 0.9), st.floats(0.005, 0.09))
def test_units_power_and_effect_lead_to_each_other(plan: Plan, rate: float, effect: float) -> None:
    for population in (Population.proportion(rate), Population(rate, 0.7)):
        units = one(sample_size(population, effect, plan))
        if units > 2.001 * sum(plan.shares) / min(plan.shares):
            assert one(power(population, effect, units, plan)) == pytest.approx(plan.power, abs=1e-9)
            assert one(minimum_effect(population, units, plan)) == pytest.approx(effect, rel=1e-7)


@SETTLED
@given(PLANS, st.floats(0.02, 0.5), st.floats(1e-6, 1e6))
def test_the_unit_of_a_metric_does_not_matter(plan: Plan, effect: float, factor: float) -> None:
    if plan.relative or not plan.null:
        scaled = effect if plan.relative else effect * factor
        there = sample_size(Population(10 * factor, 25 * factor**2), scaled, plan)
        assert one(there) == pytest.approx(one(sample_size(LATENCY, effect, plan)), rel=1e-8)


@SETTLED
@given(st.floats(0.1, 10), TESTS, st.floats(0.1, 1))
def test_which_arm_is_larger_does_not_matter_at_equal_variance(share: float, test: Any, effect: float) -> None:
    there = sample_size(STANDARD, effect, Plan(shares=(1.0, share), test=test))
    assert one(there) == pytest.approx(
        one(sample_size(STANDARD, effect, Plan(shares=(share, 1.0), test=test))), rel=1e-9
    )


def test_down_is_the_mirror_of_up() -> None:
    assert one(sample_size(LATENCY, -0.3, Plan(goal="less"))) == one(sample_size(LATENCY, 0.3, Plan(goal="greater")))
    assert one(minimum_effect(LATENCY, 900, Plan(goal="less"))) == -one(
        minimum_effect(LATENCY, 900, Plan(goal="greater"))
    )
    down = minimum_effect(CHECKOUT, 5_000, Plan(goal="less"))
    assert one(power(CHECKOUT, down, 5_000, Plan(goal="less"))) == pytest.approx(0.8, abs=1e-10)
    assert one(sample_size(LATENCY, -0.3)) == one(sample_size(LATENCY, 0.3))


def test_more_units_effect_and_alpha_mean_more_power() -> None:
    assert np.all(np.diff(power(CHECKOUT, 0.02, np.geomspace(100, 5e4, 30))) > 0)
    assert np.all(np.diff(power(CHECKOUT, np.linspace(0.001, 0.06, 30), 5_000)) > 0)
    assert one(power(CHECKOUT, 0.02, 5_000, Plan(alpha=0.1))) > one(power(CHECKOUT, 0.02, 5_000))


def test_rates_and_effects_make_a_grid() -> None:
    rates, effects = np.array([[0.1], [0.2], [0.3]]), np.array([0.01, 0.02])
    grid = sample_size(Population.proportion(rates), effects)
    assert grid.shape == (3, 2)
    assert grid[1, 0] == pytest.approx(one(sample_size(CHECKOUT, 0.01)), rel=1e-10)
    with_looks = sample_size(Population.proportion(rates), effects, Plan(sequential=OBRIEN_FLEMING, looks=3))
    inflation = GroupSequential().inflation([1 / 3, 2 / 3, 1.0], 0.8)
    assert with_looks / grid == pytest.approx(np.full((3, 2), inflation), rel=1e-3)


@pytest.mark.parametrize(
    ("units", "effect", "plan", "expected"),
    [  # statsmodels 0.15.0 TTestIndPower and NormalIndPower .power(...)
        (40, 0.5, Plan(test="student", both_tails=True), 0.3379390289250411),
        (120, 0.2, Plan(test="student", both_tails=True, shares=(1, 3)), 0.15596486966831885),
        (6, 1.0, Plan(test="student", both_tails=True), 0.158790870005201),
        (1_000, 0.1, Plan(test="z", both_tails=True), 0.3526080824447023),
    ],
)
def test_power_is_that_of_statsmodels(units: int, effect: float, plan: Plan, expected: float) -> None:
    assert one(power(STANDARD, effect, units, plan)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("effect", "plan", "control"),
    [  # statsmodels 0.15.0 TTestIndPower and NormalIndPower .solve_power(...)
        (0.5, Plan(test="student", both_tails=True), 63.76561058891169),
        (0.5, Plan(test="student", goal="greater"), 50.15078338685744),
        (0.3, Plan(0.01, 0.9, test="student", both_tails=True, shares=(1, 2)), 249.09811106541346),
        (0.5, Plan(test="z", both_tails=True), 62.79088416571135),
        (0.2, Plan(power=0.9, test="z", goal="greater", shares=(1, 0.5)), 642.2885502693069),
    ],
)
def test_sample_size_is_that_of_statsmodels(effect: float, plan: Plan, control: float) -> None:
    found = one(sample_size(STANDARD, effect, plan)) * plan.compared[0]
    assert found == pytest.approx(control, rel=1e-7)


def test_minimum_effect_is_that_of_tea_tasting() -> None:
    """tea-tasting 1.14.0 solve_power_from_aggregates: t with Welch's df, a covariate, a ratio; and units, power."""
    z = Plan(test="z", both_tails=True)
    uneven = Plan(power=0.9, shares=(1, 3), both_tails=True)
    assert one(minimum_effect(LATENCY, 60, uneven)) == pytest.approx(5.037543407111, rel=1e-10)
    assert one(minimum_effect(LATENCY.adjusted(0.6), 20_000, z)) == pytest.approx(0.1584813983716899, rel=1e-10)
    ratio = Population.ratio(4.0, 10.0, 9.0, 25.0, 6.0)
    assert one(minimum_effect(ratio, 20_000, z)) == pytest.approx(0.01134554151871836, rel=1e-10)
    assert math.ceil(one(sample_size(LATENCY, 0.2, z))) == 19_623
    assert one(power(LATENCY, 0.2, 20_000, z)) == pytest.approx(0.807430419432557, rel=1e-12)
    student = Plan(test="student", shares=(1, 3), both_tails=True)
    assert one(power(LATENCY, 3.0, 50, student)) == pytest.approx(0.4366723436046167, rel=1e-10)


def test_other_calculators_are_met_and_the_well_known_one_falls_short() -> None:
    assert one(power_conventions.arcsine(0.2, 0.05)) == pytest.approx(1091.8961587171943, rel=1e-5)  # statsmodels
    assert one(power_conventions.pooled(0.5, 0.25, power=0.9)) == pytest.approx(76.7, abs=0.05)  # R ?power.prop.test
    for found, convention in (("pooled", power_conventions.pooled), ("z", power_conventions.unpooled)):
        assert one(sample_size(CHECKOUT, 0.05, Plan(test=found))) == pytest.approx(
            2 * one(convention(0.2, 0.05)), rel=1e-12
        )
    for convention, promised in ((power_conventions.evan_miller, 0.777), (power_conventions.unpooled, 0.8)):
        per_arm = round(one(convention(0.2, 0.05)))
        assert exact_power(per_arm, per_arm, 0.2, 0.25, pooled=False) == pytest.approx(promised, abs=0.002)


def exact_power(n: int, m: int, rate: float, other: float, *, pooled: bool) -> float:
    """Chance that the two-sided z test of two rates rejects, over all outcomes of two binomials."""
    x, y = np.arange(n + 1)[:, None], np.arange(m + 1)[None, :]
    p, q, both = x / n, y / m, (x + y) / (n + m)
    variance = both * (1 - both) * (1 / n + 1 / m) if pooled else p * (1 - p) / n + q * (1 - q) / m
    rejects = np.abs(q - p) > 1.959964 * np.sqrt(np.maximum(variance, 1e-12))
    return float(stats.binom.pmf(x[:, 0], n, rate) @ rejects @ stats.binom.pmf(y[0], m, other))


@pytest.mark.parametrize("shares", [(1.0, 1.0), (1.0, 2.0)])
@pytest.mark.parametrize("test", ["pooled", "z"])
def test_exact_power_of_two_rates_is_within_a_point_of_the_plan(shares: tuple[float, float], test: Any) -> None:
    plan = Plan(shares=shares, test=test)
    n, m = arms(one(sample_size(CHECKOUT, 0.05, plan)), plan)
    assert exact_power(n, m, 0.2, 0.25, pooled=test == "pooled") == pytest.approx(0.8, abs=ONE_POINT)


Arm = tuple[int, Floats, Floats]


def simulated(population: Population, effect: float, plan: Plan, runs: int = 40_000) -> tuple[Arm, Arm]:
    """Many experiments of the planned size: units, mean and variance of control and of treatment."""
    rng = np.random.default_rng(20_260_806)
    mean, spread = float(population.mean), math.sqrt(float(population.variance))
    n, m = arms(one(sample_size(population, effect, plan)), plan)
    control = rng.normal(mean, spread, (runs, n))
    treatment = rng.normal(mean + effect, spread, (runs, m))
    return (n, control.mean(axis=1), control.var(axis=1, ddof=1)), (
        m,
        treatment.mean(axis=1),
        treatment.var(axis=1, ddof=1),
    )


def welch_t(control: Arm, treatment: Arm, null: float = 0.0, lift: float = 0.0) -> tuple[Floats, Floats]:
    (n, ours, spread), (m, theirs, other) = control, treatment
    v, w = spread / n * (1 + lift) ** 2, other / m
    return (theirs - (1 + lift) * ours - null) / np.sqrt(v + w), (v + w) ** 2 / (v**2 / (n - 1) + w**2 / (m - 1))


@pytest.mark.parametrize("shares", [(1.0, 1.0), (3.0, 1.0)])
@pytest.mark.parametrize("effect", [1.0, 0.6])
def test_simulated_power_of_small_samples_is_within_a_point_of_the_plan(
    shares: tuple[float, float], effect: float
) -> None:
    plan = Plan(shares=shares)
    t, df = welch_t(*simulated(STANDARD, effect, plan))
    promised = one(power(STANDARD, effect, sum(arms(one(sample_size(STANDARD, effect, plan)), plan)), plan))
    found = (np.abs(t) > stats.t.isf(0.025, df)).mean()
    assert found == pytest.approx(promised, abs=ONE_POINT)
    assert found == pytest.approx(0.8, abs=0.02)


def test_simulated_power_of_a_relative_margin_is_within_a_point_of_the_plan() -> None:
    plan = Plan(0.025, 0.9, "greater", null=-0.1, relative=True)
    t, df = welch_t(*simulated(Population(10.0, 25.0), 0.0, plan), lift=-0.1)
    assert (t > stats.t.isf(0.025, df)).mean() == pytest.approx(0.9, abs=ONE_POINT)


def test_simulated_power_of_equivalence_is_within_a_point_of_the_plan() -> None:
    plan = Plan(0.05, 0.8, "equivalence", null=0.9)
    control, treatment = simulated(STANDARD, 0.1, plan)
    (above, df), (below, _) = welch_t(control, treatment, -0.9), welch_t(control, treatment, 0.9)
    critical = stats.t.isf(0.05, df)
    assert ((above > critical) & (below < -critical)).mean() == pytest.approx(0.8, abs=ONE_POINT)


def test_equivalence_is_two_one_sided_tests() -> None:
    plan = Plan(0.05, 0.8, "equivalence", null=0.3, test="z")
    se = math.sqrt(4 / 800)
    expected = stats.norm.cdf((0.3 - 0.1) / se - 1.6448536) + stats.norm.cdf((0.3 + 0.1) / se - 1.6448536) - 1
    assert one(power(STANDARD, 0.1, 800, plan)) == pytest.approx(expected, abs=1e-8)
    assert one(power(STANDARD, 0.0, 20, plan)) == 0
    assert one(power(STANDARD, 0.1, sample_size(STANDARD, 0.1, plan), plan)) == pytest.approx(0.8)


def test_an_always_valid_test_pays_for_looking() -> None:
    """At the fixed-80 % sample and at twice that: by recursion, and by simulated walks with a look a day."""
    fixed = one(sample_size(CHECKOUT, 0.05, Plan(test="z")))
    promised = {}
    for times, looks in ((1, 8), (2, 16)):
        plan = Plan(sequential=AlwaysValid(fixed), looks=looks)
        promised[times] = one(power(CHECKOUT, 0.05, times * fixed, plan))
        rng = np.random.default_rng(20_260_806)
        fractions = np.arange(1, looks + 1) / looks
        walks = np.cumsum(rng.standard_normal((40_000, looks)) / math.sqrt(looks), axis=1)
        z = walks / np.sqrt(fractions) + 2.8015852 * np.sqrt(times * fractions)
        bound = always_valid.multiplier(fractions * times * fixed * always_valid.mixing(0.05, fixed), 0.05)
        assert (z >= bound).any(axis=1).mean() == pytest.approx(promised[times], abs=ONE_POINT)
    assert (round(promised[1], 2), round(promised[2], 2)) == (0.47, 0.86)


@pytest.mark.parametrize("goal", ["two-sided", "greater"])
def test_units_for_an_always_valid_test_have_the_planned_power(goal: Any) -> None:
    plan = Plan(goal=goal, sequential=AlwaysValid(5_000), shares=(1, 1, 1))
    for effect in (0.9, 0.05):
        units = sample_size(STANDARD, effect, plan)
        assert one(power(STANDARD, effect, units, plan)) == pytest.approx(0.8, abs=1e-8)
        assert one(minimum_effect(STANDARD, units, plan)) == pytest.approx(effect, rel=1e-6)
        assert one(units) > one(sample_size(STANDARD, effect, Plan(goal=goal, shares=(1, 1, 1))))


def test_units_for_a_group_sequential_test_are_inflated() -> None:
    plan = Plan(test="z", sequential=WangTsiatis(0.5), looks=3)
    fixed = one(sample_size(STANDARD, 0.1, Plan(test="z")))
    inflation = GroupSequential(WangTsiatis(0.5)).inflation([1 / 3, 2 / 3, 1.0], 0.8)
    assert one(sample_size(STANDARD, 0.1, plan)) == pytest.approx(fixed * inflation, rel=1e-8)


def test_several_treatments_share_alpha_and_the_smallest_decides() -> None:
    two = Plan(shares=(2, 1, 1), test="z")
    alone = Plan(alpha=0.025, shares=(2, 1), test="z")
    assert one(sample_size(STANDARD, 0.1, two)) * 0.75 == pytest.approx(one(sample_size(STANDARD, 0.1, alone)))
    whole = Plan(shares=(2, 1, 1), split_alpha=False, test="z")
    assert one(sample_size(STANDARD, 0.1, whole)) < one(sample_size(STANDARD, 0.1, two))
    assert Plan(shares=(2, 1, 3)).compared == (1 / 3, 1 / 6)
    assert arms(1_000.0, Plan(shares=(2, 1, 3))) == (334, 167, 500)


def test_a_large_effect_still_needs_two_units_in_each_arm() -> None:
    assert one(sample_size(STANDARD, 1e6, Plan(shares=(1, 3)))) == pytest.approx(8)
    assert one(power(STANDARD, 1e6, 8, Plan(shares=(1, 3)))) == pytest.approx(1)


def test_days_are_whole_weeks() -> None:
    assert duration([1, 7_000, 7_001, 14_000.000000000002], 1_000).tolist() == [7, 7, 14, 14]
    assert one(units_in(14, 500.5)) == 7_007
    assert int(duration(1e15, 1.0)) % 7 == 0


def test_a_population_knows_its_spread() -> None:
    assert one(np.asarray(Population.quantile(350.0, 2.0, 1_000).variance)) == 4_000
    adjusted = CHECKOUT.adjusted(0.5)
    assert one(adjusted.variance_at(0.25)) == pytest.approx(0.75 * 0.1875)
    assert one(sample_size(adjusted, 0.05, Plan(test="z"))) == pytest.approx(0.75 * 2181.9885661490466)
    assert LATENCY.variance_at([1.0, 2.0]).tolist() == [25.0, 25.0]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Population(math.nan, 1.0),
        lambda: Population(1.0, 0.0),
        lambda: Population(1.0, math.inf),
        lambda: Population(1.0, 0.2, binary=True),
        lambda: Population.proportion(0.0),
        lambda: Population.proportion(1.0),
        lambda: Population.proportion(math.nan),
        lambda: Population.ratio(1.0, 0.0, 1.0, 1.0, 0.0),
        lambda: Population.quantile(1.0, 0.0, 100),
        lambda: LATENCY.adjusted(1.0),
        lambda: LATENCY.adjusted(math.nan),
        lambda: CHECKOUT.variance_at(1.2),
        lambda: Plan(alpha=0.0),
        lambda: Plan(alpha=5e-324),
        lambda: Plan(alpha=0.6, power=0.9),
        lambda: Plan(power=0.04),
        lambda: Plan(power=1.0),
        lambda: Plan(shares=(1.0,)),
        lambda: Plan(shares=(1.0, 0.0)),
        lambda: Plan(shares=(1.0, 1e-300)),
        lambda: Population(1e200, 1.0),
        lambda: Population(1.0, 1e-300),
        lambda: Population.ratio(1e300, 1e-300, 1.0, 1.0, 0.0),
        lambda: Population.quantile(1.0, 1e300, 100),
        lambda: LATENCY.adjusted(1e300),
        lambda: Plan(shares=(1.0, math.inf)),
        lambda: Plan(null=math.nan),
        lambda: Plan(null=-1.0, relative=True),
        lambda: Plan(goal="equivalence"),
        lambda: Plan(goal="equivalence", null=0.1, sequential=OBRIEN_FLEMING),
        lambda: Plan(test="pooled", null=0.1),
        lambda: AlwaysValid(0),
        lambda: AlwaysValid(5e-324),
        lambda: Looks(OBRIEN_FLEMING, 0, 0.05, 2),
        lambda: power(CHECKOUT, math.nan, 1_000),
        lambda: power(CHECKOUT, 0.9, 1_000),
        lambda: power(CHECKOUT, 0.05, 3),
        lambda: power(CHECKOUT, 0.05, math.inf),
        lambda: power(LATENCY, 0.05, 1_000, Plan(test="pooled")),
        lambda: power(Population(0.0, 1.0), 0.05, 1_000, Plan(relative=True)),
        lambda: power(Population(1e-200, 1.0), 0.05, 1_000, Plan(relative=True)),
        lambda: sample_size(LATENCY, 0.0),
        lambda: sample_size(LATENCY, 5e-324),
        lambda: sample_size(LATENCY, -1.0, Plan(goal="greater")),
        lambda: sample_size(LATENCY, 0.2, Plan(goal="equivalence", null=0.1)),
        lambda: sample_size(LATENCY, math.inf),
        lambda: minimum_effect(LATENCY, 1_000, Plan(goal="equivalence", null=0.1)),
        lambda: minimum_effect(Population.proportion(0.9), 8),
        lambda: minimum_effect(CHECKOUT, 0),
        lambda: duration(1_000, 0),
        lambda: duration(math.nan, 10),
        lambda: duration(1e18, 1e-300),
        lambda: units_in(0, 10),
        lambda: arms(1.0, Plan()),
        lambda: power_conventions.unpooled(0.2, 0.0),
        lambda: power_conventions.pooled(0.2, 0.8),
        lambda: power_conventions.evan_miller(0.2, 0.05, alpha=0.0),
        lambda: power_conventions.arcsine(0.2, 0.05, power=0.01),
        lambda: power_conventions.growthbook_minimum_lift(Population(0.0, 1.0), 100),
        lambda: power_conventions.growthbook_minimum_lift(LATENCY, 0),
        lambda: power_conventions.growthbook_minimum_lift(Population(0.1, 1.0), 100),
    ],
)
def test_what_cannot_be_planned_is_refused(make: Any) -> None:
    with pytest.raises(InsufficientData, match=r".\.$"):
        make()


@settings(deadline=None, max_examples=200)
@given(
    st.floats(allow_nan=True), st.floats(allow_nan=True), st.floats(allow_nan=True), st.floats(allow_nan=True), PLANS
)
def test_no_number_however_odd_gives_a_number_that_is_none(
    mean: float, variance: float, effect: float, units: float, plan: Plan
) -> None:
    for ask, last in ((power, units), (sample_size, None), (minimum_effect, units)):
        try:
            population = Population(mean, variance)
            given = [
                population,
                *([effect] if ask is not minimum_effect else []),
                *([last] if last is not None else []),
            ]
            found = ask(*given, plan)  # type: ignore[operator]
        except InsufficientData:
            continue
        assert np.isfinite(found).all()
