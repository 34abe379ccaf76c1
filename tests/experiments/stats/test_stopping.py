"""How soon a guardrail stops: more harm sooner, more guardrails, a smaller arm or a larger limit later."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.errors import InsufficientData
from experiments.stats.always_valid import mixing, multiplier
from experiments.stats.stopping import Arms, Question, Stopping, stopping

DOUBLED, PER_LOOK = Arms.rates(0.02, 0.04), 50.0


def median(arms: Arms = DOUBLED, **question: float) -> float:
    return stopping(arms, Question(**{"good": -1.0, **question}), PER_LOOK).quantile(0.5)  # type: ignore[arg-type]


def test_what_makes_it_slower_and_what_quicker() -> None:
    assert median(Arms.rates(0.02, 0.06)) < median() < median(Arms.rates(0.02, 0.03))
    assert median() < median(guardrails=2) < median(guardrails=10)
    assert median() < median(limit=0.005) < median(limit=0.01)
    assert median() < median(Arms.rates(0.02, 0.04, share=0.1))
    assert median(alpha=0.1) < median(alpha=0.05)


def test_half_the_harm_takes_about_four_times_as_long() -> None:
    whole, half = (median(Arms(100.0, 100.0 + harm, deviation=20.0)) for harm in (2.0, 1.0))
    assert 3 < half / whole < 5


def test_the_median_comes_a_little_before_the_expected_score_meets_the_bound() -> None:
    units = stopping(Arms(100.0, 100.5, deviation=10.0), Question(-1.0), 10.0).quantile(0.5)
    expected = 0.5 / 20.0 * np.sqrt(units)
    assert 0.8 < expected / float(multiplier(units * mixing(0.1, 5_000), 0.05, "greater")) < 1


def test_chances_rise_to_certainty() -> None:
    found = stopping(DOUBLED, Question(-1.0), PER_LOOK)
    assert (np.diff(found.stopped) >= 0).all()
    assert found.stopped[-1] == pytest.approx(1, abs=1e-3)
    assert found.units[0] == 200


def test_harm_within_its_limit_and_harm_beyond_all_looks_are_refused() -> None:
    with pytest.raises(InsufficientData, match="within its limit"):
        median(limit=0.02)
    with pytest.raises(InsufficientData, match="too small"):
        stopping(Arms(100.0, 100.0001, deviation=10.0), Question(-1.0), 1.0)
    with pytest.raises(InsufficientData, match="within the looks"):
        Stopping(np.array([100.0]), np.array([0.4])).quantile(0.5)
