"""Aggregation as ratios to DuckDB asked by hand: a full count, its memory, a refresh after 1 % new data, and whether a
refresh costs the same after ten times the history.

    ./dev bench aggregation [MILLIONS …]

10 and 100 million events by default (100 only where the disk has 20 GB to spare). Events are one experiment's with five
metrics: a mean, a proportion, a ratio and two more; a unit has about fifty events in fourteen days.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bot.connectors.measuring import duck
from bot.connectors.measuring.embedded import Embedded
from bot.connectors.measuring.plan import plan_of
from bot.connectors.measuring.results import measured
from experiments.design import Design, Metric, MetricKind, MetricRole, Variant
from experiments.model import Experiment, Status
from experiments.running import Phase

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 14
ROUNDS = 3
MILLION = 1_000_000
FEW_UNITS = 20_000
"""So many have the smaller of two histories."""
EVENTS_PER_UNIT = 50
BY_HAND_MEMORY = "8GB"
"""More than Bunsen allows itself: asked by hand, 100 million events do not always fit in less."""
SPARE_BYTES = 20 * 2**30
METRICS = (
    Metric(key="revenue", role=MetricRole.PRIMARY),
    Metric(key="orders", kind=MetricKind.PROPORTION),
    Metric(key="click-rate", kind=MetricKind.RATIO, denominator="views"),
    Metric(key="views"),
    Metric(key="errors", role=MetricRole.GUARDRAIL),
)
EXPOSURES = """
COPY (
    SELECT 'checkout' AS experiment, NULL::INTEGER AS phase, if(u % 2 = 0, 'control', 'treatment') AS variant,
        'user-' || u AS unit, {moment} AS time, {moment} AS received, NULL::VARCHAR AS attributes,
        {generation}::BIGINT AS generation
    FROM (SELECT i, hash(i * 7 + 1) % {units} AS u FROM range({first}, {last}) AS r(i)) ORDER BY time
) TO '{path}' (COMPRESSION zstd)
"""
OBSERVATIONS = """
COPY (
    SELECT ['revenue', 'orders', 'click-rate', 'views', 'errors'][1 + (hash(i * 3) % 5)::INTEGER] AS metric,
        (hash(i * 5) % 1000) / 100.0 AS value, 'user-' || (hash(i * 11 + 3) % {units}) AS unit, {moment} AS time,
        {moment} AS received, NULL::VARCHAR AS attributes, {generation}::BIGINT AS generation
    FROM range({first}, {last}) AS r(i) ORDER BY time
) TO '{path}' (COMPRESSION zstd)
"""
BY_HAND = """
WITH exposed AS (
    SELECT unit, min(variant) AS variant, min(time) AS first FROM read_parquet({exposures})
    WHERE experiment = 'checkout' AND time >= '2026-03-02 00:00:00+00' GROUP BY unit HAVING min(variant) = max(variant)
),
parts(metric, source, below) AS (
    VALUES ('revenue', 'revenue', false), ('orders', 'orders', false), ('click-rate', 'click-rate', false),
        ('click-rate', 'views', true), ('views', 'views', false), ('errors', 'errors', false)
),
units AS (
    SELECT e.unit, e.variant, p.metric, sum(if(below, 0, value)) AS x, sum(if(below, value, 0)) AS y,
        count(*) FILTER (value > 0 AND NOT below) AS positive
    FROM read_parquet({observations}) AS o JOIN exposed AS e ON o.unit = e.unit JOIN parts AS p ON o.metric = p.source
    WHERE o.time >= e.first GROUP BY ALL
)
SELECT variant, metric, count(*), avg(x), var_samp(x), avg(y), var_samp(y), covar_samp(x, y),
    avg(if(positive > 0, 1, 0))
FROM units GROUP BY ALL
"""


class Generation(NamedTuple):
    number: int
    after: int
    exposures: list[Path]
    observations: list[Path]


class Store:
    """Files in a folder, a file per kind, day and generation, as the event store leaves them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 1

    def forget(self) -> None:
        """Without state, and without events but for the first generation."""
        self.number = 1
        shutil.rmtree(self.folder / "measured", ignore_errors=True)
        for path in self.folder.glob("*/*/*.parquet"):
            if path.stem != "1":
                path.unlink()

    def files(self, project: str) -> Generation:
        return self.since(project, 0)

    def since(self, project: str, watermark: int) -> Generation:
        del project
        found = {
            kind: sorted(path for path in self.folder.glob(f"{kind}/*/*.parquet") if int(path.stem) > watermark)
            for kind in ("exposures", "observations")
        }
        return Generation(self.number, watermark, found["exposures"], found["observations"])


class Cost(NamedTuple):
    """Seconds by the clock, and of all cores together, which other work on the machine disturbs less."""

    wall: float
    cpu: float


def cost(work: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def in_turn(one: Callable[[], object], other: Callable[[], object], rounds: int) -> tuple[Cost, Cost]:
    """The quickest of several rounds of each, in turn, so that what else runs disturbs both alike."""
    found = [(cost(one), cost(other)) for _ in range(rounds)]
    first, second = (
        Cost(min(each.wall for each in of), min(each.cpu for each in of)) for of in zip(*found, strict=True)
    )
    return first, second


def checkout() -> Experiment:
    weights = {"control": 5_000, "treatment": 5_000}
    variants = tuple(Variant(key=key, weight=weight, is_control=key == "control") for key, weight in weights.items())
    return Experiment(
        workspace="T1", key="checkout", title="Checkout", owner="U1", created_at=START, updated_at=START,
        status=Status.RUNNING, started_at=START, phases=(Phase(number=1, started_at=START, weights=weights),),
        design=Design(variants=variants, metrics=METRICS),
    )  # fmt: skip


def generate(
    folder: Path, events: int, units: int, *, first: int, days: range, generation: int, part: tuple[int, int] = (0, 1)
) -> None:
    """So many events on these days, or in one of so many parts of them, a tenth exposures, numbered from `first` on."""
    connection = duck.connect(None, folder / "temporary")
    exposures, observations = events // 10, events - events // 10
    for kind, text, count in (("exposures", EXPOSURES, exposures), ("observations", OBSERVATIONS, observations)):
        for at, day in enumerate(days):
            place = folder / kind / f"day={START + timedelta(days=day):%Y-%m-%d}"
            place.mkdir(parents=True, exist_ok=True)
            length = 86_400_000_000 // part[1]
            moment = (
                f"TIMESTAMPTZ '{(START + timedelta(days=day)).isoformat()}' "
                f"+ to_microseconds(({part[0] * length} + hash(i * 13) % {length})::BIGINT)"
            )
            connection.execute(
                text.format(
                    units=units, moment=moment, generation=generation, path=place / f"{generation}.parquet",
                    first=first + at * count // len(days), last=first + (at + 1) * count // len(days),
                )
            )  # fmt: skip
    connection.close()


def by_hand(store: Store) -> None:
    found = store.files("general")
    names = {kind: str([str(path) for path in getattr(found, kind)]) for kind in ("exposures", "observations")}
    connection = duck.connect(None, store.folder / "temporary")
    connection.execute(f"SET memory_limit = '{BY_HAND_MEMORY}'")
    connection.sql(BY_HAND.format(**names)).fetchall()
    connection.close()


def counted(store: Store) -> None:
    plan, found = plan_of([checkout()], START + timedelta(days=DAYS)), store.files("general")
    connection = duck.connect(None, store.folder / "temporary")
    files = {"exposures": found.exposures, "observations": found.observations}
    measured(plan, duck.count(connection, plan, files, detail=False), START)
    connection.close()


def warm() -> None:
    """Import and compile what the first count and the first refresh do, so that neither is part of what is timed."""
    with tempfile.TemporaryDirectory(prefix="bunsen-aggregation-") as name:
        store = Store(Path(name))
        generate(store.folder, 1_000, 20, first=0, days=range(1), generation=1)
        refreshes(store, 1_000, 20, 100)


def refreshes(store: Store, events: int, units: int, new: int) -> tuple[Cost, Cost]:
    """The first count, which keeps the state, and the quickest refresh after so many new events of the next day, of
    any of so many units."""
    until = START + timedelta(days=DAYS + 1)
    embedded = Embedded(store, store.folder)
    whole = cost(lambda: embedded.measure_now([checkout()], until, detail=False))
    found = []
    for at in range(ROUNDS):
        store.number += 1
        generate(
            store.folder,
            new,
            units,
            first=2 * events + at * new,
            days=range(DAYS, DAYS + 1),
            generation=store.number,
            part=(at, ROUNDS),
        )
        found.append(cost(lambda: embedded.measure_now([checkout()], until, detail=False)))
    embedded.close()
    return whole, Cost(min(each.wall for each in found), min(each.cpu for each in found))


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def said(name: str, found: Cost, base: Cost) -> None:
    print(
        f"  {name:<44} {found.wall:8.2f} s   {found.cpu:8.2f} s of cores   {found.wall / base.wall:6.3f} ×   "
        f"{found.cpu / base.cpu:6.3f} × by cores",
        flush=True,
    )


def one(task: str, millions: int, folder: Path) -> None:
    """One part in this process, so that its memory is its own."""
    store, events = Store(folder), millions * MILLION
    units = events // EVENTS_PER_UNIT
    print(f"  load {os.getloadavg()[0]:.1f}", flush=True)
    if task == "full":
        first = cost(lambda: counted(store))
        memory = peak()
        floor, ours = in_turn(lambda: by_hand(store), lambda: counted(store), ROUNDS if millions < 50 else 1)
        said("by hand", floor, floor)
        said("a full count", Cost(min(first.wall, ours.wall), min(first.cpu, ours.cpu)), floor)
        print(f"  {'memory of a full count at most':<44} {memory:8.2f} GB", flush=True)
    elif task == "refresh":
        warm()
        whole, refresh = refreshes(store, events, units, events // 100)
        said("the first count, which keeps the state", whole, whole)
        said("a refresh after 1 % new events", refresh, whole)
        print(f"  {'memory at most':<44} {peak():8.2f} GB", flush=True)
    else:
        warm()
        for name, among in (("the same units", FEW_UNITS), ("any units", units)):
            store.forget()
            _, refresh = refreshes(store, events, among, MILLION // 10)
            print(f"  {millions:3d} million events, {name:<16} {refresh.wall:8.3f} s   {refresh.cpu:8.3f} s of cores")


def run(task: str, millions: int, folder: Path) -> None:
    for left in ("temporary", "measured"):
        shutil.rmtree(folder / left, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "benchmarks.aggregation", "--one", task, str(millions), str(folder)], check=True
    )


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
        return
    sizes = [int(each) for each in sys.argv[1:]]
    if not sizes:
        sizes = [10, 100] if shutil.disk_usage(tempfile.gettempdir()).free > SPARE_BYTES else [10]
    for millions in sizes:
        with tempfile.TemporaryDirectory(prefix="bunsen-aggregation-") as name:
            folder = Path(name)
            events = millions * MILLION
            generate(folder, events, events // EVENTS_PER_UNIT, first=0, days=range(DAYS), generation=1)
            print(f"{millions} million events, {events // EVENTS_PER_UNIT:,} units", flush=True)
            run("full", millions, folder)
            run("refresh", millions, folder)
    print("a refresh after 100,000 new events of the same 20,000 units, or of any, after a history of", flush=True)
    for millions in (1, 10):
        with tempfile.TemporaryDirectory(prefix="bunsen-aggregation-") as name:
            folder, events = Path(name), millions * MILLION
            generate(folder, events, events // EVENTS_PER_UNIT, first=0, days=range(DAYS), generation=1)
            run("flat", millions, folder)


if __name__ == "__main__":
    main()
