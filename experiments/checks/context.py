"""What every health check looks at: one frozen picture of an experiment's data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HealthContext:
    """`weights` and `units` per variant in the design's order; `history` the units at every look, oldest first.

    `day` is how far the data reach, `silent` the (metric, variant) without a unit, `changed` the (metric, treatment)
    whose effect did not stay the same. With no data at all `has_data` is false.
    """

    weights: dict[str, int]
    units: dict[str, int]
    history: tuple[tuple[int, ...], ...]
    day: float
    planned_units: int
    has_data: bool
    silent: tuple[tuple[str, str], ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
