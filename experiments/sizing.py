"""How many units and days an experiment needs, and what its planned days can find, before anything is spent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from experiments.design import FULL_WEIGHT, Correction, Design, Direction, Method, MetricKind
from experiments.errors import BadInput, InsufficientData
from experiments.numerals import counted, listed, percent, units
from experiments.texts import Frozen

if TYPE_CHECKING:
    from experiments.stats.plan import Plan
    from experiments.stats.population import Population

DEFAULT_POWER = 0.8
SEQUENTIAL = {Method.ALWAYS_VALID, Method.GROUP_SEQUENTIAL}
FEWEST_PLANNED = 100
FAR = 1.5
LARGEST = 1e50
MOST_SHOWN = 0.9999
ROUNDING = 1e-9


class Sizing(Frozen):
    """What a design needs to find its smallest effect with 80 % power, and what its planned days find.

    `arms` are the units of each variant; `days` whole weeks; `planned_units` is what the design should say so that its
    way of reading is at its best there, and `tuned_to` what it says where that matters. `power` is that of the design
    as it is written, at its planned days; `minimum_effect`, relative to control, what a plan of that length finds when
    it is made for as many units as come. Where they are missing, `unknown` says why.
    """

    unit: str
    effect: float
    arms: dict[str, int]
    planned_units: int
    tuned_to: int | None = None
    days: int | None = None
    planned_days: int
    power: float | None = None
    minimum_effect: float | None = None
    unknown: str = ""

    @property
    def units(self) -> int:
        """Units in all variants together."""
        return sum(self.arms.values())

    @property
    def is_powered(self) -> bool | None:
        """Whether the planned days have 80 % power; None when that is not known."""
        return None if self.power is None else self.power >= DEFAULT_POWER - ROUNDING

    @property
    def words(self) -> str:
        """“8,740 users (4,370 in each variant) find a change of 5.0 % with 80 % power, in 14 days. …”."""
        run = "" if self.days is None else f", in {run_words(self.days)}"
        change = percent(self.effect)
        need = f"{self.units:,} {self.unit}s ({self._split}) find a change of {change} with 80 % power{run}."
        if self.power is None:
            return " ".join(part for part in (need, self.unknown, self._tuning) if part)
        so = "a" if self.tuned_to is None else "planned for that, a"
        smallest = f"; {so} change of {percent(self.minimum_effect)} has 80 %" if self.minimum_effect else ""
        planned = f"In the planned {run_words(self.planned_days)} the power is {chance_words(self.power)}{smallest}."
        return " ".join(part for part in (need, planned, self._tuning) if part)

    @property
    def _tuning(self) -> str:
        if self.tuned_to is None or 1 / FAR <= self.tuned_to / self.planned_units <= FAR:
            return ""
        return f"It is planned for {self.tuned_to:,} {self.unit}s; {self.planned_units:,} suit it better."

    @property
    def _split(self) -> str:
        if len(set(self.arms.values())) == 1:
            return f"{next(iter(self.arms.values())):,} in each variant"
        return listed([f"{key} {count:,}" for key, count in self.arms.items()])


def sizing(design: Design, *, baseline: float, sd: float | None = None, per_day: float | None = None) -> Sizing:
    """The size of a design whose primary metric is at `baseline` in control, a rate or a mean with its `sd` per unit.

    `per_day` are the eligible units of one day, of which the design's exposure takes part. Every treatment is compared
    with control, with α over their number unless the design corrects nothing. For a quantile, `sd` is its standard
    error × √units. Raises `BadInput` or `InsufficientData` with the field `baseline`, `sd`, `per_day`, `variants` or
    `smallest_effect` for what cannot be planned.

    >>> found = sizing(Design(smallest_effect=0.25, planned_days=7, method="fixed"), baseline=0.2, per_day=400)
    >>> found.units, found.days, round(found.power, 2)
    (2184, 7, 0.89)
    """
    if per_day is not None and not 0 < per_day < math.inf:
        raise BadInput(f"Say how many {design.unit.words}s come a day: a number above 0.", field="per_day")
    trial = _Trial(design, _population(design, baseline, sd), _plan(design), design.smallest_effect * baseline)
    daily = per_day and per_day * design.exposure / FULL_WEIGHT
    try:
        arms, days = trial.needed(daily)
    except InsufficientData as refusal:
        raise InsufficientData(refusal.words, field="smallest_effect") from None
    found = Sizing(
        unit=design.unit.words,
        effect=design.smallest_effect,
        arms=dict(zip(_weights(design), arms, strict=True)),
        planned_units=max(FEWEST_PLANNED, arms[0] + min(arms[1:])),
        tuned_to=design.planned_units if design.method in SEQUENTIAL else None,
        days=days,
        planned_days=design.planned_days,
        unknown=f"Say how many {design.unit.words}s come a day to see how long that takes.",
    )
    if not daily:
        return found
    try:
        power, _ = trial.at_planned_days(daily)
    except InsufficientData as refusal:
        return found.model_copy(update={"unknown": refusal.words})
    smallest = trial.found_in(design.planned_days, daily)
    relative = None if smallest is None else smallest / baseline
    return found.model_copy(update={"power": min(power, 1.0), "minimum_effect": relative, "unknown": ""})


def minimum_effects(
    design: Design, days: Sequence[int], *, baseline: float, sd: float | None = None, per_day: float, power: float
) -> tuple[float | None, ...]:
    """What a design finds with this power, relative to control, if it were planned for each of these numbers of days;
    None where there would be too few units. Takes and raises what `sizing` does.

    >>> design = Design(smallest_effect=0.25, method="fixed")
    >>> [round(each, 3) for each in minimum_effects(design, (7, 28), baseline=0.2, per_day=400, power=0.8)]
    [0.22, 0.108]
    """
    trial = _Trial(design, _population(design, baseline, sd), _plan(design, power), design.smallest_effect * baseline)
    daily = per_day * design.exposure / FULL_WEIGHT
    return tuple(found and found / baseline for found in (trial.found_in(each, daily) for each in days))


def run_words(days: int) -> str:
    """A length in whole days, however long.

    >>> run_words(1), run_words(1_400)
    ('1 day', '1,400 days')
    """
    return counted(days, "day")


def chance_words(power: float) -> str:
    """A power in words, never rounded up to more than it is.

    >>> chance_words(0.7996), chance_words(0.8), chance_words(1.0)
    ('79.9 %', '80 %', 'over 99.9 %')
    """
    if power > MOST_SHOWN:
        return "over 99.9 %"
    return f"{math.floor((power + ROUNDING) * 1000) / 10:g} %"


@dataclass(frozen=True, slots=True)
class _Trial:
    """A design with the baseline and the test it amounts to; `effect` is in the metric's unit."""

    design: Design
    population: Population
    plan: Plan
    effect: float

    def needed(self, daily: float | None) -> tuple[tuple[int, ...], int | None]:
        """Units of each arm, with a test that is tuned to them, and whole weeks."""
        from experiments.stats.design import arms, duration, sample_size
        from experiments.stats.sequential_power import AlwaysValid, Looks
        from experiments.stats.solving import DEFAULT_LOOKS, MOST_LOOKS, ROUNDS, inflation
        from experiments.stats.spending import OBRIEN_FLEMING

        def with_days(units: float) -> tuple[tuple[int, ...], int | None]:
            each = arms(units, self.plan)
            return each, None if daily is None else int(duration(sum(each), daily))

        method = self.design.method
        if method not in SEQUENTIAL:
            return with_days(float(sample_size(self.population, self.effect, self.plan)))
        rule = AlwaysValid() if method is Method.ALWAYS_VALID else OBRIEN_FLEMING
        alone = float(sample_size(self.population, self.effect, replace(self.plan, test="z")))
        found = with_days(alone)
        for _ in range(ROUNDS):
            count = min(MOST_LOOKS, found[1] or DEFAULT_LOOKS)
            looks = Looks(rule, count, self.plan.level, self.plan.sides)
            found = with_days(alone * inflation(looks, AlwaysValid().units, self.plan.power))
        return found

    def at_planned_days(self, daily: float) -> tuple[float, float | None]:
        """Power and smallest effect in the metric's unit of the design as it is written; no effect where none is
        large enough."""
        from experiments.stats.design import LEAST_PER_ARM, power

        total = daily * self.design.planned_days
        if total * min(self.plan.compared) < LEAST_PER_ARM:
            run, each = run_words(self.design.planned_days), f"{self.design.unit.words}s"
            raise InsufficientData(f"In the planned {run} fewer than two {each} come to a variant.")
        if self.design.method is Method.ALWAYS_VALID:
            return self._always_valid(total)
        if self.design.method is Method.GROUP_SEQUENTIAL:
            return self._group_sequential(daily)
        return float(power(self.population, self.effect, total, self.plan)), self._smallest(total, self.plan)

    def found_in(self, days: int, daily: float) -> float | None:
        """The smallest effect that so many days find, in the metric's unit, by a test that is tuned to them."""
        compared = max(FEWEST_PLANNED, round(daily * days * sum(self.plan.compared)))
        longer = self.design.model_copy(update={"planned_days": days, "planned_units": compared})
        try:
            return replace(self, design=longer).at_planned_days(daily)[1]
        except InsufficientData:
            return None

    def _always_valid(self, total: float) -> tuple[float, float | None]:
        from experiments.stats.sequential_power import AlwaysValid, Looks
        from experiments.stats.solving import MOST_LOOKS, inflation

        rule, count = AlwaysValid(self.design.planned_units), min(MOST_LOOKS, self.design.planned_days)
        looks, compared = Looks(rule, count, self.plan.level, self.plan.sides), total * sum(self.plan.compared)
        chance = looks.power(self._expected_z(total), compared)
        return chance, self._smallest(total / inflation(looks, compared, self.plan.power))

    def _group_sequential(self, daily: float) -> tuple[float, float | None]:
        """The looks are those of the design: the first day at or beyond each twentieth of its units."""
        from experiments.analysis.panel import PLANNED_LOOKS
        from experiments.stats.group_sequential import GroupSequential

        full = self.design.planned_units / sum(self.plan.compared)
        looks: dict[int, float] = {}
        for day in range(1, self.design.planned_days + 1):
            reached = day * daily / full
            looks.setdefault(math.floor(min(reached, 1) * PLANNED_LOOKS + ROUNDING), reached)
        fractions = tuple(share for due, share in looks.items() if due)
        if not fractions:
            first = units(self.design.planned_units // PLANNED_LOOKS)
            run = run_words(self.design.planned_days)
            raise InsufficientData(f"The first planned look comes at {first}; there are fewer in the planned {run}.")
        test = GroupSequential(alpha=self.plan.level)
        chance = test.power(fractions, self._expected_z(full))
        return chance, self._smallest(full / test.inflation(fractions, self.plan.power))

    def _expected_z(self, total: float) -> float:
        import numpy as np

        from experiments.stats.single_look import expected_z

        plan = replace(self.plan, test="z")
        return float(expected_z(self.population, np.asarray(self.effect), np.asarray(total), plan))

    def _smallest(self, total: float, plan: Plan | None = None) -> float | None:
        """What one look at `total` units finds, by a z test unless another plan says otherwise."""
        from experiments.stats.design import minimum_effect

        try:
            return float(minimum_effect(self.population, total, plan or replace(self.plan, test="z")))
        except InsufficientData:
            return None


def _weights(design: Design) -> dict[str, int]:
    """Weights by variant, control first; two equal ones as long as there are none."""
    weights = {each.key: each.weight for each in sorted(design.variants, key=lambda variant: not variant.is_control)}
    return weights or {"control": FULL_WEIGHT // 2, "treatment": FULL_WEIGHT // 2}


def _plan(design: Design, power: float = DEFAULT_POWER) -> Plan:
    from experiments.stats.plan import Plan

    weights = _weights(design)
    if idle := [key for key, weight in weights.items() if not weight]:
        raise InsufficientData(
            f"{listed(idle)} would get no traffic; give every variant a weight above 0.", field="variants"
        )
    return Plan(
        alpha=design.alpha,
        power=power,
        shares=tuple(float(weight) for weight in weights.values()),
        split_alpha=design.correction is not Correction.NONE,
    )


def _population(design: Design, baseline: float, sd: float | None) -> Population:
    """A rate that should fall is planned as its opposite, which should rise."""
    from experiments.stats.population import NO_RATE, Population

    metric = design.primary
    if metric.kind is MetricKind.PROPORTION if metric else sd is None:
        if sd is not None:
            raise BadInput("The spread of a rate follows from the rate; leave out the standard deviation.", field="sd")
        if not 0 < baseline < 1:
            raise InsufficientData(NO_RATE, field="baseline")
        falls = metric is not None and metric.direction is Direction.DOWN
        return Population.proportion(1 - baseline if falls else baseline)
    if sd is None:
        raise BadInput("A mean needs its standard deviation per unit.", field="sd")
    if not 0 < sd <= LARGEST:
        raise BadInput("A standard deviation is a number above 0.", field="sd")
    if not 0 < baseline <= LARGEST:
        raise BadInput("An effect in per cent of control needs a baseline above 0.", field="baseline")
    return Population(baseline, sd * sd)
