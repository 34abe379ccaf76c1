"""The registry, and the checks of what has arrived: silent, stale, partial, too early, where nobody was expected."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from experiments.checks import CHECKS, EFFECT_CHECKS, examine, worst_first
from experiments.checks.changed_effect import changed_effect
from experiments.checks.context import Balance, HealthContext, LeftOut, Shaped, SinceExposure
from experiments.checks.minimum_run_time import minimum_run_time
from experiments.checks.minimum_units import minimum_units
from experiments.checks.no_data import no_data
from experiments.checks.partial_period import partial_period
from experiments.checks.stale_data import stale_data
from experiments.checks.unexpected_units import unexpected_units
from experiments.readout import Finding, Severity
from tests.experiments.checks.contexts import SOUND, phase

NOTHING = HealthContext(weights=SOUND.weights, units={"control": 0, "treatment": 0}, day=0.0, has_data=False)
EVERYTHING = replace(
    SOUND,
    weights={**SOUND.weights, "parked": 0},
    units={"control": 90, "treatment": 60, "parked": 3},
    day=1.0,
    ratios=(phase({"control": 900, "treatment": 600, "parked": 3}, {**SOUND.weights, "parked": 0}),),
    age=9.0,
    silent=(("latency", "treatment"),),
    changed=(("revenue", "treatment"),),
    crossed=200,
    balance=(Balance("revenue", "treatment", 0.2, 1e-5),),
    shapes=(Shaped("revenue", "treatment", 5_000, 40.0, 0.2),),
    since_exposure=(SinceExposure("revenue", "treatment", tuple(range(10)), (9.0,) * 3 + (1.0,) * 7, (0.5,) * 10),),
    left_out=(LeftOut("revenue", 1.0, ("treatment",)),),
)


def test_a_sound_experiment_has_no_findings() -> None:
    assert examine(SOUND) == examine(SOUND, EFFECT_CHECKS) == ()


def test_without_data_only_that_is_said() -> None:
    (finding,) = examine(NOTHING)
    assert finding.code == "no_data"
    assert finding.words.startswith("No data have arrived yet.")
    assert examine(NOTHING, EFFECT_CHECKS) == ()


def test_every_check_is_registered_once_and_finds_under_its_own_name() -> None:
    registered = (*CHECKS, *EFFECT_CHECKS)
    assert len(set(registered)) == len(registered) == 13
    assert [finding and finding.code for finding in (check(EVERYTHING) for check in registered)] == [
        check.__name__ for check in registered
    ]


def test_every_finding_is_a_few_sentences_and_its_evidence_is_json() -> None:
    for finding in examine(EVERYTHING, (*CHECKS, *EFFECT_CHECKS)):
        assert finding.words.endswith(".")
        assert "  " not in finding.words
        assert 40 < len(finding.words) < 500
        assert json.loads(json.dumps(finding.evidence, allow_nan=False)) == finding.evidence != {}


def test_the_worst_comes_first_and_equals_keep_their_order() -> None:
    found = examine(EVERYTHING)
    assert [each.code for each in found[:2]] == ["sample_ratio", "multiple_exposure"]
    assert [each.severity for each in found] == [Severity.BLOCKS_LIFT] * 2 + [Severity.WARNING] * 6 + [
        Severity.INFORMATION
    ] * 3
    information = Finding(code="a", severity=Severity.INFORMATION, words="")
    assert worst_first([information, *found])[-4:] == (information, *found[-3:])


def test_a_silent_metric_is_named_with_its_variant() -> None:
    finding = no_data(replace(SOUND, silent=(("latency", "treatment"),)))
    assert finding is not None
    assert "latency in treatment" in finding.words
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("age", "rhythm", "speaks"),
    [
        (None, 1.0, False),
        (3.0, 1.0, False),
        (3.01, 1.0, True),
        (0.9, 0.04, False),
        (1.1, 0.04, True),
        (20.0, 7.0, False),
        (22.0, 7.0, True),
    ],
)
def test_data_are_stale_after_a_day_and_three_missed_moments(age: float | None, rhythm: float, speaks: bool) -> None:
    finding = stale_data(replace(SOUND, age=age, rhythm=rhythm))
    assert (finding is not None) == speaks
    assert finding is None or finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("rhythm", "every"),
    [
        (1.0, "every day:"),
        (2.0, "every 2 days:"),
        (0.5, "every 12 hours:"),
        (1 / 24, "every hour:"),
        (0, "every hour:"),
    ],
)
def test_how_often_data_usually_come_is_said(rhythm: float, every: str) -> None:
    finding = stale_data(replace(SOUND, age=30.0, rhythm=rhythm))
    assert finding is not None
    assert f"from 30 days ago, although they usually come {every}" in finding.words


def test_data_that_never_came_are_not_stale() -> None:
    assert stale_data(replace(NOTHING, age=30.0)) is None


def test_a_moment_left_out_names_who_is_missing() -> None:
    one = partial_period(replace(SOUND, left_out=(LeftOut("revenue", 3.5, ("treatment", "third")),)))
    assert one is not None
    assert one.severity is Severity.INFORMATION
    assert one.words.startswith("revenue on day 3.5 is left out until treatment and third have reported it.")
    moments = tuple(LeftOut("revenue", day, ("treatment",)) for day in (3.0, 4.0))
    two = partial_period(replace(SOUND, left_out=moments))
    assert two is not None
    assert two.words.startswith(
        "Left out until every variant has reported: "
        "revenue on day 3 (no treatment) and revenue on day 4 (no treatment). If they do not"
    )
    assert two.evidence["left_out"][1] == {"metric": "revenue", "day": 4.0, "missing": ["treatment"]}


@pytest.mark.parametrize(("day", "speaks"), [(0.5, True), (2.99, True), (3.0, False)])
def test_three_days_at_least(day: float, speaks: bool) -> None:
    assert (minimum_run_time(replace(SOUND, day=day)) is not None) == speaks


@pytest.mark.parametrize(("units", "speaks"), [(0, True), (99, True), (100, False)])
def test_a_hundred_units_per_arm_at_least(units: int, speaks: bool) -> None:
    finding = minimum_units(replace(SOUND, units={"control": 5000, "treatment": units}))
    assert (finding is not None) == speaks
    assert finding is None or f"treatment has {units} units" in finding.words


def test_a_variant_without_traffic_needs_no_units() -> None:
    parked = replace(SOUND, weights={**SOUND.weights, "parked": 0}, units={**SOUND.units, "parked": 0})
    assert minimum_units(parked) is None
    assert unexpected_units(parked) is None


def test_units_in_a_variant_without_traffic_are_counted_over_the_phases() -> None:
    weights = {"control": 5000, "treatment": 5000, "parked": 0}
    first = phase({"control": 500, "treatment": 510, "parked": 1}, weights)
    second = phase({"control": 700, "treatment": 690, "parked": 4}, weights, from_day=3.0)
    third = phase({"control": 700, "treatment": 0, "parked": 720}, {"control": 1, "treatment": 0, "parked": 1}, 5.0)
    finding = unexpected_units(replace(SOUND, ratios=(first, second, third)))
    assert finding is not None
    assert finding.severity is Severity.WARNING
    assert finding.words.startswith("parked has 5 units although its weight is 0. ")
    assert finding.evidence == {"units": {"parked": 5}}


def test_units_without_any_split_to_test_are_seen_too() -> None:
    odd = replace(SOUND, ratios=(), weights={"control": 1, "a": 0, "b": 0}, units={"control": 500, "a": 1, "b": 20})
    finding = unexpected_units(odd)
    assert finding is not None
    assert finding.words.startswith("a (1 unit) and b (20 units) have units at a weight of 0. ")


def test_a_changed_effect_is_named() -> None:
    one = changed_effect(replace(SOUND, changed=(("conversion", "treatment"),)))
    two = changed_effect(replace(SOUND, changed=(("conversion", "treatment"), ("revenue", "treatment"))))
    assert one is not None
    assert two is not None
    assert one.words.startswith("The effect of treatment on conversion changed")
    assert two.words.startswith("The effects of treatment on conversion and treatment on revenue changed")
