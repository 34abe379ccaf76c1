"""A file as a table, whether it is text or Parquet: named columns, and rows of the cells that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from operator import itemgetter
from typing import BinaryIO, Protocol, TypeAlias, cast

from experiments.intake.lines import DELIMITERS, SPLIT, fields, is_binary, lines_of, refuse, size
from experiments.intake.result import Unusable

Row: TypeAlias = "tuple[int, list[str] | Unusable]"
PARQUET = b"PAR1"


class Table(Protocol):
    """`names` are the columns in lower case; `place` is what a row is counted in: “line” of a text or “row”."""

    origin: str
    names: tuple[str, ...]
    place: str
    decimal_comma: bool

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """The place of every row with the cells of these columns (at least two), or with the reason why it has none."""
        ...


def open_table(source: Iterable[str] | BinaryIO, *, origin: str, known: Set[str], most_bytes: int) -> Table:
    """Lines of text, or a binary file of text or Parquet, whose columns are found among the `known` names.

    `BadInput` when it is larger than `most_bytes` (before reading it, where its size can be asked for) or no table.

    >>> table = open_table(["A;B;C", "1; 2 ;3"], origin="data.csv", known={"a", "b"}, most_bytes=100)
    >>> table.names, list(table.rows(["b", "a"]))
    (('a', 'b', 'c'), [(2, ['2', '1'])])
    """
    if is_binary(source):
        binary = cast(BinaryIO, source)
        if binary.seekable():
            here = binary.tell()
            count = binary.seek(0, 2) - here
            binary.seek(here)
            if count > most_bytes:
                raise refuse(f"{origin} has {size(count)}; at most {size(most_bytes)} can be read at once. {SPLIT}")
            start = binary.read(len(PARQUET))
            binary.seek(here)
            if start == PARQUET:
                from experiments.intake.parquet import ParquetTable

                return ParquetTable(binary, origin)
    return TextTable(lines_of(source, origin, most_bytes), origin, known)


class TextTable:
    """Lines of text, the first of which names the columns; the delimiter is the one that finds most known names.

    >>> TextTable(iter(["a\\tb", "1\\t2"]), "data.csv", {"a"}).names
    ('a', 'b')
    """

    place = "line"

    def __init__(self, lines: Iterator[str | Unusable], origin: str, known: Set[str]) -> None:
        self.origin, self._lines = origin, lines
        self._line, header = self._header()
        self._delimiter, self.names = self._split(header, known)
        self.decimal_comma = self._delimiter == ";"

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """The number of each line that is not blank, with its cells."""
        pick = itemgetter(*(self.names.index(name) for name in columns))
        width, delimiter = len(self.names), self._delimiter
        for number, line in enumerate(self._lines, self._line + 1):
            if isinstance(line, Unusable):
                yield number, line
                continue
            if not line.strip():
                continue
            try:
                row = fields(line, delimiter)
            except Unusable as flaw:
                yield number, flaw
                continue
            if len(row) != width and (len(row) < width or any(map(str.strip, row[width:]))):
                yield number, Unusable(f"has {len(row)} fields where the first line has {width}")
                continue
            yield number, [cell.strip() for cell in pick(row)]

    def _header(self) -> tuple[int, str]:
        for number, line in enumerate(self._lines, start=1):
            if isinstance(line, Unusable):
                raise refuse(f"The first line of {self.origin} cannot be read: {line.reason}.")
            if line.strip():
                return number, line
        raise refuse(f"{self.origin} is empty.")

    def _split(self, header: str, known: Set[str]) -> tuple[str, tuple[str, ...]]:
        splits: dict[str, tuple[str, ...]] = {}
        flaw = ""
        for delimiter in DELIMITERS:
            try:
                splits[delimiter] = tuple(name.strip().lower() for name in fields(header, delimiter))
            except Unusable as found:
                flaw = found.reason
        if not splits:
            raise refuse(f"The first line of {self.origin} cannot be read: {flaw}.")
        best = max(splits, key=lambda delimiter: len(known & set(splits[delimiter])))
        return best, splits[best]
