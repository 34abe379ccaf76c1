"""Factors: two that work together, three with three levels, one alone, rates and money, and what cannot be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

from experiments.aggregate import Aggregate
from experiments.design import FULL_WEIGHT, Direction, Metric, MetricKind, MetricRole, Variant
from experiments.model import Experiment
from experiments.pictures.factors import FactorMap, factors_of
from tests.charts.readings import means, shares
from tests.experiments.readings import NOW, an_experiment, reading

SOLVED = Metric(key="solved", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION, unit="per ticket")
COST = Metric(key="cost", role=MetricRole.COST, direction=Direction.DOWN, unit="ct per ticket")
PROMPTS = {"prompt": ("long", "short"), "model": ("small", "large")}
HOSTILE = ("$x_1$\\frac{1}{2}", "<!channel>", "שלום", "😀" * 12, "100%_a*b", "very-long-" * 5)


def grid(levels: Mapping[str, Sequence[str]]) -> tuple[Variant, ...]:
    """A variant for every combination, the first one the control, with equal weights."""
    cells = [dict(zip(levels, each, strict=True)) for each in product(*levels.values())]
    share, rest = divmod(FULL_WEIGHT, len(cells))
    return tuple(
        Variant(key=f"cell-{place}", weight=share + rest * (place == 0), is_control=place == 0, factors=cell)
        for place, cell in enumerate(cells)
    )


def designed(levels: Mapping[str, Sequence[str]], *metrics: Metric, **design: Any) -> Experiment:
    made = an_experiment(metrics=metrics or (SOLVED,), planned_units=20_000)
    changed = made.design.model_copy(update={"variants": grid(levels), **design})
    return made.evolve(title="Prompt and model of the helper", design=changed)


def pictured(experiment: Experiment, rows: Sequence[Aggregate], **which: str) -> FactorMap:
    return factors_of(experiment, rows, reading(experiment, rows), **which)


def effects(experiment: Experiment, base: float, changes: Mapping[frozenset[str], float]) -> dict[str, float]:
    """The truth of every variant: the base and all changes whose levels it has."""
    return {
        each.key: base + sum(size for levels, size in changes.items() if levels <= set(each.factors.values()))
        for each in experiment.design.variants
    }


def two(**which: str) -> FactorMap:
    """The short prompt helps the large model and harms the small one."""
    made = designed(PROMPTS, SOLVED, COST)
    truth = effects(
        made, 0.52, {frozenset({"short"}): -0.025, frozenset({"large"}): 0.05, frozenset({"short", "large"}): 0.06}
    )
    money = effects(made, 3.1, {frozenset({"short"}): -0.4, frozenset({"large"}): 1.2})
    rows = [
        *shares("solved", truth, days=12, per_day=420, seed=41),
        *means("cost", money, days=12, per_day=420, deviation=1.6),
    ]
    return pictured(made, rows, **which)


def money() -> FactorMap:
    return two(metric="cost")


def three() -> FactorMap:
    """Three factors, one of them with four levels."""
    made = designed({"temperature": ("0", "0.3", "0.7", "1"), "model": ("small", "large"), "tools": ("none", "search")})
    truth = effects(made, 0.5, {frozenset({"1"}): -0.06, frozenset({"large"}): 0.05, frozenset({"search"}): 0.03,
                                frozenset({"0.7", "search"}): 0.04})  # fmt: skip
    return pictured(made, shares("solved", truth, days=12, per_day=300, seed=43), pair="temperature × model")


def one() -> FactorMap:
    made = designed({"prompt": ("long", "short", "none")})
    truth = effects(made, 0.5, {frozenset({"none"}): -0.05})
    return pictured(made, shares("solved", truth, days=12, per_day=400, seed=44))


def eight_lines() -> FactorMap:
    made = designed(
        {"city": tuple(f"city-{letter}" for letter in "abcdefgh"), "tone": tuple(f"tone-{n}" for n in range(9))}
    )
    truth = effects(made, 0.5, {frozenset({"tone-3"}): 0.05})
    return pictured(made, shares("solved", truth, days=6, per_day=60, seed=45))


def extreme() -> FactorMap:
    """Below zero and huge."""
    made = designed(PROMPTS, Metric(key="balance", role=MetricRole.PRIMARY, unit="€"))
    truth = effects(made, -3e14, {frozenset({"short"}): 4e13})
    return pictured(made, means("balance", truth, days=12, deviation=2e14, seed=46))


def hostile() -> FactorMap:
    a, b, c, d, e, f = HOSTILE
    made = designed({a[:12].replace("(", ""): (b, c), e: (d[:20], f)})
    truth = effects(made, 0.5, {frozenset({c}): 0.05})
    return pictured(made.evolve(title=" ".join(HOSTILE)[:110]), shares("solved", truth, days=12, per_day=400, seed=47))


def partial() -> FactorMap:
    """A combination that nobody gets."""
    whole = designed(PROMPTS)
    *kept, _ = whole.design.variants
    weights = (3_334, 3_333, 3_333)
    variants = tuple(each.model_copy(update={"weight": weight}) for each, weight in zip(kept, weights, strict=True))
    made = whole.evolve(design=whole.design.model_copy(update={"variants": variants}))
    return pictured(made, shares("solved", effects(made, 0.5, {}), days=12))


def without() -> FactorMap:
    made = an_experiment("shorter-form", metrics=(SOLVED,)).evolve(title="Shorter sign-up form")
    return pictured(made, shares("solved", {"control": 0.5, "shorter-form": 0.5}, days=12))


def empty() -> FactorMap:
    return pictured(designed(PROMPTS).evolve(started_at=NOW), [])


EXAMPLES: dict[str, Callable[[], FactorMap]] = {
    "two": two,
    "money": money,
    "three": three,
    "one": one,
    "eight_lines": eight_lines,
    "extreme": extreme,
    "hostile": hostile,
    "partial": partial,
    "without": without,
    "empty": empty,
}
GOLDEN = ("two", "three", "hostile", "without")
