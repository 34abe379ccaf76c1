"""How long the parts of an experiment's way take: from draft to start, from start to stop, from stop to decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from statistics import median, quantiles

from experiments.model import BEFORE_START, LIVE, Experiment
from experiments.readout import Interval
from experiments.texts import Frozen

DAY = 86_400
ALPHA = 0.05


class Spread(Frozen):
    """How many days a part of the way took: the middle one of `count` with the quarter below and above.

    `interval` is that of the median, exact and free of any distribution; None where there are too few for one.
    """

    name: str
    count: int
    median: float | None = None
    lower: float | None = None
    upper: float | None = None
    interval: Interval | None = None
    waiting: int = 0


def spreads_of(known: Sequence[Experiment], within: Callable[[datetime | None], bool]) -> tuple[Spread, ...]:
    """From draft to start, from start to stop, and from stop to decision, of those that came to its end in the time."""
    to_start = [_days(each.created_at, each.started_at) for each in known if within(each.started_at)]
    run = [_days(each.started_at, each.stopped_at) for each in known if each.started_at and within(each.stopped_at)]
    decided = [(each.stopped_at, each.decision.at) for each in known if each.decision and each.stopped_at]
    to_decision = [_days(stopped, at) for stopped, at in decided if within(at)]
    waiting = [
        sum(each.status in BEFORE_START for each in known),
        sum(each.status in LIVE for each in known),
        sum(each.owes_decision for each in known),
    ]
    names = ("Draft to start", "Start to stop", "Stop to decision")
    parts = (to_start, run, to_decision)
    return tuple(_spread(name, lengths, left) for name, lengths, left in zip(names, parts, waiting, strict=True))


def _days(first: datetime | None, last: datetime | None) -> float:
    return max(0.0, (last - first).total_seconds() / DAY) if first and last else 0.0


def _spread(name: str, lengths: Sequence[float], waiting: int) -> Spread:
    if not lengths:
        return Spread(name=name, count=0, waiting=waiting)
    lower, _, upper = quantiles(lengths, n=4, method="inclusive") if len(lengths) > 1 else [lengths[0]] * 3
    return Spread(name=name, count=len(lengths), median=median(lengths), lower=lower, upper=upper,
                  interval=median_interval(lengths), waiting=waiting)  # fmt: skip


def median_interval(values: Sequence[float]) -> Interval | None:
    """The interval of the median between two of the values in order, which covers it with at least 95 % by the binomial
    distribution, whatever the values are distributed like; None for fewer than six.

    >>> median_interval([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    Interval(lower=1.0, upper=6.0)
    """
    import numpy as np  # numpy and scipy load with the first picture; all of scipy.stats would take a second
    from scipy.special import bdtr

    ordered, count = sorted(values), len(values)
    below = int(np.searchsorted(bdtr(np.arange(count + 1.0), count, 0.5), ALPHA / 2)) - 1
    if below < 0:
        return None
    return Interval(lower=ordered[below], upper=ordered[count - 1 - below])
