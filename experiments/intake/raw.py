"""Raw rows, one a unit: checked column by column, gathered as arrays, and summed up by variant and segment."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from experiments.intake.cells import Cells, Names, clip, dimension_of
from experiments.intake.layouts import Default, once
from experiments.intake.lines import refuse
from experiments.intake.result import BadRow, Crossed, Intake, Unusable
from experiments.intake.summary import Metric, Units, summed_up
from experiments.intake.tables import Row, Table
from experiments.quantile_names import keyed
from experiments.stats.moments import Floats

AT_ONCE = 65_536
MOST_METRICS = 200
MOST_LEVELS = 50
LARGEST = 1e100
BEFORE, DENOMINATOR, SEGMENT = "_before", "_denominator", "segment_"
NO_METRIC = ("", "experiment", "unit", "variant", "time", "date", "day", "timestamp")
T = TypeVar("T")


class RawRows:
    """All rows of a table of single units.

    Columns besides `unit` and `variant`: `experiment`, `segment` or `segment_NAME`, metrics, and of a metric
    `METRIC_before` (a covariate) and `METRIC_denominator`. A unit in two variants is left out and counted; a unit twice
    in one variant is a bad row. Values up to 1e100 in size; `BadInput` when the columns make no such table.

    >>> from experiments.intake.tables import open_table
    >>> lines = ["unit,variant,orders", "u1,control,1", "u2,control,3", "u3,treatment,5"]
    >>> table = open_table(lines, origin="data.csv", known={"unit", "variant"}, most_bytes=1000)
    >>> read = RawRows(table, Default("shop", 14.0)).gather()
    >>> [(row.variant, row.n, row.mean, row.variance) for row in read.batches["shop"]]
    [('control', 2, 2.0, 2.0), ('treatment', 1, 5.0, 0.0)]
    """

    def __init__(self, table: Table, default: Default) -> None:
        self.table, self.default = table, default
        self.cells = Cells(decimal_comma=table.decimal_comma, starts={})
        segments = [name for name in table.names if name == "segment" or name.startswith(SEGMENT)]
        self.numbers = [name for name in table.names if name not in {*NO_METRIC, *segments}]
        if len(self.numbers) > MOST_METRICS:
            raise refuse(f"{table.origin} has {len(self.numbers):,} columns of metrics; at most {MOST_METRICS} can be.")
        named = [name for name in ("unit", "variant", "experiment") if name in table.names]
        self.columns = [*named, *segments, *self.numbers]
        once(table, self.columns)
        self.dimensions = _dimensions(table.origin, segments)
        self.experiments, self.variants = Names("experiment", ""), Names("variant", "variant-")
        self.bad: dict[int, BadRow] = {}
        self.metrics: list[Metric] = []
        self.values: dict[str, list[Floats]] = {}
        self.level = {name: array("q") for name in segments}
        self.levels = {name: {"": 0} for name in segments}
        self.arms: dict[tuple[str, str], int] = {}
        self.arm = array("q")
        self.seen: dict[str, dict[str, int]] = {}
        self.crossed: dict[str, set[str]] = {}
        self.left_out: list[int] = []

    def gather(self, progress: Callable[[int], None] | None = None) -> Intake:
        """The aggregates of all sound rows, with all bad rows; the batches are empty when no row is sound."""
        total, rows = 0, self.table.rows(self.columns)
        while chunk := list(islice(rows, AT_ONCE)):
            self._take(chunk)
            total += len(chunk)
            if progress:
                progress(total)
        batches, kinds = summed_up(self._units(), self.metrics, self.default.day) if self.arm else ({}, {})
        return Intake(
            batches,
            tuple(self.bad[place] for place in sorted(self.bad)),
            total,
            kinds,
            {name: Crossed(len(self.crossed.get(name, ())), len(units)) for name, units in self.seen.items()},
            self._notes(),
        )

    def _take(self, chunk: list[Row]) -> None:
        """Check these rows and keep the sound ones."""
        whole = []
        for place, row in chunk:
            if isinstance(row, Unusable):
                self._blame(place, row)
            else:
                whole.append((place, row))
        if not whole:
            return
        places = [place for place, _ in whole]
        cells = dict(zip(self.columns, zip(*(row for _, row in whole), strict=True), strict=True))
        if not self.metrics:
            self.metrics = self._find_metrics(cells)
            self.values = {name: [] for metric in self.metrics for name in metric.columns}
        named = cells.get("experiment")
        experiments = (
            self._each(named, places, self.experiments.__getitem__, "")
            if named
            else [self.default.experiment] * len(places)
        )
        variants = self._each(cells["variant"], places, self.variants.__getitem__, "")
        levels = {name: self._level_codes(cells[name], places, name) for name in self.dimensions}
        values = {name: self._floats(cells[name], places, name) for name in self.values}
        kept = self._new_units(places, cells["unit"], list(zip(experiments, variants, strict=True)))
        for name, column in values.items():
            self.values[name].append(column[kept])
        for name, codes in levels.items():
            self.level[name].extend(codes[index] for index in kept)

    def _find_metrics(self, cells: Mapping[str, Sequence[str]]) -> list[Metric]:
        """The columns that hold a number anywhere in the first rows, parted into metrics and what belongs to them."""
        names = {name: None for name in self.numbers if any(map(self._is_number, cells[name]))}
        values = [name for name in names if not name.endswith((BEFORE, DENOMINATOR))]
        if not values:
            raise refuse(f"{self.table.origin} has no column of numbers beside unit and variant.")

        def beside(name: str, ending: str) -> str | None:
            return f"{name}{ending}" if f"{name}{ending}" in names else None

        keys = Names("", "metric-")
        try:
            found = [Metric(keys[name], name, beside(name, DENOMINATOR), beside(name, BEFORE)) for name in values]
        except Unusable as flaw:
            raise refuse(f"A column of {self.table.origin} cannot be used: {flaw.reason}.") from None
        asked = self.default.quantiles
        if strangers := asked.keys() - {each.key for each in found}:
            raise refuse(f"{self.table.origin} has no column {min(strangers)} to take quantiles of.")
        made = [one for each in found for one in _as_asked(each, asked.get(each.key, ()))]
        if twice := [each.key for place, each in enumerate(made) if each.key in {one.key for one in made[:place]}]:
            raise refuse(f"{self.table.origin} has a column {twice[0]} beside the quantile of that name.")
        return made

    def _is_number(self, text: str) -> bool:
        try:
            self.cells.number(text, "")
        except Unusable:
            return False
        return True

    def _level_codes(self, cells: Sequence[str], places: list[int], name: str) -> list[int]:
        known, dimension = self.levels[name], self.dimensions[name]

        def code(text: str) -> int:
            return known.setdefault(self.cells.segment(text, dimension, name), len(known))

        codes = self._each(cells, places, code, 0)
        if len(known) > MOST_LEVELS + 1:
            raise refuse(f"The column {name} of {self.table.origin} has more than {MOST_LEVELS} levels.")
        return codes

    def _each(self, cells: Sequence[str], places: list[int], read: Callable[[str], T], nothing: T) -> list[T]:
        """Every cell read, each distinct text once; `nothing` where it cannot be, with the row blamed."""
        found: dict[str, T] = {}
        flaws: dict[str, Unusable] = {}
        for text in dict.fromkeys(cells):
            try:
                found[text] = read(text)
            except Unusable as flaw:
                flaws[text], found[text] = flaw, nothing
        if flaws:
            for place, text in zip(places, cells, strict=True):
                if text in flaws:
                    self._blame(place, flaws[text])
        return [found[text] for text in cells]

    def _floats(self, cells: Sequence[str], places: list[int], name: str) -> Floats:
        """The numbers of a column: at once where all of them are, else one by one to find those that are not."""
        try:
            values = np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
        except ValueError:
            values = np.full(len(cells), np.nan)
        if (np.abs(values) <= LARGEST).all() and "_" not in "".join(cells):
            return values
        for index, (place, text) in enumerate(zip(places, cells, strict=True)):
            try:
                values[index] = self.cells.number(text, name)
                if abs(values[index]) > LARGEST:
                    raise Unusable(f"“{clip(text)}” is too large to calculate with", name)
            except Unusable as flaw:
                self._blame(place, flaw)
        return values

    def _new_units(self, places: list[int], units: Sequence[str], arms: list[tuple[str, str]]) -> NDArray[np.intp]:
        """Which of these rows are sound and about a unit that was not seen before."""
        kept = []
        for index, (place, unit, arm) in enumerate(zip(places, units, arms, strict=True)):
            if place in self.bad:
                continue
            if not unit:
                self._blame(place, Unusable("is empty", "unit"))
                continue
            code, new = self.arms.setdefault(arm, len(self.arms)), len(self.arm)
            before = self.seen.setdefault(arm[0], {}).setdefault(unit, new)
            if before == new:
                self.arm.append(code)
                kept.append(index)
            elif self.arm[before] == code:
                self._blame(place, Unusable(f"“{clip(unit)}” appears twice; give one row per unit", "unit"))
            else:
                self.left_out.append(before)
                self.crossed.setdefault(arm[0], set()).add(unit)
        return np.array(kept, dtype=np.intp)

    def _units(self) -> Units:
        kept = np.ones(len(self.arm), dtype=bool)
        kept[self.left_out] = False
        return Units(
            self.arms,
            np.array(self.arm, dtype=np.int64)[kept],
            {name: np.concatenate(parts)[kept] for name, parts in self.values.items()},
            [(np.array(codes, dtype=np.int64)[kept], list(self.levels[name])) for name, codes in self.level.items()],
        )

    def _blame(self, place: int, flaw: Unusable) -> None:
        """A row is bad for the first flaw that is found in it."""
        self.bad.setdefault(place, BadRow(place, flaw.reason, flaw.column, self.table.place))

    def _notes(self) -> tuple[str, ...]:
        over = [name for name in self.numbers if name not in self.values]
        return (f"Passed over, as no metric: {', '.join(over)}.",) if over else ()


def _as_asked(metric: Metric, quantiles: Sequence[float]) -> list[Metric]:
    """The metric, or instead of it the quantiles that are asked for."""
    return [metric._replace(key=keyed(metric.key, each), quantile=each, denominator=None) for each in quantiles] or [
        metric
    ]


def _dimensions(origin: str, segments: Sequence[str]) -> dict[str, str]:
    try:
        return {name: dimension_of(name.removeprefix(SEGMENT), name) for name in segments}
    except Unusable as flaw:
        raise refuse(f"The column {flaw.column} of {origin} cannot be used: its name {flaw.reason}.") from None
