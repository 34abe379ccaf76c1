"""The winner's curse: the corrected total is near the truth where the naive one is far above it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.knowledge.winners_curse import corrected

EFFECTS = [0.05, 0.01, -0.01, 0.03, 0.0, 0.02, -0.02, 0.01]
ERRORS = [0.02, 0.01, 0.02, 0.01, 0.03, 0.02, 0.01, 0.02]
effects = st.lists(st.floats(-1, 1), min_size=6, max_size=20)


@pytest.mark.parametrize(
    ("experiments", "mean", "spread", "ratio", "naive"),
    [(60, 0.0, 1.0, (0.95, 1.02), 1.8), (60, 0.3, 0.5, (0.93, 1.02), 2.7), (20, 0.0, 2.0, (0.95, 1.02), 1.2)],
)
def test_the_corrected_total_of_winners_is_near_the_truth(
    experiments: int, mean: float, spread: float, ratio: tuple[float, float], naive: float
) -> None:
    rng = np.random.default_rng(11)
    true = measured = without_luck = 0.0
    covered = []
    for _ in range(300):
        errors = rng.uniform(0.5, 1.5, experiments)
        effect = mean + spread * rng.standard_normal(experiments)
        found = corrected(effect + errors * rng.standard_normal(experiments), errors)
        true += effect[found.winners].sum()
        measured += found.naive_total
        without_luck += found.corrected_total
        covered += ((found.lower <= effect) & (effect <= found.upper)).tolist()
    assert ratio[0] < without_luck / true < ratio[1]
    assert measured / true > naive
    assert np.mean(covered) > 0.89


def test_by_hand_with_equal_errors() -> None:
    """For the first: the other seven average 4/700, Q < 6, so their spread is 0 and it is drawn all the way."""
    found = corrected(EFFECTS, [0.02] * 8)
    assert found.effect[0] == pytest.approx(0.04 / 7)
    assert found.shrinkage[0] == 1
    gap = (0.05 - 0.04 / 7) ** 2
    assert found.upper[0] - found.effect[0] == pytest.approx(1.959963984540054 * (0.02**2 / 7 + gap / 2) ** 0.5)
    assert found.mean == pytest.approx(0.01125)
    assert found.winners.tolist() == [True, *[False] * 7]


def test_the_prior_is_that_of_dersimonian_and_laird() -> None:
    """τ² and mean of the BCG trials, log risk ratios as in Colditz 1994: metafor's rma(yi, vi, method="DL")."""
    risk = [-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694, -1.3713, -0.3394, 0.4459,
            -0.0173]  # fmt: skip
    variance = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714]
    found = corrected(risk, np.sqrt(variance))
    assert found.mean == pytest.approx(-0.7141, abs=0.0005)
    assert found.spread**2 == pytest.approx(0.3088, abs=0.0005)


@given(effects, st.floats(1e-3, 1e3))
def test_a_change_of_scale_scales_everything(values: list[float], factor: float) -> None:
    errors = np.linspace(0.1, 0.4, len(values))
    one, other = corrected(values, errors), corrected(np.multiply(values, factor), errors * factor)
    assert other.effect == pytest.approx(one.effect * factor, rel=1e-9, abs=1e-9 * factor)
    assert other.upper == pytest.approx(one.upper * factor, rel=1e-9, abs=1e-9 * factor)
    assert other.spread == pytest.approx(one.spread * factor, rel=1e-6, abs=1e-6 * factor)


@given(effects)
def test_turning_the_sign_turns_the_effects(values: list[float]) -> None:
    one, other = corrected(values, [0.2] * len(values)), corrected(np.negative(values), [0.2] * len(values))
    assert other.effect == pytest.approx(-one.effect, abs=1e-12)
    assert other.lower == pytest.approx(-one.upper, abs=1e-12)


@given(effects, st.floats(0.01, 10))
def test_an_effect_lies_between_itself_and_the_others_and_inside_its_interval(values: list[float], se: float) -> None:
    found = corrected(values, [se] * len(values))
    assert ((found.shrinkage > 0) & (found.shrinkage <= 1)).all()
    assert ((min(values) - 1e-9 <= found.effect) & (found.effect <= max(values) + 1e-9)).all()
    assert ((found.lower < found.effect) & (found.effect < found.upper)).all()


def test_precise_experiments_keep_their_effects() -> None:
    found = corrected(EFFECTS, [1e-6] * 8)
    assert found.effect == pytest.approx(EFFECTS, abs=1e-8)
    assert found.corrected_total == pytest.approx(found.naive_total, abs=1e-7)


def test_the_winners_can_be_named() -> None:
    found = corrected(EFFECTS, ERRORS, winners=[True, True, *[False] * 6])
    assert found.naive_total == pytest.approx(0.06)
    assert found.corrected_total == pytest.approx(found.effect[:2].sum())
    assert found.words.startswith("2 winners: +6.0 % in all as measured, +")


def test_the_words_without_winners() -> None:
    assert corrected([0.0] * 6, [1.0] * 6).words == "no winners, so there is no luck to take out"


@pytest.mark.parametrize(
    ("values", "errors", "words"),
    [
        (EFFECTS[:5], ERRORS[:5], "from 6 experiments on; here are 5"),
        ([], [], "here are 0"),
        (EFFECTS, ERRORS[:7], "from 6 experiments on"),
        ([np.nan, *EFFECTS[1:]], ERRORS, "no effect"),
        ([np.inf, *EFFECTS[1:]], ERRORS, "no effect"),
        (EFFECTS, [0.0, *ERRORS[1:]], "no standard error"),
        (EFFECTS, [np.inf, *ERRORS[1:]], "no standard error"),
        (EFFECTS, [1e-300, *ERRORS[1:]], "different precision"),
        ([1e90, *EFFECTS[1:]], [5e-324] * 8, "different precision"),
        ([1e90] * 8, [5e-324] * 8, "different precision"),
        ([1e300] * 8, ERRORS, "no effect"),
    ],
)
def test_what_cannot_be_corrected_is_refused(values: list[float], errors: list[float], words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        corrected(values, errors)


def test_every_experiment_is_a_winner_or_not() -> None:
    with pytest.raises(InsufficientData, match="either a winner"):
        corrected(EFFECTS, ERRORS, winners=[True])
    with pytest.raises(InsufficientData, match="level"):
        corrected(EFFECTS, ERRORS, alpha=0)


def test_large_offsets_and_thousands_of_experiments_survive() -> None:
    rng = np.random.default_rng(3)
    found = corrected(1e9 + rng.standard_normal(2000), np.full(2000, 0.5))
    assert np.isfinite(found.effect).all()
    assert found.mean == pytest.approx(1e9, abs=1)
