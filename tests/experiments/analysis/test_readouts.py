"""Segments, many experiments at once, and rows of every odd sort."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.aggregate import Aggregate, Companion, Shape
from experiments.analysis.readouts import Gathered, read, read_all
from experiments.design import Limit, Method, Metric, MetricKind, MetricRole
from experiments.model import Status
from experiments.readout import GuardrailState, Standing, VerdictStatus
from tests.experiments.readings import CONVERSION, LATENCY, NOW, an_experiment, reading, rows_of, simulated

DAYS = range(1, 15)
SHARE = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION)
GUARD = LATENCY.model_copy(update={"limit": Limit(harm=0.02)})


def shares(rates: dict[str, float], *, per_day: int = 1_000) -> list[Aggregate]:
    return [
        Aggregate("conversion", variant, float(day), per_day * day, rate, rate * (1 - rate))
        for variant, rate in rates.items()
        for day in DAYS
    ]


def test_segments_are_read_apart_from_the_verdict() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 10}, days=DAYS)
    cut = [
        Aggregate("conversion", variant, 14.0, 7_000, mean, 1.0, segment=f"country={country}")
        for country, treated in (("DE", 10.3), ("FR", 9.7))
        for variant, mean in (("control", 10.0), ("treatment", treated))
    ]
    few = [Aggregate("conversion", variant, 14.0, 20, 10.0, 1.0, segment="country=LU") for variant in ("control",)]
    readout = reading(an_experiment(), rows, cut, few)
    (segments,) = readout.segments
    assert (segments.dimension, list(segments.levels)) == ("country", ["DE", "FR", "LU"])
    assert segments.levels["DE"].standing is Standing.BETTER
    assert segments.levels["FR"].standing is Standing.WORSE
    assert segments.levels["LU"].refused
    assert segments.levels["DE"].family == "Benjamini–Hochberg over 3 comparisons"
    assert segments.p is not None
    assert segments.p < 1e-6
    assert [each.standing for each in readout.comparisons] == [Standing.UNCLEAR]


def test_one_level_alone_has_nothing_to_differ_from() -> None:
    cut = [
        Aggregate("conversion", variant, 14.0, 7_000, 10.0, 1.0, segment="os=ios")
        for variant in ("control", "treatment")
    ]
    (segments,) = reading(an_experiment(), cut).segments
    assert (segments.p, segments.i2) == (None, None)


def test_many_experiments_are_read_as_each_of_them_alone() -> None:
    first = an_experiment(metrics=(CONVERSION, GUARD))
    other = an_experiment("blue", "red", alpha=0.01, method=Method.WELCH)
    third = an_experiment(metrics=(SHARE,))
    gathered = [
        Gathered(first, [*simulated("conversion", {"control": 10, "treatment": 10.1}, days=9),
                         *simulated("latency", {"control": 100, "treatment": 100}, days=9)]),
        Gathered(other, simulated("conversion", {"control": 10, "blue": 10.1, "red": 10}, days=14)),
        Gathered(third, shares({"control": 0.1, "treatment": 0.12})),
        Gathered(third, []),
    ]  # fmt: skip
    together = read_all(gathered, NOW)
    assert together == [read(*each[:2], NOW) for each in gathered]
    assert together[3].verdict.status is VerdictStatus.NO_DATA


ODD = st.one_of(st.floats(), st.sampled_from([0.0, 1.0, -1.0, 5e-324, 1e308, 1e15, math.inf, math.nan]))
ROWS = st.builds(
    Aggregate,
    st.sampled_from(["conversion", "latency"]),
    st.sampled_from(["control", "treatment", "nobody"]),
    st.one_of(st.floats(0, 30), ODD),
    st.one_of(st.integers(0, 5), st.integers(90, 10**15)),
    ODD,
    ODD,
    st.sampled_from(["", "os=ios", "since_exposure=1", "odd"]),
    st.none() | st.builds(Companion, ODD, ODD, ODD, ODD),
    st.none() | st.builds(Companion, ODD, ODD, ODD, ODD),
    st.none() | st.builds(Shape, ODD, ODD),
)


@given(st.lists(ROWS, max_size=12), st.sampled_from(list(Method)), st.sampled_from(list(MetricKind)))
@settings(max_examples=100, deadline=None)
def test_no_rows_however_odd_raise_or_give_what_is_not_a_number(
    rows: list[Aggregate], method: Method, kind: MetricKind
) -> None:
    metrics = (CONVERSION.model_copy(update={"kind": kind}), GUARD)
    readout = reading(an_experiment(metrics=metrics, method=method, planned_days=3), rows)
    assert "NaN" not in readout.model_dump_json()
    for each in readout.comparisons:
        numbers = (each.difference, each.relative, each.p, each.fixed_p, each.harm, each.harm_p)
        assert all(number is None or np.isfinite(number) for number in numbers)
        assert (each.refused is None) == (each.difference is not None)
        if each.refused:
            assert each.standing is Standing.REFUSED
            assert each.guardrail is not GuardrailState.HEALTHY


def test_progress_is_the_share_of_the_planned_precision() -> None:
    rows = rows_of("conversion", {"control": 10, "blue": 10, "red": 10}, days=DAYS, variance=25)
    wilder = [row._replace(variance=100.0) if row.variant == "red" else row for row in rows]
    found = [reading(an_experiment("blue", "red", smallest_effect=effect), wilder) for effect in (0.01, 0.02)]
    interval = found[0].comparisons[1].relative_interval
    assert interval is not None
    assert interval.upper is not None
    assert interval.lower is not None
    assert found[0].progress == pytest.approx((0.01 / ((interval.upper - interval.lower) / 2)) ** 2)
    assert found[1].progress == pytest.approx(min(1.0, 4 * (found[0].progress or 0)))


def test_without_an_interval_or_more_data_to_come_there_is_no_progress() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 10}, days=DAYS)
    assert reading(an_experiment(status=Status.STOPPED), rows).progress is None
    assert reading(an_experiment(), []).progress is None
    assert reading(an_experiment(method=Method.FIXED), rows[:5] + rows[14:19]).progress is None
