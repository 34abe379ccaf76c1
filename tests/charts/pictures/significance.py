"""Significance: a plan under way, one that ended, several treatments, a design that is read once, nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np

from experiments.aggregate import Aggregate
from experiments.model import Experiment, Status
from experiments.pictures.significance import Significance, significance_of
from experiments.readout import Readout
from tests.charts import readings, samples
from tests.charts.readings import CONVERSION
from tests.experiments.readings import NOW, an_experiment, reading

WEEK = (1.15, 1.1, 1.05, 1.0, 1.0, 0.75, 0.7)
"""How the arrivals of a week's days differ."""


def arriving(rates: Mapping[str, float], *, days: int, per_day: int, seed: int = 3) -> list[Aggregate]:
    """Conversions of units that come in the rhythm of a week, drawn day by day, cumulated."""
    dice = np.random.default_rng(seed)
    rows = []
    for variant, rate in rates.items():
        n = hits = 0
        for day in range(1, days + 1):
            came = int(dice.poisson(per_day * WEEK[day % 7]))
            n, hits = n + came, hits + int(dice.binomial(came, rate))
            mean = hits / n
            rows.append(Aggregate("conversion", variant, float(day), n, mean, mean * (1 - mean) * n / (n - 1)))
    return rows


def under_way(*treatments: str, days: int = 12, status: Status = Status.RUNNING, **design: Any) -> Experiment:
    """An experiment with a plan that its traffic can meet, begun so many days ago."""
    made = an_experiment(
        *(treatments or ("shorter-form",)), metrics=(CONVERSION,), status=status,
        **{"planned_units": 60_000, "smallest_effect": 0.05, "planned_days": 21, **design},
    )  # fmt: skip
    return made.evolve(title="Shorter sign-up form", started_at=NOW - timedelta(days=days))


def running() -> Significance:
    """Day 12 of 21: unclear as yet, two thirds of the precision."""
    rows = arriving({"control": 0.20, "shorter-form": 0.208}, days=12, per_day=1_900)
    made = under_way()
    return significance_of(reading(made, rows), made)


def ended() -> Significance:
    """At the planned end, clear and as precise as was planned."""
    rows = arriving({"control": 0.20, "shorter-form": 0.212}, days=21, per_day=2_900, seed=5)
    made = under_way(days=21, status=Status.STOPPED)
    return significance_of(reading(made, rows), made)


def six() -> Significance:
    """Six treatments, of which the plan speaks of the one that is farthest behind."""
    rates = {f"layout-{letter}": 0.2 + 0.004 * place for place, letter in enumerate("abcdef")}
    made = under_way(*rates, days=12)
    return significance_of(reading(made, arriving({"control": 0.20, **rates}, days=12, per_day=1_100)), made)


def far() -> Significance:
    """So little traffic that the end lies far beyond the plan."""
    made = under_way(days=9)
    return significance_of(reading(made, arriving({"control": 0.20, "shorter-form": 0.21}, days=9, per_day=150)), made)


def year() -> Significance:
    """A year of days, an effect of next to nothing."""
    made = under_way(days=365, planned_days=365, smallest_effect=0.005, planned_units=400_000)
    rows = arriving({"control": 0.20, "shorter-form": 0.2003}, days=365, per_day=500)
    return significance_of(reading(made, rows), made)


def early() -> Significance:
    """Two days: nothing about significance yet."""
    made = under_way(days=2)
    return significance_of(reading(made, arriving({"control": 0.20, "shorter-form": 0.21}, days=2, per_day=900)), made)


def without_a_plan(made: Callable[[], Readout]) -> Significance:
    """What a readout alone tells."""
    return significance_of(made())


READOUTS: dict[str, Callable[[], Readout]] = {
    "readout": samples.readout,
    "several": samples.several,
    "families": readings.families,
    "fixed": readings.fixed,
    "one_look": samples.one_look,
    "broken": samples.broken,
    "hostile": samples.hostile,
    "crowded": samples.crowded,
    "extreme": samples.extreme,
    "empty": samples.empty,
}
EXAMPLES: dict[str, Callable[[], Significance]] = {
    "running": running,
    "ended": ended,
    "six": six,
    "far": far,
    "year": year,
    "early": early,
    **{name: partial(without_a_plan, made) for name, made in READOUTS.items()},
}
GOLDEN = ("running", "ended", "six", "extreme", "crowded", "fixed", "families")
