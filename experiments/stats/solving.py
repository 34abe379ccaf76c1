"""Units, effect or power of an experiment from the others, and the days that takes, for one look or for several."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.design import arms, duration, minimum_effect, power, sample_size
from experiments.stats.group_sequential import GroupSequential
from experiments.stats.plan import Plan
from experiments.stats.population import Population
from experiments.stats.sequential_power import AlwaysValid, Looks
from experiments.stats.spending import OBRIEN_FLEMING

DEFAULT_POWER = 0.8
DEFAULT_LOOKS, MOST_LOOKS = 14, 60
ROUNDS = 3
MOST_STEPS = 50
CLOSE = 1e-9
START = 1.3
LEAST_SLOPE = 0.1
Way: TypeAlias = Literal["fixed", "group-sequential", "always-valid"]
Unknown: TypeAlias = Literal["units", "effect", "power"]
WAYS: tuple[Way, ...] = ("fixed", "group-sequential", "always-valid")


@dataclass(frozen=True, slots=True)
class Question:
    """What is known of an experiment to be: its baseline, the test (`plan`), and all but one of effect, units, power.

    >>> from experiments.stats.population import Population
    >>> asked = Question(Population.proportion(0.2), Plan(), "fixed", effect=0.05, units=None)
    >>> asked.unknown, round(asked.solved("fixed").units)
    ('units', 2184)
    """

    population: Population
    plan: Plan
    way: Way
    effect: float | None
    units: float | None
    per_day: float | None = None
    days: float | None = None

    @property
    def unknown(self) -> Unknown:
        """What is solved for.

        >>> from experiments.stats.population import Population
        >>> Question(Population.proportion(0.2), Plan(), "fixed", effect=None, units=2_000).unknown
        'effect'
        """
        return "units" if self.units is None else "effect" if self.effect is None else "power"

    def solved(self, way: Way) -> Solved:
        """The answer for one way of looking; an always-valid test is tuned to the units it ends with.

        Raises `InsufficientData` when there is no answer.

        >>> from experiments.stats.population import Population
        >>> Question(Population.proportion(0.2), Plan(), "fixed", 0.05, None).solved("always-valid").units > 2_184
        True
        """
        found = self._solve(replace(self.plan, sequential=None), way)
        for _ in range(0 if way == "fixed" else ROUNDS):
            found = self._solve(self._with_looks(way, found), way)
        return found

    def _with_looks(self, way: Way, found: Solved) -> Plan:
        length = self.days or found.days or DEFAULT_LOOKS
        rule = OBRIEN_FLEMING if way == "group-sequential" else AlwaysValid(found.compared)
        return replace(self.plan, sequential=rule, looks=min(MOST_LOOKS, max(1, round(length))))

    def _solve(self, plan: Plan, way: Way) -> Solved:
        count, effect, chance = self.units, self.effect, plan.power
        if count is None:
            count = float(sample_size(self.population, effect or 0.0, plan))
        elif effect is None:
            effect = float(minimum_effect(self.population, count, plan))
        else:
            chance = float(power(self.population, effect, count, plan))
        each = arms(count, plan)
        run = self.days if self.units is not None else None
        if run is None and self.per_day is not None:
            run = float(duration(sum(each), self.per_day))
        return Solved(way, count, each, each[0] + min(each[1:]), effect or 0.0, chance, run)


@dataclass(frozen=True, slots=True)
class Solved:
    """One answer: units in all and in each arm, those of control and the smallest treatment, effect, power and days.

    >>> Solved("fixed", 2_183.2, (1_092, 1_092), 2_184, 0.05, 0.8, None).arms
    (1092, 1092)
    """

    way: Way
    units: float
    arms: tuple[int, ...]
    compared: int
    effect: float
    power: float
    days: float | None


@lru_cache(maxsize=1024)
def inflation(looks: Looks, units: float, power: float) -> float:
    """How many times the units of one look at the end these looks need for the same power, ending at `units` units.

    So a plan with looks is one with a single z test of that many times fewer units. `units` matter to an always-valid
    test alone. Raises `InsufficientData` where the power is out of reach.

    >>> round(inflation(Looks(OBRIEN_FLEMING, 14, 0.05, 2), 1_000, 0.8), 3)
    1.042
    >>> round(inflation(Looks(AlwaysValid(1_000), 14, 0.05, 2), 1_000, 0.8), 3)
    1.76
    """
    wanted, alone = special.ndtri(power), special.ndtri(power) - special.ndtri(looks.alpha / looks.sides)
    if not isinstance(looks.rule, AlwaysValid):
        fractions = np.arange(1, looks.count + 1) / looks.count
        return GroupSequential(looks.rule, looks.alpha, looks.sides).inflation(fractions, power)
    drift, before, missed = float(alone * START), 0.0, 0.0
    for _ in range(MOST_STEPS):
        missing = float(special.ndtri(np.clip(looks.power(drift, units), 1e-300, 1 - 1e-16)) - wanted)
        slope = (missing - missed) / (drift - before) if before else 1.0
        if abs(missing) < CLOSE:
            return float(np.square(drift / alone))
        before, missed, drift = drift, missing, drift - missing / max(slope, LEAST_SLOPE)
    raise InsufficientData("With this the planned power is out of reach.")
