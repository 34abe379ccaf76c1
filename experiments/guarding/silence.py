"""One metric that falls silent while units go on coming: what was heard of it so far, and whether it may be chance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from experiments.design import Metric
from experiments.guarding.watched import Scene, length
from experiments.measuring import Heard
from experiments.watch import Pulse

LEAST_LIKELY = 1e-6
FEW, WARM_UP = 5, 14
"""That it takes 14 times as long to be heard of at all as it once took to be heard of 5 times has a chance of at most
(1 + 14)⁻⁵, which is about as unlikely."""
LONGEST = timedelta(days=3)
"""Longer than a weekend."""


def listened(scene: Scene, now: datetime) -> dict[str, Pulse]:
    """What is known by now of every metric with units that is watched, and of what ratios are divided by."""
    before, heard = scene.watched.pulses, scene.watched.heard
    if not scene.watched.rows or scene.watched.trouble:
        return dict(before)
    units = sum(scene.units.values())
    return {
        key: beat(before.get(key), heard.get(key), units, scene.since, now)
        for each in scene.metrics
        for key in _sources(each)
    }


def silence(metric: Metric, scene: Scene, pulses: Mapping[str, Pulse], now: datetime) -> str:
    """Why the data of this one metric are missing, or "" where nothing says that they are."""
    units = sum(scene.units.values())
    for key in _sources(metric):
        pulse = pulses.get(key)
        if pulse is not None and is_silent(pulse, units, scene.since, scene.patience_with_windows, now):
            more = units - (pulse.units if pulse.at >= scene.since else 0)
            others = f"{more:,} more {scene.watched.experiment.design.unit.words}s" if more else "other events"
            return f"nothing has come of {key} for {length(now - pulse.at)}, while {others} came"
    return ""


def beat(before: Pulse | None, heard: Heard | None, units: int, began: datetime, now: datetime) -> Pulse:
    """What is known of one metric after one more look at it; counted anew once it is heard of in a phase.

    What had happened before the first look does not tell how often it is heard of. Events that come together count as
    one, since where one comes others follow.
    """
    newest, of = (heard.newest, heard.units) if heard else (None, 0)
    if before is None:
        return Pulse(since=now, at=now, units=units, newest=newest, of=of)
    if newest is None or (before.newest is not None and newest <= before.newest):
        return before
    if before.at < began:
        before = Pulse(since=began, at=now)
    times = before.times + 1
    if times == FEW:
        before = before._replace(warmed=now - before.since, warmed_units=units)
    return before._replace(times=times, at=now, units=units, newest=newest, of=of)


def is_silent(pulse: Pulse, units: int, began: datetime, patience: timedelta, now: datetime) -> bool:
    """Whether a metric that is still alive would hardly ever be silent for so long, while its phase `began` then.

    Were it heard of at random, each of the `times` would lie in the part of the clock before the last one with a chance
    that is this part's share; that all of them do has this share to the power of `times`. No rate has to be known for
    that, and whatever it is, a false alarm after any one of them has a chance of one in a million. Both clocks, of time
    and of units, have to agree: by night few units come, and after many at once it takes a while until they do
    anything. Only after more than a weekend is time enough, since everybody may have come already. Where it was not
    heard of in this phase yet, it is given many times the time and the units that it took before.
    """
    if now - pulse.at <= patience:
        return False
    whole = units
    if pulse.at < began:
        whole += pulse.units
        is_warm = now - began > WARM_UP * pulse.warmed and units > WARM_UP * pulse.warmed_units
        if pulse.times < FEW or not is_warm:
            return False
    by_time = (pulse.at - pulse.since) / (now - pulse.since)
    by_units = pulse.units / max(whole, 1)
    is_long = now - pulse.at > LONGEST or by_units ** min(pulse.times, pulse.of) < LEAST_LIKELY
    return is_long and by_time**pulse.times < LEAST_LIKELY


def _sources(metric: Metric) -> tuple[str, ...]:
    """The metrics whose observations it is made of."""
    return (metric.key, metric.denominator) if metric.denominator else (metric.key,)
