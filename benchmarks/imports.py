"""The import of a large file of aggregates and a large readout, as ratios to the least that has to be done.

    ./dev bench imports [FILE]

Without a FILE one of the size of a hundred experiments over four months is made up.
"""

from __future__ import annotations

import asyncio
import csv
import io
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.offline import offline_world
from experiments.aggregate import Aggregate
from experiments.analysis.readouts import read
from experiments.design import Design, Metric, MetricRole, Variant
from experiments.intake import read_aggregates
from experiments.model import Experiment, Status
from experiments.permissions import Actor
from handlers.import_data import import_file
from storage import Database

COLUMNS = "experiment,variant,metric,time,n,mean,variance"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def made_up() -> bytes:
    rows = [COLUMNS]
    for number in range(100):
        for variant, lift in (("control", 1.0), ("treatment", 1.02)):
            for metric in ("conversion", "revenue"):
                rows += [f"exp-{number},{variant},{metric},{day},{day * 1000},{lift},{lift}" for day in range(1, 121)]
    return "\n".join(rows).encode()


def milliseconds(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


async def measure_import(content: bytes, origin: str) -> None:
    begun = time.perf_counter()
    rows = sum(1 for _ in csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    floor = milliseconds(begun)
    begun = time.perf_counter()
    read_aggregates(io.BytesIO(content), origin=origin, skip_bad_rows=True)
    parsed = milliseconds(begun)
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite:///{folder}/bench.db", migrate=True)
        world, actor = offline_world(database, "T1"), Actor(workspace="T1", user="U1")
        begun = time.perf_counter()
        done = await import_file(io.BytesIO(content), origin, actor, world, skip_bad_rows=True, create=True)
        whole = milliseconds(begun)
        await database.close()
    print(f"{rows:,} rows, {len(done.reached)} experiments")
    print(f"csv.reader alone   {floor:8.0f} ms")
    print(f"checked and parsed {parsed:8.0f} ms   {parsed / floor:5.1f} ×")
    print(f"imported, durable  {whole:8.0f} ms   {whole / floor:5.1f} ×")


def measure_readout() -> None:
    """Five metrics, two treatments, 130 looks, against one pass over the same rows."""
    metrics = tuple(
        Metric(key=f"metric-{number}", role=MetricRole.PRIMARY if number == 0 else MetricRole.SECONDARY)
        for number in range(5)
    )
    shares = {"control": 3_400, "bold": 3_300, "calm": 3_300}
    design = Design(
        hypothesis="x",
        metrics=metrics,
        variants=tuple(Variant(key=key, weight=share, is_control=key == "control") for key, share in shares.items()),
    )
    draft = Experiment(
        workspace="T1", key="large", title="Large", design=design, owner="U1", created_at=NOW, updated_at=NOW
    )
    experiment = draft.evolve(status=Status.RUNNING, started_at=NOW)
    rows = [
        Aggregate(metric.key, key, float(day), day * share, 1.0, 1.0)
        for metric in metrics
        for key, share in shares.items()
        for day in range(1, 131)
    ]
    read(experiment, rows, NOW)
    begun = time.perf_counter()
    for _ in range(20):
        sum(row.mean * row.n for row in rows)
    floor = milliseconds(begun) / 20
    begun = time.perf_counter()
    for _ in range(20):
        read(experiment, rows, NOW)
    took = milliseconds(begun) / 20
    print(f"readout of {len(rows):,} aggregates {took:5.1f} ms   {took / floor:.0f} × one pass over the rows in Python")


if __name__ == "__main__":
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    asyncio.run(measure_import(file.read_bytes() if file else made_up(), file.name if file else "made-up.csv"))
    measure_readout()
