"""Read a file of aggregates: every row checked, and nothing kept of one with bad rows unless they may be skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO, NamedTuple, TypeAlias

from experiments.aggregate import Aggregate
from experiments.design import MetricKind
from experiments.intake.layouts import KNOWN, Default, Layout, Measured, layout_of
from experiments.intake.lines import refuse
from experiments.intake.result import BadRow, BadRows, Intake, Unusable
from experiments.intake.tables import Table, open_table

MOST_BYTES = 256 * 1024 * 1024
PROGRESS_EVERY = 1000
NOTHING_LEFT = "There is nothing left to import."
SKIPPABLE = "Correct them, or choose to skip bad rows and take the rest."
NOT_RAW = (
    "{origin} has one row per unit. Only aggregates over time can be imported; "
    "bunsen analyze reads files like this one."
)
NO_UNITS = "{origin} has aggregates. Quantiles can be taken of a file with one row per unit only."
NO_TIME = "There is no time in the file, so its rows are read as those of day {day:g}."


class _Stated(NamedTuple):
    row: Aggregate
    line: int


_Series: TypeAlias = dict[tuple[str, str, str, str], dict[float, _Stated]]


def read_aggregates(
    source: Iterable[str] | BinaryIO,
    *,
    origin: str,
    skip_bad_rows: bool = False,
    starts: Mapping[str, datetime] | None = None,
    default: Default | None = None,
    most_bytes: int = MOST_BYTES,
    progress: Callable[[int], None] | None = None,
) -> Intake:
    """Read any layout of `docs/aggregates.md` from lines of text or a binary file (CSV, Parquet) called `origin`.

    `starts` knows when experiments started, for files that give dates instead of days. `default` says what a file
    without the columns `experiment` and `time` is about; without it they are needed and raw rows are refused.
    `progress` is told the number of rows done so far. Rows without units (n = 0) state nothing and are passed over.
    Raises `BadRows` with every bad row unless `skip_bad_rows`, and `BadInput` when the file as a whole cannot be used.

    >>> lines = ["experiment,variant,metric,time,n,mean,variance", "shop,control,orders,1,10,0.5,0.25"]
    >>> read_aggregates(lines, origin="data.csv").batches["shop"][0].n
    10
    """
    table = open_table(source, origin=origin, known=KNOWN, most_bytes=most_bytes)
    layout = layout_of(table, starts or {}, default)
    if layout is not None and default is not None and default.quantiles:
        raise refuse(NO_UNITS.format(origin=origin))
    if layout is not None:
        intake = _stated(table, layout, progress)
    elif default is None:
        raise refuse(NOT_RAW.format(origin=origin))
    else:
        from experiments.intake.raw import RawRows

        intake = RawRows(table, default).gather(progress)
    if default is not None and (layout is None or not {"time", "time_since_start"} & set(layout.columns)):
        intake = replace(intake, notes=(*intake.notes, NO_TIME.format(day=default.day)))
    if not intake.total_rows:
        raise refuse(f"{origin} has no rows below its first line.")
    if intake.bad_rows and not skip_bad_rows:
        raise BadRows(origin, intake.bad_rows, intake.total_rows, advice=SKIPPABLE)
    if not intake.batches:
        if intake.bad_rows:
            raise BadRows(origin, intake.bad_rows, intake.total_rows, advice=NOTHING_LEFT)
        raise refuse(f"No row of {origin} has any units yet.")
    return intake


def _stated(table: Table, layout: Layout, progress: Callable[[int], None] | None) -> Intake:
    """All rows of a table of aggregates."""
    series: _Series = {}
    metrics: dict[str, dict[str, MetricKind | None]] = {}
    bad: set[BadRow] = set()
    total = 0
    for total, (place, cells) in enumerate(table.rows(layout.columns), 1):
        try:
            if isinstance(cells, Unusable):
                raise cells
            measured = layout.read(cells)
            _add(measured, series, place, table.place)
        except Unusable as flaw:
            bad.add(BadRow(place, flaw.reason, flaw.column, table.place))
        else:
            for experiment, row, kind in measured:
                metrics.setdefault(experiment, {})[row.metric] = kind
        if progress and total % PROGRESS_EVERY == 0:
            progress(total)
    if progress:
        progress(total)
    bad.update(_shrinking(series, table.place))
    return Intake(_batches(series), tuple(sorted(bad)), total, metrics)


def _add(measured: list[Measured], series: _Series, place: int, word: str) -> None:
    """Keep what a row states, all of it or nothing; the same statement twice (a shared control) counts once."""
    new = []
    for experiment, row, _ in measured:
        moments = series.setdefault((experiment, row.metric, row.variant, row.segment), {})
        before = moments.get(row.day)
        if before is None:
            new.append((moments, row))
        elif before.row != row:
            raise Unusable(
                f"says something else of {row.variant} and {row.metric} on day {row.day:g} than {word} {before.line:,}"
            )
    for moments, row in new:
        moments[row.day] = _Stated(row, place)


def _shrinking(series: _Series, word: str) -> Iterator[BadRow]:
    """Take out the moments whose n is below an earlier one: units since the start cannot become fewer."""
    for (_, metric, variant, _), moments in series.items():
        most, when = 0, 0.0
        for day in sorted(moments):
            n, place = moments[day].row.n, moments[day].line
            if n >= most:
                most, when = n, day
                continue
            del moments[day]
            yield BadRow(
                place,
                f"{variant} has {n:,} units of {metric} on day {day:g} but had {most:,} on day {when:g}; "
                "a count since the start cannot shrink",
                place=word,
            )


def _batches(series: _Series) -> dict[str, tuple[Aggregate, ...]]:
    batches: dict[str, list[Aggregate]] = {}
    for (experiment, *_), moments in sorted(series.items(), key=lambda each: each[0]):
        batches.setdefault(experiment, []).extend(moments[day].row for day in sorted(moments))
    return {experiment: tuple(rows) for experiment, rows in batches.items() if rows}
