"""A busy year, a week, one experiment, none, thousands, and a team that never decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from experiments.pictures.velocity import Velocity, velocity_of
from tests.experiments.pictures.attempts import NOW, attempt, fleet
from tests.experiments.pictures.pipelines import drafted, ran, years


def year() -> Velocity:
    return velocity_of(years(), NOW)


def week() -> Velocity:
    """The last seven days of the same."""
    return velocity_of(years(), NOW, 7)


def quarter() -> Velocity:
    """The last ninety days, which begin within a month."""
    return velocity_of(years(), NOW, 90)


def one() -> Velocity:
    return velocity_of([ran(1, NOW - timedelta(days=40), 0.03, 0.01, 14, 2.5)], NOW)


def draft() -> Velocity:
    return velocity_of([drafted()], NOW)


def empty() -> Velocity:
    return velocity_of((), NOW)


def undecided() -> Velocity:
    """Much is stopped, nothing is decided."""
    return velocity_of([ran(n, NOW - timedelta(days=25 + 9 * n), 0.02, 0.02, 12, None) for n in range(20)], NOW)


def brought_in() -> Velocity:
    """Data of elsewhere, which never ran here."""
    files = [each.evolve(started_at=None, phases=()) for each in fleet(8)]
    return velocity_of([*years(20), *files], NOW)


def crowded() -> Velocity:
    """Thousands, in a year and a half."""
    return velocity_of(years(4_000, seed=9), NOW)


def extreme() -> Velocity:
    """Runs of a minute and of three years, decisions years later."""
    return velocity_of([
        attempt(1, days=0.0005), attempt(2, days=1_200, ended=NOW - timedelta(days=2)),
        ran(3, NOW - timedelta(days=2_000), 0.01, 0.01, 1, 1_990),
    ], NOW)  # fmt: skip


EXAMPLES: dict[str, Callable[[], Velocity]] = {
    "year": year,
    "quarter": quarter,
    "week": week,
    "one": one,
    "draft": draft,
    "empty": empty,
    "undecided": undecided,
    "brought_in": brought_in,
    "crowded": crowded,
    "extreme": extreme,
}
GOLDEN = ("year", "quarter", "extreme")
