"""What a design can find in how many days: its smallest effect against the length, and where its plan stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from experiments.design import FULL_WEIGHT, Design, Expectation, MetricKind
from experiments.errors import BadInput, InsufficientData
from experiments.numerals import counted
from experiments.pictures.basis import Basis
from experiments.sizing import DEFAULT_POWER, Sizing, minimum_effects, sizing
from experiments.texts import Frozen

POWERS = (DEFAULT_POWER, 0.9)
MOST_DAYS = 400
LEAST_DAYS = 14
BEYOND, ROOM = 2.0, 1.15
POINTS = 18
NO_BASELINE = "Nobody has said where the primary metric stands today."


class Reach(Frozen):
    """What the design finds with one `power` after so many days, relative to control, shortest first."""

    power: float
    points: tuple[tuple[int, float], ...]


class Size(Frozen):
    """The curve of a design, of a `metric` at `baseline` in control with `sd` per unit where it is a mean.

    `daily` are the units of one day that take part; `effect` is what the plan wants to find in its `planned_days`.
    `reaches` are curves of the same days, 80 % power first; without them `refused` says why. `told` says where the
    numbers come from; `at_a_glance` is the picture for a form.
    """

    basis: Basis
    metric: str
    kind: MetricKind
    unit: str
    baseline: float | None = None
    sd: float | None = None
    treatments: int = 1
    daily: float | None = None
    effect: float
    planned_days: int
    sizing: Sizing | None = None
    reaches: tuple[Reach, ...] = ()
    refused: str = ""
    told: str = ""
    at_a_glance: bool = False

    def needed_within(self, end: int) -> int | None:
        """The days that are enough, where they lie before `end` and tell more than that the plan is."""
        needed = self.sizing.days if self.sizing else None
        if self.sizing is None or needed is None or needed > end or needed == self.planned_days:
            return None
        return None if self.sizing.is_powered and needed > self.planned_days else needed


def size_of(title: str, design: Design, expected: Expectation | None, told: str, as_of: datetime) -> Size:
    """The curve of this design, by what is expected of its primary metric and its traffic."""
    metric = design.primary
    data = Size(
        basis=Basis(title=title, as_of=as_of, facts=_facts(design)),
        metric=metric.key if metric else "the primary metric",
        kind=metric.kind if metric else MetricKind.PROPORTION,
        unit=design.unit.words,
        treatments=max(1, len(design.treatments)),
        effect=design.smallest_effect,
        planned_days=design.planned_days,
        told=told,
    )
    if expected is None:
        return data.model_copy(update={"refused": NO_BASELINE})
    data = data.model_copy(update={"baseline": expected.baseline, "sd": expected.sd})
    try:
        found = sizing(design, baseline=expected.baseline, sd=expected.sd, per_day=expected.per_day)
        if expected.per_day is None:
            return data.model_copy(update={"sizing": found, "refused": found.unknown})
        daily = expected.per_day * design.exposure / FULL_WEIGHT
        return data.model_copy(update={"sizing": found, "daily": daily, **_curves(design, expected, found)})
    except (BadInput, InsufficientData) as refusal:
        return data.model_copy(update={"refused": refusal.words})


def _facts(design: Design) -> tuple[str, ...]:
    return (
        counted(design.planned_days, "planned day"),
        design.method.words,
        f"α {design.alpha:g}",
        f"exposure {design.exposure / 100:g} %",
        f"design {design.hash[:8]}",
    )


def _curves(design: Design, expected: Expectation, found: Sizing) -> dict[str, object]:
    """As far as twice the plan, or to the days that it needs."""
    days = days_of(design.planned_days, found.days)
    reaches = []
    for power in POWERS:
        effects = minimum_effects(
            design, days, baseline=expected.baseline, sd=expected.sd, per_day=expected.per_day or 0, power=power
        )
        points = tuple((day, effect) for day, effect in zip(days, effects, strict=True) if effect is not None)
        reaches.append(Reach(power=power, points=points))
    if not reaches[0].points:
        return {"refused": found.unknown or "No length of up to 400 days can find any effect."}
    return {"reaches": tuple(each for each in reaches if each.points)}


def days_of(planned: int, needed: int | None) -> Sequence[int]:
    """Whole days, closer together where the curve is steep; the planned ones among them.

    >>> days_of(14, 21)
    [1, 2, 3, 4, 5, 6, 8, 9, 11, 13, 14, 15, 17, 20, 22, 25, 28]
    """
    wanted = needed * ROOM if needed and needed <= MOST_DAYS else 0.0
    end = math.ceil(min(MOST_DAYS, max(LEAST_DAYS, planned * BEYOND, wanted)))
    steps = {round(1 + (end - 1) * (place / POINTS) ** 2) for place in range(POINTS + 1)}
    return sorted({*steps, min(planned, end)})
