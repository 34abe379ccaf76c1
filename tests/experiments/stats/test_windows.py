"""Paired windows: what hits both variants drops out, neighbours that resemble each other count for less."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats
from experiments.stats.windows import FEWEST, paired_windows


def wave(n: int, seed: int = 1) -> tuple[Floats, Floats]:
    dice = np.random.default_rng(seed)
    load = 100 + 40 * np.sin(np.arange(n) / 9)
    return load + dice.normal(0, 2, n), load + dice.normal(0, 2, n)


def test_harm_is_told_from_a_wave_that_both_share() -> None:
    control, treatment = wave(120)
    found = paired_windows(control, treatment + 5, good=-1, limit=0.01)
    assert found.harm == pytest.approx(5, abs=1)
    assert found.p_breached < 0.001
    assert paired_windows(control, treatment, good=-1, limit=0.05).p_healthy < 0.001


@given(st.floats(-50, 50), st.floats(0, 0.3), st.booleans())
def test_more_being_better_is_the_mirror_of_less_being_better(shift: float, limit: float, relative: bool) -> None:
    control, treatment = wave(60)
    up = paired_windows(control, treatment + shift, good=1, limit=limit, relative=relative)
    down = paired_windows(-control, -treatment - shift, good=-1, limit=limit, relative=relative)
    assert (up.harm, up.p_breached, up.p_healthy) == pytest.approx((down.harm, down.p_breached, down.p_healthy))
    assert max(up.p_breached, up.p_healthy) == 1.0


def test_windows_without_a_value_are_left_out() -> None:
    control, treatment = wave(60)
    gaps = control.copy()
    gaps[[3, 30]], treatment[7] = math.nan, math.inf
    whole = [place for place in range(60) if place not in {3, 7, 30}]
    found = paired_windows(gaps, treatment, good=1)
    assert found == paired_windows(control[whole], treatment[whole], good=1)
    assert found.n == 57


def test_neighbours_that_resemble_each_other_count_for_less() -> None:
    control, treatment = wave(240)
    repeated = np.repeat(treatment[::4] - control[::4], 4)
    found = paired_windows(control, control + repeated + 1, good=-1, relative=False)
    assert paired_windows(control, treatment + 1, good=-1, relative=False).inflation < 1.5
    assert found.inflation > 4


@pytest.mark.parametrize(
    ("control", "treatment", "words"),
    [
        ([1.0] * 30, [1.0] * 29, "the same windows"),
        ([1.0] * (FEWEST - 1), [2.0] * (FEWEST - 1), "19 windows with both variants so far; 20 are needed"),
        ([math.nan] * 30, [2.0] * 30, "0 windows"),
        ([1.0] * 30, [2.0] * 30, "nothing is known about the spread"),
    ],
)
def test_it_refuses_what_says_nothing(control: list[float], treatment: list[float], words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        paired_windows(control, treatment, good=1)
