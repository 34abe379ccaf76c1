"""Group-sequential designs: boundaries, power, decisions, and inference beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from experiments.errors import InsufficientData
from experiments.stats.boundary_crossing import Walk, exits
from experiments.stats.group_sequential import GroupSequential, Rule, WangTsiatis, decide
from experiments.stats.moments import Floats
from experiments.stats.sequential_inference import at_stopping, repeated_interval, repeated_p
from experiments.stats.spending import OBRIEN_FLEMING, POCOCK, Sides, Spending

THIRDS = (1 / 3, 2 / 3, 1.0)
SPENDING = [OBRIEN_FLEMING, POCOCK, Spending("kim-demets", 2), Spending("hwang-shih-decani", -4)]
CLASSIC = [WangTsiatis(0.0), WangTsiatis(0.25), WangTsiatis(0.5)]
FRACTIONS = st.lists(st.floats(0.02, 1), min_size=1, max_size=6, unique_by=lambda t: round(t, 2)).map(sorted)
SETTLED = settings(deadline=None, max_examples=40)


def on_a_grid(fractions: Sequence[float], boundary: Floats, drift: float, sides: Sides) -> float:
    """Chance to cross, by another way: the density of z on a fine grid, by the trapezoid rule."""
    crossed, before = 0.0, 0.0
    x = np.linspace(-10, 10, 4001)
    density = np.zeros_like(x)
    for look, (t, z) in enumerate(zip(fractions, boundary, strict=True)):
        spread = math.sqrt(t - before)
        edge = z * math.sqrt(t)
        bottom = -edge if sides == 2 else -10.0
        ends = np.linspace(bottom, min(edge, 10.0), 1201)
        if look == 0:
            now = stats.norm.pdf(ends, drift * t, spread)
            out = stats.norm.sf(edge, drift * t, spread) + (sides == 2) * stats.norm.cdf(-edge, drift * t, spread)
        else:
            away = drift * (t - before)
            now = np.trapezoid(density * stats.norm.pdf(ends[:, None], x + away, spread), x, axis=1)
            tails = stats.norm.sf(edge, x + away, spread) + (sides == 2) * stats.norm.cdf(-edge, x + away, spread)
            out = np.trapezoid(density * tails, x)
        crossed += float(out)
        x, density, before = ends, now, t
    return crossed


@pytest.mark.parametrize("rule", [*SPENDING, *CLASSIC])
@pytest.mark.parametrize("sides", [1, 2])
def test_all_looks_together_keep_alpha(rule: Rule, sides: Sides) -> None:
    design = GroupSequential(rule, 0.05, sides)
    fractions = (0.2, 0.35, 0.6, 0.85, 1.0)
    boundary = design.boundary(fractions)
    assert on_a_grid(fractions, boundary.z, 0.0, sides) == pytest.approx(0.05, abs=1e-5)
    found = design.exits(fractions)
    assert float((found.up + found.down).sum()) == pytest.approx(0.05, abs=1e-12)
    assert np.cumsum(found.up + found.down) == pytest.approx(boundary.spent, abs=1e-12)


@SETTLED
@given(FRACTIONS, st.sampled_from(SPENDING), st.floats(1e-4, 0.3), st.sampled_from([1, 2]))
def test_whatever_the_looks_no_more_than_alpha_is_spent(
    fractions: list[float], rule: Spending, alpha: float, sides: Sides
) -> None:
    design = GroupSequential(rule, alpha, sides)
    found = design.exits(fractions)
    together = float((found.up + found.down).sum())
    assert together == pytest.approx(float(rule.spent(fractions[-1], alpha, sides)), abs=1e-10)


def test_exits_agree_with_quadrature_in_thirty_digits() -> None:
    """mpmath 1.4, nested quad of the joint density."""
    expected = {
        (0.0, 2): [0.0013498980316301, 0.0057879586583339, 0.018811743256023],
        (2.8, 2): [0.054799291699558, 0.32155164905282, 0.41775222383222],
    }
    for (drift, sides), chances in expected.items():
        assert exits((0.25, 0.6, 1.0), (3.0, 2.5, 2.0), drift, 2 if sides == 2 else 1).up == pytest.approx(
            chances, abs=1e-13
        )
    one = exits((0.25, 0.6, 1.2), (2.5, 2.2, 2.0), 2.8, 1)
    assert one.up == pytest.approx([0.13566606094638, 0.36643093098722, 0.36636079718889], abs=1e-13)
    assert not one.down.any()


@pytest.mark.parametrize(
    ("rule", "looks", "constant"),
    [  # Jennison & Turnbull 2000, tables 2.1 and 2.3 (α = 0.05, two-sided); the last one from the grid above
        (WangTsiatis(0.5), 2, 2.178),
        (WangTsiatis(0.5), 5, 2.413),
        (WangTsiatis(0.5), 10, 2.555),
        (WangTsiatis(0.0), 2, 1.977),
        (WangTsiatis(0.0), 10, 2.087),
        (WangTsiatis(0.25), 5, 2.136),
    ],
)
def test_classic_constants_are_those_of_the_tables(rule: Rule, looks: int, constant: float) -> None:
    assert GroupSequential(rule).boundary(np.arange(1, looks + 1) / looks).z[-1] == pytest.approx(constant, abs=6e-4)


@pytest.mark.parametrize(("looks", "inflation"), [(1, 1.0), (2, 1.008), (5, 1.028), (10, 1.040)])
def test_inflation_of_obrien_fleming_is_that_of_the_table(looks: int, inflation: float) -> None:
    """Jennison & Turnbull 2000, table 2.4 (α = 0.05, power 0.8)."""
    found = GroupSequential(WangTsiatis(0.0)).inflation(np.arange(1, looks + 1) / looks, 0.8)
    assert found == pytest.approx(inflation, abs=6e-4)


def test_one_look_is_the_fixed_test() -> None:
    for rule in [*SPENDING, *CLASSIC]:
        design = GroupSequential(rule)
        assert float(design.boundary([1.0]).z[0]) == pytest.approx(1.959963984540054, abs=1e-10)
        assert design.inflation([1.0], 0.9) == pytest.approx(1, abs=1e-6)
        assert design.expected_information([1.0], 2.0) == 1


def test_simulated_walks_cross_as_often_as_promised() -> None:
    rng = np.random.default_rng(20_260_806)
    fractions = np.array([0.15, 0.3, 0.55, 0.8, 1.0])
    steps = rng.standard_normal((40_000, 5)) * np.sqrt(np.diff(fractions, prepend=0.0))
    design = GroupSequential(POCOCK)
    z = np.cumsum(steps, axis=1) / np.sqrt(fractions)
    boundary = design.boundary(fractions).z
    assert (np.abs(z) >= boundary).any(axis=1).mean() == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / 40_000))
    moved = z + 2.9 * np.sqrt(fractions)
    crossing = moved >= boundary
    promised = design.power(fractions, 2.9)
    assert crossing.any(axis=1).mean() == pytest.approx(promised, abs=3 * math.sqrt(promised * (1 - promised) / 40_000))
    first = np.where((np.abs(moved) >= boundary).any(axis=1), (np.abs(moved) >= boundary).argmax(axis=1), 4)
    assert fractions[first].mean() == pytest.approx(design.expected_information(fractions, 2.9), abs=0.005)


def test_power_and_drift_are_each_others_inverse() -> None:
    design = GroupSequential(WangTsiatis(0.25), 0.025, 1)
    assert design.power(THIRDS, design.drift(THIRDS, 0.9)) == pytest.approx(0.9, abs=1e-10)
    for impossible in (0.02, 1.0, math.nan):
        with pytest.raises(InsufficientData, match="power"):
            design.drift(THIRDS, impossible)
    assert design.drift(THIRDS, 1 - 1e-9) > 7


def test_an_overrun_spends_what_is_left_and_nothing_after() -> None:
    design = GroupSequential()
    found = design.boundary([1 / 3, 2 / 3, 1.3, 1.6])
    assert found.z[3] == math.inf
    assert found.spent.tolist() == pytest.approx([*design.boundary(THIRDS).spent[:2], 0.05, 0.05])
    assert on_a_grid([1 / 3, 2 / 3, 1.3], found.z[:3], 0.0, 2) == pytest.approx(0.05, abs=1e-5)
    assert not decide([0.0, 0.0, 0.0, 9.0], [1 / 3, 2 / 3, 1.3, 1.6], design).crossed.any()


def test_a_look_without_new_information_is_no_look() -> None:
    design = GroupSequential(POCOCK)
    found = design.boundary([0.3, 0.3, 0.30001, 0.2, 0.7, 1.0])
    assert np.isinf(found.z[1:4]).all()
    assert found.z[[0, 4, 5]].tolist() == design.boundary([0.3, 0.7, 1.0]).z.tolist()
    assert np.all(np.diff(found.spent) >= 0)


def test_a_look_too_early_to_spend_anything_cannot_decide() -> None:
    found = GroupSequential().boundary([1e-4, 0.5, 1.0])
    assert found.z[0] == math.inf
    assert found.z[1:].tolist() == pytest.approx(GroupSequential().boundary([0.5, 1.0]).z.tolist(), abs=1e-12)


def test_a_level_far_from_usual_still_has_a_boundary() -> None:
    lenient = GroupSequential(Spending("kim-demets", 1), 0.98, 1)
    fractions = (0.5, 0.501, 0.8, 1.0)
    found = lenient.exits(fractions)
    assert float(found.up.sum()) == pytest.approx(0.98, abs=1e-9)
    strict = GroupSequential(alpha=1e-12)
    assert float((strict.exits(THIRDS).up * 2).sum()) == pytest.approx(1e-12, rel=1e-6)


def test_classic_boundaries_refuse_looks_that_were_not_planned() -> None:
    for fractions in ([0.5, 0.8], [0.5, 0.5, 1.0], [0.7, 0.4, 1.0]):
        with pytest.raises(InsufficientData, match="every look of the plan"):
            GroupSequential(WangTsiatis()).boundary(fractions)
    with pytest.raises(InsufficientData, match="shape"):
        WangTsiatis(math.nan)


@pytest.mark.parametrize("fractions", [[], [0.0, 1.0], [0.5, math.nan], [0.5, math.inf], [-0.5], [[0.5, 1.0]]])
def test_odd_fractions_are_refused(fractions: list[float]) -> None:
    with pytest.raises(InsufficientData, match="fraction"):
        GroupSequential().boundary(fractions)


def test_odd_statistics_and_levels_are_refused() -> None:
    with pytest.raises(InsufficientData, match="no test statistic"):
        decide([1.0, math.nan], THIRDS, GroupSequential())
    with pytest.raises(InsufficientData, match="no test statistic"):
        decide([], THIRDS, GroupSequential())
    with pytest.raises(InsufficientData, match="needs its fraction"):
        decide([1.0, 1.0], [0.5], GroupSequential())
    with pytest.raises(InsufficientData, match="out of all bounds"):
        decide([1e300], THIRDS, GroupSequential())
    for level in (0.0, 1.0, math.nan, 5e-324):
        with pytest.raises(InsufficientData, match="level of significance"):
            GroupSequential(alpha=level)
    with pytest.raises(InsufficientData, match="No look"):
        GroupSequential().drift([1e-9], 0.8)


def test_a_one_sided_design_looks_upwards_only() -> None:
    design = GroupSequential(POCOCK, 0.025, 1)
    assert decide([-9.0, -9.0], THIRDS, design).stopped is None
    assert decide([-9.0, 9.0], THIRDS, design).stopped == 1
    assert decide([-9.0], THIRDS, GroupSequential(POCOCK)).stopped == 0


@SETTLED
@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=4),
    st.sampled_from([*SPENDING, *CLASSIC]),
    st.sampled_from([1, 2]),
    st.floats(0.001, 0.2),
)
def test_p_interval_and_decision_agree(z: list[float], rule: Rule, sides: Sides, alpha: float) -> None:
    fractions = [0.25, 0.5, 0.75, 1.0]
    design = GroupSequential(rule, alpha, sides)
    crossed = np.logical_or.accumulate(decide(z, fractions, design).crossed)
    p = repeated_p(z, fractions, design)
    clear = np.abs(p / alpha - 1) > 1e-8
    assert np.array_equal((p < alpha)[clear], crossed[clear])
    assert np.all(np.diff(p) <= 0)
    lower, upper = repeated_interval(z, np.ones(len(z)), fractions, design)
    assert np.array_equal(np.logical_or.accumulate((lower >= 0) | (upper <= 0)), crossed)


def test_repeated_p_is_the_level_at_which_the_boundary_is_met() -> None:
    design = GroupSequential()
    p = float(repeated_p([0.3, 2.7], THIRDS, design)[1])
    assert float(replace(design, alpha=p).boundary(THIRDS).z[1]) == pytest.approx(2.7, abs=1e-7)
    assert repeated_p([0.0, 40.0, 0.0], THIRDS, design).tolist() == [1.0, 1e-15, 1e-15]
    alone = float(repeated_p([2.2], [1.0], design)[0])
    assert alone == pytest.approx(2 * special.ndtr(-2.2), rel=1e-8)


def test_repeated_intervals_reach_as_far_as_the_boundary() -> None:
    lower, upper = repeated_interval([0.4, 0.5], [0.2, 0.15], [0.5, 1], GroupSequential(alpha=0.05, sides=1))
    reach = GroupSequential(alpha=0.05, sides=1).boundary([0.5, 1]).z * [0.2, 0.15]
    assert lower == pytest.approx([0.4, 0.5] - reach)
    assert np.isposinf(upper).all()
    for se in ([0.0, 0.1], [math.nan, 0.1], [0.1], [-1.0, 0.1]):
        with pytest.raises(InsufficientData, match="standard error"):
            repeated_interval([0.4, 0.5], se, [0.5, 1], GroupSequential())


def outcome_above(boundary: float, z: float, fractions: Sequence[float], drift: float) -> float:
    """Chance of an outcome at or above z at the second look, by the bivariate normal of scipy."""
    first, second = fractions
    correlation = math.sqrt(first / second)
    normal = stats.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]])
    ours, theirs = drift * math.sqrt(first), drift * math.sqrt(second)

    def below(x: float, y: float) -> float:
        return float(normal.cdf([x - ours, y - theirs]))

    going_on = stats.norm.cdf(boundary - ours) - stats.norm.cdf(-boundary - ours)
    return float(stats.norm.sf(boundary - ours) + going_on - below(boundary, z) + below(-boundary, z))


@pytest.mark.parametrize("z", [[0.5, 2.6], [-0.4, -2.1], [1.0, 0.3]])
def test_stage_wise_inference_agrees_with_the_bivariate_normal(z: list[float]) -> None:
    design, fractions, se = GroupSequential(POCOCK), (0.4, 1.0), np.array([0.3, 0.19])
    found = at_stopping(z * se, se, fractions, design)
    boundary = float(design.boundary(fractions).z[0])
    assert found.look == 1
    for effect, chance in ((found.lower, 0.025), (found.estimate, 0.5), (found.upper, 0.975)):
        assert outcome_above(boundary, z[1], fractions, effect / se[1]) == pytest.approx(chance, abs=1e-6)
    above = outcome_above(boundary, z[1], fractions, 0.0)
    assert found.p == pytest.approx(2 * min(above, 1 - above), abs=1e-6)
    assert (found.p < 0.05) == (found.lower > 0 or found.upper < 0)


def test_stopping_at_the_first_look_is_the_fixed_test() -> None:
    found = at_stopping([1.2, 0.0], [0.3, 0.2], [0.5, 1.0], GroupSequential())
    assert (found.look, found.estimate) == (0, pytest.approx(1.2))
    assert found.p == pytest.approx(2 * special.ndtr(-4.0))
    assert [found.lower, found.upper] == pytest.approx([1.2 - 1.9599639845 * 0.3, 1.2 + 1.9599639845 * 0.3])


def test_turning_the_effect_around_turns_everything_around() -> None:
    design, fractions = GroupSequential(WangTsiatis(0.25)), (0.3, 0.6, 1.0)
    up = at_stopping([0.1, 0.2, 0.4], [0.4, 0.3, 0.15], fractions, design)
    down = at_stopping([-0.1, -0.2, -0.4], [0.4, 0.3, 0.15], fractions, design)
    assert [down.p, down.estimate, down.lower, down.upper] == pytest.approx([up.p, -up.estimate, -up.upper, -up.lower])


def test_a_one_sided_end_has_a_lower_bound_only() -> None:
    design = GroupSequential(OBRIEN_FLEMING, 0.025, 1)
    found = at_stopping([0.1, 0.6, 0.1], [0.3, 0.2, 0.1], THIRDS, design)
    assert (found.look, found.upper) == (1, math.inf)
    assert (found.p < 0.025) == (found.lower > 0)


def test_an_end_after_the_planned_information_leaves_later_looks_out() -> None:
    found = at_stopping([0.1, 0.1, 9.0], [0.3, 0.2, 0.1], [0.5, 1.1, 1.4], GroupSequential())
    assert found.look == 1
    assert at_stopping([0.1, 1e20], [0.3, 0.2], [0.5, 1.0], GroupSequential()).p < 0.01
    with pytest.raises(InsufficientData, match="not ended"):
        at_stopping([0.1, 0.1], [0.3, 0.2], THIRDS, GroupSequential())


def test_a_walk_starts_at_nothing() -> None:
    assert Walk(1.0).above(0.0, 1.0)[0] == pytest.approx(float(special.ndtr(1.0)))
    assert Walk(1.0).below(0.0, 1.0) == pytest.approx(float(special.ndtr(-1.0)))
