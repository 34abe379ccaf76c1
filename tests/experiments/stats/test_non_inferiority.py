"""Non-inferiority of any kind of metric: the margin as a null that is not zero, absolute or a share of control."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.comparison import compare
from experiments.stats.estimates import Estimates, of_proportions
from experiments.stats.non_inferiority import non_inferiority
from experiments.stats.refusal import Refusal

ARMS = st.builds(
    lambda n, mean, deviation: Estimates.given(n, mean, deviation**2 / n),
    st.integers(20, 10**6),
    st.floats(5, 50),
    st.floats(0.5, 20),
)


@given(ARMS, ARMS, st.floats(0, 3), st.sampled_from([1, -1]))
def test_an_absolute_margin_is_a_one_sided_welch_test_against_it(
    control: Estimates, treatment: Estimates, margin: float, good: int
) -> None:
    found = non_inferiority(control, treatment, margin, good=good, relative=False)
    side = "greater" if good > 0 else "less"
    plain = compare(control, treatment, alternative=side, null=-good * margin)  # type: ignore[arg-type]
    assert float(found.p[0]) == pytest.approx(float(plain.p[0]), rel=1e-9)
    assert float(found.harm[0]) == -good * float(plain.effect[0])


@given(ARMS, ARMS, st.floats(0, 0.3), st.sampled_from([1, -1]), st.floats(0.001, 0.2))
def test_it_passes_exactly_when_the_bound_is_on_the_good_side(
    control: Estimates, treatment: Estimates, margin: float, good: int, alpha: float
) -> None:
    found = non_inferiority(control, treatment, margin, good=good, alpha=alpha)
    assume(abs(float(found.p[0]) - alpha) > 1e-9)
    assert bool(found.passes[0]) == bool(found.bound[0] < 0) == bool(found.p[0] < alpha)


@given(ARMS, ARMS, st.floats(0, 0.3), st.floats(0.01, 100))
def test_a_relative_margin_does_not_depend_on_the_unit(
    control: Estimates, treatment: Estimates, margin: float, scale: float
) -> None:
    def scaled(arm: Estimates) -> Estimates:
        return Estimates.given(arm.n, arm.value * scale, arm.variance * scale**2)

    plain = non_inferiority(control, treatment, margin, good=1)
    other = non_inferiority(scaled(control), scaled(treatment), margin, good=1)
    assert float(other.p[0]) == pytest.approx(float(plain.p[0]), rel=1e-6, abs=1e-300)


def test_more_tolerance_passes_more() -> None:
    arms = of_proportions(1_000, 960), of_proportions(1_000, 950)
    p = [float(non_inferiority(*arms, margin, good=1).p[0]) for margin in (0.0, 0.01, 0.02, 0.05)]
    assert p == sorted(p, reverse=True)
    assert non_inferiority(*arms, 0.05, good=1).passes[0]


def test_rows_that_cannot_be_read_do_not_pass() -> None:
    control = Estimates.given([500, 500, 1], [1.0, math.nan, 1.0], 0.01)
    found = non_inferiority(control, control, np.array([0.5, 0.5, 0.5]), good=np.ones(3))
    assert found.status.tolist() == [0, Refusal.NOT_A_NUMBER, Refusal.TOO_FEW]
    assert found.passes.tolist() == [True]


def test_a_level_outside_zero_and_one_is_refused() -> None:
    arm = Estimates.given(500, 1.0, 0.01)
    with pytest.raises(InsufficientData):
        non_inferiority(arm, arm, 0.1, good=1, alpha=1.5)
