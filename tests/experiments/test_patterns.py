"""Patterns: the signal rule to the letter, how often such a streak is luck, and what the effects say when pooled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from experiments.knowledge.patterns import (
    Grouping,
    Pattern,
    Pooled,
    Signal,
    Trial,
    once_in,
    patterns_of,
    share_interval,
    signal_of,
)
from experiments.readout import Interval
from experiments.stats import meta
from experiments.stats.multiplicity import adjust


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


def measured(
    *effects: tuple[float, float], tag: str = "pricing", metric: str = "sales", unit: str = "user"
) -> list[Trial]:
    return [
        Trial(tags=(tag,), lift=lift, hit=True, variance=variance, metric=metric, unit=unit)
        for lift, variance in effects
    ]


def only(trials: list[Trial]) -> Pattern:
    (pattern,) = patterns_of(trials)
    return pattern


def numbers(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    assert interval.lower is not None
    assert interval.upper is not None
    return interval.lower, interval.upper


THREE = ((0.010, 1e-4), (0.030, 4e-4), (0.060, 2e-4))


def test_the_hit_rate_has_wilsons_interval() -> None:
    """scipy 1.17: binomtest(4, 5).proportion_ci(method="wilson")."""
    found = only(trials([0.02] * 5, 4))
    assert found.hit_rate == 0.8
    assert numbers(found.hit_interval) == pytest.approx((0.3755346, 0.9637759), abs=1e-6)
    assert found.hit_interval == share_interval(4, 5)


def test_effects_are_pooled_per_metric_and_unit() -> None:
    found = only([*measured(*THREE), *measured(*THREE[:2], metric="clicks"), *measured(*THREE[1:], unit="session")])
    assert [(each.metric, each.unit, each.experiments) for each in found.pooled] == [
        ("sales", "user", 3),
        ("clicks", "user", 2),
        ("sales", "session", 2),
    ]


def test_a_pooled_effect_is_that_of_the_random_effects_model() -> None:
    """By hand: w = 10 000, 2 500, 5 000; Q = 8.357143 with 2 degrees of freedom; τ² = 6.357143 / (17 500 − 7 500)."""
    (found,) = only(measured(*THREE)).pooled
    assert found.tau == pytest.approx((6.357143e-4) ** 0.5, rel=1e-6)
    expected = meta.pooled([lift for lift, _ in THREE], [variance for _, variance in THREE], 0.05)
    assert found.lift == pytest.approx(expected.estimate)
    assert numbers(found.interval) == pytest.approx((expected.lower, expected.upper))
    assert numbers(found.prediction) == pytest.approx((expected.prediction_lower, expected.prediction_upper))
    assert (found.p, found.i2) == pytest.approx((expected.p, expected.i2))


def test_every_pooled_p_is_adjusted_for_all_that_were_looked_at() -> None:
    sure = ((0.030, 1e-5), (0.031, 1e-5), (0.033, 1e-5))
    alone = measured((0.02, 1e-4), tag="copy")
    found = patterns_of([*measured(*THREE), *measured(*sure, tag="search"), *alone, *trials([0.1], 1, "ui")])
    ps = {each.p: each.adjusted_p for pattern in found for each in pattern.pooled if each.p is not None}
    assert len(ps) == 2
    assert list(ps.values()) == pytest.approx(adjust(list(ps), "bh").tolist())


def test_trials_without_a_variance_count_but_are_not_pooled() -> None:
    found = only([*measured(*THREE), *trials([0.02, 0.02], 1)])
    assert (found.experiments, found.positive) == (5, 4)
    assert [each.experiments for each in found.pooled] == [3]
    assert only(trials([0.02], 1)).pooled == ()


@pytest.mark.parametrize("variance", [0.0, -1.0, float("nan"), float("inf")])
def test_what_cannot_be_pooled_says_why(variance: float) -> None:
    (found,) = only(measured((0.01, 1e-4), (0.02, variance))).pooled
    assert (found.lift, found.p, found.adjusted_p) == (None, None, None)
    assert found.refused
    assert found.refused in found.words


def test_one_experiment_alone_is_not_pooled() -> None:
    (found,) = only(measured((0.01, 1e-4))).pooled
    assert found.refused
    assert found.words.startswith("sales per user, 1 experiment: ")


def test_the_words_of_a_pooled_effect() -> None:
    interval, wide = Interval(lower=0.01, upper=0.032), Interval(lower=-0.01, upper=None)
    found = Pooled(metric="sales", unit="user", experiments=5, lift=0.021, interval=interval, prediction=wide)
    assert found.words == (
        "sales per user, 5 experiments: +2.1 % (95 % interval +1.0 % to +3.2 %; the next one not known yet)"
    )
    nameless = Pooled(metric="", unit="", experiments=2, lift=0.021, interval=interval, prediction=interval)
    assert nameless.words.startswith("all metrics, 2 experiments: +2.1 %")
    assert nameless.words.endswith("the next one +1.0 % to +3.2 %)")


def test_patterns_of_projects_and_kinds() -> None:
    made = [
        Trial(tags=("a", "b"), lift=0.02, hit=True, project=project, kind=kind)
        for project, kind in (("checkout", "feature"), ("checkout", "prompt_ab"), ("", "feature"))
    ]
    assert [(each.tag, each.by, each.experiments) for each in patterns_of(made, "project")] == [
        ("checkout", "project", 2)
    ]
    assert [(each.tag, each.experiments) for each in patterns_of(made, "kind")] == [("feature", 2), ("prompt_ab", 1)]
    assert patterns_of(made, "project")[0].words == (
        "checkout: HIGH (n = 2), 2 of 2 positive, average +2.0 % (2 of 2 by chance: once in 4 projects)"
    )


@given(
    st.lists(
        st.builds(
            Trial,
            tags=st.lists(st.sampled_from("abc"), max_size=3).map(tuple),
            lift=st.floats(-1, 1),
            hit=st.booleans(),
            variance=st.none() | st.floats(1e-6, 1),
            project=st.sampled_from(["", "x", "y"]),
        ),
        max_size=12,
    ),
    st.sampled_from(["tag", "project"]),
)
def test_every_trial_counts_where_it_belongs(made: list[Trial], by: Grouping) -> None:
    found = patterns_of(made, by)
    places = sum(len(set(each.tags)) if by == "tag" else bool(each.project) for each in made)
    assert sum(each.experiments for each in found) == places
    for pattern in found:
        lower, upper = numbers(pattern.hit_interval)
        assert lower <= pattern.hit_rate + 1e-12
        assert pattern.hit_rate <= upper + 1e-12


def test_the_largest_lifts_do_not_overflow() -> None:
    assert only(trials([1.5e308] * 3, 3)).average_lift == pytest.approx(1.5e308)


@pytest.mark.parametrize("lift", [float("nan"), float("inf")])
def test_a_lift_is_a_number(lift: float) -> None:
    with pytest.raises(ValidationError):
        Trial(lift=lift, hit=True)
