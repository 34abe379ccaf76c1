"""A promise of the statistics, the simulation that tries it, and when it counts as broken."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.stats.moments import Floats

FEWEST_RUNS = 100


class Obtained(NamedTuple):
    """What a simulation found, with its standard error; 0 where the number is exact."""

    value: float
    sigma: float = 0.0

    @property
    def band(self) -> float:
        """Three standard errors."""
        return 3 * self.sigma


@dataclass(frozen=True, slots=True)
class Promise:
    """`simulate` takes a generator and how many runs; its result is to be at most, at least, or within `margin` of the
    `promised` number. Of a promise that a simulation can try, `runs` says how often it is tried at full scale.

    >>> Promise("coverage", "normal", "within", 0.95, lambda dice, runs: Obtained(0.93, 0.001), 0.01).try_it().kept
    False
    """

    name: str
    data: str
    bound: Literal["at most", "at least", "within"]
    promised: float
    simulate: Callable[[np.random.Generator, int], Obtained]
    margin: float = 0.0
    runs: int = 10_000

    def try_it(self, scale: float = 1.0) -> Tried:
        """The promise tried with `scale` times its runs; the seed depends on what is promised, not on the scale."""
        dice = np.random.Generator(np.random.SFC64(zlib.crc32(f"{self.name}, {self.data}".encode())))
        return Tried(self, self.simulate(dice, max(round(self.runs * scale), FEWEST_RUNS)))


@dataclass(frozen=True, slots=True)
class Tried:
    """A promise and what came out. It is broken when even three standard errors do not reach back to it."""

    promise: Promise
    obtained: Obtained

    @property
    def kept(self) -> bool:
        off = self.obtained.value - self.promise.promised
        distance = {"at most": off, "at least": -off, "within": abs(off)}[self.promise.bound]
        return distance <= self.promise.margin + self.obtained.band


def share(hits: NDArray[np.bool_]) -> Obtained:
    """How often something happened; the standard error is Agresti & Coull's (1998), so it is above 0 also for none.

    >>> share(np.arange(100) < 5).value, round(share(np.arange(100) < 5).sigma, 4)
    (0.05, 0.0246)
    """
    runs = hits.size + 4
    middle = (int(hits.sum()) + 2) / runs
    return Obtained(float(hits.mean()), math.sqrt(middle * (1 - middle) / runs))


def average(values: Floats) -> Obtained:
    """The mean of one number per run.

    >>> average(np.array([1.0, 3.0]))
    Obtained(value=2.0, sigma=1.0)
    """
    return Obtained(float(values.mean()), float(values.std(ddof=1)) / math.sqrt(values.size))
