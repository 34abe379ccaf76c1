"""How the units' values are spread in each variant: the share of its units in each of some bins that all have."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from experiments.aggregate import Aggregate, Part
from experiments.pictures.levels import of_metric
from experiments.texts import Frozen

FEWEST_BINS, ENOUGH_BINS, MOST_BINS = 12, 30, 40
"""Never fewer; where two humps are far apart the rule below gives too few, so half the root of n are drawn, up to
enough; never many more than the most."""
NARROW = 0.08
"""Where the middle half takes less of the scale than this, only powers of ten show it and the tail."""
BEYOND = 0.08
"""How far the scale goes on past the first and the last hundredth, of the distance between them."""
LARGEST = 1e290
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


class Shape(Frozen):
    """One variant: the share of its `n` units in each bin, below the first and above the last one; half of them lie
    between the two values of `half`."""

    variant: str
    n: int
    shares: tuple[float, ...]
    below: float
    above: float
    half: tuple[float, float]


class Distribution(Frozen):
    """Bins between `edges`, all of the width `step`, or so many decades wide where `log`; a shape per variant that has
    values."""

    metric: str
    edges: tuple[float, ...]
    step: float
    log: bool
    shapes: tuple[Shape, ...]


class _Arm(NamedTuple):
    """The parts of one variant's units, with the share of them that is in each."""

    variant: str
    n: int
    parts: Sequence[Part]
    shares: Sequence[float]

    def from_(self, share: float) -> float:
        """The value above which the units begin once this share of them is passed."""
        return self.parts[int(share * len(self.parts))].low

    def up_to(self, share: float) -> float:
        """The value up to which this share of the units reaches."""
        return self.parts[math.ceil(share * len(self.parts)) - 1].high

    def scaled(self, scale: Callable[[float], float]) -> _Arm:
        return self._replace(parts=[Part(scale(low), scale(high)) for low, high in self.parts])


def distribution_of(rows: Iterable[Aggregate], metrics: Sequence[str], variants: Sequence[str]) -> Distribution | None:
    """That of the metric of which most variants are known, as it was at their newest looks; None where nothing is.

    The metrics are quantiles of one and the same, so that the values are spread alike in each.
    """
    rows = [row for row in rows if row.spread and row.n > 0]
    known = {metric: _arms(of_metric(rows, metric), variants) for metric in metrics}
    metric = max(known, key=lambda each: len(known[each]), default="")
    arms = known.get(metric)
    if not arms:
        return None
    log = _is_wide(arms)
    scaled = [arm.scaled(_power) for arm in arms] if log else arms
    step, edges = _bins(scaled)
    shapes = [_shape(arm, edges, (kept.from_(0.25), kept.up_to(0.75))) for arm, kept in zip(scaled, arms, strict=True)]
    values = tuple(10.0**edge for edge in edges) if log else tuple(edges)
    return Distribution(metric=metric, edges=values, step=step, log=log, shapes=tuple(shapes))


def _arms(rows: Sequence[Aggregate], variants: Sequence[str]) -> list[_Arm]:
    newest = {row.variant: row for row in sorted(rows, key=lambda row: row.day)}
    return [_arm(newest[each]) for each in variants if each in newest]


def _arm(row: Aggregate) -> _Arm:
    parts = row.spread.parts if row.spread else ()
    starts = [-(-place * row.n // len(parts)) for place in range(len(parts) + 1)]
    shares = [(end - start) / row.n for start, end in pairwise(starts)]
    return _Arm(row.variant, row.n, parts, shares).scaled(lambda value: min(max(value, -LARGEST), LARGEST))


def _power(value: float) -> float:
    """The power of ten that a value is; what is not above zero lies below everything."""
    return math.log10(value) if value > 0 else -LARGEST


def _is_wide(arms: Sequence[_Arm]) -> bool:
    """Whether the tail leaves the middle half too little of an even scale, and all but a hundredth is above zero."""
    low, high = _ends(arms)
    half = max(arm.up_to(0.75) for arm in arms) - min(arm.from_(0.25) for arm in arms)
    return half < NARROW * (high - low) and min(arm.from_(0.01) for arm in arms) > 0


def _ends(arms: Sequence[_Arm]) -> tuple[float, float]:
    """All but the first and the last hundredth of the units of every variant, and a little of these."""
    low, high = min(arm.from_(0.01) for arm in arms), max(arm.up_to(0.99) for arm in arms)
    spare = (high - low) * BEYOND
    lowest, highest = min(arm.parts[0].low for arm in arms), max(arm.parts[-1].high for arm in arms)
    return max(lowest, low - spare), min(highest, high + spare)


def _bins(arms: Sequence[_Arm]) -> tuple[float, list[float]]:
    """Their width, a round number, and their edges: as many as the units can fill (Freedman and Diaconis 1981). Where
    the values are a few numbers with steps between them, each has a bin around it."""
    low, high = _ends(arms)
    if not high - low > 1e-9 * max(abs(low), abs(high)):
        step = _round(abs(high) / 50 or 0.1)
        return step, [low + (place - FEWEST_BINS / 2 - 0.5) * step for place in range(FEWEST_BINS + 2)]
    half = max(arm.up_to(0.75) - arm.from_(0.25) for arm in arms)
    most = max(arm.n for arm in arms)
    fewest = min(max(math.sqrt(most) / 2, FEWEST_BINS), ENOUGH_BINS)
    width = min(max(2 * half / most ** (1 / 3), (high - low) / MOST_BINS), (high - low) / fewest)
    step = max(_round(width), _step(arms))
    start = low - step / 2 if step == _step(arms) else math.floor(low / step) * step
    count = math.floor((high - start) / step) + 1
    return step, [start + place * step for place in range(count + 1)]


def _round(width: float) -> float:
    """The nearest of 1, 2, 2.5 and 5 times a power of ten.

    >>> _round(0.0188), _round(170.0), _round(8.9e14)
    (0.02, 200.0, 1000000000000000.0)
    """
    power = 10.0 ** math.floor(math.log10(width))
    return min((factor * power for factor in ROUND), key=lambda step: abs(math.log(step / width)))


def _step(arms: Sequence[_Arm]) -> float:
    """The smallest step between values that at least two hundredths share; 0 where most units have values of their
    own."""
    points = [(part.low, share) for arm in arms for part, share in zip(arm.parts, arm.shares, strict=True)
              if part.low == part.high and arm.n > len(arm.parts)]  # fmt: skip
    values = sorted({value for value, _ in points})
    if sum(share for _, share in points) < len(arms) / 2 or len(values) < 2:
        return 0.0
    return min(after - before for before, after in pairwise(values))


def _shape(arm: _Arm, edges: Sequence[float], half: tuple[float, float]) -> Shape:
    """The units of a part lie evenly between its lowest and its highest value, or all at one."""
    bins = [0.0] * (len(edges) + 1)
    for (low, high), share in zip(arm.parts, arm.shares, strict=True):
        first, last = _bin(low, edges), _bin(high, edges)
        for place in range(first, last + 1):
            if first == last:
                bins[place] += share
                continue
            start = edges[place - 1] if place > first else low
            end = edges[place] if place < last else high
            bins[place] += share * (end - start) / (high - low)
    below, *shares, above = bins
    return Shape(variant=arm.variant, n=arm.n, shares=tuple(shares), below=below, above=above, half=half)


def _bin(value: float, edges: Sequence[float]) -> int:
    """0 below the first edge, then the bins; the last edge belongs to the last bin, what is above to one more."""
    return len(edges) - 1 if value == edges[-1] else bisect_right(edges, value)
