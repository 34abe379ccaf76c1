"""Experiments and events to measure: every kind of metric, unicode, crossing, late, repeated and foreign events."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.aggregate import Aggregate
from experiments.design import Design, Metric, MetricKind, MetricRole, Variant
from experiments.measuring import Measured
from experiments.model import Experiment, Status
from experiments.running import Phase
from tests.bot.connectors.measuring import reference
from tests.bot.connectors.measuring.reference import Exposure, Observation

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
UNTIL = START + timedelta(days=6, hours=5)
LATER = START + timedelta(days=6, hours=15)
METRICS = (
    Metric(key="revenue", role=MetricRole.PRIMARY, lookback_days=7),
    Metric(key="bought", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION),
    Metric(key="clicks-per-view", role=MetricRole.PRIMARY, kind=MetricKind.RATIO, denominator="views", lookback_days=3),
    Metric(key="latency", kind=MetricKind.QUANTILE, quantile=0.9, lookback_days=7, role=MetricRole.GUARDRAIL),
    Metric(key="spent", cap=0.97),
    Metric(key="temperature", role=MetricRole.GUARDRAIL),
)
MADE = {"revenue", "bought", "clicks-per-view", "views", "latency", "spent", "temperature", "unrelated"}
EXPOSURE_SCHEMA = pa.schema(
    [
        ("experiment", pa.string()),
        ("phase", pa.int32()),
        ("variant", pa.string()),
        ("unit", pa.string()),
        ("time", pa.timestamp("us", "UTC")),
        ("received", pa.timestamp("us", "UTC")),
        ("attributes", pa.string()),
        ("generation", pa.int64()),
    ]
)
OBSERVATION_SCHEMA = pa.schema(
    [
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
        ("time", pa.timestamp("us", "UTC")),
        ("received", pa.timestamp("us", "UTC")),
        ("attributes", pa.string()),
        ("generation", pa.int64()),
    ]
)


def experiment(
    key: str,
    *,
    metrics: Sequence[Metric] = METRICS,
    arms: Sequence[str] = ("control", "blue"),
    start: datetime = START,
    phases: Sequence[Phase] = (),
    **fields: Any,
) -> Experiment:
    weight = 10_000 // len(arms)
    variants = tuple(
        Variant(key=arm, weight=10_000 - weight * (len(arms) - 1) if at == 0 else weight, is_control=at == 0)
        for at, arm in enumerate(arms)
    )
    return Experiment(
        workspace="T1",
        key=key,
        title=key,
        owner="U1",
        created_at=start,
        updated_at=start,
        status=Status.RUNNING,
        started_at=start,
        design=Design(variants=variants, metrics=tuple(metrics)),
        phases=tuple(phases)
        or (Phase(number=1, started_at=start, weights={each.key: each.weight for each in variants}),),
        **fields,
    )


def several() -> list[Experiment]:
    """Three at once: one of two arms, one of three, one in its second phase."""
    second = START + timedelta(days=2)
    weights = {"control": 2_000, "green": 8_000}
    return [
        experiment("checkout"),
        experiment("search", arms=("control", "blue", "red"), metrics=METRICS[:3], start=START + timedelta(hours=7)),
        experiment(
            "late-phase",
            arms=("control", "green"),
            metrics=METRICS,
            phases=(
                Phase(number=1, started_at=START, weights=weights),
                Phase(number=2, started_at=second, day=2.0, weights=weights),
            ),
        ),
    ]


def events(experiments: Sequence[Experiment], units: int, seed: int) -> tuple[list[Exposure], list[Observation]]:
    """What these many people do, in any order."""
    dice = random.Random(seed)
    exposures: list[Exposure] = []
    observations: list[Observation] = []

    def moment(early: float, late: float) -> datetime:
        time = START + timedelta(days=dice.uniform(early, late))
        return time.replace(microsecond=0) if dice.random() < 0.5 else time

    for number in range(units):
        unit = dice.choice(["user-{}", "użytkownik {} 🎈", "مستخدم{}", "o'{}\"", "a\u0301{}"]).format(number)
        for each in experiments:
            if dice.random() < 0.3:
                continue
            arms = [variant.key for variant in each.design.variants]
            arm = dice.choice(arms)
            for _ in range(dice.choice([1, 1, 2, 3])):
                crossing = dice.random() < 0.03
                attributes = {
                    "country": dice.choice(["DE", "FR", "日本", "Côte d'Ivoire"]),
                    **({"App Version": f"1.{dice.randrange(30)}"} if dice.random() < 0.8 else {}),
                    **({"premium": dice.random() < 0.2} if dice.random() < 0.9 else {}),
                }
                exposures.append(
                    Exposure(
                        each.key,
                        dice.choice([*arms, "unknown"]) if crossing else arm,
                        unit,
                        moment(-0.5, 6.5),
                        attributes if dice.random() < 0.9 else {},
                        dice.choice([None, None, 1, 2]),
                    )
                )
        for _ in range(dice.randrange(12)):
            metric = dice.choice(sorted(MADE))
            value = {
                "bought": dice.choice([0.0, 0.0, 1.0, -1.0]),
                "revenue": dice.lognormvariate(3, 1),
                "spent": dice.choice([dice.paretovariate(1.1), -2.0, 0.0]),
                "temperature": 1e7 + dice.random(),
            }.get(metric, dice.uniform(0, 9))
            observations.append(Observation(metric, unit, value, moment(-9, 6.5)))
    dice.shuffle(exposures)
    dice.shuffle(observations)
    return exposures, observations


def exposure_table(rows: Sequence[Exposure], generation: int = 1) -> pa.Table:
    return pa.table(
        {
            "experiment": [row.experiment for row in rows],
            "phase": [row.phase for row in rows],
            "variant": [row.variant for row in rows],
            "unit": [row.unit for row in rows],
            "time": [row.time for row in rows],
            "received": [row.time for row in rows],
            "attributes": [json.dumps(row.attributes) if row.attributes else None for row in rows],
            "generation": [generation] * len(rows),
        },
        schema=EXPOSURE_SCHEMA,
    )


def observation_table(rows: Sequence[Observation], generation: int = 1) -> pa.Table:
    return pa.table(
        {
            "metric": [row.metric for row in rows],
            "value": [row.value for row in rows],
            "unit": [row.unit for row in rows],
            "time": [row.time for row in rows],
            "received": [row.time for row in rows],
            "attributes": [None] * len(rows),
            "generation": [generation] * len(rows),
        },
        schema=OBSERVATION_SCHEMA,
    )


def write(folder: Path, exposures: Sequence[Exposure], observations: Sequence[Observation]) -> dict[str, list[Path]]:
    pq.write_table(exposure_table(exposures), folder / "exposures.parquet")
    pq.write_table(observation_table(observations), folder / "observations.parquet")
    return {"exposures": [folder / "exposures.parquet"], "observations": [folder / "observations.parquet"]}


def differences(
    found: Measured, wanted: Mapping[tuple[str, str, str], Aggregate], most: float = 1e-9, *, shape: bool = True
) -> list[str]:
    """What of the rows is not as it should be, to a relative `most`."""
    renamed = {(metric, variant, _name(segment)): row for (metric, variant, segment), row in wanted.items()}
    have = {(row.metric, row.variant, row.segment): row for row in found.rows}
    wrong = [f"missing {key}" for key in renamed.keys() - have.keys()]
    wrong += [f"surplus {key}" for key in have.keys() - renamed.keys()]
    for key in have.keys() & renamed.keys():
        ours, theirs = have[key], renamed[key]
        if not shape:
            ours, theirs = ours._replace(shape=None), theirs._replace(shape=None, spread=None)
        if len(ours.numbers) != len(theirs.numbers) or ours.n != theirs.n:
            wrong.append(f"{key}: {ours} is not {theirs}")
            continue
        scale = max(abs(theirs.mean), theirs.variance**0.5, 1e-12)
        for one, other in zip(ours.numbers, theirs.numbers, strict=True):
            if abs(one - other) > most * max(abs(other), min(scale, scale**2) * 1e-3):
                wrong.append(f"{key}: {one!r} is not {other!r}")
    return sorted(wrong)


def _name(segment: str) -> str:
    dimension, parted, level = segment.partition("=")
    return f"{dimension.lower().replace(' ', '_')}{parted}{level}"


def wanted(
    each: Experiment,
    exposures: Sequence[Exposure],
    observations: Sequence[Observation],
    *,
    detail: bool = True,
    until: datetime = UNTIL,
) -> tuple[dict[tuple[str, str, str], Aggregate], int]:
    return reference.measure(each, until, exposures, observations, detail=detail)
