"""People: who comes when, with which attributes and which luck, the same every time for one scenario and seed.

Time is cut into slots of a quarter of an hour since the epoch, and each slot draws from a stream of its own, so that it
does not matter in which pieces, how fast or how often the people of a stretch are asked for.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from bot.visitors.scenario import MOST_PER_VISIT, Scenario, TrueKind, TrueMetric

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]
Objects = NDArray[np.object_]

MICROSECONDS = 1_000_000
DAY = 86_400 * MICROSECONDS
SLOT = 900 * MICROSECONDS
SLOTS_A_DAY = DAY // SLOT
BUSIEST_HOUR = 19
COHORTS_KEPT = 2_000
ARRIVING, LUCK = 0, 1


class Luck(NamedTuple):
    """What chance has in store for the visits on one metric, whichever variant they get.

    One row per visit: `steady` is the person's own (standard normal), `rolls` is uniform, `noise` standard normal or,
    for a ratio, uniform; of both the first `amount` columns are used. `waits` is exponential with mean 1.
    """

    steady: Floats
    amount: Counts
    rolls: Floats
    noise: Floats
    outlying: Floats
    waits: Floats
    before: Floats
    before_roll: Floats
    before_when: Floats


class Visits(NamedTuple):
    """Visits in the order of their times (microseconds since the epoch), one row each.

    `age` counts the days since the person's first visit. `fate` is uniform and the person's own: who gets lost.
    """

    times: Counts
    units: Objects
    attributes: Objects
    age: Counts
    is_bot: Flags
    baseline: Floats
    effect: Floats
    fate: Floats
    luck: tuple[Luck, ...]

    def of(self, rows: NDArray[np.intp]) -> Visits:
        """Some of the visits."""
        return cast(Visits, _each(lambda column: column[rows], self))


class _Cohort(NamedTuple):
    """Those whose first visit is in one slot."""

    units: Objects
    attributes: Objects
    is_bot: Flags
    baseline: Floats
    effect: Floats
    fate: Floats
    steady: Floats
    returns: Flags


class Population:
    """The visitors of a scenario that begins at `start` (microseconds since the epoch)."""

    def __init__(self, scenario: Scenario, start: int) -> None:
        self.scenario = scenario
        self.start = start
        self._stream = zlib.crc32(scenario.experiment.encode())
        self._cohort = lru_cache(COHORTS_KEPT)(self._draw_cohort)
        self._slot = lru_cache(2)(self._draw_slot)

    def between(self, since: int, until: int) -> Iterator[Visits]:
        """The visits after `since` up to and with `until`, slot by slot; none lies before the start."""
        since = max(since, self.start)
        for slot in range(since // SLOT, until // SLOT + 1):
            visits = self._slot(slot)
            rows = np.flatnonzero((visits.times > since) & (visits.times <= until))
            if rows.size:
                yield visits if rows.size == visits.times.size else visits.of(rows)

    def _rng(self, *path: int) -> Generator:
        return default_rng([self.scenario.seed, self._stream, *path])

    def _draw_cohort(self, slot: int) -> _Cohort:
        scenario, rng = self.scenario, self._rng(slot, ARRIVING)
        hour = slot % SLOTS_A_DAY * 24 / SLOTS_A_DAY
        busy = 1 + scenario.rhythm * math.cos((hour - BUSIEST_HOUR) / 24 * math.tau)
        people = int(rng.poisson(scenario.people_per_day / SLOTS_A_DAY * busy))
        bots = int(rng.poisson(scenario.bots.per_day / SLOTS_A_DAY)) if scenario.bots else 0
        count = people + bots
        baseline, effect = np.ones(count), np.ones(count)
        attributes: list[dict[str, str]] = [{} for _ in range(count)]
        for segment in scenario.segments:
            shares = np.array([level.share for level in segment.levels])
            picked = rng.choice(len(shares), size=count, p=shares / shares.sum())
            baseline *= np.array([level.baseline for level in segment.levels])[picked]
            effect *= np.array([level.effect for level in segment.levels])[picked]
            for row, level in enumerate(picked.tolist()):
                attributes[row][segment.attribute] = segment.levels[level].name
        return _Cohort(
            units=np.array([f"u-{number:016x}" for number in rng.integers(0, 2**63, count).tolist()], object),
            attributes=np.array(attributes, object),
            is_bot=np.arange(count) >= people,
            baseline=baseline,
            effect=effect,
            fate=rng.random(count),
            steady=rng.standard_normal((count, len(scenario.metrics))),
            returns=rng.random((count, scenario.return_days)) < scenario.returning,
        )

    def _draw_slot(self, slot: int) -> Visits:
        """First visits of the slot's own cohort, and those of former ones who come back at this time of the day."""
        days = self.scenario.return_days if self.scenario.returning else 0
        parts = []
        for age in range(days + 1):
            born = slot - age * SLOTS_A_DAY
            if (born + 1) * SLOT > self.start:
                cohort = self._cohort(born)
                rows = np.flatnonzero(cohort.returns[:, age - 1]) if age else np.arange(len(cohort.units))
                if rows.size or not age:
                    parts.append(self._visits(cohort, rows, slot, age))
        visits = _joined(parts)
        return visits.of(np.argsort(visits.times, kind="stable"))

    def _visits(self, cohort: _Cohort, rows: NDArray[np.intp], slot: int, age: int) -> Visits:
        """Luck is drawn for the whole cohort, so that nobody's depends on who else comes back."""
        everybody, rng = len(cohort.units), self._rng(slot, LUCK, age)
        times = slot * SLOT + rng.integers(0, SLOT, everybody)
        luck = [_luck(metric, cohort.steady[:, column], rng) for column, metric in enumerate(self.scenario.metrics)]
        return Visits(
            times=times,
            units=cohort.units,
            attributes=cohort.attributes,
            age=np.full(everybody, age),
            is_bot=cohort.is_bot,
            baseline=cohort.baseline,
            effect=cohort.effect,
            fate=cohort.fate,
            luck=tuple(luck),
        ).of(rows)


def _luck(metric: TrueMetric, steady: Floats, rng: Generator) -> Luck:
    people, width = len(steady), _width(metric)
    more = rng.poisson(metric.per_visit - 1, people)
    shape = (people, width)
    return Luck(
        steady=steady,
        amount=np.minimum(1 + more, width),
        rolls=rng.random(people),
        noise=rng.random(shape) if metric.kind is TrueKind.RATIO else rng.standard_normal(shape),
        outlying=rng.random(people),
        waits=rng.standard_exponential(people),
        before=rng.standard_normal(people),
        before_roll=rng.random(people),
        before_when=rng.random(people),
    )


def _width(metric: TrueMetric) -> int:
    """As many values as hardly anybody's visit exceeds."""
    if metric.per_visit == 1:
        return 1
    return min(MOST_PER_VISIT, math.ceil(metric.per_visit + 5 * math.sqrt(metric.per_visit)))


def _joined(parts: list[Visits]) -> Visits:
    return parts[0] if len(parts) == 1 else cast(Visits, _each(lambda *columns: np.concatenate(columns), *parts))


def _each(change: Callable[..., Any], *tables: Any) -> Any:
    """The same table with every column changed, however deep it lies."""
    if not isinstance(tables[0], tuple):
        return change(*tables)
    changed = [_each(change, *columns) for columns in zip(*tables, strict=True)]
    return type(tables[0])(*changed) if hasattr(tables[0], "_fields") else tuple(changed)
