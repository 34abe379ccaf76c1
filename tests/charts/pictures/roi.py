"""Costs and benefits: a fleet in money and in percent, few experiments, none, hostile names, huge and tiny money."""

from __future__ import annotations

from collections.abc import Callable

from experiments.pictures.roi import PERCENT, Roi, roi_of
from experiments.policy import Policies
from tests.experiments.pictures.attempts import NOW, attempt, fleet, policies
from tests.handlers.surfaces.situations import bait

EUR = "money:EUR"


def money() -> Roi:
    """Two dozen of a shop that knows what a conversion is worth."""
    return roi_of(fleet(seed=8), policies(), EUR, NOW)


def percents() -> Roi:
    """The same without money."""
    return roi_of(fleet(seed=8), Policies(), PERCENT, NOW)


def mixed() -> Roi:
    """Some projects count in dollars, some know no worth, some experiments were never read."""
    some = fleet(30, seed=8)
    lost = [each.evolve(reading=None) for each in some[:3]]
    other = [each.evolve(project="search") for each in some[3:8]]
    return roi_of((*lost, *other, *some[8:]), policies(), EUR, NOW)


def few() -> Roi:
    return roi_of(fleet(4, seed=3), policies(), EUR, NOW)


def one() -> Roi:
    return roi_of(fleet(1), policies(), EUR, NOW)


def empty() -> Roi:
    return roi_of((), Policies(), PERCENT, NOW)


def unknown() -> Roi:
    """Nothing can be placed."""
    return roi_of(fleet(5), Policies(), EUR, NOW)


def crowded() -> Roi:
    return roi_of(fleet(300, seed=2), policies(), EUR, NOW)


def hostile() -> Roi:
    """Names that pretend to be something else."""
    some = fleet(12, seed=4)
    baits = (bait(110), "שלום עולם " * 9, "$\\frac{1}{2}$ _a_ 100 %", "🚀" * 30, "a\u200bb\u202ec" * 20)
    named = [each.evolve(title=baits[place % len(baits)]) for place, each in enumerate(some)]
    return roi_of(named, policies(currency="<!all>"), "money:<!all>", NOW)


def extreme() -> Roi:
    """Worths of a billion and of next to nothing, a lift of ten times, one that ran for a year."""
    some = [attempt(n, lift, error, days=days) for n, (lift, error, days) in enumerate(
        [(10.0, 2.0, 365), (1e-9, 1e-9, 0.01), (-0.5, 0.3, 14), (0.02, 0.001, 7), (0.03, 0.01, 9), (-0.01, 0.02, 21),
         (0.015, 0.02, 30)])]  # fmt: skip
    return roi_of(some, policies(worth={"conversion": 1e9}), EUR, NOW)


EXAMPLES: dict[str, Callable[[], Roi]] = {
    "money": money,
    "percents": percents,
    "mixed": mixed,
    "few": few,
    "one": one,
    "empty": empty,
    "unknown": unknown,
    "crowded": crowded,
    "hostile": hostile,
    "extreme": extreme,
}
GOLDEN = ("money", "percents", "hostile")
