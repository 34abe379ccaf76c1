"""Text as lines: bounded in size, decoded, and split into fields."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import TextIOBase
from typing import BinaryIO, cast

from experiments.errors import BadInput
from experiments.intake.result import Unusable

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 64 * 1024
SPLIT = "Split it by experiment and take the parts one by one."
SIGNATURES = {
    b"PK\x03\x04": "This is a spreadsheet or archive, not text. Save it as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "This is an old Excel file, not text. Save it as CSV (UTF-8)",
    b"\xff\xfe": "This text is UTF-16. Save it as CSV (UTF-8)",
    b"\xfe\xff": "This text is UTF-16. Save it as CSV (UTF-8)",
    b"\x1f\x8b": "This file is compressed. Unpack it first",
    b"PAR1": "This is Parquet, which cannot be read from a stream. Give it as a file",
}


def refuse(words: str) -> BadInput:
    """The file as a whole cannot be used.

    >>> refuse("data.csv is empty.").field
    'files'
    """
    return BadInput(words, field="files")


def lines_of(source: Iterable[str] | BinaryIO, origin: str, most_bytes: int) -> Iterator[str | Unusable]:
    """The lines without their ends; at most one line is held at a time, and one that is not UTF-8 says so.

    `BadInput` when there are more than `most_bytes`, when a line is absurdly long, and when the first bytes are those
    of something else than text.

    >>> list(lines_of(["a,b\\n", "1,2\\n"], "data.csv", 100))
    ['a,b', '1,2']
    """
    if is_binary(source):
        yield from _decoded(cast(BinaryIO, source), origin, most_bytes)
        return
    seen = 0
    for line in cast("Iterable[str]", source):
        seen += len(line)
        _bounded(seen, len(line), origin, most_bytes)
        yield line.rstrip("\r\n").removeprefix("\ufeff")


def is_binary(source: Iterable[str] | BinaryIO) -> bool:
    """Whether this gives bytes rather than lines of text.

    >>> import io
    >>> is_binary(io.BytesIO()), is_binary(io.StringIO()), is_binary(["a,b"])
    (True, False, False)
    """
    return hasattr(source, "readline") and not isinstance(source, TextIOBase)


def _decoded(source: BinaryIO, origin: str, most_bytes: int) -> Iterator[str | Unusable]:
    seen = 0
    while line := source.readline(LONGEST_LINE + 1):
        if not seen:
            for signature, words in SIGNATURES.items():
                if line.startswith(signature):
                    raise refuse(f"{origin}: {words}.")
            line = line.removeprefix(b"\xef\xbb\xbf")
        seen += len(line)
        _bounded(seen, len(line), origin, most_bytes)
        try:
            yield line.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            yield Unusable(f"byte {error.start + 1} is not UTF-8 text; save the file as CSV (UTF-8)")


def _bounded(seen: int, length: int, origin: str, most_bytes: int) -> None:
    if seen > most_bytes:
        raise refuse(f"{origin} has more than the {size(most_bytes)} that can be read at once. {SPLIT}")
    if length > LONGEST_LINE:
        raise refuse(
            f"{origin} has a line of more than {LONGEST_LINE:,} characters; this is not a table of aggregates."
        )


def size(count: int) -> str:
    """A number of bytes as people read it.

    >>> size(100), size(256 * 1024 * 1024)
    ('100 bytes', '256 MB')
    """
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:.4g} {unit}"
    return f"{count} bytes"


def fields(line: str, delimiter: str) -> list[str]:
    """The fields of one line as they stand; `Unusable` when a quote is not closed.

    >>> fields('a,"b, c"', ",")
    ['a', 'b, c']
    """
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        raise Unusable("a quotation mark is not closed or stands in the wrong place") from None
