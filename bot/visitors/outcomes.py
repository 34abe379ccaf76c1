"""Outcomes: what visitors do once they have seen a variant, as the lines of /v1/events that tell of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bot.visitors.people import DAY, MICROSECONDS, Counts, Floats, Luck, Objects, Visits
from bot.visitors.scenario import Scenario, TrueKind, TrueMetric

HOUR = 3_600 * MICROSECONDS
# An exposure that the server records itself has the server's time: what follows from it comes a moment later.
REACTION = MICROSECONDS


class Observed(NamedTuple):
    """Values of one metric: whose (a row of the visits), when, and how large."""

    metric: str
    rows: Counts
    times: Counts
    values: Floats


def observed(
    scenario: Scenario, visits: Visits, variants: Sequence[str], seen: Counts, start: int
) -> Iterator[Observed]:
    """What these visitors do, having seen these variants at these times, in a scenario that began at `start`."""
    bots = np.flatnonzero(visits.is_bot)
    for metric, luck in zip(scenario.metrics, visits.luck, strict=True):
        effect = _effects(scenario, metric, visits, variants, seen, start)
        after = seen + REACTION + (luck.waits * metric.delay_hours * HOUR).astype(np.int64)
        for name, rows, values in _done(metric, luck, visits, effect):
            kept = ~visits.is_bot[rows]
            yield Observed(name, rows[kept], after[rows[kept]], values[kept])
        if metric.history_days:
            rows, values = _before(metric, luck, visits)
            ago = 60 * MICROSECONDS + (luck.before_when * metric.history_days * DAY).astype(np.int64)
            yield Observed(metric.metric, rows, (seen - ago)[rows], values)
        if bots.size and scenario.bots:
            times = seen[bots][:, None] + np.linspace(REACTION, HOUR, scenario.bots.events).astype(np.int64)
            value = metric.baseline if metric.kind in (TrueKind.MEAN, TrueKind.LATENCY) else 1.0
            rows = np.repeat(bots, scenario.bots.events)
            yield Observed(metric.denominator or metric.metric, rows, times.ravel(), np.full(rows.size, value))


def _effects(
    scenario: Scenario, metric: TrueMetric, visits: Visits, variants: Sequence[str], seen: Counts, start: int
) -> Floats:
    """The factor by which the variant changes each visit's rate or values."""
    relative = np.zeros(len(variants))
    of_variant = {variant: metric.effect_of(variant, scenario.control) for variant in set(variants)}
    for variant, effect in of_variant.items():
        if effect is None:
            continue
        rows = np.array([each == variant for each in variants]) & (seen >= start + effect.after_hours * HOUR)
        size = effect.relative * visits.effect[rows]
        relative[rows] = size * np.exp(-visits.age[rows] / effect.fades_days) if effect.fades_days else size
    return np.maximum(1 + relative, 0)


def _done(metric: TrueMetric, luck: Luck, visits: Visits, effect: Floats) -> Iterator[tuple[str, Counts, Floats]]:
    if metric.kind is TrueKind.PROPORTION:
        rows = np.flatnonzero((visits.age == 0) & (luck.rolls < _rates(metric, luck, visits, effect)))
        yield metric.metric, rows, np.ones(rows.size)
        return
    used = np.arange(luck.noise.shape[1]) < luck.amount[:, None]
    if metric.kind is TrueKind.RATIO:
        hits = ((luck.noise < _rates(metric, luck, visits, effect)[:, None]) & used).sum(axis=1)
        yield metric.denominator or "", np.arange(hits.size), luck.amount.astype(np.float64)
        rows = np.flatnonzero(hits)
        yield metric.metric, rows, hits[rows].astype(np.float64)
        return
    values = _values(metric, luck.steady[:, None], luck.noise) * (visits.baseline * effect)[:, None]
    if metric.outliers:
        values[luck.outlying < metric.outliers.share] *= metric.outliers.factor
    yield metric.metric, np.nonzero(used)[0], values[used]


def _before(metric: TrueMetric, luck: Luck, visits: Visits) -> tuple[Counts, Floats]:
    """The same people's values before their first visit, which no variant has touched."""
    firsts = (visits.age == 0) & ~visits.is_bot
    if metric.kind is TrueKind.PROPORTION:
        rows = np.flatnonzero(firsts & (luck.before_roll < _rates(metric, luck, visits, np.ones(len(visits.age)))))
        return rows, np.ones(rows.size)
    rows = np.flatnonzero(firsts)
    return rows, (_values(metric, luck.steady, luck.before) * visits.baseline)[rows]


def _rates(metric: TrueMetric, luck: Luck, visits: Visits, effect: Floats) -> Floats:
    personal = np.exp(metric.spread * luck.steady - metric.spread**2 / 2)
    return np.clip(metric.baseline * visits.baseline * personal * effect, 0, 1)


def _values(metric: TrueMetric, steady: Floats, noise: Floats) -> Floats:
    lasting, passing = metric.spread * metric.steadiness**0.5, metric.spread * (1 - metric.steadiness) ** 0.5
    centre = metric.spread**2 / 2 if metric.kind is TrueKind.MEAN else 0.0
    values: Floats = metric.baseline * np.exp(lasting * steady + passing * noise - centre)
    return values


def lines_of(found: Observed, units: Objects) -> list[str]:
    """The observations as lines of JSON."""
    opening = f'{{"type":"observation","metric":{json.dumps(found.metric)},"unit":'
    return [
        f'{opening}{json.dumps(units[row])},"value":{value:.8g},"time":"{time}"}}'
        for row, value, time in zip(found.rows.tolist(), found.values.tolist(), iso(found.times), strict=True)
    ]


def exposure_line(experiment: str, phase: int | None, variant: str, unit: str, time: str, attributes: object) -> str:
    """An exposure that the application reports itself, as a line of JSON."""
    told = {"type": "exposure", "experiment": experiment, "variant": variant, "unit": unit, "time": time}
    return json.dumps({**told, "attributes": attributes} | ({} if phase is None else {"phase": phase}))


def iso(times: Counts) -> list[str]:
    """Microseconds since the epoch as ISO 8601 in UTC."""
    return [str(text) for text in np.datetime_as_string(times.astype("datetime64[us]"), unit="us", timezone="UTC")]
