"""Exposures: that somebody was given a variant is recorded, once in a while per person and not with every request."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from experiments.assignment import Flag

AGAIN_SECONDS = 3600.0
MOST_REMEMBERED = 200_000
MOST_ATTRIBUTES = 20
LONGEST_NAME = 60
LONGEST_TEXT = 200
LARGEST = 2**53

Attributes = dict[str, str | int | float | bool]


class Record(Protocol):
    def __call__(
        self, project: str, experiment: str, phase: int, variant: str, unit: str, attributes: Attributes, time: datetime
    ) -> None:
        """Keep it without waiting for anything."""
        ...


class Exposures:
    """Hands each (experiment, phase, variant, unit) to `record` at most once in an hour.

    `now` is the product's clock, `clock` the machine's. The oldest are forgotten first when there are many; one that
    is recorded once more does no harm, because it is the first exposure that counts. Once somebody has changed the
    experiment, everybody is recorded anew: the stage of a rollout that goes on counts from then.
    """

    def __init__(
        self,
        record: Record,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        most: int = MOST_REMEMBERED,
    ) -> None:
        self._record = record
        self._now = now
        self._clock = clock
        self._most = most
        self._recorded: OrderedDict[tuple[str, int, str, str], tuple[float, Flag]] = OrderedDict()

    def saw(self, flag: Flag, variant: str, unit: str, context: Mapping[str, object]) -> None:
        """This unit was given this variant just now."""
        exposure = (flag.key, flag.phase, variant, unit)
        moment, recorded = self._clock(), self._recorded
        last = recorded.get(exposure)
        if last is not None and moment - last[0] < AGAIN_SECONDS and last[1] is flag:
            return
        recorded[exposure] = (moment, flag)
        if last is not None:
            recorded.move_to_end(exposure)
        elif len(recorded) > self._most:
            recorded.popitem(last=False)
        self._record(flag.project, flag.key, flag.phase, variant, unit, kept(context), self._now())


def kept(context: Mapping[str, object]) -> Attributes:
    """The attributes of an evaluation that are kept with an exposure: the first twenty plain and short ones."""
    plain: Attributes = {}
    for name, value in context.items():
        if name == "targetingKey" or not 0 < len(name) <= LONGEST_NAME:
            continue
        if (isinstance(value, str) and len(value) <= LONGEST_TEXT) or (
            isinstance(value, bool | int | float) and abs(value) <= LARGEST
        ):
            plain[name] = value
            if len(plain) == MOST_ATTRIBUTES:
                break
    return plain
