"""What winners add up to: as the correction says, with intervals, and with the reason where nothing is corrected."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.knowledge.gains import Z, added, gains_of, without_error
from experiments.knowledge.patterns import Trial
from experiments.knowledge.winners_curse import corrected

LIFTS = (0.05, 0.01, -0.01, 0.03, 0.0, 0.02, -0.02, 0.04)
TRIALS = [Trial(lift=lift, hit=lift >= 0.03, variance=0.0001) for lift in LIFTS]


def test_each_winner_is_corrected_as_the_winners_curse_says() -> None:
    found = gains_of(TRIALS)
    known = corrected(LIFTS, [0.01] * 8, [lift >= 0.03 for lift in LIFTS])
    assert [each is not None for each in found.winners] == list(known.winners)
    totals = [each for each in found.winners if each]
    assert sum(each.corrected or 0 for each in totals) == pytest.approx(known.corrected_total)
    assert sum(each.lift for each in totals) == pytest.approx(known.naive_total)
    assert known.corrected_total < known.naive_total
    first = found.winners[0]
    assert first is not None
    assert first.corrected_error == pytest.approx(float(known.upper[0] - known.effect[0]) / Z)


def test_below_six_the_winners_are_told_as_measured_and_why_not_more() -> None:
    found = gains_of(TRIALS[:4])
    assert found.count == 2
    assert all(each.corrected is None for each in found.winners if each)
    assert "here are 4" in found.refused


def test_winners_without_an_error_are_left_out_and_counted() -> None:
    some = [*TRIALS, Trial(lift=0.4, hit=True), Trial(lift=0.5, hit=True)]
    found = gains_of(some)
    assert found.winners[:8] == gains_of(TRIALS).winners
    assert found.winners[8:] == (None, None)
    assert without_error(found, some) == "2 winners without a standard error are left out"
    assert without_error(gains_of(TRIALS), TRIALS) == ""


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 1)), max_size=20))
def test_errors_add_up_like_independent_ones(parts: list[tuple[float, float]]) -> None:
    found = added(parts)
    assert found.value == pytest.approx(sum(value for value, _ in parts), abs=1e-12)
    error = sqrt(sum(error**2 for _, error in parts))
    assert (found.upper - found.lower) / 2 == pytest.approx(Z * error, abs=1e-12)
