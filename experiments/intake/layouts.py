"""The two layouts of a file of aggregates, and how one row of either becomes measurements."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from experiments.intake.lines import DELIMITERS, fields, refuse
from experiments.texts import Key

CONTROL = "control"
MOST_UNITS = 10**15
MOST_DAYS = 100_000
SECONDS_PER_DAY = 86_400
KEY_OF: TypeAdapter[str] = TypeAdapter(Key)

TWO_ARMS = (
    "experiment_id", "variant_id", "metric_id", "time_since_start", "count_c", "count_t", "mean_c", "mean_t",
    "variance_c", "variance_t",
)  # fmt: skip
LONG = ("experiment", "variant", "metric", "time", "n", "mean", "variance")


class Unusable(Exception):
    """This row cannot be used: the reason, and the column it is about."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.reason, self.column = reason, column


class Measured(NamedTuple):
    """One arm at one moment, as one row states it."""

    experiment: str
    metric: str
    variant: str
    day: float
    n: int
    mean: float
    variance: float


class _Names:
    """Names in one column → keys, refusing two names that would become the same key."""

    def __init__(self, column: str, prefix: str = "") -> None:
        self.column, self.prefix = column, prefix
        self.keys: dict[str, str] = {}
        self.first: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        key = self.keys.get(name)
        if key is None:
            key = self.keys[name] = self._key(name)
        return key

    def _key(self, name: str) -> str:
        if not name:
            raise Unusable("is empty", self.column)
        text = "-".join(name.lower().replace("_", " ").split())
        try:
            key = KEY_OF.validate_python(f"{self.prefix}{text}" if self.prefix and name.isdecimal() else text)
        except ValidationError as error:
            why = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise Unusable(f"“{_clip(name)}” cannot be a key: {why}", self.column) from None
        if self.first.setdefault(key, name) != name:
            raise Unusable(f"“{_clip(name)}” would be the same as “{_clip(self.first[key])}”", self.column)
        return key


class Layout:
    """How the rows of this file are read: its delimiter and the place of every column."""

    def __init__(self, header: str, origin: str, starts: Mapping[str, datetime]) -> None:
        self.delimiter, names = _best_split(header, origin)
        wanted = max(TWO_ARMS, LONG, key=lambda columns: len(set(columns) & set(names)) / len(columns))
        if missing := [name for name in wanted if name not in names]:
            raise refuse(
                f"{origin} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}. "
                f"Its first line has to name {', '.join(TWO_ARMS)}, or else {', '.join(LONG)}."
            )
        if twice := [name for name in wanted if names.count(name) > 1]:
            raise refuse(f"{origin} has the column {twice[0]} twice; keep one of them.")
        self.width = len(names)
        self.at = {name: names.index(name) for name in wanted}
        self.decimal_comma = self.delimiter == ";"
        self.starts = starts
        experiment, variant, metric, self.time = wanted[:4]
        self.experiments, self.parse = _Names(experiment), self._two_arms if wanted is TWO_ARMS else self._long
        prefixed = wanted is TWO_ARMS
        self.variants = _Names(variant, "treatment-" if prefixed else "")
        self.metrics = _Names(metric, "metric-" if prefixed else "")

    def read(self, line: str) -> list[Measured]:
        """What one line states; an arm without units states nothing. `Unusable` with the reason otherwise."""
        try:
            row = fields(line, self.delimiter)
        except ValueError as error:
            raise Unusable(str(error)) from None
        if len(row) != self.width and (len(row) < self.width or any(row[self.width :])):
            raise Unusable(f"has {len(row)} fields where the first line has {self.width}")
        return self.parse(row)

    def _two_arms(self, row: list[str]) -> list[Measured]:
        experiment, variant, metric, day = self._place(row, "variant_id", "metric_id")
        if variant == CONTROL:
            raise Unusable("is the name of the control arm", "variant_id")
        found = []
        for name, arm in ((CONTROL, "c"), (variant, "t")):
            n = self._count(row, f"count_{arm}")
            if n:
                mean, spread = self._number(row, f"mean_{arm}"), self._variance(row, f"variance_{arm}")
                found.append(Measured(experiment, metric, name, day, n, mean, spread))
        return found

    def _long(self, row: list[str]) -> list[Measured]:
        experiment, variant, metric, day = self._place(row, "variant", "metric")
        n = self._count(row, "n")
        if not n:
            return []
        return [
            Measured(experiment, metric, variant, day, n, self._number(row, "mean"), self._variance(row, "variance"))
        ]

    def _place(self, row: list[str], variant: str, metric: str) -> tuple[str, str, str, float]:
        experiment = self.experiments[row[self.at[self.experiments.column]]]
        return (
            experiment,
            self.variants[row[self.at[variant]]],
            self.metrics[row[self.at[metric]]],
            self._day(row, experiment),
        )

    def _number(self, row: list[str], column: str) -> float:
        text = row[self.at[column]]
        value = _float(text.replace(",", ".") if self.decimal_comma and "." not in text else text)
        if value is None:
            raise Unusable(f"“{_clip(text)}” is not a number" if text else "is empty", column)
        if not math.isfinite(value):
            raise Unusable(f"“{_clip(text)}” is not a finite number", column)
        return value

    def _variance(self, row: list[str], column: str) -> float:
        value = self._number(row, column)
        if value < 0:
            raise Unusable(f"{value:g} is negative; a variance cannot be", column)
        return value

    def _count(self, row: list[str], column: str) -> int:
        value = self._number(row, column)
        if value < 0 or not value.is_integer():
            raise Unusable(f"“{_clip(row[self.at[column]])}” is not a count; it has to be 0, 1, 2 …", column)
        if value > MOST_UNITS:
            raise Unusable(f"{value:.3g} units are more than any experiment has", column)
        return int(value)

    def _day(self, row: list[str], experiment: str) -> float:
        text = row[self.at[self.time]]
        value = _float(text.replace(",", ".") if self.decimal_comma and "." not in text else text)
        if value is None:
            value = self._since_start(text, experiment)
        if not 0 <= value <= MOST_DAYS:
            raise Unusable(f"“{_clip(text)}” is not a number of days since the start", self.time)
        return value

    def _since_start(self, text: str, experiment: str) -> float:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Unusable(f"“{_clip(text)}” is not a number of days" if text else "is empty", self.time) from None
        start = self.starts.get(experiment)
        if start is None:
            raise Unusable(f"is a date, but the start of {experiment} is not known; give days since start", self.time)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if moment < start:
            raise Unusable(f"“{_clip(text)}” lies before the start of {experiment}", self.time)
        return (moment - start).total_seconds() / SECONDS_PER_DAY


def _best_split(header: str, origin: str) -> tuple[str, list[str]]:
    """The delimiter that finds most of the known columns, and the names it finds."""
    known, flaw = {*TWO_ARMS, *LONG}, ""
    splits: dict[str, list[str]] = {}
    for delimiter in DELIMITERS:
        try:
            splits[delimiter] = [name.lower() for name in fields(header, delimiter)]
        except ValueError as error:
            flaw = str(error)
    if not splits:
        raise refuse(f"The first line of {origin} cannot be read: {flaw}.")
    best = max(splits, key=lambda delimiter: len(known & set(splits[delimiter])))
    return best, splits[best]


def _float(text: str) -> float | None:
    if "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _clip(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
