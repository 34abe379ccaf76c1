"""The readout of rows: comparisons, trails and units, on sound, several, drifting, broken and odd data."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.aggregate import Aggregate
from experiments.design import Direction, Metric, MetricRole
from experiments.model import Status
from experiments.readout import Comparison, Readout, Standing, VerdictStatus
from tests.experiments.readings import CONVERSION, LATENCY, NOW, an_experiment, reading, rows_of, simulated

LIFTED = simulated("conversion", {"control": 1.0, "treatment": 1.1}, days=14)
SAME = simulated("conversion", {"control": 1.0, "treatment": 1.0}, days=14)
SETTLED = (VerdictStatus.SHIP, VerdictStatus.ROLL_BACK)


def only(readout: Readout) -> Comparison:
    (comparison,) = readout.comparisons
    return comparison


def numbers(comparison: Comparison) -> list[float | None]:
    intervals = [each for each in (comparison.interval, comparison.relative_interval) if each]
    return [
        comparison.difference, comparison.relative, comparison.p, comparison.fixed_p,
        *(bound for each in intervals for bound in (each.lower, each.upper)),
    ]  # fmt: skip


def excludes_zero(lower: float | None, upper: float | None) -> bool:
    return (lower is not None and lower > 0) or (upper is not None and upper < 0)


def test_a_true_difference_reads_better_in_every_number() -> None:
    comparison = only(reading(an_experiment(), LIFTED))
    assert comparison.standing is Standing.BETTER
    assert comparison.p is not None
    assert comparison.p <= 0.05
    assert comparison.fixed_p is not None
    assert comparison.fixed_p < comparison.p
    assert comparison.interval is not None
    assert comparison.relative_interval is not None
    assert excludes_zero(comparison.interval.lower, comparison.interval.upper)
    assert excludes_zero(comparison.relative_interval.lower, comparison.relative_interval.upper)
    assert comparison.difference == pytest.approx(0.1, abs=0.05)
    assert comparison.relative == pytest.approx(0.1, abs=0.05)


def test_the_direction_decides_whether_a_rise_is_good() -> None:
    down = CONVERSION.model_copy(update={"direction": Direction.DOWN})
    assert only(reading(an_experiment(metrics=(down,)), LIFTED)).standing is Standing.WORSE


def test_no_difference_reads_unclear() -> None:
    comparison = only(reading(an_experiment(), SAME))
    assert comparison.standing is Standing.UNCLEAR
    assert comparison.interval is not None
    assert not excludes_zero(comparison.interval.lower, comparison.interval.upper)


def test_swapping_the_arms_swaps_the_sign() -> None:
    names = {"control": "treatment", "treatment": "control"}
    swapped = [row._replace(variant=names[row.variant]) for row in LIFTED]
    there, back = only(reading(an_experiment(), LIFTED)), only(reading(an_experiment(), swapped))
    assert there.difference == -(back.difference or 0)
    assert there.p == back.p
    assert there.interval is not None
    assert back.interval is not None
    assert there.interval.lower == -(back.interval.upper or 0)


def test_the_trail_has_every_look_and_its_p_never_rises() -> None:
    readout = reading(an_experiment(), LIFTED)
    (trail,) = readout.trails
    assert [look.day for look in trail.looks] == [float(day) for day in range(1, 15)]
    assert [look.n for look in trail.looks] == [1000 * day for day in range(1, 15)]
    p = [look.p for look in trail.looks]
    assert p == sorted(p, reverse=True)
    assert p[-1] == only(readout).p
    assert all(look.lower < look.difference < look.upper for look in trail.looks)


def test_the_reported_interval_is_the_intersection_of_all_looks() -> None:
    readout = reading(an_experiment(), SAME)
    interval, looks = only(readout).interval, readout.trails[0].looks
    assert interval is not None
    assert interval.lower == max(look.lower for look in looks)
    assert interval.upper == min(look.upper for look in looks)


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.05, 0.2]))
@settings(max_examples=25, deadline=None)
def test_p_interval_and_lift_tell_the_same_story(seed: int, effect: float) -> None:
    rows = simulated("conversion", {"control": 1.0, "treatment": 1.0 + effect}, days=10, per_day=200, seed=seed)
    comparison = only(reading(an_experiment(), rows))
    assert comparison.p is not None
    assert comparison.interval is not None
    clear = comparison.p <= 0.05
    assert excludes_zero(comparison.interval.lower, comparison.interval.upper) == clear
    if comparison.relative_interval is not None:
        assert excludes_zero(comparison.relative_interval.lower, comparison.relative_interval.upper) == clear
    assert (comparison.standing is not Standing.UNCLEAR) == clear


def test_several_treatments_are_adjusted_and_their_intervals_agree() -> None:
    rows = simulated("conversion", {"control": 1.0, "bold": 1.07, "calm": 1.0, "warm": 1.0}, days=14, per_day=300)
    several = reading(an_experiment("bold", "calm", "warm"), rows)
    alone = reading(an_experiment("bold"), [row for row in rows if row.variant in {"control", "bold"}])
    assert several.comparisons[0].p == pytest.approx(3 * (only(alone).p or 0))
    for comparison in several.comparisons:
        assert comparison.interval is not None
        assert excludes_zero(comparison.interval.lower, comparison.interval.upper) == ((comparison.p or 0) <= 0.05)
    (first, *_) = several.trails
    assert first.looks[-1].p == pytest.approx(several.comparisons[0].p)


def test_metrics_come_in_the_order_of_their_roles() -> None:
    cost = Metric(key="price", role=MetricRole.COST)
    side = Metric(key="visits", role=MetricRole.SECONDARY)
    readout = reading(an_experiment("bold", "calm", metrics=(cost, LATENCY, side, CONVERSION)), LIFTED)
    order = [(each.metric, each.treatment.variant) for each in readout.comparisons]
    assert order == [
        (metric, arm) for metric in ("conversion", "visits", "latency", "price") for arm in ("bold", "calm")
    ]
    assert [(each.metric, each.treatment) for each in readout.trails] == order


def test_an_effect_that_vanishes_is_not_kept_alive_by_its_early_looks() -> None:
    early = rows_of("conversion", {"control": 1.0, "treatment": 1.5}, days=[1, 2, 3])
    late = rows_of("conversion", {"control": 1.0, "treatment": 1.0}, days=[10, 12, 14], per_day=100_000)
    before, after = reading(an_experiment(), early), reading(an_experiment(), early, late)
    assert only(before).standing is Standing.BETTER
    comparison = only(after)
    assert comparison.standing is Standing.UNCLEAR
    assert comparison.interval is not None
    assert (comparison.interval.lower or 0) < 0 < (comparison.interval.upper or 0)
    assert "changed_effect" in {finding.code for finding in after.findings}
    assert "changed_effect" not in {finding.code for finding in before.findings}


def test_an_effect_that_only_grows_stays_clear() -> None:
    rows = [
        row
        for day, mean in ((2, 1.1), (4, 1.5), (14, 2.0))
        for row in rows_of("conversion", {"control": 1.0, "treatment": mean}, days=[day], per_day=10_000)
    ]
    comparison = only(reading(an_experiment(), rows))
    assert comparison.standing is Standing.BETTER
    assert comparison.interval is not None
    assert (comparison.interval.lower or 0) > 0.9


def test_a_broken_split_shows_no_number_anywhere() -> None:
    rows = [row._replace(n=row.n // 2) if row.variant == "treatment" else row for row in LIFTED]
    readout = reading(an_experiment(metrics=(CONVERSION, LATENCY)), rows)
    assert [finding.code for finding in readout.findings] == ["sample_ratio", "no_data"]
    assert readout.blocked is not None
    assert readout.verdict.status is VerdictStatus.UNHEALTHY
    for comparison in readout.comparisons:
        assert comparison.standing is Standing.REFUSED
        assert comparison.refused
        assert numbers(comparison) == [None] * 4
        assert comparison.control.mean is comparison.treatment.mean is None
    assert all(trail.looks == () for trail in readout.trails)
    assert readout.units == {"control": 7000, "treatment": 3500}


def test_looks_with_too_few_units_do_not_count() -> None:
    wild = rows_of("conversion", {"control": 1.0, "treatment": 9.0}, days=[1], per_day=50)
    assert only(reading(an_experiment(), wild)).refused == "Only 50 units in control so far; 100 are needed."
    later = rows_of("conversion", {"control": 1.0, "treatment": 1.0}, days=[2, 4], per_day=400)
    readout = reading(an_experiment(), wild, later)
    assert [look.day for look in readout.trails[0].looks] == [2.0, 4.0]
    assert only(readout).standing is Standing.UNCLEAR


def test_a_row_with_fewer_units_than_before_is_left_out() -> None:
    shrunk = [
        *LIFTED,
        Aggregate("conversion", "treatment", 15.0, 10, 5.0, 1.0),
        Aggregate("conversion", "control", 15.0, 7001, 1.0, 1.0),
    ]
    assert only(reading(an_experiment(), shrunk)) == only(reading(an_experiment(), LIFTED))


def test_moments_that_differ_by_rounding_are_one_look() -> None:
    rows = [row._replace(day=row.day + 4e-16 * row.n) if row.variant == "treatment" else row for row in LIFTED]
    assert len(reading(an_experiment(), rows).trails[0].looks) == 14


def test_a_long_run_keeps_at_most_four_hundred_looks_and_the_newest() -> None:
    days = [day / 4 for day in range(1, 1001)]
    trail = reading(
        an_experiment(planned_days=300), rows_of("conversion", {"control": 1, "treatment": 1.0}, days=days)
    ).trails[0]
    assert len(trail.looks) == 400
    assert (trail.looks[0].day, trail.looks[-1].day) == (0.25, 250.0)


def test_the_readout_carries_number_units_and_hash() -> None:
    experiment = an_experiment()
    readout = reading(experiment, LIFTED)
    assert (readout.number, readout.as_of, readout.day, readout.alpha) == (3, NOW, 14.0, 0.05)
    assert readout.units == {"control": 7000, "treatment": 7000}
    assert readout.weights == {"control": 5000, "treatment": 5000}
    assert (readout.method, readout.design_hash) == ("always-valid", experiment.design.hash)
    assert Readout.model_validate_json(readout.model_dump_json()) == readout


def test_units_come_from_the_largest_metric_while_the_primary_is_silent() -> None:
    readout = reading(an_experiment(metrics=(CONVERSION, LATENCY)), rows_of("latency", {"control": 9}, days=[4]))
    assert readout.units == {"control": 4000, "treatment": 0}


ODD_ROWS = st.builds(
    Aggregate,
    st.sampled_from(["conversion", "latency", "stranger"]),
    st.sampled_from(["control", "treatment", "stranger"]),
    st.one_of(st.floats(0, 30), st.just(math.nan), st.just(math.inf)),
    st.one_of(st.integers(-2, 300), st.just(10**15)),
    st.floats(),
    st.floats(),
)


@given(st.lists(ODD_ROWS, max_size=30), st.sampled_from([Status.RUNNING, Status.STOPPED]))
@settings(max_examples=200, deadline=None)
def test_odd_rows_never_raise_and_never_give_a_number_that_is_none(rows: list[Aggregate], status: Status) -> None:
    readout = reading(an_experiment(metrics=(CONVERSION, LATENCY), status=status), rows)
    for comparison in readout.comparisons:
        assert all(number is None or math.isfinite(number) for number in numbers(comparison))
        assert (comparison.refused is None) == (comparison.p is not None)
    for trail in readout.trails:
        for look in trail.looks:
            assert all(math.isfinite(each) for each in (look.difference, look.lower, look.upper, look.p))


@pytest.mark.parametrize(
    ("mean", "variance"), [(1.0, 0.0), (math.nan, 1.0), (math.inf, 1.0), (1.0, -1.0), (1.0, math.nan)]
)
def test_degenerate_data_are_refused_with_a_reason_and_settle_nothing(mean: float, variance: float) -> None:
    rows = rows_of("conversion", {"control": 1.0, "treatment": 2.0}, days=[4, 14])
    flawed = [row._replace(mean=mean, variance=variance) if row.variant == "treatment" else row for row in rows]
    readout = reading(an_experiment(), flawed)
    assert only(readout).standing is Standing.REFUSED
    assert only(readout).refused
    assert readout.verdict.status not in SETTLED


def test_drafts_without_variants_or_metrics_can_be_read() -> None:
    draft = an_experiment(status=Status.DRAFT, metrics=())
    bare = draft.evolve(design={})
    for experiment in (draft, bare):
        assert reading(experiment, LIFTED).verdict.status is VerdictStatus.NO_DATA


@pytest.mark.parametrize(
    "module",
    ["experiments.execute", "experiments.commands", "experiments.readout", "experiments.intake",
     "experiments.knowledge.patterns"],
)  # fmt: skip
def test_numpy_and_scipy_stay_out_until_a_readout_is_asked_for(module: str) -> None:
    code = f"import sys, {module}; sys.exit(bool({{'numpy', 'scipy'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_readout_never_needs_scipy_stats() -> None:
    code = "import sys, experiments.analysis.readouts; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
