"""Histories: a year and a half of a fleet, one direction, few attempts, none, hostile names, hundreds, extremes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from experiments.model import Experiment
from experiments.pictures.history import History, history_of
from tests.experiments.pictures.attempts import NOW, attempt, fleet
from tests.handlers.surfaces.situations import bait


def mixed(count: int, seed: int) -> list[Experiment]:
    """Some without a lift, some that harmed, some with too few units."""
    made = list(fleet(count, seed))
    for place in range(4, count, 9):
        made[place] = made[place].evolve(reading=None)
    for place in range(2, count, 7):
        reading = made[place].reading
        if reading:
            made[place] = made[place].evolve(reading=reading.model_copy(update={"harmed": True}))
    return made


def ordinary() -> History:
    return history_of(mixed(40, 8), NOW)


def direction() -> History:
    return history_of(fleet(40, 8), NOW, "checkout")


def few() -> History:
    return history_of(fleet(4, 1), NOW)


def one() -> History:
    return history_of([attempt(1, 0.04)], NOW)


def no_winner() -> History:
    return history_of([attempt(number, 0.001 * number) for number in range(8)], NOW)


def empty() -> History:
    return history_of((), NOW)


def crowded() -> History:
    return history_of(mixed(900, 3), NOW)


def hostile() -> History:
    """Names and directions that pretend to be something else."""
    tags = ("$\\frac{1}{2}$", "שלום-עולם", "<!channel>", "a\u200bb\u202ec", "🚀" * 20, "x" * 40, "_a_ 100 %")
    some = fleet(24, 8)
    return history_of([each.evolve(title=bait(110), tags=(tags[place % 7],)) for place, each in enumerate(some)], NOW)


def extreme() -> History:
    """Lifts of a thousand times and next to nothing, one a minute ago, one ten years ago, several on one day."""
    ends = [timedelta(minutes=1), timedelta(days=3_650), *[timedelta(days=40)] * 7]
    lifts = [1000.0, 1e-9, 0.02, 0.03, -0.5, 0.04, 0.01, 0.06, 0.05]
    return history_of(
        [attempt(number, lift, abs(lift) / 4, ended=NOW - end, tags=("all",)) for number, (lift, end) in enumerate(
            zip(lifts, ends, strict=True))], NOW,
    )  # fmt: skip


EXAMPLES: dict[str, Callable[[], History]] = {
    "ordinary": ordinary,
    "direction": direction,
    "few": few,
    "one": one,
    "no-winner": no_winner,
    "empty": empty,
    "crowded": crowded,
    "hostile": hostile,
    "extreme": extreme,
}
GOLDEN = ("ordinary", "direction", "hostile")
