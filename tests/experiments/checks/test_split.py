"""Sample ratio and multiple exposure: what forbids to show a lift."""

from __future__ import annotations

from dataclasses import replace

import pytest

from experiments.checks.multiple_exposure import multiple_exposure
from experiments.checks.sample_ratio import sample_ratio
from experiments.readout import Severity
from tests.experiments.checks.contexts import SOUND, phase


def test_a_broken_split_blocks_the_lift_and_says_how_broken_it_is() -> None:
    finding = sample_ratio(replace(SOUND, ratios=(phase({"control": 5500, "treatment": 4500}),)))
    assert finding is not None
    assert finding.severity is Severity.BLOCKS_LIFT
    assert finding.words.startswith(
        "The split is broken: control got 55.0 % of the units instead of 50.0 %, 500 units too many. "
    )
    assert finding.evidence["p"] < 0.001
    assert finding.evidence["chi_square_p"] == pytest.approx(1.5e-23, rel=0.05)
    assert finding.evidence["units"] == {"control": 5500, "treatment": 4500}
    assert finding.evidence["expected"] == {"control": 5000, "treatment": 5000}
    assert "others" not in finding.evidence


def test_a_tiny_but_certain_gap_is_shown_with_enough_digits() -> None:
    finding = sample_ratio(replace(SOUND, ratios=(phase({"control": 10_000_400_000, "treatment": 9_999_600_000}),)))
    assert finding is not None
    assert "50.002 % of the units instead of 50.000 %, 400,000 units too many" in finding.words


def test_a_variant_with_too_few_units_is_named_where_it_is_farthest_off() -> None:
    weights = {"control": 4000, "b": 3000, "c": 3000}
    finding = sample_ratio(replace(SOUND, ratios=(phase({"control": 4_200, "b": 3_100, "c": 2_700}, weights),)))
    assert finding is not None
    assert "c got 27.0 % of the units instead of 30.0 %, 300 units too few" in finding.words


def test_the_weights_are_what_the_split_is_held_against() -> None:
    weights = {"control": 9000, "treatment": 1000}
    assert sample_ratio(replace(SOUND, ratios=(phase({"control": 5000, "treatment": 5030}, weights),))) is not None
    assert sample_ratio(replace(SOUND, ratios=(phase({"control": 9010, "treatment": 990}, weights),))) is None


def test_a_variant_without_traffic_takes_no_part() -> None:
    weights = {"control": 5000, "treatment": 5000, "parked": 0}
    sound = phase({"control": 5000, "treatment": 5030, "parked": 900}, weights)
    assert sample_ratio(replace(SOUND, ratios=(sound,))) is None
    broken = sample_ratio(replace(SOUND, ratios=(phase({"control": 600, "treatment": 400, "parked": 900}, weights),)))
    assert broken is not None
    assert "control got 60.0 % of the units instead of 50.0 %, 100 units too many" in broken.words
    assert broken.evidence["df"] == 1
    assert broken.evidence["expected"] == {"control": 500, "treatment": 500}


def test_the_broken_phase_is_named_and_the_others_are_evidence() -> None:
    good = phase({"control": 5000, "treatment": 5030})
    slightly = phase({"control": 3_400, "treatment": 3_000}, from_day=3.0)
    badly = phase({"control": 2_000, "treatment": 8_000}, {"control": 1000, "treatment": 9000}, from_day=6.0)
    newest = sample_ratio(replace(SOUND, ratios=(good, badly)))
    assert newest is not None
    assert newest.words.startswith("The split is broken since day 6: ")
    earlier = sample_ratio(replace(SOUND, ratios=(slightly, good._replace(from_day=6.5))))
    assert earlier is not None
    assert earlier.words.startswith("The split is broken from day 3 to day 6.5: ")
    both = sample_ratio(replace(SOUND, ratios=(good, slightly, badly)))
    assert both is not None
    assert both.words.startswith("The split is broken since day 6: ")
    assert both.evidence["from_day"] == 6.0
    assert [other["from_day"] for other in both.evidence["others"]] == [3.0]


def test_no_phase_has_nothing_to_find() -> None:
    assert sample_ratio(replace(SOUND, ratios=())) is None


@pytest.mark.parametrize(
    ("crossed", "seen", "severity"),
    [
        (0, 10_000, None),
        (5, 0, None),
        (9, 10_000, Severity.INFORMATION),
        (10, 10_000, Severity.WARNING),
        (99, 10_000, Severity.WARNING),
        (100, 10_000, Severity.BLOCKS_LIFT),
        (9, 300, Severity.WARNING),
        (10, 1_000, Severity.BLOCKS_LIFT),
        (10**15, 10**15, Severity.BLOCKS_LIFT),
    ],
)
def test_how_many_may_cross_over(crossed: int, seen: int, severity: Severity | None) -> None:
    finding = multiple_exposure(replace(SOUND, crossed=crossed, seen=seen))
    assert (finding and finding.severity) == severity
    if finding is not None:
        assert finding.evidence == {"crossed": crossed, "seen": seen, "share": crossed / seen}
        assert ("no lift is shown" in finding.words) == (severity is Severity.BLOCKS_LIFT)


def test_one_that_crossed_is_one() -> None:
    finding = multiple_exposure(replace(SOUND, crossed=1, seen=10_000))
    assert finding is not None
    assert finding.words == (
        "1 unit (0.010 %) was in more than one variant and is left out. So few do not change the result."
    )
