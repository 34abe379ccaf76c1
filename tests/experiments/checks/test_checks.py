"""Each health check on the smallest context that makes it speak, and on sound ones that do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from experiments.checks import CHECKS, EFFECT_CHECKS, examine
from experiments.checks.changed_effect import changed_effect
from experiments.checks.context import HealthContext
from experiments.checks.minimum_run_time import minimum_run_time
from experiments.checks.minimum_units import minimum_units
from experiments.checks.no_data import no_data
from experiments.checks.sample_ratio import sample_ratio
from experiments.readout import Severity

SOUND = HealthContext(
    weights={"control": 5000, "treatment": 5000},
    units={"control": 5000, "treatment": 5030},
    history=((2500, 2480), (5000, 5030)),
    day=7.0,
    planned_units=10_000,
    has_data=True,
)
NOTHING = replace(SOUND, units={"control": 0, "treatment": 0}, history=(), day=0.0, has_data=False)


def test_a_sound_experiment_has_no_findings() -> None:
    assert examine(SOUND) == ()


def test_without_data_only_that_is_said() -> None:
    (finding,) = examine(NOTHING)
    assert finding.code == "no_data"
    assert finding.words.startswith("No data have arrived yet.")


def test_a_broken_split_blocks_the_lift_and_says_how_broken_it_is() -> None:
    finding = sample_ratio(replace(SOUND, history=((2500, 2500), (5500, 4500))))
    assert finding is not None
    assert finding.severity is Severity.BLOCKS_LIFT
    assert "control got 55.0 % of the units instead of 50.0 %" in finding.words
    assert finding.evidence["p"] < 0.001
    assert finding.evidence["chi_square_p"] == pytest.approx(1.5e-23, rel=0.05)
    assert finding.evidence["units"] == {"control": 5500, "treatment": 4500}
    assert finding.evidence["expected"] == {"control": 5000, "treatment": 5000}


def test_a_tiny_but_certain_gap_is_shown_with_enough_digits() -> None:
    finding = sample_ratio(replace(SOUND, history=((10_000_400_000, 9_999_600_000),)))
    assert finding is not None
    assert "50.002 % of the units instead of 50.000 %" in finding.words


def test_the_weights_are_what_the_split_is_held_against() -> None:
    uneven = replace(SOUND, weights={"control": 9000, "treatment": 1000})
    assert sample_ratio(uneven) is not None
    assert sample_ratio(replace(uneven, history=((9010, 990),))) is None


def test_a_variant_without_traffic_takes_no_part() -> None:
    three = replace(SOUND, weights={"control": 5000, "treatment": 5000, "parked": 0}, history=((5000, 5030, 0),))
    assert sample_ratio(three) is None
    parked = replace(three, units={"control": 5000, "treatment": 5030, "parked": 0})
    assert minimum_units(parked) is None


def test_a_silent_metric_is_named_with_its_variant() -> None:
    finding = no_data(replace(SOUND, silent=(("latency", "treatment"),)))
    assert finding is not None
    assert "latency in treatment" in finding.words
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(("day", "speaks"), [(0.5, True), (2.99, True), (3.0, False)])
def test_three_days_at_least(day: float, speaks: bool) -> None:
    assert (minimum_run_time(replace(SOUND, day=day)) is not None) == speaks


@pytest.mark.parametrize(("units", "speaks"), [(0, True), (99, True), (100, False)])
def test_a_hundred_units_per_arm_at_least(units: int, speaks: bool) -> None:
    finding = minimum_units(replace(SOUND, units={"control": 5000, "treatment": units}))
    assert (finding is not None) == speaks
    assert finding is None or f"treatment has {units} units" in finding.words


def test_a_changed_effect_is_named() -> None:
    finding = changed_effect(replace(SOUND, changed=(("conversion", "treatment"),)))
    assert finding is not None
    assert finding.words.startswith("The effect of treatment on conversion changed")


def test_every_check_is_registered_once() -> None:
    registered = (*CHECKS, *EFFECT_CHECKS)
    assert len(set(registered)) == len(registered) == 5
