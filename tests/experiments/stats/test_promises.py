"""What the always-valid reading and the sample-ratio test promise, simulated with fixed seeds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats import always_valid
from experiments.stats.moments import Floats, Moments
from experiments.stats.sample_ratio import ALPHA, sample_ratio

RUNS, LOOKS, PER_LOOK = 1_000, 60, 100


def false_alarms(values: Floats, planned_units: int = 5_000) -> float:
    """How many of the A/A runs are ever called clear; `values` has a run, an arm, a look and a unit axis."""
    n = np.arange(1, values.shape[2] + 1) * values.shape[3]
    sums = values.sum(axis=3).cumsum(axis=2)
    squares = np.square(values).sum(axis=3).cumsum(axis=2)
    variance = (squares - np.square(sums) / n) / (n - 1)
    difference = (sums[:, 1] - sums[:, 0]) / n
    se = np.sqrt(variance.sum(axis=1) / n)
    z = np.divide(difference, se, out=np.zeros_like(difference), where=se > 0)
    p = always_valid.p_value(z, 2 * n * always_valid.mixing(0.05, planned_units))
    return float((p.min(axis=1) <= 0.05).mean())


@pytest.mark.parametrize("planned_units", [500, 5_000])
@pytest.mark.parametrize("kind", ["normal", "five percent", "one percent", "lognormal"])
def test_looking_every_day_gives_no_more_false_alarms_than_promised(kind: str, planned_units: int) -> None:
    dice = np.random.default_rng(20261121)
    shape = (RUNS, 2, LOOKS, PER_LOOK)
    if kind == "normal":
        values = dice.standard_normal(shape, dtype=np.float32).astype(np.float64)
    elif kind == "lognormal":
        values = np.exp(dice.standard_normal(shape, dtype=np.float32).astype(np.float64))
    else:
        values = (dice.random(shape, dtype=np.float32) < (0.05 if kind == "five percent" else 0.01)).astype(np.float64)
    assert false_alarms(values, planned_units) <= 0.05


def test_a_true_difference_is_found() -> None:
    dice = np.random.default_rng(1)
    values = dice.standard_normal((200, 2, LOOKS, PER_LOOK))
    values[:, 1] += 0.15
    assert false_alarms(values) > 0.9


def histories(dice: np.random.Generator, runs: int, shares: list[float], days: int, per_day: int) -> Floats:
    daily = dice.multinomial(per_day, shares, size=(runs, days))
    return daily.cumsum(axis=1).astype(np.float64)


@pytest.mark.parametrize("weights", [[0.5, 0.5], [0.9, 0.1], [0.4, 0.3, 0.3]])
def test_a_sound_split_is_hardly_ever_called_broken_however_often_it_is_read(weights: list[float]) -> None:
    runs = histories(np.random.default_rng(7), 1_000, weights, 28, 400)
    broken = sum(sample_ratio(run, weights, 5_000).rejects for run in runs)
    assert broken / len(runs) <= 0.004


def test_a_daily_chi_square_would_break_that_promise() -> None:
    runs = histories(np.random.default_rng(7), 1_000, [0.5, 0.5], 28, 400)
    z = (runs[:, :, 0] - runs[:, :, 1]) / np.sqrt(runs.sum(axis=2))
    naive = (special.chdtrc(1, np.square(z)) < ALPHA).any(axis=1).mean()
    assert naive > 0.004


def test_a_broken_split_is_found_within_days() -> None:
    runs = histories(np.random.default_rng(8), 100, [0.54, 0.46], 28, 400)
    assert all(sample_ratio(run, [1, 1], 5_000).rejects for run in runs)


def test_once_broken_stays_broken() -> None:
    run = [[600, 400], [10_000, 10_000], [1_000_000, 1_000_000]]
    assert sample_ratio(run, [1, 1], 5_000).rejects
    assert not sample_ratio(run[1:], [1, 1], 5_000).rejects


@pytest.mark.parametrize(
    ("counts", "weights"), [([10, 14], [1, 1]), ([2_000, 3_100, 4_900], [2, 3, 5]), ([3, 99_997], [1, 9_999])]
)
def test_the_evidence_is_the_bayes_factor_of_the_dirichlet_mixture(counts: list[int], weights: list[int]) -> None:
    shares = np.array(weights) / sum(weights)
    concentration = 1 / always_valid.mixing(ALPHA, 5_000)
    prior, observed = concentration * shares, np.array(counts)
    log_e = (
        special.gammaln(concentration)
        - special.gammaln(concentration + observed.sum())
        + (special.gammaln(prior + observed) - special.gammaln(prior)).sum()
        - (observed * np.log(shares)).sum()
    )
    assert sample_ratio(counts, weights, 5_000).p == pytest.approx(np.exp(-max(log_e, 0)), rel=1e-6)


def test_counts_as_large_as_they_get_stay_exact() -> None:
    assert sample_ratio([5 * 10**14, 5 * 10**14], [1, 1], 5_000).p == 1
    off = 2 * 10**8
    found = sample_ratio([5 * 10**14 + off, 5 * 10**14 - off], [1, 1], 5_000)
    k = 10**15 * always_valid.mixing(ALPHA, 5_000)
    z = 2 * off / np.sqrt(1e15)
    assert found.p == pytest.approx(float(always_valid.p_value(z, k)), rel=1e-3)


@pytest.mark.parametrize(
    ("history", "weights"),
    [([], [1, 1]), ([0, 0], [1, 1]), ([5, 5], [1, 0]), ([-1, 5], [1, 1]), ([np.nan, 5], [1, 1])],
)
def test_what_cannot_be_a_split_is_refused(history: list[float], weights: list[float]) -> None:
    with pytest.raises(InsufficientData):
        sample_ratio(history, weights, 5_000)


def test_moments_of_nothing_are_empty() -> None:
    nothing = Moments.of([])
    assert (float(nothing.n), float(nothing.mean), float(nothing.variance)) == (0, 0, 0)
