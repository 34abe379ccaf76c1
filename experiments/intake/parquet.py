"""A Parquet file as a table: its values as text, so that they are checked exactly like those of a CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, BinaryIO

from experiments.intake.lines import SPLIT, refuse
from experiments.intake.tables import Row

MOST_ROWS = 20_000_000
AT_ONCE = 8_192


class ParquetTable:
    """Rows are counted from 1. A missing value is an empty cell; true and false are 1 and 0.

    Numbers become the shortest text that reads back as the same number. Raises `BadInput` when the file is damaged or
    has more than `MOST_ROWS` rows.

    >>> import io
    >>> ParquetTable(io.BytesIO(b"PAR1"), "data.parquet")
    Traceback (most recent call last):
    experiments.errors.BadInput: data.parquet cannot be read as Parquet: it is damaged or cut off.
    """

    place = "row"
    decimal_comma = False

    def __init__(self, source: BinaryIO, origin: str) -> None:
        self._arrow: Any = import_module("pyarrow")
        self.origin = origin
        try:
            self._file: Any = import_module("pyarrow.parquet").ParquetFile(source)
            self._columns: list[str] = self._file.schema_arrow.names
        except (self._arrow.ArrowException, OSError):
            raise self._damaged() from None
        self.names = tuple(name.strip().lower() for name in self._columns)
        if (count := self._file.metadata.num_rows) > MOST_ROWS:
            raise refuse(f"{origin} has {count:,} rows; at most {MOST_ROWS:,} can be read at once. {SPLIT}")

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """The number of each row with its cells; `BadInput` when a column holds neither numbers nor text."""
        wanted = [self._columns[self.names.index(name)] for name in columns]
        done = 0
        try:
            for batch in self._file.iter_batches(batch_size=AT_ONCE, columns=wanted, use_threads=False):
                cells = [self._text(batch.column(each), each) for each in wanted]
                for number, row in enumerate(zip(*cells, strict=True), done + 1):
                    yield number, [cell.strip() if cell else "" for cell in row]
                done += batch.num_rows
        except (self._arrow.ArrowException, OSError):
            raise self._damaged() from None

    def _text(self, column: Any, name: str) -> list[str | None]:
        arrow = self._arrow
        if arrow.types.is_boolean(column.type):
            column = column.cast(arrow.int8())
        try:
            values: list[str | None] = column.cast(arrow.string()).to_pylist()
        except (arrow.ArrowException, UnicodeDecodeError):
            raise refuse(
                f"The column {name} of {self.origin} holds {column.type}, which is neither numbers nor text."
            ) from None
        return values

    def _damaged(self) -> Exception:
        return refuse(f"{self.origin} cannot be read as Parquet: it is damaged or cut off.")
