"""Checks of the values: bias from before, skew, outliers, and effects that depend on the time since exposure."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from experiments.checks.context import Balance, Shaped, SinceExposure
from experiments.checks.novelty import novelty
from experiments.checks.outliers import outliers
from experiments.checks.pre_exposure_bias import pre_exposure_bias
from experiments.checks.skew import skew
from experiments.readout import Severity
from tests.experiments.checks.contexts import SOUND

DAYS = tuple(range(10))


def test_a_group_that_was_different_before_is_named_with_its_size() -> None:
    found = (
        Balance("clicks", "treatment", 0.04, 0.5),
        Balance("revenue", "treatment", -0.12, 0.0005),
        Balance("visits", "third", 0.11, 0.001),
    )
    finding = pre_exposure_bias(replace(SOUND, balance=found))
    assert finding is not None
    assert finding.severity is Severity.WARNING
    assert finding.words.startswith(
        "Before the experiment treatment was already 0.12 standard deviations below control in revenue; "
        "visits in third differed too. Part of"
    )
    assert [each["metric"] for each in finding.evidence["biased"]] == ["revenue", "visits"]


def test_a_small_but_certain_bias_is_called_little() -> None:
    finding = pre_exposure_bias(replace(SOUND, balance=(Balance("revenue", "treatment", 0.01, 1e-9),)))
    assert finding is not None
    assert "0.01 standard deviations above control in revenue. That is little, but no accident. Part" in finding.words


def test_groups_that_were_alike_are_not_mentioned() -> None:
    assert pre_exposure_bias(replace(SOUND, balance=(Balance("revenue", "treatment", 0.3, 0.0011),))) is None


@pytest.mark.parametrize(
    ("n", "skewness", "speaks"),
    [
        (1_420, 2.0, False),
        (1_419, 2.0, True),
        (1_419, -2.0, True),
        (99, 50.0, False),
        (100, 50.0, True),
        (5_000, 0.0, False),
        (5_000, math.nan, False),
        (5_000, math.inf, False),
        (5_000, 1e200, False),
    ],
)
def test_skew_asks_for_355_times_its_square(n: int, skewness: float, speaks: bool) -> None:
    finding = skew(replace(SOUND, shapes=(Shaped("revenue", "treatment", n, skewness, None),)))
    assert (finding is not None) == speaks
    assert finding is None or finding.severity is Severity.WARNING


def test_the_most_skewed_is_named_with_the_units_it_needs() -> None:
    shapes = (
        Shaped("revenue", "control", 5_000, 5.0, 0.001),
        Shaped("revenue", "treatment", 5_000, 12.0, 0.001),
        Shaped("clicks", "treatment", 5_000, 1.0, None),
    )
    finding = skew(replace(SOUND, shapes=shapes))
    assert finding is not None
    assert finding.words == (
        "revenue in treatment is too lopsided (skewness 12) for its 5,000 units, so its intervals and p-values are "
        "only roughly right. Wait for about 51,120 units in every variant, or cap its largest values. "
        "The same holds for revenue in control."
    )
    assert [each["needed"] for each in finding.evidence["skewed"]] == [51_120, 8_875]
    rate = skew(replace(SOUND, shapes=(Shaped("conversion", "treatment", 5_000, 9.85, None),)))
    assert rate is not None
    assert "cap" not in rate.words


@pytest.mark.parametrize(
    ("n", "share", "speaks"),
    [
        (2_000, 0.01, True),
        (1_999, 0.01, False),
        (10**6, 0.0099, False),
        (500, 0.03, False),
        (500, 0.04, True),
        (5_000, None, False),
        (5_000, math.nan, False),
        (5_000, math.inf, False),
    ],
)
def test_one_unit_may_not_weigh_on_a_variant(n: int, share: float | None, speaks: bool) -> None:
    finding = outliers(replace(SOUND, shapes=(Shaped("revenue", "treatment", n, 1.0, share),)))
    assert (finding is not None) == speaks
    assert finding is None or finding.severity is Severity.WARNING


def test_the_heaviest_unit_is_described() -> None:
    shapes = (Shaped("revenue", "control", 5_000, 9.0, 0.02), Shaped("revenue", "treatment", 5_000, 30.0, 0.034))
    finding = outliers(replace(SOUND, shapes=shapes))
    assert finding is not None
    assert finding.words.startswith("One unit makes 3.4 % of all revenue in treatment, 170 times the average. ")
    assert finding.words.endswith("The same holds for revenue in control.")
    assert [each["variant"] for each in finding.evidence["outliers"]] == ["treatment", "control"]


def since(metric: str, early: float, late: float, unit: str = "") -> SinceExposure:
    return SinceExposure(metric, "treatment", DAYS, (early,) * 3 + (late,) * 7, (0.5,) * 10, unit)


@pytest.mark.parametrize(
    ("early", "late", "words"),
    [
        (
            5.0,
            1.0,
            "fades with time since exposure: +5 ms in the first 3 days, +1 from day 5 on. That looks like novelty",
        ),
        (
            1.0,
            5.0,
            "grows with time since exposure: +1 ms in the first 3 days, +5 from day 5 on. That looks like learning",
        ),
        (
            -1.0,
            -5.0,
            "grows with time since exposure: −1 ms in the first 3 days, −5 from day 5 on. That looks like learn",
        ),
        (3.0, -3.0, "turns into its opposite with time since exposure: +3 ms in the first 3 days, −3 from day 5 on. "),
    ],
)
def test_an_effect_that_depends_on_time_says_where_it_goes(early: float, late: float, words: str) -> None:
    finding = novelty(replace(SOUND, since_exposure=(since("latency", early, late, "ms"),)))
    assert finding is not None
    assert finding.severity is Severity.WARNING
    assert f"The effect of treatment on latency {words}" in finding.words


def test_a_steady_effect_is_not_mentioned_and_one_that_is_too_young_is_passed_over() -> None:
    young = SinceExposure("revenue", "treatment", (0, 1), (9.0, 1.0), (0.1, 0.1))
    assert novelty(replace(SOUND, since_exposure=(since("latency", 2.0, 2.1), young))) is None


def test_the_clearest_is_described_and_the_others_are_named() -> None:
    changing = (since("latency", 4.0, 1.0), since("revenue", 9.0, 1.0), since("clicks", 2.0, 2.0))
    finding = novelty(replace(SOUND, since_exposure=changing))
    assert finding is not None
    assert finding.words.startswith("The effect of treatment on revenue fades")
    assert "+9 in the first 3 days" in finding.words
    assert finding.words.endswith("Time matters as well for treatment on latency.")
    assert finding.evidence["tested"] == 3
    assert [each["course"] for each in finding.evidence["changing"]] == ["fades", "fades"]


def test_among_many_steady_effects_one_is_called_changing_as_rarely_as_among_few() -> None:
    dice, runs, many = np.random.default_rng(6), 300, 8
    called = 0
    for _ in range(runs):
        series = tuple(
            SinceExposure(f"metric-{index}", "treatment", DAYS, tuple(dice.normal(2.0, 0.5, 10).tolist()), (0.5,) * 10)
            for index in range(many)
        )
        called += novelty(replace(SOUND, since_exposure=series)) is not None
    assert called / runs <= 0.01 + 3 * math.sqrt(0.01 * 0.99 / runs)
