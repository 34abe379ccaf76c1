"""Parquet is read like the CSV that says the same, and refused in words where it is damaged."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from experiments.errors import BadInput
from experiments.intake import BadRow, read_aggregates
from experiments.intake import parquet as parquet_table
from tests.experiments.intake.files import bad_rows_of, parquet_like, parquet_of, taken

LONG: dict[str, Any] = {
    "Variant ": ["control", "treatment"],
    "metric": ["orders", "orders"],
    "time": [1.5, 1.5],
    "n": [100, 90],
    "mean": [0.1 + 0.2, 5e-324],
    "variance": [0.25, 1e300],
}


def with_(**columns: Any) -> bytes:
    return parquet_of({**LONG, **columns})


def test_numbers_come_out_as_they_went_in() -> None:
    control, treatment = taken(with_()).batches["shop"]
    assert control[2:6] == (1.5, 100, 0.1 + 0.2, 0.25)
    assert treatment[2:6] == (1.5, 90, 5e-324, 1e300)


def test_raw_rows_with_truth_values_categories_and_dates() -> None:
    intake = taken(
        parquet_of(
            {
                "unit": [1, 2, 3],
                "variant": pa.array(["A", "A", "B"]).dictionary_encode(),
                "paid": [True, False, True],
                "seen": [datetime(2026, 1, 1, tzinfo=UTC)] * 3,
            }
        )
    )
    assert {row.variant: row.mean for row in intake.batches["shop"]} == {"variant-a": 0.5, "variant-b": 1.0}
    assert intake.notes[0] == "Passed over, as no metric: seen."


def test_dates_are_read_where_the_start_is_known() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    content = with_(time=[start + timedelta(days=2)] * 2, experiment=["shop", "shop"])
    intake = read_aggregates(io.BytesIO(content), origin="data", starts={"shop": start})
    assert {row.day for row in intake.batches["shop"]} == {2.0}


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"mean": [0.5, None]}, BadRow(2, "is empty", "mean", "row")),
        ({"mean": [0.5, float("nan")]}, BadRow(2, "“nan” is not a finite number", "mean", "row")),
        ({"n": [1.5, 3]}, BadRow(1, "“1.5” is not a count; it has to be 0, 1, 2 …", "n", "row")),
    ],
)
def test_a_bad_row_is_named_by_its_row(columns: dict[str, Any], found: BadRow) -> None:
    assert bad_rows_of(with_(**columns)) == (found,)
    assert found.words.startswith("row ")


def test_rows_count_on_over_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_table, "AT_ONCE", 2)
    content = parquet_of({"unit": range(7), "variant": ["A"] * 7, "orders": [1.0, 2, 3, 4, 5, 6, None]})
    assert [row.line for row in bad_rows_of(content)] == [7]


@pytest.mark.parametrize(
    "column", [[[1.0], [2.0]], [{"a": 1}, {"a": 2}], pa.array([b"\xff\xfe", b"\xff"], pa.binary())]
)
def test_a_column_that_is_neither_numbers_nor_text_is_named(column: Any) -> None:
    with pytest.raises(BadInput, match=r"The column mean of data\.csv holds .*, which is neither numbers nor text"):
        taken(with_(mean=column))


def test_other_columns_may_hold_anything() -> None:
    assert len(taken(with_(extra=[[1], [2]])).batches["shop"]) == 2


def test_a_column_twice_is_refused() -> None:
    with pytest.raises(BadInput, match="has the column variant twice"):
        taken(with_(variant=["a", "b"]))


def test_too_many_rows_are_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_table, "MOST_ROWS", 1)
    with pytest.raises(BadInput, match="has 2 rows; at most 1 can be read at once"):
        taken(with_())


def test_a_file_without_rows_is_refused() -> None:
    table = pa.table(LONG).slice(0, 0)
    file = io.BytesIO()
    parquet.write_table(table, file)
    with pytest.raises(BadInput, match="no rows"):
        taken(file.getvalue())


def test_data_that_are_damaged_within_are_refused() -> None:
    content = bytearray(parquet_of({**LONG, "metric": ["orders" * 50, "latency" * 50]}, compression="snappy"))
    content[10:200] = b"\xff" * 190
    with pytest.raises(BadInput, match="cannot be read as Parquet: it is damaged or cut off"):
        taken(bytes(content))


class Stream(io.BytesIO):
    def seekable(self) -> bool:
        return False


def test_a_stream_of_parquet_is_refused() -> None:
    with pytest.raises(BadInput, match="cannot be read from a stream"):
        read_aggregates(Stream(with_()), origin="data")


@given(st.data())
def test_any_damage_is_read_or_refused_in_words(data: st.DataObject) -> None:
    content = bytearray(with_())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(4, len(content)))]
    try:
        taken(bytes(content), skip=True)
    except BadInput as refused:
        assert refused.words  # noqa: PT017


def test_the_same_rows_as_csv_and_parquet_are_the_same() -> None:
    dice = np.random.default_rng(5)
    lines = [f"u{place},{'AB'[place % 2]},{dice.normal()!r},{place % 3}" for place in range(500)]
    text = "\n".join(["unit,variant,spent,orders", *lines])
    assert taken(parquet_like(text)) == taken(text)
