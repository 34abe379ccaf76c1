"""Running extremes within stretches of looks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.stats import always_valid
from experiments.stats.over_time import places, running

STRETCHES = st.lists(st.lists(st.floats(-1e9, 1e9), min_size=0, max_size=40), max_size=8)


@given(STRETCHES, st.sampled_from([np.minimum, np.maximum]))
def test_every_stretch_is_accumulated_alone(stretches: list[list[float]], extreme: np.ufunc) -> None:
    sizes = np.array([len(stretch) for stretch in stretches], dtype=np.intp)
    values = [value for stretch in stretches for value in stretch]
    expected = [value for stretch in stretches if stretch for value in extreme.accumulate(stretch).tolist()]
    assert running(extreme, values, np.cumsum(sizes) - sizes).tolist() == expected


def test_the_values_given_stay_as_they_are() -> None:
    values = np.array([3.0, 1.0, 2.0])
    running(np.minimum, values, [0])
    assert values.tolist() == [3.0, 1.0, 2.0]


def test_nothing_has_no_places() -> None:
    assert places([], 0).tolist() == []
    assert running(np.minimum, [], []).tolist() == []


@given(st.lists(st.floats(-8, 8), min_size=1, max_size=60), st.integers(100, 10**6))
def test_an_always_valid_p_never_rises(z: list[float], planned: int) -> None:
    units = 200.0 * np.arange(1, len(z) + 1)
    p = running(np.minimum, always_valid.p_value(z, units * always_valid.mixing(0.05, planned)), [0])
    assert (np.diff(p) <= 0).all()
    assert ((p > 0) & (p <= 1)).all()


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_the_one_sided_p_and_bound_are_the_same_statement(alternative: always_valid.Alternative) -> None:
    sign = 1 if alternative == "greater" else -1
    for k in (0.01, 1.0, 7.0, 400.0):
        for level in (0.001, 0.05, 0.3):
            edge = sign * float(always_valid.multiplier(k, level, alternative))
            assert float(always_valid.p_value(edge, k, alternative)) == pytest.approx(level, rel=1e-9)
            assert float(always_valid.p_value(-edge, k, alternative)) == 1.0
            assert abs(edge) < float(always_valid.multiplier(k, level))


def test_the_one_sided_p_is_never_smaller_than_the_exact_half_normal_mixture() -> None:
    z, k = np.meshgrid(np.linspace(0.05, 9, 60), np.geomspace(0.01, 1e4, 40))
    exact = np.exp(-np.maximum(always_valid.log_evidence(z, k, "greater"), 0))
    assert (always_valid.p_value(z, k, "greater") >= exact * (1 - 1e-12)).all()


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_the_one_sided_evidence_is_the_average_likelihood_over_effects_on_that_side(
    alternative: always_valid.Alternative,
) -> None:
    """Integrated by hand: the likelihood ratio of effects θ, in standard errors, half-normal with variance k."""
    sign = 1 if alternative == "greater" else -1
    for z, k in ((1.5, 0.3), (-2.0, 4.0), (3.0, 2.5)):
        effect = np.linspace(0, 14 * np.sqrt(k) + 14, 400_001)
        weight = 2 * np.exp(-effect * effect / (2 * k)) / np.sqrt(2 * np.pi * k)
        average = np.trapezoid(weight * np.exp(sign * z * effect - effect * effect / 2), effect)
        assert float(always_valid.log_evidence(z, k, alternative)) == pytest.approx(np.log(average), abs=1e-8)
