"""Chance to beat: closed forms with many digits, laws of normal posteriors, enormous counts, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.bayes import beta, normal

SETTLED = settings(deadline=None, max_examples=60)
ARM = st.one_of(st.integers(1, 60), st.integers(1, 10**12)).flatmap(
    lambda n: st.tuples(st.one_of(st.integers(0, n), st.sampled_from([0, n])), st.just(n))
)
EFFECT, SE = st.floats(-10, 10), st.floats(0.01, 10)


@pytest.mark.parametrize(
    ("counts", "chance"),
    [
        ((0, 10, 0, 10), 0.5),
        ((0, 10, 10, 10), 0.999998582428923),
        ((10, 10, 0, 10), 1.4175710770138016e-06),
        ((0, 1000, 1, 20), 0.9995974937276106),
        ((500, 1000, 3, 4), 0.8118777994375084),
        ((5, 100000, 8, 120000), 0.6752408945956186),
        ((90, 100, 40, 100), 1.057250793401429e-14),
        ((50, 100, 51, 10000), 6.522665268048681e-80),
        ((0, 10**9, 3, 10**9), 0.9375),
    ],
)
def test_the_chance_is_millers_sum(counts: tuple[int, int, int, int], chance: float) -> None:
    """Evan Miller's closed-form sum, mpmath with 30 digits (the last one: the limit 1 − 2⁻⁴)."""
    assert float(beta(*counts).chance) == pytest.approx(chance, rel=2e-9, abs=0)


@pytest.mark.parametrize(
    ("counts", "prior", "chance"),
    [((0, 1, 1, 1), (0.5, 0.5), 0.9052847345693), ((0, 1, 0, 2), (1.0, 1.0), 0.4)],
)
def test_small_priors(counts: tuple[int, int, int, int], prior: tuple[float, float], chance: float) -> None:
    """mpmath quadrature on the logit scale; for Beta(1, 2) against Beta(1, 3) the chance is 2 / 5."""
    assert float(beta(*counts, prior).chance) == pytest.approx(chance, rel=1e-9)


@pytest.mark.parametrize("units", [10**9, 10**12, 10**15])
def test_enormous_counts_meet_the_normal_limit(units: int) -> None:
    x = units // 2
    found = beta(x, units, x + math.sqrt(units / 2), units)
    assert float(found.chance) == pytest.approx(float(special.ndtr(1.0)), rel=1e-8)


@SETTLED
@given(ARM, ARM)
def test_the_two_chances_make_one_and_swap_with_the_arms(control: tuple[int, int], treatment: tuple[int, int]) -> None:
    found, swapped = beta(*control, *treatment), beta(*treatment, *control)
    assert float(found.chance + found.chance_less) == pytest.approx(1, rel=1e-8)
    assert float(swapped.chance) == pytest.approx(float(found.chance_less), rel=1e-6, abs=1e-12)
    misses = [(n - x, n) for x, n in (control, treatment)]
    assert float(beta(*misses[0], *misses[1]).chance) == pytest.approx(float(found.chance_less), rel=1e-6, abs=1e-12)


def test_rows_are_read_at_once() -> None:
    together = beta([1, 200, 0], [20, 1000, 10], [3, 250, 10], [20, 1000, 10]).chance
    alone = [float(beta(*counts).chance) for counts in ((1, 20, 3, 20), (200, 1000, 250, 1000), (0, 10, 10, 10))]
    assert together == pytest.approx(alone, rel=1e-12)


@SETTLED
@given(EFFECT, SE, EFFECT, SE)
def test_the_posterior_lies_between_prior_and_estimate_and_is_narrower(
    effect: float, se: float, prior_mean: float, prior_sd: float
) -> None:
    found = normal(effect, se, prior_mean, prior_sd)
    assert min(effect, prior_mean) - 1e-9 <= float(found.mean) <= max(effect, prior_mean) + 1e-9
    assert float(found.sd) < min(se, prior_sd)
    assert 1 / float(found.sd) ** 2 == pytest.approx(1 / se**2 + 1 / prior_sd**2, rel=1e-9)
    assert float(found.chance + found.chance_less) == pytest.approx(1, rel=1e-12)
    assert float(found.loss_of_control - found.loss_of_treatment) == pytest.approx(float(found.mean), abs=1e-9)
    mirrored = normal(-effect, se, -prior_mean, prior_sd)
    assert float(mirrored.chance) == pytest.approx(float(found.chance_less), rel=1e-9)
    assert float(mirrored.loss_of_control) == pytest.approx(float(found.loss_of_treatment), rel=1e-9)


def test_the_flat_prior_gives_back_the_interval() -> None:
    found = normal(1.0, 0.5, alpha=0.1)
    assert [float(found.lower), float(found.upper)] == pytest.approx([1 - 0.5 * 1.6448536269514722, 1.8224268134757361])
    assert float(found.chance) == pytest.approx(float(special.ndtr(2.0)), rel=1e-12)


def test_a_small_loss_keeps_its_digits() -> None:
    """mpmath, 40 digits: φ(z) − z·(1 − Φ(z)) at z = 10 and 30."""
    found = normal([10.0, 30.0, 100.0, -100.0], 1.0)
    assert found.loss_of_treatment[:2] == pytest.approx([7.47456025e-25, 1.63195673e-199], rel=1e-7, abs=0)
    assert found.loss_of_treatment[2:].tolist() == [0, 100]
    assert np.isfinite(found.loss_of_control).all()


@pytest.mark.parametrize(
    ("effect", "se", "prior_mean", "prior_sd"),
    [
        (math.nan, 1.0, 0.0, 1.0),
        (math.inf, 1.0, 0.0, 1.0),
        (1.0, 0.0, 0.0, 1.0),
        (1.0, -1.0, 0.0, 1.0),
        (1.0, math.inf, 0.0, 1.0),
        (1.0, math.nan, 0.0, 1.0),
        (1.0, 1.0, math.inf, 1.0),
        (1.0, 1.0, 0.0, 0.0),
        (1.0, 1.0, 0.0, math.nan),
        (1.0, 5e-324, 0.0, 1.0),
    ],
)
def test_odd_effects_are_refused(effect: float, se: float, prior_mean: float, prior_sd: float) -> None:
    with pytest.raises(InsufficientData):
        normal(effect, se, prior_mean, prior_sd)


@pytest.mark.parametrize("prior", [(0.0, 1.0), (1.0, -1.0), (math.nan, 1.0), (1.0, math.inf)])
def test_odd_priors_are_refused(prior: tuple[float, float]) -> None:
    with pytest.raises(InsufficientData, match="prior"):
        beta(1, 10, 2, 10, prior)


def test_odd_counts_are_refused() -> None:
    for x, n in ((0, 0), (-1, 5), (6, 5), (math.nan, 5), (1, 1e17)):
        with pytest.raises(InsufficientData):
            beta(x, n, 2, 10)
