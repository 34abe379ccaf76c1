"""The looks at one treatment, with the width of the interval that each of them reported."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite

from experiments.readout import Look, Trail
from experiments.texts import Frozen


class Track(Frozen):
    """The looks at one treatment. `widths` are those of the interval that was reported at each: of a sequential method
    the narrowest so far; None where it had no end."""

    treatment: str
    looks: tuple[Look, ...]
    widths: tuple[float | None, ...]

    @property
    def last(self) -> Look:
        return self.looks[-1]


def track_of(trail: Trail, accumulates: bool) -> Track:
    """The looks of one trail; `accumulates` where the method reports the intersection of its intervals so far."""
    looks = sound(trail.looks)
    return Track(treatment=trail.treatment, looks=looks, widths=tuple(_widths(looks, accumulates)))


def sound(looks: Sequence[Look]) -> tuple[Look, ...]:
    """Those that say something."""
    return tuple(look for look in looks if isfinite(look.difference) and isfinite(look.p))


def _widths(looks: Sequence[Look], accumulates: bool) -> list[float | None]:
    """An estimate outside of all that was reported so far refutes it: then the look stands for itself."""
    low, high, found = -inf, inf, []
    for look in looks:
        low, high = max(low, look.lower), min(high, look.upper)
        inside = accumulates and low <= look.difference <= high
        width = high - low if inside else look.upper - look.lower
        found.append(width if isfinite(width) else None)
    return found
