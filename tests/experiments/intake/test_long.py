"""The long layout beyond its seven columns: segments, kinds, companions, and what may be left out."""

from __future__ import annotations

import pytest

from experiments.aggregate import Aggregate, Companion, Shape, Spread
from experiments.design import MetricKind
from experiments.errors import BadInput
from experiments.intake import read_aggregates
from experiments.intake.result import BadRow
from tests.experiments.intake.files import bad_rows_of, long_file, taken

SHORT = "variant,metric,n,mean,variance"


def one(content: str) -> Aggregate:
    (row,) = taken(content).batches["shop"]
    return row


def flaw(header: str, row: str) -> BadRow:
    (found,) = bad_rows_of(f"{header}\n{row}")
    return found


def test_without_experiment_and_time_it_is_one_experiment_at_one_moment() -> None:
    intake = taken(f"{SHORT}\ncontrol,orders,10,0.5,0.25")
    assert intake.batches == {"shop": (Aggregate("orders", "control", 14.0, 10, 0.5, 0.25),)}
    assert intake.notes == ("There is no time in the file, so its rows are read as those of day 14.",)
    assert taken(f"{SHORT},time\ncontrol,orders,10,0.5,0.25,3").notes == ()


def test_an_import_needs_experiment_and_time() -> None:
    with pytest.raises(BadInput, match="lacks the columns experiment, time"):
        read_aggregates([SHORT, "control,orders,10,0.5,0.25"], origin="data.csv")


def test_metrics_keep_the_order_of_the_file() -> None:
    intake = taken(f"{SHORT}\ncontrol,zebra,10,0.5,0.25\ncontrol,ape,10,0.5,0.25")
    assert list(intake.metrics["shop"]) == ["zebra", "ape"]


def test_single_characters_and_bare_numbers_get_a_prefix() -> None:
    assert one(f"{SHORT}\nA,1,10,0.5,0.25")[:2] == ("metric-1", "variant-a")


@pytest.mark.parametrize(
    ("cell", "segment"),
    [("country=DE", "country=DE"), (" Country = New  York", "country=New York"), ("DE", "segment=DE"), ("", ""),
     ("App Version=2", "app_version=2"), ("since_exposure=3", "since_exposure=3")],
)  # fmt: skip
def test_segments_become_dimension_and_level(cell: str, segment: str) -> None:
    assert one(f"{SHORT},segment\ncontrol,orders,10,0.5,0.25,{cell}").segment == segment


@pytest.mark.parametrize("cell", ["country=", "a=b=c", "!!=b", "country=" + "x" * 61])
def test_a_segment_that_is_none_is_a_bad_row(cell: str) -> None:
    assert flaw(f"{SHORT},segment", f"control,orders,10,0.5,0.25,{cell}").column == "segment"


def test_everybody_and_a_segment_are_two_statements_about_one_moment() -> None:
    rows = taken(f"{SHORT},segment\ncontrol,orders,10,0.5,0.25,\ncontrol,orders,4,0.2,0.2,os=ios").batches["shop"]
    assert [(row.segment, row.n) for row in rows] == [("", 10), ("os=ios", 4)]


def test_a_proportion_needs_no_variance() -> None:
    row = one("variant,metric,n,mean,kind\ncontrol,orders,10,0.2,Proportion")
    assert row.variance == pytest.approx(0.16)
    intake = taken("variant,metric,n,mean,variance,kind\ncontrol,orders,10,0.2,,proportion\ncontrol,age,9,40,25,")
    assert intake.metrics["shop"] == {"orders": MetricKind.PROPORTION, "age": None}


def test_a_standard_deviation_stands_in_for_a_variance() -> None:
    assert one("variant,metric,n,mean,sd\ncontrol,age,10,40,5").variance == 25.0
    assert one(f"{SHORT},sd\ncontrol,age,10,40,9,5").variance == 9.0
    assert one(f"{SHORT},sd\ncontrol,age,10,40,,5").variance == 25.0


@pytest.mark.parametrize(
    ("header", "row", "column", "reason"),
    [
        ("variant,metric,n,mean,sd", "control,age,10,40,-1", "sd", "a standard deviation cannot be"),
        ("variant,metric,n,mean,sd", "control,age,10,40,1e200", "sd", "too large"),
        ("variant,metric,n,mean,sd", "control,age,10,40,", "variance", "is empty"),
        ("variant,metric,n,mean,kind", "control,age,10,40,mean", "variance", "is empty"),
        ("variant,metric,n,mean,kind", "control,age,10,1.2,proportion", "mean", "1.2 is not a share between 0 and 1"),
        (f"{SHORT},kind", "control,age,10,40,25,median", "kind", "is none of proportion, mean, ratio, quantile"),
        (f"{SHORT},kind", "control,age,10,40,25,ratio", "kind", "a ratio has a denominator"),
    ],
)
def test_what_does_not_fit_is_a_bad_row(header: str, row: str, column: str, reason: str) -> None:
    found = flaw(header, row)
    assert (found.line, found.column) == (2, column)
    assert reason in found.reason


def test_a_kind_is_the_same_in_every_row() -> None:
    rows = f"{SHORT},kind\ncontrol,age,10,0.5,0.25,mean\ntreatment,age,10,0.5,0.25,proportion"
    (found,) = bad_rows_of(rows)
    assert found.words == "line 3: kind of age is not the same in every row"


RATIO = f"{SHORT},denominator_mean,denominator_variance,denominator_covariance"
CUPED = f"{RATIO},covariate_mean,covariate_variance,covariate_covariance,covariate_denominator_covariance"


def test_a_denominator_makes_a_ratio_and_companions_are_kept() -> None:
    row = "control,ctr,10,2,1,5,4,1.5,7,9,2,3"
    intake = taken(f"{CUPED},skewness,largest\n{row},0.5,99")
    (stated,) = intake.batches["shop"]
    assert intake.metrics["shop"] == {"ctr": MetricKind.RATIO}
    assert stated.denominator == Companion(5.0, 4.0, 1.5)
    assert stated.covariate == Companion(7.0, 9.0, 2.0, 3.0)
    assert stated.shape == Shape(0.5, 99.0)


def test_empty_companions_say_nothing() -> None:
    row = one(f"{CUPED},skewness,largest\ncontrol,age,10,2,1,,,,7,9,2,,,")
    assert (row.denominator, row.shape) == (None, None)
    assert row.covariate == Companion(7.0, 9.0, 2.0)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("control,ctr,10,2,1,5,4,", "denominator_covariance", "is empty"),
        ("control,ctr,10,2,1,5,-4,1", "denominator_variance", "negative"),
        ("control,ctr,10,2,1,5,4,2.1", "denominator_covariance", "2.1 is larger than the two variances allow"),
    ],
)
def test_a_companion_is_whole_and_possible(row: str, column: str, reason: str) -> None:
    found = flaw(RATIO, row)
    assert found.column == column
    assert reason in found.reason


@pytest.mark.parametrize(
    ("header", "missing"),
    [(f"{SHORT},denominator_mean", "denominator_variance, denominator_covariance"), (f"{SHORT},skewness", "largest")],
)
def test_columns_that_belong_together_come_together(header: str, missing: str) -> None:
    with pytest.raises(BadInput, match=f"lacks the columns? {missing}"):
        taken(f"{header}\n")


def test_how_values_are_spread_is_kept() -> None:
    row = one(f"{SHORT},kind,spread_parts\ncontrol,wait-p95,3,2,1,quantile,-1 2:2.5 2.5:1e9")
    assert row.spread == Spread("-1 2:2.5 2.5:1e+09")
    (intake,) = taken(f"{SHORT},kind,spread_parts\ncontrol,wait-p95,3,2,1,quantile,").batches.values()
    assert intake[0].spread is None


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ("1:2 3", "has 2 parts; of 3 units there have to be 3"),
        ("1 3 2", "in order"), ("2:1 3 4", "in order"), ("1:2:3 4 5", "lowest and highest"),
        ("1 x 3", "not a number"), ("1 nan 3", "not a finite number"), ("1: 2 3", "is empty"),
    ],
)  # fmt: skip
def test_parts_are_numbers_in_order_and_as_many_as_there_can_be(parts: str, reason: str) -> None:
    found = flaw(f"{SHORT},spread_parts", f"control,wait-p95,3,2,1,{parts}")
    assert found.column == "spread_parts"
    assert reason in found.reason


def test_what_is_written_is_what_is_read() -> None:
    rows = (
        Aggregate("age", "control", 1.5, 10, 0.1 + 0.2, 25.0, "", None, Companion(7.0, 9.0, 2.0), Shape(1e-300, 5e15)),
        Aggregate(
            "ctr", "control", 1.5, 10, 2.0, 1.0, "os=ios", Companion(5.0, 4.0, 1.5), Companion(7.0, 9.0, 2.0, 3.0)
        ),
        Aggregate("wait", "control", 1.5, 3, 2.0, 1.0, spread=Spread.of([(-1.5, 2.0), (2.0, 2.0), (1e15, 1e16)])),
    )
    assert taken(long_file(rows)).batches["shop"] == rows
