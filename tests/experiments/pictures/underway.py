"""Running experiments with the rows of their data, drawn day by day, for pictures of all that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np

from experiments.aggregate import Aggregate
from experiments.design import Design, Direction, Expectation, Kind, Limit, Metric, MetricKind, MetricRole
from experiments.model import Experiment, Status
from experiments.pictures.active import Active, active_of
from experiments.running import Phase
from tests.experiments.pictures.attempts import CONVERSION, NOW, VARIANTS

ERRORS = Metric(key="error-rate", role=MetricRole.GUARDRAIL, kind=MetricKind.PROPORTION, direction=Direction.DOWN,
                limit=Limit(harm=0.02))  # fmt: skip
WEEK = (1.15, 1.1, 1.05, 1.0, 1.0, 0.75, 0.7)


class Underway(NamedTuple):
    """A running experiment and its rows."""

    experiment: Experiment
    rows: tuple[Aggregate, ...]


def underway(
    number: int = 1, *, day: int = 8, per_day: int = 1_500, rate: float = 0.204, errors: float = 0.06,
    lost: float = 0.0, age: float = 0.0, design: Mapping[str, Any] | None = None, **changes: Any,
) -> Underway:  # fmt: skip
    """One that began so many days ago; `lost` is the share of the treatment's units that went missing, `age` how many
    days ago the data end."""
    start = NOW - timedelta(days=day + age)
    plan = Design(
        kind=Kind.FEATURE, variants=VARIANTS, metrics=(CONVERSION, ERRORS),
        **{"planned_units": 60_000, "smallest_effect": 0.05, "planned_days": 21,
           "expectation": Expectation(baseline=0.2, per_day=2 * per_day or None), **(design or {})},
    )  # fmt: skip
    made = {
        "workspace": "T0SANDBOX", "key": f"running-{number}", "title": f"Running {number}", "project": "shop",
        "owner": "U0ADA", "created_at": start, "updated_at": NOW, "started_at": start, "status": Status.RUNNING,
        "design": plan, "data_version": 1 if day and per_day else 0,
        "data_at": start + timedelta(days=day) if day and per_day else None,
        "phases": (Phase(number=1, started_at=start, weights={"control": 5_000, "treatment": 5_000}),),
    }  # fmt: skip
    rows = _arrived(day, per_day, {"conversion": (0.2, rate), "error-rate": (0.06, errors)}, lost, number)
    return Underway(Experiment.model_validate({**made, **changes}), tuple(rows))


def _arrived(
    days: int, per_day: int, rates: Mapping[str, tuple[float, float]], lost: float, seed: int
) -> list[Aggregate]:
    """Both arms, both metrics of the same units, cumulated from day to day in the rhythm of a week."""
    dice = np.random.default_rng(seed)
    rows = []
    for place, variant in enumerate(("control", "treatment")):
        n, hits = 0, dict.fromkeys(rates, 0)
        for day in range(1, days + 1 if per_day else 1):
            came = int(dice.poisson(per_day * WEEK[day % 7] * (1 - lost * place)))
            n += came
            for metric, both in rates.items():
                hits[metric] += int(dice.binomial(came, both[place]))
                mean = hits[metric] / max(n, 1)
                rows.append(Aggregate(metric, variant, float(day), n, mean, mean * (1 - mean) * n / max(n - 1, 1)))
    return rows


def pictured(some: Sequence[Underway], shown: int | None = None, **more: Any) -> Active:
    """The picture of these, with the data of the first so many."""
    data = {each.experiment.key: each.rows for each in some[:shown]}
    return active_of([each.experiment for each in some], data, NOW, **more)
