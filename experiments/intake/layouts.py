"""The layouts of a file of aggregates, and how one row of each becomes measurements."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol

from experiments.aggregate import MOST_PARTS, Aggregate, Companion, Shape, Spread
from experiments.design import MetricKind
from experiments.intake.cells import Cells, Names, clip
from experiments.intake.lines import refuse
from experiments.intake.result import Unusable
from experiments.intake.tables import Table

CONTROL = "control"
TWO_ARMS = (
    "experiment_id", "variant_id", "metric_id", "time_since_start", "count_c", "count_t", "mean_c", "mean_t",
    "variance_c", "variance_t",
)  # fmt: skip
LONG = ("experiment", "variant", "metric", "time", "n", "mean", "variance")
RAW = ("unit", "variant")
SINGLE = ("segment", "kind", "sd", "covariate_denominator_covariance", "spread_parts")
TOGETHER = (
    ("denominator_mean", "denominator_variance", "denominator_covariance"),
    ("covariate_mean", "covariate_variance", "covariate_covariance"),
    ("skewness", "largest"),
)
KNOWN = frozenset({*TWO_ARMS, *LONG, *RAW, *SINGLE, *(name for group in TOGETHER for name in group)})
ROUNDING = 1 + 1e-6


class Default(NamedTuple):
    """What a file without the columns `experiment` and `time` is about: one experiment at one moment; and of single
    units which `quantiles` are taken of which metrics, instead of their means.

    >>> Default(experiment="shop", day=14.0).day
    14.0
    """

    experiment: str
    day: float
    quantiles: Mapping[str, tuple[float, ...]] = MappingProxyType({})


EVERYTHING_NAMED = Default("", 0.0)


class Measured(NamedTuple):
    """What one row states of one arm at one moment, and of which experiment; `kind` where the row tells it."""

    experiment: str
    row: Aggregate
    kind: MetricKind | None = None


class Layout(Protocol):
    """The `columns` it wants of a table, and how it reads the cells of one row; an arm without units states nothing."""

    columns: tuple[str, ...]

    def read(self, row: Sequence[str]) -> list[Measured]:
        """What one row states; `Unusable` with the reason otherwise."""
        ...


def layout_of(table: Table, starts: Mapping[str, datetime], default: Default | None) -> Layout | None:
    """The layout whose columns the table has, None when its rows are single units; `BadInput` when it has neither.

    >>> from experiments.intake.tables import open_table
    >>> table = open_table([",".join(LONG)], origin="data.csv", known=KNOWN, most_bytes=1000)
    >>> layout_of(table, {}, None).columns[:2]
    ('experiment', 'variant')
    """
    names = set(table.names)
    if {*RAW} <= names and not {"n", "mean"} & names:
        return None
    wanted = max(TWO_ARMS, LONG, key=lambda columns: len(names & set(columns)) / len(columns))
    spare = set() if default is None or wanted is TWO_ARMS else {"experiment", "time"}
    if wanted is LONG and names & {"sd", "kind"}:
        spare.add("variance")
    if missing := [name for name in wanted if name not in names | spare]:
        raise lacking(table, missing, spare)
    optional: list[str] = []
    if wanted is LONG:
        for group in TOGETHER:
            if (some := names & set(group)) and (missing := [name for name in group if name not in some]):
                raise lacking(table, missing, spare)
            optional += (name for name in group if name in some)
        optional += (name for name in SINGLE if name in names)
    columns = (*(name for name in wanted if name in names), *optional)
    once(table, columns)
    cells = Cells(decimal_comma=table.decimal_comma, starts=starts)
    return _TwoArms(cells) if wanted is TWO_ARMS else _Long(columns, cells, default or EVERYTHING_NAMED)


def lacking(table: Table, missing: Sequence[str], spare: set[str]) -> Exception:
    """The refusal of a table without these columns.

    >>> from experiments.intake.tables import open_table
    >>> table = open_table(["unit"], origin="data.csv", known=KNOWN, most_bytes=1000)
    >>> lacking(table, ["variant"], set()).words.split(".")[1]
    'csv lacks the column variant'
    """
    long = ", ".join(name for name in LONG if name not in spare)
    raw = " or, for one row a unit, unit, variant and the metrics" if spare else ""
    return refuse(
        f"{table.origin} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}. "
        f"Its columns have to be {', '.join(TWO_ARMS)}, or else {long}{raw}."
    )


def once(table: Table, columns: Sequence[str]) -> None:
    """`BadInput` when the table has one of these columns twice.

    >>> from experiments.intake.tables import open_table
    >>> once(open_table(["a,b"], origin="data.csv", known=KNOWN, most_bytes=1000), ["a"])
    """
    if twice := [name for name in columns if table.names.count(name) > 1]:
        raise refuse(f"{table.origin} has the column {twice[0]} twice; keep one of them.")


class _TwoArms:
    """Control and one treatment in a row."""

    columns: tuple[str, ...] = TWO_ARMS

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.experiments = Names("experiment_id", "")
        self.variants, self.metrics = Names("variant_id", "treatment-"), Names("metric_id", "metric-")

    def read(self, row: Sequence[str]) -> list[Measured]:
        name, arm, quantity, time, n_c, n_t, mean_c, mean_t, variance_c, variance_t = row
        cells, experiment = self.cells, self.experiments[name]
        variant, metric = self.variants[arm], self.metrics[quantity]
        if variant == CONTROL:
            raise Unusable("is the name of the control arm", "variant_id")
        day = cells.day(time, "time_since_start", experiment)
        found = []
        if n := cells.count(n_c, "count_c"):
            mean, variance = cells.number(mean_c, "mean_c"), cells.variance(variance_c, "variance_c")
            found.append(Measured(experiment, Aggregate(metric, CONTROL, day, n, mean, variance)))
        if n := cells.count(n_t, "count_t"):
            mean, variance = cells.number(mean_t, "mean_t"), cells.variance(variance_t, "variance_t")
            found.append(Measured(experiment, Aggregate(metric, variant, day, n, mean, variance)))
        return found


class _Long:
    """One arm in a row, with a segment, a denominator, a covariate, a shape and a spread where there are columns for
    them."""

    def __init__(self, columns: tuple[str, ...], cells: Cells, default: Default) -> None:
        self.columns, self.cells, self.default = columns, cells, default
        self.experiments = Names("experiment", "")
        self.variants, self.metrics = Names("variant", "variant-"), Names("metric", "metric-")
        self.kinds: dict[tuple[str, str], MetricKind | None] = {}

    def read(self, row: Sequence[str]) -> list[Measured]:
        cell, cells = dict(zip(self.columns, row, strict=True)), self.cells
        experiment = self._experiment(cell)
        variant, metric = self.variants[cell["variant"]], self.metrics[cell["metric"]]
        day = cells.day(cell["time"], "time", experiment) if "time" in cell else self.default.day
        n = cells.count(cell["n"], "n")
        if not n:
            return []
        denominator, covariate, shape = (self._numbers(cell, group) for group in TOGETHER)
        kind = self._kind(cell, bool(denominator), experiment, metric)
        mean = cells.number(cell["mean"], "mean")
        variance = self._variance(cell, kind, mean)
        with_denominator = (
            cells.number(cell[SINGLE[3]], SINGLE[3]) if covariate and denominator and cell.get(SINGLE[3]) else 0.0
        )
        stated = Aggregate(
            metric, variant, day, n, mean, variance,
            segment=cells.segment(cell.get("segment", ""), "segment", "segment"),
            denominator=self._companion(denominator, variance, TOGETHER[0]),
            covariate=self._companion(covariate, variance, TOGETHER[1], with_denominator),
            shape=Shape(*shape) if shape else None,
            spread=self._spread(cell.get("spread_parts", ""), n),
        )  # fmt: skip
        return [Measured(experiment, stated, kind)]

    def _experiment(self, cell: Mapping[str, str]) -> str:
        return self.experiments[cell["experiment"]] if "experiment" in cell else self.default.experiment

    def _numbers(self, cell: Mapping[str, str], group: Sequence[str]) -> list[float]:
        """The numbers of columns that are filled in together, none when all of them are empty."""
        if not any(cell.get(name) for name in group):
            return []
        return [
            (self.cells.variance if name.endswith("_variance") else self.cells.number)(cell[name], name)
            for name in group
        ]

    def _companion(
        self, numbers: list[float], variance: float, group: Sequence[str], with_denominator: float = 0.0
    ) -> Companion | None:
        if not numbers:
            return None
        mean, spread, covariance = numbers
        if abs(covariance) > math.sqrt(variance) * math.sqrt(spread) * ROUNDING:
            raise Unusable(f"{covariance:g} is larger than the two variances allow", group[2])
        return Companion(mean, spread, covariance, with_denominator)

    def _spread(self, text: str, n: int) -> Spread | None:
        ends = [tuple(self.cells.number(end, "spread_parts") for end in part.split(":")) for part in text.split()]
        flat = [end for part in ends for end in part]
        if not ends:
            return None
        if len(ends) != min(n, MOST_PARTS):
            raise Unusable(
                f"has {len(ends):,} parts; of {n:,} units there have to be {min(n, MOST_PARTS)}", "spread_parts"
            )
        if flat != sorted(flat) or any(len(part) > 2 for part in ends):
            raise Unusable("is not the lowest and highest value of each part, in order, like 1:2 2:5", "spread_parts")
        return Spread.of((part[0], part[-1]) for part in ends)

    def _kind(self, cell: Mapping[str, str], is_ratio: bool, experiment: str, metric: str) -> MetricKind | None:
        text = cell.get("kind", "").lower()
        if text and text not in set(MetricKind):
            raise Unusable(f"“{clip(text)}” is none of {', '.join(MetricKind)}", "kind")
        kind = MetricKind(text) if text else MetricKind.RATIO if is_ratio else None
        if (kind is MetricKind.RATIO) != is_ratio:
            raise Unusable(f"“{text}” does not fit: a ratio has a denominator and nothing else has one", "kind")
        known = self.kinds.setdefault((experiment, metric), kind)
        if known is not kind:
            raise Unusable(f"of {metric} is not the same in every row", "kind")
        return kind

    def _variance(self, cell: Mapping[str, str], kind: MetricKind | None, mean: float) -> float:
        if kind is MetricKind.PROPORTION and not 0 <= mean <= 1:
            raise Unusable(f"{mean:g} is not a share between 0 and 1", "mean")
        if cell.get("variance") or not cell.get("sd"):
            if kind is MetricKind.PROPORTION and not cell.get("variance"):
                return mean * (1 - mean)
            return self.cells.variance(cell.get("variance", ""), "variance")
        sd = self.cells.variance(cell["sd"], "sd")
        if not math.isfinite(variance := sd * sd):
            raise Unusable(f"{sd:g} is too large to calculate with", "sd")
        return variance
