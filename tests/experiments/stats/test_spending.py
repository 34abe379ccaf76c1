"""Spending functions: their values, and what every one of them must do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.spending import OBRIEN_FLEMING, POCOCK, Sides, Spending

RULES = st.one_of(
    st.sampled_from([OBRIEN_FLEMING, POCOCK]),
    st.floats(0.1, 8).map(lambda rho: Spending("kim-demets", rho)),
    st.floats(-800, 800).map(lambda gamma: Spending("hwang-shih-decani", gamma)),
)
LEVELS = st.floats(1e-6, 0.4)
SIDES = st.sampled_from([1, 2])


@given(RULES, LEVELS, SIDES, st.lists(st.floats(0, 3), min_size=2, max_size=9))
def test_alpha_is_spent_from_nothing_to_all_and_never_given_back(
    rule: Spending, alpha: float, sides: Sides, fractions: list[float]
) -> None:
    spent = rule.spent(sorted(fractions), alpha, sides)
    assert np.all(np.diff(spent) >= -1e-15)
    assert np.all((spent >= 0) & (spent <= alpha * (1 + 1e-12)))
    assert rule.spent([0.0, 1.0, 7.0], alpha, sides).tolist() == pytest.approx(
        [0.0, alpha, alpha], rel=1e-12, abs=1e-300
    )


@pytest.mark.parametrize(
    ("rule", "sides", "spent"),
    [  # the formulas of Lan & DeMets 1983, Kim & DeMets 1987 and Hwang, Shih & DeCani 1990, written out
        (OBRIEN_FLEMING, 1, 0.0015253227),
        (OBRIEN_FLEMING, 2, 0.0030506455),
        (POCOCK, 2, 0.05 * math.log(1 + (math.e - 1) / 2)),
        (Spending("kim-demets", 3), 2, 0.05 / 8),
        (Spending("hwang-shih-decani", -4), 2, 0.05 * (1 - math.e**2) / (1 - math.e**4)),
        (Spending("hwang-shih-decani", 1), 2, 0.05 * (1 - math.exp(-0.5)) / (1 - math.exp(-1))),
        (Spending("hwang-shih-decani", 0), 2, 0.025),
    ],
)
def test_half_way_each_function_has_spent_its_share(rule: Spending, sides: Sides, spent: float) -> None:
    assert float(rule.spent(0.5, 0.05 if sides == 2 else 0.025, sides)) == pytest.approx(spent, abs=1e-9)


@pytest.mark.parametrize("parameter", [0.0, -1.0, math.nan, math.inf])
def test_a_parameter_without_a_function_is_refused(parameter: float) -> None:
    with pytest.raises(InsufficientData, match="another parameter"):
        Spending("kim-demets", parameter)


@pytest.mark.parametrize(("fraction", "alpha"), [(math.nan, 0.05), (-0.1, 0.05), (0.5, 0.0), (0.5, math.nan)])
def test_odd_fractions_and_levels_are_refused(fraction: float, alpha: float) -> None:
    with pytest.raises(InsufficientData):
        OBRIEN_FLEMING.spent(fraction, alpha, 2)
