"""Directions: a shop's tags, its kinds, few, none, more than fit, hostile names, huge and tiny effects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from experiments.design import Design, Kind
from experiments.model import Experiment
from experiments.pictures.patterns import Patterns, patterns_picture_of
from tests.experiments.pictures.attempts import CONVERSION, NOW, VARIANTS, attempt, fleet
from tests.handlers.surfaces.situations import bait

DIRECTIONS = {
    "checkout": (0.034, 9), "pricing": (0.03, 5), "personal ranking": (0.026, 6), "trust": (0.016, 7),
    "search": (0.012, 8), "latency": (0.012, 6), "product-page": (0.008, 7), "onboarding": (0.002, 5),
    "dark-mode": (0.0, 4), "emails": (-0.012, 6), "pop-ups": (-0.031, 5), "voice": (0.01, 2), "gifts": (0.02, 1),
}  # fmt: skip


def shop(seed: int = 6) -> tuple[Experiment, ...]:
    """Directions with their own true effects, measured with errors; some have two tags, one in nine has none."""
    dice, made = np.random.default_rng(seed), []
    for tag, (mean, count) in DIRECTIONS.items():
        for _ in range(count):
            error = float(dice.uniform(0.006, 0.014))
            lift = float(dice.normal(mean, 0.008) + dice.normal(0, error))
            number = len(made) + 1
            tags = () if number % 9 == 0 else (tag, "mobile") if number % 5 == 0 else (tag,)
            kind = (Kind.FEATURE, Kind.PROMPT_AB, Kind.COST_OPTIMIZATION)[number % 3]
            design = Design(kind=kind, variants=VARIANTS, metrics=(CONVERSION,), planned_units=20_000)
            made.append(attempt(number, lift, error, tags=tags, design=design))
    return tuple(made)


def tags() -> Patterns:
    """Two years of a shop."""
    return patterns_picture_of(shop(), "tag", NOW)


def kinds() -> Patterns:
    return patterns_picture_of(shop(), "kind", NOW)


def few() -> Patterns:
    return patterns_picture_of([attempt(1, tags=("pricing",)), attempt(2, 0.05, tags=("pricing",))], "tag", NOW)


def one() -> Patterns:
    return patterns_picture_of([attempt(1, tags=("pricing",))], "tag", NOW)


def empty() -> Patterns:
    return patterns_picture_of((), "tag", NOW)


def untagged() -> Patterns:
    """Nothing can be placed."""
    return patterns_picture_of([attempt(1), attempt(2).evolve(reading=None)], "tag", NOW)


def crowded() -> Patterns:
    """Forty tags of a large house."""
    dice = np.random.default_rng(5)
    some = [
        attempt(number, float(dice.normal(0.01, 0.03)), tags=(f"direction {dice.integers(40)}",))
        for number in range(300)
    ]
    return patterns_picture_of(some, "tag", NOW)


def hostile() -> Patterns:
    """Names that pretend to be something else."""
    baits = (bait(58)[:40], "שלום עולם " * 4, "$\\frac{1}{2}$ _a_ 100 %", "🚀" * 30, "a\u200bb" * 10)
    some = [
        each.evolve(tags=(baits[place % len(baits)], f"{place % 3}" * 30))
        for place, each in enumerate(fleet(20, seed=4))
    ]
    return patterns_picture_of(some, "tag", NOW)


def extreme() -> Patterns:
    """Effects of a quadrillion, of next to nothing, and the same ones again and again."""
    lifts = {
        "huge": ((1e15, 1e14), (2e15, 1e14), (3e15, 1e14)),
        "tiny": ((1e-9, 1e-9), (2e-9, 1e-9)),
        "usual": ((0.02, 0.01), (0.03, 0.01), (-0.02, 0.01)),
        "same": ((0.01, 0.01), (0.01, 0.01)),
    }
    every = [(tag, *each) for tag, some in lifts.items() for each in some]
    some = [attempt(number, lift, error, tags=(tag,)) for number, (tag, lift, error) in enumerate(every)]
    return patterns_picture_of(some, "tag", NOW)


EXAMPLES: dict[str, Callable[[], Patterns]] = {
    "tags": tags,
    "kinds": kinds,
    "few": few,
    "one": one,
    "empty": empty,
    "untagged": untagged,
    "crowded": crowded,
    "hostile": hostile,
    "extreme": extreme,
}
GOLDEN = ("tags", "kinds", "hostile")
