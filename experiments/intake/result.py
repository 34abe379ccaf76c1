"""What reading a file gives: batches by experiment, and the rows that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from experiments.aggregate import Aggregate
from experiments.design import MetricKind
from experiments.errors import BadInput
from experiments.texts import Frozen

SHOWN = 10


class Unusable(Exception):
    """This row cannot be used: the reason, and the column it is about.

    >>> Unusable("is empty", "mean").column
    'mean'
    """

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.reason, self.column = reason, column


class BadRow(NamedTuple):
    """A row that cannot be used: its place in the file, why, and the column it is about.

    A place is a line of text (the header is line 1), or a row of a Parquet file (the first is row 1).

    >>> BadRow(17, "is empty", "mean").words
    'line 17: mean is empty'
    """

    line: int
    reason: str
    column: str = ""
    place: str = "line"

    @property
    def words(self) -> str:
        return f"{self.place} {self.line:,}: {f'{self.column} ' if self.column else ''}{self.reason}"


class Crossed(NamedTuple):
    """Of `seen` units of an experiment, `units` were in two variants and are left out.

    >>> Crossed(2, 1000).units
    2
    """

    units: int
    seen: int


@dataclass(frozen=True, slots=True)
class Intake:
    """Rows by experiment key, each batch by metric, variant, segment and day; the rows left out; how many there were.

    `metrics` are those of each experiment in the order of the file, with their kind where the file tells it; `crossed`
    has the experiments read from single units; `notes` what else a person should know, such as columns passed over.

    >>> Intake({"shop": ()}, (), 0).notes
    ()
    """

    batches: dict[str, tuple[Aggregate, ...]]
    bad_rows: tuple[BadRow, ...]
    total_rows: int
    metrics: dict[str, dict[str, MetricKind | None]] = field(default_factory=dict)
    crossed: dict[str, Crossed] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class BadRows(BadInput):
    """Rows that cannot be used, so nothing of the file was kept; `bad_rows` has all of them.

    >>> BadRows("data.csv", [BadRow(3, "is empty", "n")], 9, advice="Correct it.").words.splitlines()[1]
    '• line 3: n is empty'
    """

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
