"""`bunsen size`: units, power, smallest effect and days of an experiment from each other, before it starts."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from bot.options import Size, size_of, weights_of
from bot.reports.grid import aligned, wrapped
from experiments.errors import BadInput
from experiments.numerals import amount, days, percent
from experiments.stats.design import arms, duration, minimum_effect, power, sample_size, units_in
from experiments.stats.plan import Plan
from experiments.stats.population import Population
from experiments.stats.sequential_power import AlwaysValid
from experiments.stats.spending import OBRIEN_FLEMING

SCHEMA = "bunsen/size/1"
DEFAULT_POWER = 0.8
DEFAULT_LOOKS, MOST_LOOKS = 14, 60
ROUNDS = 3
Method: TypeAlias = Literal["fixed", "group-sequential", "always-valid"]
Unknown: TypeAlias = Literal["units", "effect", "power"]
METHODS: tuple[Method, ...] = ("fixed", "group-sequential", "always-valid")


@dataclass(frozen=True, slots=True)
class Sizing:
    """What is known of an experiment to be: its baseline, the test (`plan`), and all but one of effect, units, power.

    >>> asked = Sizing.asked(baseline=0.2, effect="0.05", method="fixed")
    >>> asked.unknown, round(asked.solved("fixed").units)
    ('units', 2184)
    """

    population: Population
    plan: Plan
    method: Method
    effect: float | None
    units: float | None
    power: float | None
    per_day: float | None
    days: float | None

    @classmethod
    def asked(
        cls,
        *,
        baseline: float,
        effect: str | None = None,
        kind: str | None = None,
        sd: float | None = None,
        chance: float | None = None,
        alpha: float = 0.05,
        treatments: int | None = None,
        weights: str | None = None,
        one_sided: bool = False,
        margin: str | None = None,
        correlation: float = 0.0,
        method: str = "always-valid",
        per_day: float | None = None,
        run_days: float | None = None,
        units: float | None = None,
    ) -> Sizing:
        """From the options as they are written; `BadInput` or `InsufficientData` for what they cannot mean.

        >>> Sizing.asked(baseline=0.2, per_day=1_000, run_days=14).unknown
        'effect'
        """
        if not -1 < correlation < 1:
            raise BadInput("--correlation lies between −1 and 1.")
        population = _population(baseline, kind or ("proportion" if sd is None else "mean"), sd).adjusted(correlation)
        if run_days is not None and per_day is not None:
            if units is not None:
                raise BadInput("Give either --units, or --days with --per-day.")
            units = float(units_in(run_days, per_day))
        wanted, spare = effect and size_of(effect, "--effect"), margin and size_of(margin, "--margin")
        if spare and not wanted:
            wanted = Size(0.0, spare.relative)
        relative = wanted.relative if wanted else spare.relative if spare else True
        if spare and (spare.relative != relative or spare.value <= 0):
            raise BadInput("--margin is a number above 0, and a percentage exactly when --effect is one.")
        if not wanted and units is None:
            raise BadInput("Give --effect (5% or 0.01), or --units, or --days with --per-day.")
        if wanted and units is not None and chance is not None:
            raise BadInput("With --effect and units there is nothing left to solve for; leave out --power.")
        less = bool(wanted and wanted.value < 0)
        plan = Plan(
            alpha=alpha,
            power=chance or DEFAULT_POWER,
            goal="two-sided" if not (one_sided or spare) else "less" if less else "greater",
            null=-spare.value if spare else 0.0,
            relative=relative,
            shares=_shares(treatments, weights),
        )
        known = None if wanted and units is not None else plan.power
        chosen: Method = next((each for each in METHODS if each == method), "fixed")
        return cls(population, plan, chosen, wanted.value if wanted else None, units, known, per_day, run_days)

    @property
    def unknown(self) -> Unknown:
        """What is solved for."""
        return "units" if self.units is None else "effect" if self.effect is None else "power"

    def solved(self, method: Method) -> Solved:
        """The answer for one way of looking; an always-valid test is tuned to the units it ends with.

        >>> Sizing.asked(baseline=0.2, effect="0.05").solved("always-valid").units > 2_184
        True
        """
        found = self._solve(replace(self.plan, sequential=None), method)
        for _ in range(0 if method == "fixed" else ROUNDS):
            found = self._solve(self._with_looks(method, found), method)
        return found

    def _with_looks(self, method: Method, found: Solved) -> Plan:
        length = self.days or found.days or DEFAULT_LOOKS
        rule = OBRIEN_FLEMING if method == "group-sequential" else AlwaysValid(found.compared)
        return replace(self.plan, sequential=rule, looks=min(MOST_LOOKS, max(1, round(length))))

    def _solve(self, plan: Plan, method: Method) -> Solved:
        units, effect, chance = self.units, self.effect, plan.power
        if units is None:
            units = float(sample_size(self.population, effect or 0.0, plan))
        elif effect is None:
            effect = float(minimum_effect(self.population, units, plan))
        else:
            chance = float(power(self.population, effect, units, plan))
        each = arms(units, plan)
        run = self.days if self.units is not None else None
        if run is None and self.per_day is not None:
            run = float(duration(sum(each), self.per_day))
        return Solved(method, units, each, each[0] + min(each[1:]), effect or 0.0, chance, run)


@dataclass(frozen=True, slots=True)
class Solved:
    """One answer: units in all and in each arm, those of control and the smallest treatment, effect, power and days.

    >>> Solved("fixed", 2_183.2, (1_092, 1_092), 2_184, 0.05, 0.8, None).arms
    (1092, 1092)
    """

    method: Method
    units: float
    arms: tuple[int, ...]
    compared: int
    effect: float
    power: float
    days: float | None


def size(sizing: Sizing, *, as_json: bool = False) -> str:
    """The answer as a table and a sentence, or as JSON; `InsufficientData` when there is none.

    >>> print(size(Sizing.asked(baseline=0.2, effect="0.05", method="fixed")).splitlines()[1])
    fixed             2,184  1,092 / 1,092  +0.05   80 %
    """
    answers = [sizing.solved(method) for method in METHODS]
    chosen = next(each for each in answers if each.method == sizing.method)
    words = " ".join([_sentence(sizing, chosen), *_cost(sizing, answers[0], chosen)])
    if as_json:
        return json.dumps(_document(sizing, answers, words), indent=2, ensure_ascii=False, allow_nan=False)
    return "\n".join([*_table(sizing, answers), "", *wrapped(words)])


def _population(baseline: float, kind: str, sd: float | None) -> Population:
    if kind == "proportion":
        if sd is not None:
            raise BadInput("--sd is for means; the spread of a proportion follows from its baseline.")
        return Population.proportion(baseline)
    if sd is None:
        raise BadInput("A mean needs its standard deviation per unit: --sd.")
    return Population(baseline, sd * sd)


def _shares(treatments: int | None, weights: str | None) -> tuple[float, ...]:
    if weights is None:
        return (1.0,) * ((treatments or 1) + 1)
    given = weights_of(weights)
    shares = tuple(given.values()) if isinstance(given, dict) else given
    if treatments is not None and len(shares) != treatments + 1:
        raise BadInput(f"--weights has {len(shares)} weights, but control and {treatments} treatments are planned.")
    return shares


def _change(sizing: Sizing, effect: float) -> str:
    return percent(effect, signed=True) if sizing.plan.relative else f"{'+' if effect > 0 else ''}{amount(effect)}"


def _chance(share: float) -> str:
    return f"{100 * share:.3g} %"


def _length(run: float) -> str:
    weeks = run / 7
    return f"{days(run)} ({weeks:g} week{'' if weeks == 1 else 's'})" if weeks.is_integer() else days(run)


def _table(sizing: Sizing, answers: Sequence[Solved]) -> list[str]:
    timed = any(each.days is not None for each in answers)
    rows = [["METHOD", "UNITS", "PER ARM", "EFFECT", "POWER", *(["DAYS"] if timed else [])]]
    for each in answers:
        per_arm = " / ".join(f"{count:,}" for count in each.arms)
        run = [] if each.days is None else [_length(each.days)]
        chance = _chance(each.power)
        rows.append([each.method, f"{sum(each.arms):,}", per_arm, _change(sizing, each.effect), chance, *run])
    return aligned(rows, right=(1,), flexible=(2,))


def _sentence(sizing: Sizing, found: Solved) -> str:
    total = f"{sum(found.arms):,} units" if sizing.unknown == "units" else f"{math.floor(sizing.units or 0):,} units"
    if found.days is not None:
        total = f"{_length(found.days)}, {total}," if sizing.unknown != "units" else f"{total}, {_length(found.days)},"
    change, chance = _change(sizing, found.effect), _chance(found.power)
    if sizing.plan.null:
        what = f"show that it is not worse by more than {_change(sizing, -sizing.plan.null).lstrip('+')}"
        return f"{total} {what} with {chance} power, if the true change is {change}."
    or_more = " or more" if sizing.unknown == "effect" else ""
    return f"{total} find a change of {change}{or_more} with {chance} power."


def _cost(sizing: Sizing, fixed: Solved, chosen: Solved) -> list[str]:
    """What the freedom to look costs."""
    if chosen is fixed:
        return ["That is for one look at the end; looking earlier needs more."]
    how = "every day" if chosen.method == "always-valid" else "at the planned times"
    tuned = f" Plan it with {chosen.compared:,} planned units." if chosen.method == "always-valid" else ""
    if sizing.unknown == "units":
        return [f"Looking {how} takes {chosen.units / fixed.units:.2f} times the units of one look at the end.{tuned}"]
    if sizing.unknown == "effect":
        less = _change(sizing, fixed.effect)
        return [f"One look at the end would find {less}, but could not be looked at {how}.{tuned}"]
    return [f"One look at the end would have {_chance(fixed.power)} power.{tuned}"]


def _document(sizing: Sizing, answers: Sequence[Solved], words: str) -> dict[str, object]:
    mean = float(sizing.population.mean)
    relative = sizing.plan.relative
    return {
        "schema": SCHEMA,
        "solved_for": sizing.unknown,
        "method": sizing.method,
        "alpha": sizing.plan.alpha,
        "baseline": mean,
        "plans": [
            {
                "method": each.method,
                "units": sum(each.arms),
                "arms": list(each.arms),
                "planned_units": each.compared,
                "effect": each.effect * mean if relative else each.effect,
                "relative_effect": each.effect if relative else each.effect / mean if mean else None,
                "power": each.power,
                "days": each.days,
            }
            for each in answers
        ],
        "sentence": words,
    }
