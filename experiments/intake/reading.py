"""Read a CSV of aggregates: every row checked, and nothing kept of a file with bad rows unless they may be skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, NamedTuple, TypeAlias

from experiments.aggregate import Aggregate
from experiments.intake.layouts import Layout, Measured, Unusable
from experiments.intake.lines import NotUtf8, lines_of, refuse
from experiments.intake.result import BadRow, BadRows, Intake

MOST_BYTES = 256 * 1024 * 1024
PROGRESS_EVERY = 1000
NOTHING_LEFT = "There is nothing left to import."
SKIPPABLE = "Correct them, or choose to skip bad rows and import the rest."


class _Stated(NamedTuple):
    n: int
    mean: float
    variance: float
    line: int


_Series: TypeAlias = dict[tuple[str, str, str], dict[float, _Stated]]


def read_aggregates(
    source: Iterable[str] | BinaryIO,
    *,
    origin: str,
    skip_bad_rows: bool = False,
    starts: Mapping[str, datetime] | None = None,
    most_bytes: int = MOST_BYTES,
    progress: Callable[[int], None] | None = None,
) -> Intake:
    """Read either layout of `docs/aggregates.md` from lines of text or a binary file called `origin`.

    `starts` knows when experiments started, for files that give dates instead of days. `progress` is told the number
    of rows done so far. Rows without units (n = 0) state nothing and are passed over. Raises `BadRows` with every bad
    row unless `skip_bad_rows`, and `BadInput` when the file as a whole cannot be used.
    """
    lines = lines_of(source, origin, most_bytes)
    layout, header_line = _layout(lines, origin, starts or {})
    series: _Series = {}
    bad: list[BadRow] = []
    total = 0
    for number, line in enumerate(lines, start=header_line + 1):
        if not isinstance(line, NotUtf8) and not line.strip():
            continue
        total += 1
        try:
            if isinstance(line, NotUtf8):
                raise Unusable(str(line))
            _add(layout.read(line), series, number)
        except Unusable as flaw:
            bad.append(BadRow(number, flaw.reason, flaw.column))
        if progress and total % PROGRESS_EVERY == 0:
            progress(total)
    if progress:
        progress(total)
    if not total:
        raise refuse(f"{origin} has no rows below its first line.")
    bad = sorted({*bad, *_shrinking(series)})
    if bad and not skip_bad_rows:
        raise BadRows(origin, bad, total, advice=SKIPPABLE)
    batches = _batches(series)
    if not batches:
        if bad:
            raise BadRows(origin, bad, total, advice=NOTHING_LEFT)
        raise refuse(f"No row of {origin} has any units yet.")
    return Intake(batches, tuple(bad), total)


def _layout(lines: Iterator[str | NotUtf8], origin: str, starts: Mapping[str, datetime]) -> tuple[Layout, int]:
    for number, line in enumerate(lines, start=1):
        if isinstance(line, NotUtf8):
            raise refuse(f"The first line of {origin} cannot be read: {line}.")
        if line.strip():
            return Layout(line, origin, starts), number
    raise refuse(f"{origin} is empty.")


def _add(measured: list[Measured], series: _Series, line: int) -> None:
    """Keep what a row states, all of it or nothing; the same statement twice (a shared control) counts once."""
    for experiment, metric, variant, day, *stated in measured:
        before = series.get((experiment, metric, variant), {}).get(day)
        if before is not None and before[:3] != tuple(stated):
            raise Unusable(f"says something else of {variant} and {metric} on day {day:g} than line {before.line:,}")
    for experiment, metric, variant, day, n, mean, variance in measured:
        series.setdefault((experiment, metric, variant), {}).setdefault(day, _Stated(n, mean, variance, line))


def _shrinking(series: _Series) -> Iterator[BadRow]:
    """Take out the moments whose n is below an earlier one: units since the start cannot become fewer."""
    for (_, metric, variant), moments in series.items():
        most, when = 0, 0.0
        for day in sorted(moments):
            stated = moments[day]
            if stated.n >= most:
                most, when = stated.n, day
                continue
            del moments[day]
            yield BadRow(
                stated.line,
                f"{variant} has {stated.n:,} units of {metric} on day {day:g} but had {most:,} on day {when:g}; "
                "a count since the start cannot shrink",
            )


def _batches(series: _Series) -> dict[str, tuple[Aggregate, ...]]:
    batches: dict[str, list[Aggregate]] = {}
    for (experiment, metric, variant), moments in sorted(series.items()):
        rows = batches.setdefault(experiment, [])
        rows += (Aggregate(metric, variant, day, *moments[day][:3]) for day in sorted(moments))
    return {experiment: tuple(rows) for experiment, rows in batches.items() if rows}
