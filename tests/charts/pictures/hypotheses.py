"""Predictions against outcomes: a team over a year, one person, too sure, few, none, hostile names, huge effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import numpy as np

from experiments.model import Experiment
from experiments.pictures.hypotheses import Hypotheses, hypotheses_of
from experiments.running import Prediction
from tests.experiments.pictures.attempts import NOW, attempt, fleet
from tests.handlers.surfaces.situations import bait

PEOPLE = ("U0ADA", "U0BO", "U0CHEN", "U0DEE")


def predicted(some: Iterable[Experiment], sureness: float = 1.0, seed: int = 3) -> tuple[Experiment, ...]:
    """These experiments with what up to four people said before, who know a little, and hope for more."""
    dice = np.random.default_rng(seed)
    found = []
    for each in some:
        lift = each.reading.effects[0].lift if each.reading else 0.0
        said = []
        for person in PEOPLE[: int(dice.integers(1, 5))]:
            odds = 1 / (1 + np.exp(-sureness * (60 * (lift - 0.02) + dice.normal(0, 1.2))))
            chance = float(np.clip(np.round(odds * 20) / 20, 0.05, 0.95))
            effect = float(np.round(0.02 + 0.4 * lift + dice.normal(0.008, 0.012), 3)) if dice.random() < 0.8 else None
            at = each.created_at - timedelta(hours=1)
            said.append(Prediction(by=person, at=at, probability=chance, effect=effect))
        found.append(each.evolve(predictions=tuple(said)))
    return tuple(found)


def team() -> Hypotheses:
    """Three dozen experiments of a team that is about right."""
    return hypotheses_of((*predicted(fleet(38, seed=11)), *fleet(7, seed=4)), "", "", NOW)


def person() -> Hypotheses:
    """One of them, who is far too sure."""
    return hypotheses_of(predicted(fleet(44, seed=12), sureness=9, seed=8), "U0ADA", "Ada Meyer", NOW)


def few() -> Hypotheses:
    return hypotheses_of(predicted(fleet(9, seed=12)), "", "", NOW)


def one() -> Hypotheses:
    return hypotheses_of(predicted(fleet(1)), "", "", NOW)


def empty() -> Hypotheses:
    return hypotheses_of((), "", "", NOW)


def silent() -> Hypotheses:
    """Experiments that nobody predicted."""
    return hypotheses_of(fleet(5), "U0ADA", "Ada Meyer", NOW)


def without_effects() -> Hypotheses:
    bare = [
        each.evolve(predictions=tuple(one.model_copy(update={"effect": None}) for one in each.predictions))
        for each in predicted(fleet(25))
    ]
    return hypotheses_of(bare, "", "", NOW)


def crowded() -> Hypotheses:
    return hypotheses_of(predicted(fleet(900, seed=2)), "", "", NOW)


def hostile() -> Hypotheses:
    """Names that pretend to be something else."""
    baits = (bait(110), "שלום עולם " * 9, "$\\frac{1}{2}$ _a_ 100 %", "🚀" * 30, "a\u200bb\u202ec" * 20)
    some = predicted(fleet(24, seed=4))
    named = [each.evolve(title=baits[place % len(baits)]) for place, each in enumerate(some)]
    return hypotheses_of(named, "", "", NOW)


def extreme() -> Hypotheses:
    """Effects of next to nothing and of a quadrillion, predictions of 0 and 100 %, an open interval."""
    lifts = ((1e15, 1e14), (1e-9, 1e-9), (-0.9, 0.1), (0.03, 0.001), (0.02, 0.01), (0.0, 1.0))
    some = [attempt(number, lift, error) for number, (lift, error) in enumerate(lifts)]
    chances = (0.0, 1.0, 1.0, 0.5, 1e-9, 0.999999)
    effects = (10.0, -1.0, 0.0, 1e-9, 0.02, 0.05)
    said = [
        each.evolve(predictions=(Prediction(by="U0ADA", at=NOW, probability=chance, effect=effect),))
        for each, chance, effect in zip(some, chances, effects, strict=True)
    ]
    return hypotheses_of(said, "", "", NOW)


EXAMPLES: dict[str, Callable[[], Hypotheses]] = {
    "team": team,
    "person": person,
    "few": few,
    "one": one,
    "empty": empty,
    "silent": silent,
    "without_effects": without_effects,
    "crowded": crowded,
    "hostile": hostile,
    "extreme": extreme,
}
GOLDEN = ("team", "person", "few")
