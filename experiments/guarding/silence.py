"""One metric that falls silent while units go on coming: what was heard of it so far, and whether it may be chance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from experiments.design import Metric
from experiments.guarding.watched import Scene, length
from experiments.measuring import Heard
from experiments.watch import Pulse

LEAST_LIKELY = 1e-6
WARM_UP = 14
"""A wait so many times the usual one is about as unlikely: −ln 1e-6 = 13.8."""


def listened(scene: Scene, now: datetime) -> dict[str, Pulse]:
    """What is known by now of every metric with units that is watched, and of what ratios are divided by."""
    before, heard = scene.watched.pulses, scene.watched.heard
    if not scene.watched.rows or scene.watched.trouble:
        return dict(before)
    units = sum(scene.units.values())
    return {key: beat(before.get(key), heard.get(key), units, now) for each in scene.metrics for key in _sources(each)}


def carried(pulses: Mapping[str, Pulse]) -> dict[str, Pulse]:
    """The same at the beginning of another phase, in which the units are counted anew."""
    return {
        key: each._replace(units_since=each.units_since - each.units, units=0, of_before=each.of)
        for key, each in pulses.items()
    }


def silence(metric: Metric, scene: Scene, pulses: Mapping[str, Pulse], now: datetime) -> str:
    """Why the data of this one metric are missing, or "" where nothing says that they are."""
    units = sum(scene.units.values())
    for key in _sources(metric):
        pulse = pulses.get(key)
        if pulse is not None and is_silent(pulse, units, scene.since, scene.patience_with_windows, now):
            more, who = units - max(pulse.units, 0), scene.watched.experiment.design.unit.words
            return f"nothing has come of {key} for {length(now - pulse.at)}, while {more:,} more {who}s came"
    return ""


def beat(before: Pulse | None, heard: Heard | None, units: int, now: datetime) -> Pulse:
    """What is known of one metric after one more look at it.

    Of how often it is heard of, what had happened before the first look says nothing; events that come together count
    as one, since where one comes others follow.
    """
    if before is None:
        newest, of = (heard.newest, heard.units) if heard else (None, 0)
        return Pulse(since=now, at=now, units=units, newest=newest, of=of)
    if heard is None or (before.newest is not None and heard.newest <= before.newest):
        return before
    if not before.times:
        before = before._replace(first=now - before.since, first_units=units - before.units_since)
    of = before.of_before + heard.units
    return before._replace(times=before.times + 1, at=now, units=units, newest=heard.newest, of=of)


def is_silent(pulse: Pulse, units: int, began: datetime, patience: timedelta, now: datetime) -> bool:
    """Whether a metric that is still alive would hardly ever be silent for so long, while its phase `began` then.

    Were it heard of at random, each of the `times` would be likely to lie before the last one of them in proportion to
    how much of the clock does; that all of them do has that share to the power of `times`. No rate has to be known, and
    whatever it is, after each time that it was heard of a false alarm has a chance of one in a million. Both clocks
    have to agree: by night few units come, and after many at once it takes a while until they do anything. In a new
    phase it has to be given the time, and the units, that it took at first.
    """
    if not pulse.times or now - pulse.at <= patience:
        return False
    is_warm = now - began > WARM_UP * pulse.first and units > WARM_UP * pulse.first_units
    if pulse.at < began and not is_warm:
        return False
    by_time = (pulse.at - pulse.since) / (now - pulse.since)
    by_units = (pulse.units - pulse.units_since) / max(units - pulse.units_since, 1)
    return by_time**pulse.times < LEAST_LIKELY and by_units ** min(pulse.times, pulse.of) < LEAST_LIKELY


def _sources(metric: Metric) -> tuple[str, ...]:
    """The metrics whose observations it is made of."""
    return (metric.key, metric.denominator) if metric.denominator else (metric.key,)
