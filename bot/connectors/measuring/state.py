"""What is kept between two measurements: a row per unit and the sums over them, in one DuckDB file.

Everything changes in one transaction together with the mark up to which events are in, so that a crash at any moment
leaves the state of before or after a refresh and never something between.
"""

# ruff: noqa: S608 (what is put into these texts are names and numbers of this package, never anybody's words)

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.connectors.measuring import duck
from bot.connectors.measuring.expression import MOST_DAYS
from bot.connectors.measuring.plan import DAY, Look, Plan, look_of
from experiments.model import Experiment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

VERSION = 6
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)
FOLLOWED = 3 * MOST_DAYS
"""After so many days in which nobody asked for an experiment its rows are dropped."""
PLANNED = ("looks", "arms", "parts", "kinds")
COUNTED = ("exposed", "counts", "newest", "centres", "sums")
SUMS = ("sx", "sy", "sz", "sxx", "syy", "szz", "sxy", "sxz", "syz")
PEAKS = ("xx", "yy", "zz")
MEMBER_BITS = 40
"""A row of `units` is found by one number, its `cell`: the metric's, and in so many bits the member's."""
METRIC = f"(cell >> {MEMBER_BITS})::INTEGER"
TABLES = f"""
CREATE TABLE version (number INTEGER);
INSERT INTO version VALUES ({VERSION});
CREATE TABLE marks (
    project VARCHAR PRIMARY KEY, generation BIGINT, recounted TIMESTAMPTZ, until TIMESTAMPTZ, whole BIGINT
);
CREATE TABLE looks (
    look INTEGER PRIMARY KEY, project VARCHAR, experiment VARCHAR, first_measure INTEGER, made VARCHAR,
    until TIMESTAMPTZ, asked TIMESTAMPTZ, oldest TIMESTAMPTZ
);
CREATE TABLE arms (
    look INTEGER, experiment VARCHAR, phase INTEGER, since TIMESTAMPTZ, until TIMESTAMPTZ, variant VARCHAR, arm SMALLINT
);
CREATE TABLE parts (
    measure INTEGER, look INTEGER, source VARCHAR, below BOOLEAN, lookback INTEGER, "binary" BOOLEAN, ordered BOOLEAN,
    until TIMESTAMPTZ
);
CREATE TABLE kinds (
    measure INTEGER, look INTEGER, "binary" BOOLEAN, ordered BOOLEAN, quantile DOUBLE, cap DOUBLE
);
CREATE TABLE exposed (
    look INTEGER, unit VARCHAR, member BIGINT, arm SMALLINT, crossed BOOLEAN, first TIMESTAMPTZ
);
CREATE TABLE units (
    cell BIGINT, arm SMALLINT, latest TIMESTAMPTZ,
    total DOUBLE, under DOUBLE, before DOUBLE DEFAULT 0, before_under DOUBLE DEFAULT 0
);
CREATE VIEW cells AS
SELECT *, (cell >> {MEMBER_BITS})::INTEGER AS measure, cell & {2**MEMBER_BITS - 1} AS member FROM units;
CREATE TABLE counts (look INTEGER, arm SMALLINT, crossed BOOLEAN, n BIGINT);
CREATE TABLE newest (look INTEGER, measure INTEGER, latest TIMESTAMPTZ);
CREATE TABLE centres (measure INTEGER, look INTEGER, arm SMALLINT, cx DOUBLE, cy DOUBLE, cz DOUBLE);
CREATE TABLE sums (
    measure INTEGER, look INTEGER, arm SMALLINT, present BIGINT, {", ".join(f"{name} DOUBLE" for name in SUMS)},
    {", ".join(f"peak_{name} DOUBLE" for name in PEAKS)}
);
"""


class Mark(NamedTuple):
    """The events of generations up to `generation` that happened before `until` are in. Those up to `whole` are in
    without exception; later ones may have some that lay ahead. `recounted` is when all was last counted anew."""

    generation: int = 0
    recounted: datetime | None = None
    until: datetime | None = None
    whole: int = 0

    def new(self, number: int, until: datetime) -> str:
        """As SQL: the events of generations up to this number, from before this moment, that are not in yet."""
        ahead = f" OR time >= {duck.moment(self.until)}" if self.until else ""
        unseen = f"generation > {self.whole} AND (generation > {self.generation}{ahead})"
        return f"{unseen} AND {counting(number, until)}"

    def taken(self) -> str:
        """As SQL: the events that are in."""
        ahead = f" OR time < {duck.moment(self.until)}" if self.until else ""
        return f"generation <= {self.generation} AND (generation <= {self.whole}{ahead})"


def counting(number: int, until: datetime) -> str:
    """As SQL: the events of generations up to this number, from before this moment."""
    return f"generation <= {number} AND time < {duck.moment(until)}"


class State:
    """The tables of `TABLES` in a file, for one thread at a time."""

    def __init__(self, path: Path, temporary: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection = _opened(path, temporary)

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All changes inside are made, or none."""
        kept = False
        self.connection.begin()
        try:
            yield
            self.connection.commit()
            kept = True
        finally:
            if not kept:
                self.connection.rollback()

    def mark(self, project: str) -> Mark:
        """How far the events of a project are in."""
        query = "SELECT generation, recounted, until, whole FROM marks WHERE project = ?"
        found = duck.rows(self.connection, query, (project,))
        return Mark(**found[0]) if found else Mark()

    def set_mark(self, project: str, mark: Mark) -> None:
        self.connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?)", (project, *mark))

    def looks(
        self, project: str, experiments: Sequence[Experiment], until: datetime, oldest: datetime
    ) -> tuple[Plan, Plan]:
        """A look at each experiment as it is kept (without an end while it runs) and those of them that are new.

        Other phases of these experiments are dropped, and so is what has changed in a way that needs all events anew:
        also what has ended by now when later events are in it, as far as its events since `oldest` are all there are.
        """
        query = (
            "SELECT looks.*, (SELECT max(latest) FROM newest WHERE newest.look = looks.look) AS latest "
            "FROM looks WHERE project = ?"
        )
        known = {row["experiment"]: row for row in duck.rows(self.connection, query, (project,))}
        ((last_look, last_measure),) = self.connection.execute(
            "SELECT coalesce((SELECT max(look) FROM looks), -1), coalesce((SELECT max(measure) FROM kinds), -1)"
        ).fetchall()
        found: list[Look] = []
        fresh: list[Look] = []
        gone: list[int] = []
        moved: list[Look] = []
        stale: list[int] = []
        for experiment in experiments:
            look = look_of(experiment, FOREVER, last_look + 1, last_measure + 1)
            before = known.pop(experiment.key, None)
            if look is not None and before is not None and _goes_on(before, look, oldest):
                first = before["first_measure"]
                measures = tuple(
                    each._replace(number=first + at, look=before["look"]) for at, each in enumerate(look.measures)
                )
                kept = replace(look, number=before["look"], measures=measures)
                found.append(kept)
                if before["until"] != kept.until:
                    moved.append(kept)
                if until - before["asked"] > DAY:
                    stale.append(kept.number)
                continue
            if before is not None:
                gone.append(before["look"])
            if look is not None:
                fresh.append(look)
                found.append(look)
                last_look += 1
                last_measure += len(look.measures)
        gone += [row["look"] for row in known.values() if (until - row["asked"]).days > FOLLOWED]
        self._forget(gone)
        self._keep(project, Plan.of(fresh), until)
        for look in moved:
            for name in ("looks", "arms", "parts"):
                self.connection.execute(f"UPDATE {name} SET until = ? WHERE look = ?", (look.until, look.number))
        if stale:
            numbers = duck.numbers(self.connection, "asked_now", stale)
            self.connection.execute(
                f"UPDATE looks SET asked = ? WHERE look IN (SELECT number FROM {numbers})", (until,)
            )
        return Plan.of(found), Plan.of(fresh)

    def others(self, project: str, plan: Plan) -> list[int]:
        """All looks of a project that are kept, but for these."""
        kept = self.connection.execute("SELECT look FROM looks WHERE project = ?", (project,)).fetchall()
        return sorted({look for (look,) in kept} - {look.number for look in plan.looks})

    def countable(self, project: str, oldest: datetime) -> list[int]:
        """The looks of a project whose events have all happened since then, with what their metrics look back to."""
        query = "SELECT look FROM looks WHERE project = ? AND oldest >= ? ORDER BY look"
        return [look for (look,) in self.connection.execute(query, (project, oldest)).fetchall()]

    def aggregates(self, looks: Iterable[int]) -> dict[tuple[int, int], tuple[float, ...]]:
        """Per metric and variant how many rows there are, their means and their sums of squared deviations."""
        numbers = duck.numbers(self.connection, "compared", looks)
        values = ", ".join(
            f"c{axis} + s{axis} / present, s{axis}{axis} - s{axis} * s{axis} / present" for axis in ("x", "y", "z")
        )
        found = self.connection.execute(
            f"SELECT s.measure, s.arm, present, {values} FROM sums AS s "
            "JOIN centres AS c ON c.measure = s.measure AND c.arm = s.arm "
            f"WHERE s.look IN (SELECT number FROM {numbers})"
        ).fetchall()
        return {(measure, arm): tuple(rest) for measure, arm, *rest in found}

    def clear(self, looks: Iterable[int]) -> None:
        """Forget what was counted of these looks, but not the looks themselves."""
        self._forget(looks, COUNTED)

    def _forget(self, looks: Iterable[int], names: Sequence[str] = COUNTED + PLANNED) -> None:
        wanted = list(looks)
        if wanted:
            numbers = duck.numbers(self.connection, "gone_now", wanted)
            these = f"look IN (SELECT number FROM {numbers})"
            self.connection.execute(f"DELETE FROM units WHERE {METRIC} IN (SELECT measure FROM kinds WHERE {these})")
            for name in names:
                self.connection.execute(f"DELETE FROM {name} WHERE {these}")

    def _keep(self, project: str, plan: Plan, until: datetime) -> None:
        if not plan.looks:
            return
        for name, columns in (("arms", plan.arms()), ("parts", plan.parts()), ("kinds", plan.kinds())):
            duck.put(self.connection, "planned", columns)
            self.connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM planned")
        rows: list[tuple[Any, ...]] = [
            (
                look.number, project, look.experiment, look.measures[0].number if look.measures else 0,
                made_of(look), look.until, until,
                look.since - DAY * max((each.metric.lookback_days for each in look.measures), default=0),
            )
            for look in plan.looks
        ]  # fmt: skip
        self.connection.executemany("INSERT INTO looks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def made_of(look: Look) -> str:
    """What a look is made of: when this changes, all events have to be counted anew. When it ends is not in it."""
    return json.dumps(
        [
            look.phase,
            look.since.isoformat(),
            look.arms,
            [
                (
                    each.metric.key, each.metric.kind.value, each.sources, each.metric.lookback_days, each.cap,
                    each.metric.quantile if each.ordered else None,
                )
                for each in look.measures
            ],
        ]
    )  # fmt: skip


def _goes_on(before: Mapping[str, Any], look: Look, oldest: datetime) -> bool:
    """Whether what is kept of a look still holds: it is made of the same, and no event in it came after its end, or
    none that could be left out."""
    if before["made"] != made_of(look):
        return False
    ended_earlier = before["latest"] is not None and before["latest"] >= look.until
    return not (ended_earlier and before["oldest"] >= oldest)


def _opened(path: Path, temporary: Path) -> DuckDBPyConnection:
    """The file with its tables; one of another version, or one that cannot be read, is made anew from the events."""
    import duckdb

    try:
        connection = duck.connect(path, temporary)
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        if "version" in tables and connection.execute("SELECT number FROM version").fetchall() == [(VERSION,)]:
            return connection
        connection.close()
        broken = bool(tables)
    except (duckdb.SerializationException, duckdb.InternalException, duckdb.FatalException):
        broken = True
    if broken:
        path.unlink(missing_ok=True)
        Path(f"{path}.wal").unlink(missing_ok=True)
    connection = duck.connect(path, temporary)
    connection.execute(TABLES)
    return connection
