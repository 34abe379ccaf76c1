"""What reading a file of aggregates gives: batches by experiment, and the rows that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from experiments.aggregate import Aggregate
from experiments.errors import BadInput
from experiments.texts import Frozen

SHOWN = 10


class BadRow(NamedTuple):
    """A row that cannot be used: its line in the file (the header is line 1), why, and the column it is about."""

    line: int
    reason: str
    column: str = ""

    @property
    def words(self) -> str:
        return (
            f"line {self.line:,}: {self.column} {self.reason}" if self.column else f"line {self.line:,}: {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class Intake:
    """Rows by experiment key, each batch by metric, variant and day; the rows left out; how many rows there were."""

    batches: dict[str, tuple[Aggregate, ...]]
    bad_rows: tuple[BadRow, ...]
    total_rows: int


class BadRows(BadInput):
    """Rows that cannot be used, so nothing of the file was kept; `bad_rows` has all of them."""

    def __init__(self, origin: str, bad_rows: Sequence[BadRow], total_rows: int, *, advice: str) -> None:
        self.bad_rows = tuple(bad_rows)
        self.total_rows = total_rows
        shown = "\n".join(f"• {row.words}" for row in bad_rows[:SHOWN])
        more = f"\n… and {len(bad_rows) - SHOWN:,} more." if len(bad_rows) > SHOWN else ""
        super().__init__(
            f"{len(bad_rows):,} of {total_rows:,} rows in {origin} cannot be used, so nothing was kept:\n"
            f"{shown}{more}\n{advice}",
            field="files",
        )


class ImportReport(Frozen):
    """What an import did: experiments by key with the day their data now reach, those of which nothing was new, and
    the rows it left out."""

    origin: str
    rows: int
    reached: dict[str, float]
    created: tuple[str, ...]
    unchanged: tuple[str, ...]
    left_out: tuple[str, ...]
