"""A file as lines of text: bounded in size, decoded, and split into fields."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import TextIOBase
from typing import BinaryIO, cast

from experiments.errors import BadInput

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 64 * 1024
SPLIT = "Split it by experiment and import the parts."
SIGNATURES = {
    b"PK\x03\x04": "This is a spreadsheet or archive, not text. Save it as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "This is an old Excel file, not text. Save it as CSV (UTF-8)",
    b"\xff\xfe": "This text is UTF-16. Save it as CSV (UTF-8)",
    b"\xfe\xff": "This text is UTF-16. Save it as CSV (UTF-8)",
    b"\x1f\x8b": "This file is compressed. Unpack it first",
    b"PAR1": "This is a Parquet file, not text. Save it as CSV (UTF-8)",
}


class NotUtf8(ValueError):
    """A line whose bytes are not UTF-8 text."""


def refuse(words: str) -> BadInput:
    """The file as a whole cannot be used."""
    return BadInput(words, field="files")


def lines_of(source: Iterable[str] | BinaryIO, origin: str, most_bytes: int) -> Iterator[str | NotUtf8]:
    """The lines without their ends; at most one line is held at a time.

    `BadInput` when the source is larger than `most_bytes` (before reading it, where its size can be asked for),
    when a line is absurdly long, and when the first bytes are those of something else than text.
    """
    if hasattr(source, "readline") and not isinstance(source, TextIOBase):
        yield from _decoded(cast(BinaryIO, source), origin, most_bytes)
        return
    seen = 0
    for line in source:
        seen += len(line)
        _bounded(seen, len(line), origin, most_bytes)
        yield str(line).rstrip("\r\n").removeprefix("\ufeff")


def _decoded(source: BinaryIO, origin: str, most_bytes: int) -> Iterator[str | NotUtf8]:
    if source.seekable():
        here = source.tell()
        size = source.seek(0, 2) - here
        source.seek(here)
        if size > most_bytes:
            raise refuse(f"{origin} has {_size(size)}; at most {_size(most_bytes)} can be read at once. {SPLIT}")
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
            yield NotUtf8(f"byte {error.start + 1} is not UTF-8 text; save the file as CSV (UTF-8)")


def _bounded(seen: int, length: int, origin: str, most_bytes: int) -> None:
    if seen > most_bytes:
        raise refuse(f"{origin} has more than the {_size(most_bytes)} that can be read at once. {SPLIT}")
    if length > LONGEST_LINE:
        raise refuse(
            f"{origin} has a line of more than {LONGEST_LINE:,} characters; this is not a table of aggregates."
        )


def _size(count: int) -> str:
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:.4g} {unit}"
    return f"{count} bytes"


def fields(line: str, delimiter: str) -> list[str]:
    """The fields of one line, without surrounding spaces; `ValueError` when a quote is not closed."""
    if '"' not in line:
        return [field.strip() for field in line.split(delimiter)]
    try:
        row = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        raise ValueError("a quotation mark is not closed or stands in the wrong place") from None
    return [field.strip() for field in row]
