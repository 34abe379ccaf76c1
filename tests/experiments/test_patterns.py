"""Patterns by tag: the signal rule to the letter, and how often such a streak is luck."""

from __future__ import annotations

import pytest

from experiments.knowledge.patterns import Signal, Trial, once_in, patterns_of, signal_of


def trials(lifts: list[float], hits: int, *tags: str) -> list[Trial]:
    return [Trial(tags=tags or ("pricing",), lift=lift, hit=number < hits) for number, lift in enumerate(lifts)]


@pytest.mark.parametrize(
    ("lifts", "hits", "words"),
    [
        (
            [0.030, 0.034, 0.032, 0.028, 0.036],
            5,
            "pricing: HIGH, 5 of 5 positive, average +3.2 % (5 of 5 by chance: once in 32 tags)",
        ),
        (
            [0.010, 0.014],
            2,
            "pricing: MODERATE (n = 2), 2 of 2 positive, average +1.2 % (2 of 2 by chance: once in 4 tags)",
        ),
        ([0.02, 0.01], 0, "pricing: LOW (n = 2), 0 of 2 positive, average +1.5 %"),
        ([-0.01, 0.01, 0.0], 0, "pricing: LOW, 0 of 3 positive, average 0 %"),
    ],
)
def test_the_cases_that_must_come_out(lifts: list[float], hits: int, words: str) -> None:
    (pattern,) = patterns_of(trials(lifts, hits))
    assert pattern.words == words


@pytest.mark.parametrize(
    ("average", "rate", "signal"),
    [
        (0.015, 0.5, Signal.HIGH),
        (0.015, 0.49, Signal.LOW),
        (0.0149, 0.51, Signal.MODERATE),
        (0.0149, 0.5, Signal.LOW),
        (0.005, 1.0, Signal.LOW),
        (0.0051, 1.0, Signal.MODERATE),
        (-0.02, 1.0, Signal.LOW),
    ],
)
def test_the_rule_at_its_edges(average: float, rate: float, signal: Signal) -> None:
    assert signal_of(average, rate) is signal


def test_an_average_on_the_edge_is_not_lost_to_rounding() -> None:
    (pattern,) = patterns_of(trials([0.01, 0.02, 0.015], 3))
    assert pattern.signal is Signal.HIGH


def test_an_experiment_counts_for_each_of_its_tags_once_and_the_strongest_come_first() -> None:
    found = patterns_of([*trials([0.0], 0, "copy", "pricing", "copy"), *trials([0.05, 0.05, 0.05], 3, "search")])
    assert [(each.tag, each.experiments) for each in found] == [("search", 3), ("copy", 1), ("pricing", 1)]


@pytest.mark.parametrize(("positive", "experiments", "odds"), [(5, 5, 32), (2, 2, 4), (4, 5, 5), (0, 2, 1), (1, 1, 2)])
def test_luck(positive: int, experiments: int, odds: int) -> None:
    assert once_in(positive, experiments) == odds


def test_a_streak_beyond_words_is_cut() -> None:
    (pattern,) = patterns_of(trials([0.05] * 2000, 2000))
    assert "once in more than 1,000,000 tags" in pattern.words


def test_no_trials_no_patterns() -> None:
    assert patterns_of([]) == ()
