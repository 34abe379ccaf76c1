"""How much of one core it takes to look at ten thousand running experiments with five metrics every two minutes.

    ./dev bench monitor [--experiments 10000] [--rounds 3]

Events are in the embedded store, experiments in SQLite; a look is the whole tick: what is new is folded in, every
guardrail is judged, and what is known is kept. Processor time counts all threads and stands beside the two minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.fleet import WORKSPACE, world_over
from bot.connectors.events import EventStore
from bot.connectors.measuring.embedded import Embedded
from experiments.design import Design, Direction, Limit, Metric, MetricKind, MetricRole, Variant
from experiments.model import Approval, Experiment, Status
from experiments.running import Phase
from handlers.monitor import watch
from storage import Database

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STARTED = NOW - timedelta(days=2)
INTERVAL = timedelta(minutes=2)
IN_EACH = 50
NEW_SHARE = 0.01
PROJECT = "general"
METRICS = (
    Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION),
    *(
        Metric(key=key, role=MetricRole.GUARDRAIL, kind=kind, direction=Direction.DOWN, limit=Limit(harm=0.05))
        for key, kind in (
            ("errors", MetricKind.PROPORTION),
            ("latency", MetricKind.MEAN),
            ("cost", MetricKind.MEAN),
            ("refunds", MetricKind.PROPORTION),
        )
    ),
)
DESIGN = Design(
    hypothesis="If then because.",
    variants=(Variant(key="control", weight=5_000, is_control=True), Variant(key="treatment", weight=5_000)),
    metrics=METRICS,
)


def running(number: int) -> Experiment:
    """An experiment that began two days ago."""
    return Experiment(
        workspace=WORKSPACE,
        key=f"run-{number}",
        title=f"Run {number}",
        status=Status.RUNNING,
        owner="U0ADA",
        created_at=STARTED,
        updated_at=STARTED,
        started_at=STARTED,
        design=DESIGN,
        approval=Approval(design_hash=DESIGN.hash, by="U0BO", at=STARTED),
        phases=(Phase(number=1, started_at=STARTED, weights={"control": 5_000, "treatment": 5_000}),),
    )


def exposures(units: range, count: int) -> Iterator[dict[str, object]]:
    """Each unit takes part in fifty experiments."""
    dice = random.Random(1)
    for unit in units:
        for number in dice.sample(range(count), min(IN_EACH, count)):
            variant = "treatment" if (unit * 31 + number) % 2 else "control"
            yield {"type": "exposure", "experiment": f"run-{number}", "variant": variant, "phase": 1, **_of(unit)}


def observations(units: range, seed: int) -> Iterator[dict[str, object]]:
    """One value of every metric per unit."""
    dice = random.Random(seed)
    for unit in units:
        for metric in METRICS:
            is_rate = metric.kind is MetricKind.PROPORTION
            value = float(dice.random() < 0.05) if is_rate else dice.lognormvariate(3, 0.5)
            yield {"type": "observation", "metric": metric.key, "value": value, **_of(unit, minutes=seed + 1)}


def _of(unit: int, minutes: int = 0) -> dict[str, object]:
    return {"unit": f"unit-{unit}", "time": (STARTED + timedelta(hours=1, minutes=minutes)).isoformat()}


async def send(store: EventStore, events: Iterator[dict[str, object]]) -> int:
    """Keep these in batches; how many there were."""
    lines, sent = [], 0
    for event in events:
        lines.append(json.dumps(event))
        if len(lines) == 10_000:
            sent += await _sent(store, lines)
    return sent + await _sent(store, lines)


async def _sent(store: EventStore, lines: list[str]) -> int:
    count = len(lines)
    if lines:
        await store.accept(PROJECT, "\n".join(lines).encode())
    lines.clear()
    return count


async def main(count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite:///{Path(folder, 'monitor.db')}", migrate=True)
        store = EventStore(Path(folder), lambda: clock[0])
        clock, embedded = [NOW], Embedded(store, Path(folder))
        world = replace(world_over(database), now=lambda: clock[0], wall=lambda: clock[0], measurements=embedded)
        async with database.uow(WORKSPACE) as uow:
            for number in range(count):
                await uow.experiments.save(None, running(number))
        units = range(max(count * 2, 1_000))
        async with store.running():
            sent = await send(store, exposures(units, count)) + await send(store, observations(units, 0))
            print(f"{count:,} experiments, {sent:,} events kept")
            print(f"{'look':28} {'new events':>11} {'processor s':>12} {'wall s':>8} {'of one core':>12}")
            for number in range(rounds + 1):
                few = range(0, len(units), max(1, int(1 / NEW_SHARE)))
                new = await send(store, observations(few, number + 1)) if number else 0
                clock[0] += INTERVAL
                began, spent = time.perf_counter(), time.process_time()
                seen = await watch(world)
                wall, spent = time.perf_counter() - began, time.process_time() - spent
                name = f"refresh {number}" if number else "first, all events and readouts"
                print(f"{name:28} {new:11,} {spent:12.2f} {wall:8.2f} {spent / INTERVAL.total_seconds():12.3f}")
                if seen < count:
                    raise SystemExit(f"only {seen} of {count} were looked at")
        embedded.close()
        await database.close()
        print(f"largest memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--experiments", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    asyncio.run(main(given.experiments, given.rounds))
