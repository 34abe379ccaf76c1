"""What runs: a usual week with a broken split and a breach, one, none, names of all kinds, fifty, huge and tiny."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from experiments.design import Expectation, Method
from experiments.model import Status
from experiments.pictures.active import MOST, Active
from tests.experiments.pictures.attempts import NOW, TITLES
from tests.experiments.pictures.underway import Underway, pictured, underway
from tests.handlers.surfaces.situations import bait


def week() -> tuple[Underway, ...]:
    """Ten of a usual week."""
    return (
        underway(1, title="Shorter answers in search", day=12, per_day=1_900, rate=0.209),
        underway(2, title="Bigger checkout button", day=9, per_day=2_600, lost=0.06),
        underway(3, title="Query rewriting", day=10, per_day=2_100, errors=0.071),
        underway(4, title="Guest checkout", day=20, per_day=3_100, rate=0.213),
        underway(5, title="Free returns in the basket", day=25, per_day=900),
        underway(6, title="Reviews above the fold", day=6, per_day=1_200, status=Status.PAUSED),
        underway(7, title="Delivery date on the card", day=2, per_day=2_400),
        underway(8, title="Smarter autocomplete", day=14, per_day=1_500, rate=0.206, design={"method": Method.FIXED}),
        underway(9, title="Price per unit", day=5, per_day=3_300, rate=0.21),
        underway(10, title="Saved baskets", day=2, per_day=0),
    )


def usual() -> Active:
    return pictured(week())


def one() -> Active:
    return pictured([underway(1, title="Shorter answers in search", day=12, per_day=1_900)])


def empty() -> Active:
    return pictured([])


def silent() -> Active:
    """Data of a guardrail stay away, and those of another end days ago."""
    some = [underway(1, title="Guest checkout"), underway(2, title="Saved baskets", age=3.5), underway(3, day=0)]
    return pictured(some, missing={"running-1": NOW - timedelta(hours=7)})


def crowded() -> Active:
    """Fifty, of which as many as have room."""
    some = [underway(number, title=TITLES[number % len(TITLES)], day=3 + number % 19, per_day=700 + 90 * number)
            for number in range(50)]  # fmt: skip
    return pictured(some, MOST)


def hostile() -> Active:
    """Names that pretend to be something else."""
    baits = (bait(110), "שלום עולם " * 9, "$\\frac{1}{2}$ _a_ 100 %", "🚀" * 30, "a\u200bb\u202ec" * 20, "W" * 120)
    return pictured([underway(number, title=each, day=4 + number) for number, each in enumerate(baits)])


def extreme() -> Active:
    """A year of next to nobody, billions a day, and a plan nobody can meet."""
    small = {"smallest_effect": 1e-6, "expectation": Expectation(baseline=1e-6, per_day=1)}
    return pictured([
        underway(1, title="A year of a few", day=330, per_day=4, design={"planned_days": 365}),
        underway(2, title="Everybody, all the time", day=4, per_day=400_000_000, design={"planned_units": 10**12}),
        underway(3, title="Too small to be seen", day=2, per_day=3, design=small),
        underway(4, title="Long over", day=40, per_day=60, design={"planned_days": 1}),
        underway(5, title="Not from here", started_at=None, phases=()),
    ])  # fmt: skip


EXAMPLES: dict[str, Callable[[], Active]] = {
    "usual": usual,
    "one": one,
    "empty": empty,
    "silent": silent,
    "crowded": crowded,
    "hostile": hostile,
    "extreme": extreme,
}
GOLDEN = ("usual", "hostile", "extreme")
