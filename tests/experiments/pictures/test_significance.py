"""What the picture of significance is given: widths as they were reported, and a plan checked against the engine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from experiments.aggregate import Aggregate
from experiments.analysis.readouts import read
from experiments.design import Correction, Method, Metric, MetricKind, MetricRole
from experiments.model import Experiment, Status
from experiments.pictures.significance import Significance, significance_of
from experiments.pictures.tracks import track_of
from experiments.readout import Look, Trail
from experiments.running import Phase
from experiments.sizing import sizing
from tests.charts.readings import shares
from tests.experiments.readings import NOW, an_experiment, reading, rows_of

REVENUE = Metric(key="revenue", role=MetricRole.PRIMARY, unit="€")
RATE = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION)


def planned(*treatments: str, status: Status = Status.RUNNING, metric: Metric = REVENUE, **design: Any) -> Experiment:
    made = an_experiment(
        *(treatments or ("blue",)), metrics=(metric,), status=status,
        **{"planned_units": 20_000, "smallest_effect": 0.02, **design},
    )  # fmt: skip
    return made.evolve(started_at=NOW)


def even(days: int = 6, *arms: str, per_day: int = 1_000, blue: float = 2.0) -> list[Aggregate]:
    """Days that bring the same number of units each, at means that stay where they are."""
    arms = arms or ("blue",)
    return rows_of(
        "revenue", {"control": 2.0, **dict.fromkeys(arms, blue)}, days=[float(day) for day in range(1, days + 1)],
        per_day=per_day,
    )  # fmt: skip


def pictured(experiment: Experiment, rows: list[Aggregate], **which: str) -> Significance:
    return significance_of(reading(experiment, rows), experiment, **which)


def look(day: float, difference: float, half: float) -> Look:
    return Look(day=day, n=100, difference=difference, lower=difference - half, upper=difference + half, p=0.5)


def test_a_sequential_method_reports_the_narrowest_interval_so_far() -> None:
    trail = Trail(metric="m", treatment="t", looks=(look(1, 0.0, 4.0), look(2, 1.0, 2.0), look(3, 0.0, 2.5)))
    assert track_of(trail, accumulates=True).widths == (8.0, 4.0, 3.5)
    assert track_of(trail, accumulates=False).widths == (8.0, 4.0, 5.0)


def test_an_estimate_outside_of_what_was_reported_stands_for_itself() -> None:
    trail = Trail(metric="m", treatment="t", looks=(look(1, 0.0, 1.0), look(2, 3.0, 2.5)))
    assert track_of(trail, accumulates=True).widths == (2.0, 5.0)


def test_a_look_without_an_end_has_no_width_and_one_without_a_number_is_left_out() -> None:
    inf = float("inf")
    trail = Trail(metric="m", treatment="t", looks=(look(1, float("nan"), 1.0), look(2, 0.0, inf), look(3, 0.0, 2.0)))
    assert track_of(trail, accumulates=True).widths == (None, 4.0)


def test_the_precision_is_that_of_the_readout() -> None:
    experiment = planned()
    readout = reading(experiment, even())
    prospect = significance_of(readout, experiment).prospect
    assert prospect is not None
    assert prospect.reached == readout.progress
    assert prospect.target == pytest.approx(2 * 0.02 * 2.0)


@pytest.mark.parametrize("method", [Method.ALWAYS_VALID, Method.WELCH])
@pytest.mark.parametrize("arms", [("blue",), ("blue", "red", "green")])
def test_with_the_units_it_needs_the_precision_is_there(method: Method, arms: tuple[str, ...]) -> None:
    experiment = planned(*arms, method=method, correction=Correction.BONFERRONI, smallest_effect=0.008)
    prospect = pictured(experiment, even(4, *arms)).prospect
    assert prospect is not None
    assert prospect.needed is not None
    later = reading(experiment, even(4, *arms, per_day=round(1_000 * prospect.needed / prospect.units)))
    assert later.progress == pytest.approx(1, abs=0.02)


def test_at_a_steady_rate_the_days_follow_from_the_units() -> None:
    prospect = pictured(planned(), even()).prospect
    assert prospect is not None
    assert prospect.path is not None
    assert prospect.needed is not None
    assert prospect.path.first == prospect.path.last == pytest.approx(prospect.needed / 2_000, rel=1e-3)
    assert prospect.path.points[0][0] == 6.0
    assert prospect.path.points[-1] == (pytest.approx(prospect.path.last), pytest.approx(prospect.target))


def test_the_slowest_and_the_fastest_stretch_bound_the_days() -> None:
    counts = {1: 1_000, 2: 2_000, 3: 3_000, 4: 3_500, 5: 4_000, 6: 4_500}
    rows = [
        Aggregate("revenue", arm, float(day), n, 2.0, 1.0) for arm in ("control", "blue") for day, n in counts.items()
    ]
    prospect = pictured(planned(), rows).prospect
    assert prospect is not None
    assert prospect.path is not None
    assert prospect.needed is not None
    missing = prospect.needed - 9_000
    assert prospect.path.first == pytest.approx(6 + missing / 2_000, rel=1e-3)
    assert prospect.path.last == pytest.approx(6 + missing / 1_000, rel=1e-3)


def test_the_date_counts_from_the_newest_change_of_weights() -> None:
    even_split = {"control": 5_000, "blue": 5_000}
    phases = (
        Phase(number=1, started_at=NOW, day=0.0, weights=even_split),
        Phase(number=2, started_at=NOW + timedelta(days=4), day=4.0, weights=even_split),
    )
    experiment = planned().evolve(phases=phases)
    rows = [row._replace(day=row.day + 4) for row in even()]
    data = pictured(experiment, rows)
    assert data.prospect is not None
    assert data.prospect.path is not None
    date = NOW + timedelta(days=4 + data.prospect.path.last)
    assert data.prospect.path.when == f"{date:%-d %b %Y}"
    assert data.clock == "Days since the weights changed (phase 2)"


def test_without_a_start_the_days_are_numbers() -> None:
    prospect = pictured(planned().evolve(started_at=None), even()).prospect
    assert prospect is not None
    assert prospect.path is not None
    assert prospect.path.when.startswith("day ")


def test_power_is_that_of_the_design_at_the_rate_so_far() -> None:
    experiment = planned(method=Method.FIXED, planned_days=20)
    readout = reading(experiment.evolve(status=Status.STOPPED), even(20))
    prospect = significance_of(readout, experiment.evolve(status=Status.STOPPED)).prospect
    expected = sizing(experiment.design, baseline=2.0, sd=1.0, per_day=2_000)
    assert prospect is not None
    assert prospect.power_planned == prospect.power_now == pytest.approx(expected.power, abs=1e-4)


def test_of_a_rate_the_power_follows_from_the_rate() -> None:
    experiment = planned(metric=RATE, smallest_effect=0.1)
    prospect = pictured(experiment, shares("conversion", {"control": 0.2, "blue": 0.2}, days=5)).prospect
    assert prospect is not None
    assert 0 < (prospect.power_now or 0) < (prospect.power_planned or 0) < 1


@pytest.mark.parametrize(
    ("status", "words"),
    [(Status.STOPPED, "it has ended, no more units come"), (Status.PAUSED, "it is paused, no units come")],
)
def test_where_no_units_come_there_is_no_date(status: Status, words: str) -> None:
    prospect = pictured(planned(status=status), even()).prospect
    assert prospect is not None
    assert (prospect.path, prospect.no_path) == (None, words)
    assert prospect.needed is not None


def test_a_standstill_is_not_projected() -> None:
    rows = even(3) + [row._replace(day=day) for row in even(3)[2::3] for day in (4.0, 5.0, 6.0)]
    prospect = pictured(planned(), rows).prospect
    assert prospect is not None
    assert prospect.no_path == "there were days on which no units came"


def test_once_it_is_reached_it_says_since_when() -> None:
    prospect = pictured(planned(smallest_effect=0.2), even()).prospect
    assert prospect is not None
    assert (prospect.reached, prospect.needed, prospect.no_path) == (1.0, None, "since day 1")


def test_an_effect_too_small_for_the_traffic_has_no_date() -> None:
    prospect = pictured(planned(smallest_effect=1e-6), even()).prospect
    assert prospect is not None
    assert prospect.no_path == "it would take more than 100 times the units there are"


def test_a_control_at_zero_has_no_plan_in_per_cent() -> None:
    rows = rows_of("revenue", {"control": 0.0, "blue": 0.1}, days=[3.0, 4.0])
    prospect = pictured(planned(), rows).prospect
    assert prospect is not None
    assert (prospect.target, prospect.no_target) == (None, "control is too close to zero")


def test_below_zero_there_is_a_precision_but_no_power() -> None:
    rows = rows_of("revenue", {"control": -2.0, "blue": -2.1}, days=[3.0, 4.0])
    prospect = pictured(planned(), rows).prospect
    assert prospect is not None
    assert prospect.reached is not None
    assert (prospect.power_now, prospect.no_power) == (
        None, "An effect in per cent of control needs a baseline above 0.",
    )  # fmt: skip


def test_nothing_is_shown_while_the_split_is_broken_or_it_is_too_early() -> None:
    broken = [row._replace(n=row.n // 2) if row.variant == "blue" else row for row in even()]
    for rows in (broken, even(2)):
        data = pictured(planned(), rows)
        assert (data.tracks, data.prospect) == ((), None)


def test_one_treatment_or_metric_may_be_picked() -> None:
    experiment = planned("blue", "red")
    both = pictured(experiment, even(6, "blue", "red"))
    assert [track.treatment for track in both.tracks] == ["blue", "red"]
    one = pictured(experiment, even(6, "blue", "red"), treatment="red")
    assert [track.treatment for track in one.tracks] == ["red"]
    assert {each.treatment.variant for each in one.readout.comparisons} == {"red"}


def test_only_the_metric_of_the_plan_has_one() -> None:
    second = Metric(key="clicks", unit="per user")
    experiment = planned()
    experiment = experiment.evolve(design={**experiment.design.model_dump(), "metrics": (REVENUE, second)})
    rows = [*even(), *rows_of("clicks", {"control": 2.0, "blue": 2.0}, days=[3.0, 4.0, 5.0, 6.0])]
    data = pictured(experiment, rows, metric="clicks")
    assert data.prospect is None
    assert (
        data.no_prospect == "No smallest effect was stated for clicks, so it has no plan. The plan is made for revenue."
    )


def test_the_same_data_make_the_same_picture_whenever_somebody_asks() -> None:
    experiment = planned().evolve(data_at=NOW + timedelta(days=6))
    first, second = (read(experiment, even(), NOW + timedelta(days=6, hours=hours)) for hours in (0, 5))
    assert significance_of(first, experiment) == significance_of(second, experiment)
    assert first.as_of == NOW + timedelta(days=6)
