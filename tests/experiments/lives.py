"""Metrics that live: traffic comes and goes; values come late, together, by night, from the same people again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.guarding.silence import beat, is_silent
from experiments.measuring import Heard
from experiments.watch import Pulse

LOOK = timedelta(minutes=2)
PER_HOUR, PER_DAY = 30, 720
DAYS = 14
LOOKS = DAYS * PER_DAY
PATIENCE = timedelta(minutes=15)
START = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = np.arange(LOOKS) / PER_HOUR


@dataclass(frozen=True, slots=True)
class Life:
    """So many new units `per_hour`, of whom a `share` has a value, on average `delay` hours after they came.

    By night a thirtieth of the traffic comes where there is a `day`, at the weekend a fiftieth where there is a `week`,
    and from the fifth day on it `grows` to so many times as much. Where there are `people` nobody else ever comes; they
    come back every day. Values come in `bursts` of so many within an hour, or all at night where they are `batched`.
    A new phase begins every `phase` days.
    """

    per_hour: float = 500.0
    share: float = 0.001
    delay: float = 0.0
    day: bool = False
    week: bool = False
    grows: float = 1.0
    people: int = 0
    bursts: int = 1
    batched: bool = False
    phase: float = float(DAYS)


class Course(NamedTuple):
    """By look: how many units of the phase have come, how many of them have a value, and whether one is new."""

    units: NDArray[np.int64]
    of: NDArray[np.int64]
    new: NDArray[np.bool_]
    phase: int

    def began(self, look: int) -> datetime:
        """When the phase of this look did."""
        return START + LOOK * (look // self.phase * self.phase)


def lived(dice: np.random.Generator, life: Life) -> Course:
    """Two weeks of it, look by look."""
    rate = np.full(LOOKS, life.per_hour / PER_HOUR)
    if life.day:
        rate *= np.where((HOURS % 24 < 7) | (HOURS % 24 > 22), 1 / 30, 1.0)
    if life.week:
        rate *= np.where(HOURS // 24 % 7 >= 5, 1 / 50, 1.0)
    rate[4 * PER_DAY :] *= life.grows
    came = dice.poisson(rate)
    who = np.arange(came.sum())
    if life.people:
        who = dice.integers(life.people, size=came.sum())
    when = np.repeat(np.arange(LOOKS), came)
    phase = round(life.phase * PER_DAY)
    identity = who + (when // phase) * (int(who.max(initial=0)) + 1)
    first = np.unique(identity, return_index=True)[1]
    has = np.flatnonzero(dice.random(when.size) < life.share)
    values = when[has] + dice.exponential(life.delay * PER_HOUR, has.size) if life.delay else when[has].astype(float)
    if life.bursts > 1:
        values = np.repeat(values, life.bursts) + dice.random(values.size * life.bursts) * PER_HOUR
        has = np.repeat(has, life.bursts)
    if life.batched:
        values = (values // PER_DAY + 1) * PER_DAY + 90
    looks = np.floor(values).astype(np.int64)
    counts = (looks < LOOKS) & (looks // phase == when[has] // phase)
    looks, owner = looks[counts], identity[has[counts]]
    order = np.argsort(looks, kind="stable")
    firsts = looks[order][np.unique(owner[order], return_index=True)[1]]
    new = np.bincount(looks, minlength=LOOKS) > 0
    return Course(_counted(when[first], phase), _counted(firsts, phase), new, phase)


def _counted(looks: NDArray[np.int64], phase: int) -> NDArray[np.int64]:
    """How many there have been in the phase by each look."""
    each = np.bincount(looks, minlength=LOOKS).cumsum()
    begun = np.arange(LOOKS) // phase * phase
    return np.asarray(each - np.where(begun > 0, each[begun - 1], 0), dtype=np.int64)


def alarms(course: Course) -> Iterator[tuple[int, int]]:
    """Every silence that is called one, by its last look and the look before it began.

    A silence that is called one stays one until it is broken, so its last look tells.
    """
    pulse, last = beat(None, None, int(course.units[0]), START, START), 0
    breaks = set(range(course.phase, LOOKS, course.phase))
    for look in sorted({*(np.flatnonzero(course.new[1:]) + 1).tolist(), *breaks, LOOKS}):
        if look - 1 > last and called(pulse, course, look - 1):
            yield last, look - 1
        if look < LOOKS and course.new[look]:
            now = START + LOOK * look
            pulse = beat(pulse, Heard(now, int(course.of[look])), int(course.units[look]), course.began(look), now)
        last = look


def called(pulse: Pulse, course: Course, look: int) -> bool:
    """Whether it is called silent at this look."""
    return is_silent(pulse, int(course.units[look]), course.began(look), PATIENCE, START + LOOK * look)


def noticed(course: Course, dies: int) -> float | None:
    """How many hours after this look, after which nothing more comes, it is called silent; None where it never is."""
    alive = np.arange(LOOKS) < dies
    pulse = beat(None, None, int(course.units[0]), START, START)
    for look in range(1, LOOKS):
        now = START + LOOK * look
        if alive[look] and course.new[look]:
            pulse = beat(pulse, Heard(now, int(course.of[look])), int(course.units[look]), course.began(look), now)
        if look >= dies and called(pulse, course, look):
            return (look - dies) / PER_HOUR
    return None
