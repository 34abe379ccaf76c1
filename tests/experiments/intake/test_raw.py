"""Raw rows: sums that are exact, units in two variants, and everything that is wrong with single cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.aggregate import Aggregate
from experiments.design import MetricKind
from experiments.errors import BadInput
from experiments.intake import Crossed, read_aggregates
from experiments.intake import raw as raw_rows
from experiments.stats.estimates import quantile_of, quantile_with
from experiments.stats.spread import spread_of
from tests.experiments.intake.files import DEFAULT, bad_rows_of, taken

HEADER = "unit,variant,orders"


def only(content: str, **options: bool) -> dict[tuple[str, str, str], Aggregate]:
    (rows,) = taken(content, **options).batches.values()
    return {(row.metric, row.variant, row.segment): row for row in rows}


def test_units_are_summed_up_by_variant() -> None:
    rows = only(f"{HEADER}\nu1,A,1\nu2,A,3\nu3,B,5\n")
    control, treatment = rows["orders", "variant-a", ""], rows["orders", "variant-b", ""]
    assert (control.n, control.mean, control.variance, control.day) == (2, 2.0, 2.0, 14.0)
    assert (treatment.n, treatment.mean, treatment.variance) == (1, 5.0, 0.0)
    assert control.shape is not None
    assert control.shape.largest == 3.0


def test_an_offset_does_not_drown_the_spread() -> None:
    row = only(f"{HEADER}\n" + "\n".join(f"u{place},A,{1e9 + place % 4}" for place in range(1000)))
    assert row["orders", "variant-a", ""].variance == pytest.approx(1.25 * 1000 / 999, rel=1e-12)


def test_zeros_and_ones_are_a_proportion_only_when_they_are_so_in_every_variant() -> None:
    intake = taken("unit,variant,paid,orders\nu1,A,0,0\nu2,A,1,1\nu3,B,1,2\n")
    assert intake.metrics == {"shop": {"paid": MetricKind.PROPORTION, "orders": MetricKind.MEAN}}


def test_a_proportion_needs_no_shape() -> None:
    assert only(f"{HEADER}\nu1,A,1\nu2,A,0\n")["orders", "variant-a", ""].shape is None


def test_covariates_and_denominators_come_with_their_covariances() -> None:
    dice = np.random.default_rng(3)
    clicks, views, before = dice.poisson(3, 50), 1 + dice.poisson(9, 50), dice.poisson(4, 50)
    lines = [f"u{place},A,{a},{b},{c}" for place, (a, b, c) in enumerate(zip(clicks, views, before, strict=True))]
    intake = taken("\n".join(["unit,variant,clicks,clicks_denominator,clicks_before", *lines]))
    (row,) = intake.batches["shop"]
    assert intake.metrics["shop"] == {"clicks": MetricKind.RATIO}
    assert row.denominator is not None
    assert row.covariate is not None
    assert row.denominator[:3] == pytest.approx((views.mean(), views.var(ddof=1), np.cov(clicks, views)[0, 1]))
    assert row.covariate == pytest.approx(
        (before.mean(), before.var(ddof=1), np.cov(clicks, before)[0, 1], np.cov(views, before)[0, 1])
    )


def test_skewness_is_that_of_the_moments() -> None:
    row = only(f"{HEADER}\nu1,A,0\nu2,A,0\nu3,A,0\nu4,A,4\n")["orders", "variant-a", ""]
    assert row.shape is not None
    assert row.shape.skewness == pytest.approx(1.1547005)


def test_segments_count_beside_everybody_and_an_empty_level_in_none() -> None:
    rows = only("unit,variant,orders,segment_country,segment\nu1,A,1,DE,x\nu2,A,3,FR,\nu3,A,5,DE,os=ios\n")
    assert {segment: row.n for (_, _, segment), row in rows.items()} == {
        "": 3, "country=DE": 2, "country=FR": 1, "segment=x": 1, "os=ios": 1,
    }  # fmt: skip


def test_a_file_may_hold_several_experiments_with_the_same_units() -> None:
    intake = taken("experiment,unit,variant,orders\nshop,u1,A,1\ncart,u1,B,2\ncart,u2,A,3\n")
    assert {key: len(rows) for key, rows in intake.batches.items()} == {"cart": 2, "shop": 1}
    assert intake.crossed == {"shop": Crossed(0, 1), "cart": Crossed(0, 2)}


def test_units_in_two_variants_are_left_out_and_counted() -> None:
    intake = taken(f"{HEADER}\nu1,A,1\nu2,A,3\nu1,B,9\nu3,B,5\nu1,A,1\n", skip=True)
    assert {row.variant: (row.n, row.mean) for row in intake.batches["shop"]} == {
        "variant-a": (1, 3.0),
        "variant-b": (1, 5.0),
    }
    assert intake.crossed == {"shop": Crossed(1, 3)}
    assert [row.line for row in intake.bad_rows] == [6]


def test_an_experiment_whose_units_all_crossed_is_not_there() -> None:
    with pytest.raises(BadInput, match=r"No row of data\.csv has any units yet"):
        taken(f"{HEADER}\nu1,A,1\nu1,B,1\n")


def test_columns_that_are_no_metrics_are_passed_over_and_named() -> None:
    intake = taken("unit,variant,orders,browser,time,extra_before\nu1,A,1,chrome,3,x\nu2,B,2,safari,4,y\n")
    assert intake.metrics == {"shop": {"orders": MetricKind.MEAN}}
    assert intake.notes[0] == "Passed over, as no metric: browser, extra_before."


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("u9,A,", "orders", "is empty"),
        ("u9,A,x", "orders", "“x” is not a number"),
        ("u9,A,1_0", "orders", "“1_0” is not a number"),
        ("u9,A,nan", "orders", "“nan” is not a finite number"),
        ("u9,A,-inf", "orders", "“-inf” is not a finite number"),
        ("u9,A,1e200", "orders", "“1e200” is too large to calculate with"),
        ("u9,,1", "variant", "is empty"),
        ("u9,!,1", "variant", "cannot be a key"),
        (",A,1", "unit", "is empty"),
        ("u1,A,1", "unit", "“u1” appears twice; give one row per unit"),
        ("u9,A", "", "has 2 fields where the first line has 3"),
        ("u9,A,\xff", "", "is not UTF-8 text"),
        (",!,x", "variant", "cannot be a key"),
    ],
)
def test_a_bad_row_is_named_with_line_column_and_reason(row: str, column: str, reason: str) -> None:
    content = f"{HEADER}\nu1,A,1\n{row}\nu2,B,4\n".encode("latin-1")
    (found,) = bad_rows_of(content)
    assert (found.line, found.column) == (3, column)
    assert reason in found.reason
    kept = taken(content, skip=True)
    assert [(each.variant, each.n) for each in kept.batches["shop"]] == [("variant-a", 1), ("variant-b", 1)]


def test_a_decimal_comma_where_fields_are_parted_by_semicolons() -> None:
    assert only("unit;variant;spent\nu1;A;0,5\n")["spent", "variant-a", ""].mean == 0.5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEADER, "no rows below its first line"),
        (f"{HEADER}\nu1,A,x\n", "no column of numbers beside unit and variant"),
        (f"{HEADER},orders\nu1,A,1,1\n", "has the column orders twice"),
        (f"{HEADER},größe\nu1,A,1,1\n", "A column of data.csv cannot be used: “größe” cannot be a key"),
        (f"{HEADER},Page views,page_views\nu1,A,1,1,1\n", "would be the same as"),
        (f"{HEADER},segment_!!\nu1,A,1,1\n", "The column segment_!! of data.csv cannot be used: its name"),
        (
            ",".join([HEADER, *(f"m{place}" for place in range(10_000))]) + "\n",
            "10,001 columns of metrics; at most 200",
        ),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_as_a_whole(content: str, words: str) -> None:
    with pytest.raises(BadInput, match=words.replace("(", r"\(")):
        taken(content)


def test_a_dimension_has_so_many_levels_at_most() -> None:
    rows = "\n".join(f"u{place},A,1,level {place}" for place in range(51))
    with pytest.raises(BadInput, match=r"The column segment of data\.csv has more than 50 levels"):
        taken(f"{HEADER},segment\n{rows}\n")


def test_an_import_refuses_single_units() -> None:
    with pytest.raises(BadInput, match="bunsen analyze reads files like this one"):
        read_aggregates([HEADER, "u1,A,1"], origin="data.csv")


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"u{place % 290},{'AB'[place % 2]},{place % 7},{'DE' if place % 3 else ''}" for place in range(300)]
    rows[150:160] = ["broken"] * 10
    content = "\n".join([f"{HEADER},segment_country", *rows])
    told: list[int] = []
    whole = taken(content, skip=True)
    monkeypatch.setattr(raw_rows, "AT_ONCE", 10)
    assert taken(content, skip=True, progress=told.append) == whole
    assert told == list(range(10, 301, 10))


@given(st.lists(st.floats(-1e90, 1e90), min_size=1, max_size=30))
def test_any_numbers_are_summed_up_without_nan(values: list[float]) -> None:
    rows = only("\n".join([HEADER, *(f"u{place},A,{value!r}" for place, value in enumerate(values))]))
    row = rows["orders", "variant-a", ""]
    assert np.isfinite(row.numbers).all()
    assert row.variance >= 0
    assert row.mean == pytest.approx(float(np.mean(values)), rel=1e-9, abs=1e-12 * max(map(abs, values)))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        intake = taken(f"{HEADER}\nu1,A,1\n{text}".encode("utf-8", "surrogatepass"), skip=True)
    except BadInput as refused:
        assert refused.words  # noqa: PT017
    else:
        assert intake.batches["shop"]


def test_quantiles_are_those_of_the_units_with_how_they_are_spread() -> None:
    dice = np.random.default_rng(7)
    times, before = dice.gamma(2, 100, 900), dice.gamma(2, 100, 900)
    lines = [
        f"u{place},A,{time!r},{earlier!r},os"
        for place, (time, earlier) in enumerate(zip(times.tolist(), before.tolist(), strict=True))
    ]
    default = DEFAULT._replace(quantiles={"wait": (0.5, 0.99)})
    intake = taken("unit,variant,wait,wait_before,segment\n" + "\n".join(lines), default=default)
    assert intake.metrics["shop"] == dict.fromkeys(("wait-p50", "wait-p99"), MetricKind.QUANTILE)
    rows = {(row.metric, row.segment): row for row in intake.batches["shop"]}
    for quantile in (0.5, 0.99):
        row = rows[f"wait-p{quantile * 100:g}", ""]
        joint = quantile_with(times, before, quantile)
        assert row.mean == pytest.approx(np.quantile(times, quantile))
        assert row.variance == pytest.approx(float(quantile_of(times, quantile).variance[0]) * 900)
        assert row.covariate is not None
        assert row.covariate.covariance == pytest.approx(joint.covariance[0, 1])
        assert row.spread == spread_of(times)
        assert rows[row.metric, "segment=os"].spread is None


def test_quantiles_of_what_is_not_there_are_refused() -> None:
    default = DEFAULT._replace(quantiles={"wait": (0.5,)})
    with pytest.raises(BadInput, match="no column wait to take quantiles of"):
        taken(f"{HEADER}\nu1,A,1", default=default)
    with pytest.raises(BadInput, match="has a column wait-p50 beside the quantile of that name"):
        taken("unit,variant,wait,wait_p50\nu1,A,1,2", default=default)
    with pytest.raises(BadInput, match="one row per unit only"):
        taken("variant,metric,n,mean,variance\nA,wait,9,1,1", default=default)
