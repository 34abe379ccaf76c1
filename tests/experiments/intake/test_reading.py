"""Files of aggregates: both layouts, untidy but readable files, and every kind of row or file that is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.aggregate import Aggregate
from experiments.design import MetricKind
from experiments.errors import BadInput
from experiments.intake import BadRow, BadRows, Default, Intake, read_aggregates

LONG = "experiment,variant,metric,time,n,mean,variance"
TWO_ARMS = "experiment_id,variant_id,metric_id,time_since_start,count_c,count_t,mean_c,mean_t,variance_c,variance_t"
GOOD = "checkout,control,conversion,1,100,0.5,0.25"


def read(*lines: str, header: str = LONG, skip: bool = False, **options: object) -> Intake:
    content = "\n".join([header, *lines]).encode()
    return read_aggregates(io.BytesIO(content), origin="data.csv", skip_bad_rows=skip, **options)  # type: ignore[arg-type]


def flaws(*lines: str, header: str = LONG, **options: object) -> tuple[BadRow, ...]:
    with pytest.raises(BadRows) as refused:
        read(*lines, header=header, **options)
    return refused.value.bad_rows


def refusal(content: bytes, **options: object) -> str:
    with pytest.raises(BadInput) as refused:
        read_aggregates(io.BytesIO(content), origin="data.csv", **options)  # type: ignore[arg-type]
    assert refused.value.field == "files"
    return refused.value.words


def test_one_arm_a_row() -> None:
    intake = read(GOOD, "checkout,bigger-button,conversion,1,90,0.6,0.24")
    assert intake == Intake(
        batches={
            "checkout": (
                Aggregate("conversion", "bigger-button", 1.0, 90, 0.6, 0.24),
                Aggregate("conversion", "control", 1.0, 100, 0.5, 0.25),
            )
        },
        bad_rows=(),
        total_rows=2,
        metrics={"checkout": {"conversion": None}},
    )


def test_both_arms_in_a_row_with_a_control_shared_by_two_variants() -> None:
    intake = read("036AFC,1,2,1.5,100,90,0.5,0.6,0.25,0.24", "036AFC,3,2,1.5,100,80,0.5,0.7,0.25,0.21", header=TWO_ARMS)
    assert intake.batches == {
        "036afc": (
            Aggregate("metric-2", "control", 1.5, 100, 0.5, 0.25),
            Aggregate("metric-2", "treatment-1", 1.5, 90, 0.6, 0.24),
            Aggregate("metric-2", "treatment-3", 1.5, 80, 0.7, 0.21),
        )
    }


def test_a_control_that_says_two_things_is_a_bad_row_and_its_treatment_is_not_kept() -> None:
    lines = "036afc,1,2,1,100,90,0.5,0.6,0.25,0.24", "036afc,3,2,1,101,80,0.5,0.7,0.25,0.21"
    (flaw,) = flaws(*lines, header=TWO_ARMS)
    assert flaw == BadRow(3, "says something else of control and metric-2 on day 1 than line 2")
    kept = read(*lines, header=TWO_ARMS, skip=True)
    assert {row.variant for row in kept.batches["036afc"]} == {"control", "treatment-1"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_byte_order_marks_and_line_ends(delimiter: str, start: bytes, end: str) -> None:
    text = end.join([LONG, GOOD, ""]).replace(",", delimiter)
    intake = read_aggregates(io.BytesIO(start + text.encode()), origin="data.csv")
    assert intake.batches == read(GOOD).batches


def test_quotes_spaces_other_columns_and_any_order() -> None:
    header = ' "Mean", variance ,N,comment,time,metric,variant,"experiment"'
    assert read('"0.5",0.25,100,"a, b ""c""",1,conversion,control,Check_Out', header=header).batches == {
        "check-out": (Aggregate("conversion", "control", 1.0, 100, 0.5, 0.25),)
    }


def test_a_decimal_comma_where_fields_are_parted_by_semicolons() -> None:
    intake = read("checkout;control;conversion;1,5;100;0,5;0,25", header=LONG.replace(",", ";"))
    assert intake.batches["checkout"][0] == Aggregate("conversion", "control", 1.5, 100, 0.5, 0.25)


def test_lines_of_text_read_like_bytes() -> None:
    def lines() -> Iterator[str]:
        yield "\ufeff" + LONG + "\r\n"
        yield GOOD + "\r\n"

    assert read_aggregates(lines(), origin="data.csv") == read(GOOD)
    assert read_aggregates(io.StringIO(f"{LONG}\n{GOOD}\n"), origin="data.csv") == read(GOOD)


def test_rows_without_units_and_blank_lines_are_passed_over() -> None:
    intake = read("", GOOD, "checkout,treatment,conversion,1,0,,", "   ")
    assert len(intake.batches["checkout"]) == 1
    assert intake.total_rows == 2


def test_the_same_statement_twice_counts_once() -> None:
    assert read(GOOD, GOOD).batches == read(GOOD).batches


def test_dates_where_the_start_is_known() -> None:
    starts = {"checkout": datetime(2026, 3, 1, 12, tzinfo=UTC)}
    rows = (
        "checkout,control,conversion,2026-03-03T00:00:00,9,1,1",
        "checkout,treatment,conversion,2026-03-03T02:00+02:00,9,1,1",
    )
    assert {row.day for row in read(*rows, starts=starts).batches["checkout"]} == {1.5}
    (flaw,) = flaws("checkout,control,conversion,2026-02-03,9,1,1", starts=starts)
    assert "lies before the start of checkout" in flaw.reason
    (flaw,) = flaws(rows[0])
    assert "the start of checkout is not known" in flaw.reason


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("checkout,control,conversion,1,100,,0.25", "mean", "is empty"),
        ("checkout,control,conversion,1,100,0.5,", "variance", "is empty"),
        ("checkout,control,conversion,1,100,abc,0.25", "mean", "“abc” is not a number"),
        ("checkout,control,conversion,1,100,1_0,0.25", "mean", "“1_0” is not a number"),
        ("checkout,control,conversion,1,100,NaN,0.25", "mean", "“NaN” is not a finite number"),
        ("checkout,control,conversion,1,100,0.5,inf", "variance", "“inf” is not a finite number"),
        ("checkout,control,conversion,1,100,1e999,1", "mean", "“1e999” is not a finite number"),
        ("checkout,control,conversion,1,100,0.5,-0.25", "variance", "-0.25 is negative; a variance cannot be"),
        ("checkout,control,conversion,1,10.5,0.5,0.25", "n", "“10.5” is not a count"),
        ("checkout,control,conversion,1,-5,0.5,0.25", "n", "“-5” is not a count"),
        ("checkout,control,conversion,1,1e18,0.5,0.25", "n", "1e+18 units are more than any experiment has"),
        ("checkout,control,conversion,-1,100,0.5,0.25", "time", "“-1” is not a number of days since the start"),
        ("checkout,control,conversion,1772000000,100,0.5,0.25", "time", "is not a number of days since the start"),
        ("checkout,control,conversion,soon,100,0.5,0.25", "time", "“soon” is not a number of days"),
        ("checkout,control,conversion,,100,0.5,0.25", "time", "is empty"),
        (",control,conversion,1,100,0.5,0.25", "experiment", "is empty"),
        ("größe!,control,conversion,1,100,0.5,0.25", "experiment", "“größe!” cannot be a key: a key has lower-case"),
        ("checkout-v2,control,conversion,1,100,0.5,0.25", "experiment", "leave the version out of the key"),
        ("checkout,!,conversion,1,100,0.5,0.25", "variant", "“!” cannot be a key: a key has lower-case"),
        ("checkout,control,conversion,1,100,0.5", "", "has 6 fields where the first line has 7"),
        ("checkout,control,conversion,1,100,0.5,0.25,9", "", "has 8 fields where the first line has 7"),
        ('checkout,control,conversion,1,100,"0.5,0.25', "", "a quotation mark is not closed"),
    ],
)
def test_a_bad_row_is_named_with_line_column_and_reason(row: str, column: str, reason: str) -> None:
    (flaw,) = flaws(GOOD, row)
    assert (flaw.line, flaw.column) == (3, column)
    assert reason in flaw.reason
    assert read(GOOD, row, skip=True).batches == read(GOOD).batches
    assert read(GOOD, row, skip=True).bad_rows == (flaw,)


def test_bytes_that_are_not_text_spoil_their_line_only() -> None:
    content = f"{LONG}\n{GOOD}\ncheckout,tr".encode() + b"\xff" + b",conversion,1,100,0.5,0.25\n"
    intake = read_aggregates(io.BytesIO(content), origin="data.csv", skip_bad_rows=True)
    assert intake.batches == read(GOOD).batches
    assert intake.bad_rows == (BadRow(3, "byte 12 is not UTF-8 text; save the file as CSV (UTF-8)"),)


def test_counts_cannot_shrink_over_time_whatever_the_order_of_the_rows() -> None:
    rows = [f"checkout,control,conversion,{day},{n},0.5,0.25" for day, n in ((3, 90), (1, 50), (2, 100), (4, 100))]
    (flaw,) = flaws(*rows)
    assert flaw.line == 2
    assert "control has 90 units of conversion on day 3 but had 100 on day 2" in flaw.reason
    assert [row.day for row in read(*rows, skip=True).batches["checkout"]] == [1.0, 2.0, 4.0]


def test_names_that_would_become_the_same_key_are_refused() -> None:
    (flaw,) = flaws("check_out,control,conversion,1,100,0.5,0.25", "check-out,control,conversion,2,100,0.5,0.25")
    assert "“check-out” would be the same as “check_out”" in flaw.reason


def test_a_treatment_may_not_be_called_control() -> None:
    (flaw,) = flaws("036afc,control,2,1,100,90,0.5,0.6,0.25,0.24", header=TWO_ARMS)
    assert flaw == BadRow(2, "is the name of the control arm", "variant_id")


def test_all_bad_rows_are_kept_and_ten_are_shown() -> None:
    with pytest.raises(BadRows) as refused:
        read(GOOD, *["checkout,control,conversion,2,100,x,0.25"] * 25)
    assert len(refused.value.bad_rows) == 25
    words = refused.value.words
    assert words.startswith("25 of 26 rows in data.csv cannot be used, so nothing was kept:\n• line 3: mean “x” is not")
    assert words.count("•") == 10
    assert "… and 15 more." in words


def test_skipping_everything_is_refused_as_well() -> None:
    with pytest.raises(BadRows, match="nothing left to import"):
        read("checkout,control,conversion,2,100,x,0.25", skip=True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "data.csv is empty."),
        (b"\n\n", "data.csv is empty."),
        (LONG.encode(), "data.csv has no rows below its first line."),
        (f"{LONG}\ncheckout,control,conversion,1,0,,".encode(), "No row of data.csv has any units yet."),
        (b"experiment,variant,metric,time,n,mean\na,b,c,1,2,3", "data.csv lacks the column variance."),
        (TWO_ARMS.replace("variance_t", "x").encode() + b"\n1", "data.csv lacks the column variance_t."),
        (b"hello\nworld", "data.csv lacks the columns experiment_id, variant_id"),
        (f"{LONG},mean\n{GOOD},1".encode(), "data.csv has the column mean twice"),
        (b'"experiment,variant\n', "The first line of data.csv cannot be read"),
        (b"\xff\xfee\x00x\x00", "This text is UTF-16"),
        (b"PK\x03\x04...", "This is a spreadsheet or archive"),
        (b"ab\xff\n", "The first line of data.csv cannot be read: byte 3 is not UTF-8"),
        (b"x" * 100_000, "a line of more than 65,536 characters"),
        (f"{LONG}\n".encode() + b"x" * 100_000, "a line of more than 65,536 characters"),
    ],
)
def test_a_file_that_is_no_table_is_refused_as_a_whole(content: bytes, words: str) -> None:
    assert words in refusal(content, skip_bad_rows=True)


class Endless(io.RawIOBase):
    """Two gigabytes that may be asked for their size but not read."""

    size = 2 * 1024**3

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return 0

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.size if whence == 2 else 0

    def readline(self, size: int | None = -1) -> bytes:
        raise AssertionError("nothing may be read of a file that is too large")


def test_two_gigabytes_are_refused_before_anything_is_read() -> None:
    with pytest.raises(BadInput, match=r"data.csv has 2 GB; at most 256 MB can be read at once\."):
        read_aggregates(Endless(), origin="data.csv")  # type: ignore[arg-type]


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


def test_a_stream_is_cut_off_at_the_limit() -> None:
    content = f"{LONG}\n{GOOD}\n".encode() * 100
    with pytest.raises(BadInput, match="more than the 1 kB"):
        read_aggregates(Pipe(content), origin="data.csv", most_bytes=1024)
    with pytest.raises(BadInput, match="more than the 100 bytes"):
        read_aggregates(Pipe(content), origin="data.csv", most_bytes=100)
    with pytest.raises(BadInput, match="more than the 1 kB"):
        read_aggregates(iter(content.decode().splitlines()), origin="data.csv", most_bytes=1024)


def test_progress_is_told() -> None:
    told: list[int] = []
    rows = [f"checkout,control,conversion,{day},{day},0.5,0.25" for day in range(1, 2501)]
    read(*rows, progress=told.append)
    assert told == [1000, 2000, 2500]


@given(st.text(max_size=300) | st.lists(st.text(max_size=30), min_size=7, max_size=7).map(",".join))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        intake = read(GOOD, text, skip=True)
    except BadInput as refused:
        assert refused.words  # noqa: PT017
    else:
        assert intake.batches["checkout"]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    with pytest.raises(BadInput):
        read_aggregates(io.BytesIO(content), origin="data.csv", skip_bad_rows=True)


def test_the_examples_in_the_documentation_are_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "aggregates.md").read_text()
    examples = [block.split("```")[0] for block in page.split("```csv\n")[1:]]
    one_arm, two_arms, raw = (
        read_aggregates(io.StringIO(each), origin="example.csv", default=Default("example", 14.0)) for each in examples
    )
    assert set(one_arm.batches) == {"checkout-button"}
    assert {row.variant for row in two_arms.batches["036afc"]} == {"control", "treatment-2"}
    assert raw.metrics["example"] == {"converted": MetricKind.PROPORTION, "revenue": MetricKind.MEAN}
    assert {row.segment for row in raw.batches["example"]} == {"", "country=DE", "country=FR"}
