"""Measurement in a company's warehouse through ibis: two tables or SELECTs are read, only statistics come back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot.connectors.measuring import expression
from bot.connectors.measuring.gathering import Found, Rows, Sources, gather
from bot.connectors.measuring.plan import DAY, Columns, Look, Plan, look_of, looks_until, windows_of
from bot.connectors.measuring.results import measured, samples_of
from experiments.errors import BadInput, Unavailable
from experiments.measuring import Measured, Samples
from experiments.model import Experiment
from experiments.sources import DataSource

if TYPE_CHECKING:
    from ibis import BaseBackend, Table

MOST_ROWS = 200_000
AT_ONCE = 20
MOST_LOOKS = 30
SECONDS = 300
SEGMENT = "segment_"
WANTED = {
    "exposures": ("experiment", "variant", "unit", "time"),
    "observations": ("metric", "unit", "value", "time"),
}
# A declared type that differs from the one wanted makes every backend cast, whatever the column is in truth.
DECLARED = {"phase": "string", "time": "timestamp", "value": "string"}
CAST = {"phase": "int32", "time": expression.TIME, "value": "float64"}

log = structlog.get_logger(__name__)


class Warehouse:
    """Reads through `backend`, one question at a time; `open_warehouse` in `connecting` makes one from a URL.

    `limit` is a context in which a question may run for so many seconds, `explain` words for what an error means.
    """

    def __init__(
        self,
        connect: Callable[[], BaseBackend],
        source: DataSource,
        *,
        limit: Callable[[BaseBackend], Any] | None = None,
        explain: Callable[[Exception], str | None] | None = None,
    ) -> None:
        self._connect, self.source = connect, source
        self._limit, self._explain = limit, explain
        self._lock = threading.Lock()
        self._backend: BaseBackend | None = None

    async def ready(self) -> bool:
        """Any replica may ask."""
        return True

    async def measure(
        self, experiments: Sequence[Experiment], until: datetime, *, detail: bool
    ) -> Mapping[str, Measured]:
        """What is known of these experiments by their key; see `experiments.measuring.Measurements`."""
        return await asyncio.to_thread(self.measure_now, experiments, until, detail=detail)

    async def samples(self, experiment: Experiment, since: datetime, until: datetime, step_seconds: int) -> Samples:
        """The value of every metric and variant in each whole window."""
        return await asyncio.to_thread(self.samples_now, experiment, since, until, step_seconds)

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            if self._backend is not None:
                self._backend.disconnect()
                self._backend = None

    def measure_now(self, experiments: Sequence[Experiment], until: datetime, *, detail: bool) -> dict[str, Measured]:
        """`measure`, in the calling thread; days that nobody measured yet come along where detail is asked for."""
        found: dict[str, Measured] = {}
        for at in range(0, len(experiments), AT_ONCE):
            few = experiments[at : at + AT_ONCE]
            try:
                with self.asking() as backend:
                    found |= self._measured(backend, few, until, detail=detail)
            except (BadInput, Unavailable) as error:
                found |= {each.key: Measured((), until, trouble=error.words) for each in few}
        return found

    def samples_now(self, experiment: Experiment, since: datetime, until: datetime, step_seconds: int) -> Samples:
        """`samples`, in the calling thread."""
        plan = windows_of(experiment, since, until, timedelta(seconds=step_seconds))
        if not plan.looks:
            return {}
        with self.asking() as backend:
            return samples_of(measured(plan, self._found(backend, plan, detail=False), until))

    @contextmanager
    def asking(self) -> Iterator[BaseBackend]:
        """The connection, for one at a time; whatever goes wrong becomes `Unavailable` with words, without secrets."""
        with self._lock:
            try:
                if self._backend is None:
                    self._backend = self._connect()
                with self._limit(self._backend) if self._limit else _no_limit():
                    yield self._backend
            except (BadInput, Unavailable):
                raise
            except Exception as error:
                # Drivers have no exception in common; what they say may hold addresses, so only its kind is logged.
                name, broken, self._backend = type(error).__name__, self._backend, None
                if broken is not None:
                    broken.disconnect()
                words = self._explain(error) if self._explain else None
                log.warning("the warehouse did not answer", connection=self.source.connection, error=name)
                raise Unavailable(
                    words or f"The warehouse {self.source.connection} refused the question ({name}).",
                    reason="warehouse",
                ) from error

    def run(self, backend: BaseBackend, expr: Table) -> Rows:
        """The rows of an expression; more than can be sufficient statistics are refused."""
        rows: Rows = backend.to_pyarrow(expr.limit(MOST_ROWS + 1)).to_pylist()
        if len(rows) > MOST_ROWS:
            raise Unavailable(
                f"The warehouse gave more than {MOST_ROWS:,} rows of statistics; measure fewer experiments at once.",
                reason="warehouse",
            )
        return rows

    def events(self, backend: BaseBackend) -> dict[str, tuple[Table, list[str]]]:
        """Both sources by kind with the columns that measuring needs, and the names of the segments."""
        return {kind: self._events(backend, kind) for kind in WANTED}

    def _events(self, backend: BaseBackend, kind: str) -> tuple[Table, list[str]]:
        query = self.query(backend, kind)
        by_name = {name.lower(): name for name in self.columns(backend, kind)}
        if missing := [name for name in WANTED[kind] if name not in by_name]:
            has = ", ".join(sorted(by_name)) or "none"
            raise BadInput(f"The {kind} have no column {missing[0]}; they have {has}.", field=kind)
        segments = sorted(name for name in by_name if name.startswith(SEGMENT)) if kind == "exposures" else []
        wanted = [*WANTED[kind], *(["phase"] if kind == "exposures" and "phase" in by_name else []), *segments]
        schema = {by_name[name]: DECLARED.get(name, "int64") for name in wanted}
        raw = backend.sql(query.sql(backend.dialect), schema=schema)
        return raw.select(**{name: raw[by_name[name]].cast(CAST.get(name, "string")) for name in wanted}), segments

    def query(self, backend: BaseBackend, kind: str) -> Any:
        """The checked SELECT of a source."""
        from bot.connectors.measuring.sql_text import reading

        return reading(getattr(self.source, kind), backend.dialect, kind)

    def columns(self, backend: BaseBackend, kind: str) -> list[str]:
        """The names of the columns of a source, asked for with no row."""
        import sqlglot as sg

        nothing = sg.select("*").from_(self.query(backend, kind).subquery("asked")).limit(0)
        answer = backend.raw_sql(nothing.sql(backend.dialect))
        if isinstance(names := getattr(answer, "columns", None), list):
            return [str(name) for name in names]
        found = [str(column[0]) for column in answer.description]
        answer.close() if backend.name == "postgres" else answer.fetchall()
        return found

    def _measured(
        self, backend: BaseBackend, experiments: Sequence[Experiment], until: datetime, *, detail: bool
    ) -> dict[str, Measured]:
        looks: list[Look] = []
        measures = 0
        for experiment in experiments:
            moments = looks_until(experiment, until, MOST_LOOKS) if detail else [until]
            for moment in moments:
                look = look_of(experiment, moment, len(looks), measures)
                if look is not None:
                    looks.append(look)
                    measures += len(look.measures)
        if not looks:
            return {}
        last = {look.experiment: look.number for look in looks}
        newest = Plan.of(look for look in looks if last[look.experiment] == look.number)
        past = Plan.of(look for look in looks if last[look.experiment] != look.number)
        found = measured(newest, self._found(backend, newest, detail=detail), until)
        earlier = measured(past, self._found(backend, past, detail=False), until) if past.looks else {}
        return {
            key: each._replace(rows=(earlier[key].rows if key in earlier else ()) + each.rows)
            for key, each in found.items()
        }

    def _found(self, backend: BaseBackend, plan: Plan, *, detail: bool) -> Found:
        import ibis

        events = self.events(backend)
        (exposures, segments), (observations, _) = events["exposures"], events["observations"]
        if "phase" not in exposures.columns:
            exposures = exposures.mutate(phase=ibis.literal(None, "int32"))
        since, until = min(look.since for look in plan.looks), max(look.until for look in plan.looks)
        asked = sorted({look.experiment for look in plan.looks})
        exposures = exposures.filter(
            exposures.time >= _moment(since), exposures.time < _moment(until), exposures.experiment.isin(asked)
        )
        start = since - DAY * max(plan.lookbacks, default=0)
        sources = sorted({source for each in plan.measures for source, _ in each.sources}) or [""]
        observations = observations.filter(
            observations.time >= _moment(start), observations.time < _moment(until), observations.metric.isin(sources)
        )
        arms, parts, kinds = literal(plan.arms()), literal(plan.parts()), literal(plan.kinds())
        keep = _kept if backend.name == "pyspark" else _repeated
        exposed = keep("exposed", expression.exposed(exposures, arms))
        rows = keep("rows", expression.units(exposed, observations, parts, plan.lookbacks))
        daily = [measure for measure in plan.measures if measure.daily] if detail else []
        measuring = Sources(
            exposed, rows, arms, kinds,
            _attributes(exposures, segments) if daily and segments else None,
            expression.units(exposed, observations, literal(plan.parts(daily)), daily=True) if daily else None,
        )  # fmt: skip
        return gather(plan.measures, measuring, lambda expr: self.run(backend, expr), keep, shape=detail)


def literal(columns: Columns) -> Table:
    """These columns as a table written into the question itself, value by value as literals of its dialect."""
    import ibis
    import ibis.expr.operations as ops

    names = list(columns)
    rows = zip(*(values for _, values in columns.values()), strict=True)
    tables = [
        ops.DummyTable(
            {
                name: ibis.literal(value.isoformat() if isinstance(value, datetime) else value, columns[name][0])
                for name, value in zip(names, row, strict=True)
            }
        ).to_expr()
        for row in rows
    ]
    while len(tables) > 1:
        pairs = [tables[at : at + 2] for at in range(0, len(tables), 2)]
        tables = [pair[0].union(pair[1], distinct=False) if len(pair) == 2 else pair[0] for pair in pairs]
    if not tables:
        return literal({name: (kind, [None]) for name, (kind, _) in columns.items()}).filter(ibis.literal(False))
    return tables[0]


def _moment(moment: datetime) -> Any:
    import ibis

    return ibis.literal(moment.isoformat(), expression.TIME)


def _attributes(exposures: Table, segments: Sequence[str]) -> Table:
    """The columns of segments as rows of dimension and level."""
    import ibis

    tables = [
        exposures.filter(exposures[name].notnull()).select(
            "experiment", "phase", "unit", "time",
            dimension=ibis.literal(name.removeprefix(SEGMENT)), level=exposures[name],
        )
        for name in segments
    ]  # fmt: skip
    return ibis.union(*tables, distinct=False) if len(tables) > 1 else tables[0]


def _repeated(_: str, expr: Table) -> Table:
    """The expression as it is: to keep its result would take a right to write."""
    return expr


def _kept(_: str, expr: Table) -> Table:
    """The expression's result in the memory of the session."""
    return expr.cache()


@contextmanager
def _no_limit() -> Iterator[None]:
    yield
