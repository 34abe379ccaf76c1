"""`bunsen size`: units, power, smallest effect and days of an experiment from each other, before it starts."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from bot.options import Size, size_of, weights_of
from bot.reports.grid import aligned, wrapped
from experiments.errors import BadInput
from experiments.numerals import amount, days, percent, plural
from experiments.stats.design import units_in
from experiments.stats.plan import Plan
from experiments.stats.population import Population
from experiments.stats.solving import DEFAULT_POWER, WAYS, Question, Solved, Way

SCHEMA = "bunsen/size/1"


def asked(
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
) -> Question:
    """From the options as they are written; `BadInput` or `InsufficientData` for what they cannot mean.

    >>> asked(baseline=0.2, per_day=1_000, run_days=14).unknown
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
    way: Way = next((each for each in WAYS if each == method), "fixed")
    return Question(population, plan, way, wanted.value if wanted else None, units, per_day, run_days)


def size(question: Question, *, as_json: bool = False) -> str:
    """The answer as a table and a sentence, or as JSON; `InsufficientData` when there is none.

    >>> print(size(asked(baseline=0.2, effect="0.05", method="fixed")).splitlines()[1])
    fixed             2,184  1,092 / 1,092  +0.05   80 %
    """
    answers = [question.solved(way) for way in WAYS]
    chosen = next(each for each in answers if each.way == question.way)
    words = " ".join([_sentence(question, chosen), *_cost(question, answers[0], chosen)])
    if as_json:
        return json.dumps(_document(question, answers, words), indent=2, ensure_ascii=False, allow_nan=False)
    return "\n".join([*_table(question, answers), "", *wrapped(words)])


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


def _change(question: Question, effect: float) -> str:
    return percent(effect, signed=True) if question.plan.relative else f"{'+' if effect > 0 else ''}{amount(effect)}"


def _chance(share: float) -> str:
    return f"{100 * share:.3g} %"


def _length(run: float) -> str:
    weeks = run / 7
    return f"{days(run)} ({weeks:g} {plural(weeks, 'week')})" if weeks.is_integer() else days(run)


def _table(question: Question, answers: Sequence[Solved]) -> list[str]:
    timed = any(each.days is not None for each in answers)
    rows = [["METHOD", "UNITS", "PER ARM", "EFFECT", "POWER", *(["DAYS"] if timed else [])]]
    for each in answers:
        per_arm = " / ".join(f"{count:,}" for count in each.arms)
        run = [] if each.days is None else [_length(each.days)]
        chance = _chance(each.power)
        rows.append([each.way, f"{sum(each.arms):,}", per_arm, _change(question, each.effect), chance, *run])
    return aligned(rows, right=(1,), flexible=(2,))


def _sentence(question: Question, found: Solved) -> str:
    total = (
        f"{sum(found.arms):,} units" if question.unknown == "units" else f"{math.floor(question.units or 0):,} units"
    )
    if found.days is not None:
        total = (
            f"{_length(found.days)}, {total}," if question.unknown != "units" else f"{total}, {_length(found.days)},"
        )
    change, chance = _change(question, found.effect), _chance(found.power)
    if question.plan.null:
        what = f"show that it is not worse by more than {_change(question, -question.plan.null).lstrip('+')}"
        return f"{total} {what} with {chance} power, if the true change is {change}."
    or_more = " or more" if question.unknown == "effect" else ""
    return f"{total} find a change of {change}{or_more} with {chance} power."


def _cost(question: Question, fixed: Solved, chosen: Solved) -> list[str]:
    """What the freedom to look costs."""
    if chosen is fixed:
        return ["That is for one look at the end; looking earlier needs more."]
    how = "every day" if chosen.way == "always-valid" else "at the planned times"
    tuned = f" Plan it with {chosen.compared:,} planned units." if chosen.way == "always-valid" else ""
    if question.unknown == "units":
        return [f"Looking {how} takes {chosen.units / fixed.units:.2f} times the units of one look at the end.{tuned}"]
    if question.unknown == "effect":
        less = _change(question, fixed.effect)
        return [f"One look at the end would find {less}, but could not be looked at {how}.{tuned}"]
    return [f"One look at the end would have {_chance(fixed.power)} power.{tuned}"]


def _document(question: Question, answers: Sequence[Solved], words: str) -> dict[str, object]:
    mean = float(question.population.mean)
    relative = question.plan.relative
    return {
        "schema": SCHEMA,
        "solved_for": question.unknown,
        "method": question.way,
        "alpha": question.plan.alpha,
        "baseline": mean,
        "plans": [
            {
                "method": each.way,
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
