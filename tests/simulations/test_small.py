"""Every promise at a small scale, that a broken one would show, and the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy import special

from experiments.stats.comparison import compare
from experiments.stats.estimates import Estimates
from experiments.stats.moments import Floats
from simulations import looking, pooling, split
from simulations.__main__ import PROMISES, main, table
from simulations.promise import Obtained, Promise, Tried, average, share

SCALE = 0.02


@pytest.mark.parametrize("promise", PROMISES, ids=lambda each: f"{each.name}, {each.data}")
def test_the_promise_is_kept(promise: Promise) -> None:
    tried = promise.try_it(SCALE)
    assert tried.kept, tried.obtained


def test_the_same_seed_gives_the_same_numbers() -> None:
    assert PROMISES[0].try_it(SCALE) == PROMISES[0].try_it(SCALE)


def naive_daily(control: Estimates, treatment: Estimates) -> Floats:
    return compare(control, treatment).p


def daily_chi_square(counts: Floats, weights: Sequence[float]) -> Floats:
    """The smallest p of Pearson's χ² over the days of each run."""
    expected = counts.sum(axis=2, keepdims=True) * np.array(weights)
    statistic = (np.square(counts - expected) / expected).sum(axis=2)
    return np.asarray(special.chdtrc(len(weights) - 1, statistic).min(axis=1))


@pytest.mark.parametrize(
    ("family", "simulate"),
    [
        (looking, partial(looking.ever, control=looking.normal, treatment=looking.normal, read=naive_daily)),
        (split, partial(split.called_broken, weights=(0.5, 0.5), read=daily_chi_square)),
        (pooling, partial(pooling.covered, k=4, tau2=20.0, variances="equal", test="z")),
    ],
    ids=["naive testing at every look", "chi-square every day", "random effects without Knapp–Hartung"],
)
def test_what_systems_without_care_do_breaks_the_promise(family: object, simulate: partial[Obtained]) -> None:
    promised: Promise = vars(family)["PROMISES"][0]
    careless = replace(promised, simulate=simulate)
    assert promised.try_it(SCALE).kept
    assert not careless.try_it(0.1).kept


@pytest.mark.parametrize(
    ("bound", "value", "kept"),
    [
        ("at most", 0.1, True),
        ("at most", 0.56, True),
        ("at most", 0.57, False),
        ("at least", 0.9, True),
        ("at least", 0.44, True),
        ("at least", 0.43, False),
        ("within", 0.44, True),
        ("within", 0.57, False),
        ("within", 0.43, False),
    ],
)
def test_a_promise_is_broken_beyond_its_margin_and_three_standard_errors(bound: str, value: float, kept: bool) -> None:
    promise = replace(PROMISES[0], bound=bound, promised=0.5, margin=0.05)
    assert Tried(promise, Obtained(value, 0.004)).kept is kept


def test_the_standard_error_is_that_of_a_share_or_a_mean() -> None:
    assert share(np.array([True, False] * 48)) == Obtained(0.5, 0.05)
    assert share(np.zeros(96, dtype=np.bool_)).sigma == pytest.approx(0.014)
    assert average(np.array([1.0, 2.0, 3.0])) == Obtained(2.0, pytest.approx(3**-0.5))


def constant(dice: np.random.Generator, runs: int, value: float) -> Obtained:
    return Obtained(value, 1 / runs)


KEPT = Promise("errors", "normal data", "at most", 0.05, partial(constant, value=0.04))
BROKEN = Promise("errors", "skewed data", "at most", 0.05, partial(constant, value=0.4))


def test_the_table_is_aligned_and_names_a_promise_once() -> None:
    exact = Promise("contradictions", "any", "within", 0, partial(constant, value=0.0), runs=200)
    loose = Promise("coverage", "any", "at least", 0.95, partial(constant, value=0.94), 0.01)
    results = [KEPT.try_it(), BROKEN.try_it(), Tried(exact, Obtained(0.0)), Tried(loose, Obtained(0.050001))]
    assert table(results).splitlines() == [
        "promise         data         promised       obtained (± 3σ)",
        "errors          normal data  ≤ 0.05         0.0400 ± 0.0003  ✓",
        "                skewed data  ≤ 0.05         0.4000 ± 0.0003  ✗",
        "contradictions  any          0              0                ✓",
        "coverage        any          ≥ 0.95 − 0.01  0.050001         ✗",
    ]


def test_a_broken_promise_fails_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--scale", "0.5"], [KEPT, BROKEN]) == 1
    assert "0.4000 ± 0.0006  ✗" in (printed := capsys.readouterr().out)
    assert "1 of 2 promises kept" in printed
    assert main([], [KEPT]) == 0
    assert "1 of 1 promises kept" in capsys.readouterr().out
