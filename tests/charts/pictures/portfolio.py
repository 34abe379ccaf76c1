"""A company of seven projects, one project, none, forty, names of all kinds, trends of all kinds, and lifts that are
huge, tiny and open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from experiments.design import Direction
from experiments.model import Experiment, Outcome
from experiments.pictures.portfolio import Portfolio, portfolio_of
from experiments.policy import Policies
from experiments.running import Withdrawal
from tests.experiments.pictures.attempts import NOW, attempt, fleet
from tests.experiments.pictures.companies import company, departments, moved
from tests.experiments.pictures.pipelines import drafted, ran
from tests.experiments.pictures.underway import underway
from tests.handlers.surfaces.situations import bait


def year() -> Portfolio:
    return portfolio_of(company(), departments(), NOW)


def quarter() -> Portfolio:
    return portfolio_of(company(), departments(), NOW, 90)


def one() -> Portfolio:
    """One project with one ended experiment."""
    return portfolio_of([attempt(1)], Policies(), NOW)


def running() -> Portfolio:
    """Nothing has ended yet."""
    return portfolio_of([underway(1).experiment, underway(2).experiment.evolve(project="search")], Policies(), NOW)


def empty() -> Portfolio:
    return portfolio_of([drafted()], Policies(), NOW)


def crowded() -> Portfolio:
    """Forty projects."""
    some = [each.evolve(key=f"p{n}-{each.key}", project=f"project {n}") for n in range(40)
            for each in fleet(2 + n % 7, seed=n)]  # fmt: skip
    return portfolio_of(some, Policies(), NOW)


def hostile() -> Portfolio:
    """Names that pretend to be something else."""
    baits = (
        bait(60)[:60],
        ("שלום עולם " * 9)[:60],
        "$\\frac{1}{2}$ _a_ 100 %",
        "🚀" * 30,
        "a\u200bb\u202ec" * 12,
        "W" * 60,
    )
    some = [each.evolve(key=f"h{n}-{each.key}", project=name) for n, name in enumerate(baits)
            for each in fleet(5, seed=n)]  # fmt: skip
    return portfolio_of(some, Policies(), NOW)


def course(project: str, *lifts: float, **changes: object) -> list[Experiment]:
    """One experiment about every forty days, the last of them lately, each shipped whatever it said."""
    first = NOW - timedelta(days=40 * len(lifts) - 31)
    return [
        attempt(n, lift, 0.008, ended=first + timedelta(days=40 * n), key=f"{project.replace(' ', '-')}-{n}",
                project=project, **{"outcome": Outcome.SHIP, **changes})
        for n, lift in enumerate(lifts)
    ]  # fmt: skip


def withdrawn(each: Experiment) -> Experiment:
    return each.evolve(withdrawal=Withdrawal(by="U0ADA", at=NOW, share=10_000, since=NOW - timedelta(days=5)))


def without_error(each: Experiment) -> Experiment:
    assert each.reading
    effects = tuple(effect.model_copy(update={"error": None}) for effect in each.reading.effects)
    return each.evolve(reading=each.reading.model_copy(update={"effects": effects}))


def trends() -> Portfolio:
    """Every way a metric can go: up, down, up and down, as measured, in little steps, taken back, and not at all."""
    return portfolio_of([
        *course("climbing", 0.04, 0.02, 0.03, 0.01, 0.02, 0.05, 0.03, 0.02),
        *course("falling", -0.02, -0.01, 0.01, -0.03, -0.02, -0.03, -0.01),
        *course("up and down", 0.04, -0.02, 0.01, -0.03, 0.02, -0.01),
        *course("few so far", 0.02, 0.03, 0.01),
        *course("quicker pages", -0.03, -0.02, -0.04, direction=Direction.DOWN),
        *course("just one", 0.04),
        *course("abandoned", 0.04, 0.03, outcome=Outcome.ABANDON),
        *map(withdrawn, course("taken back", 0.04, 0.03)),
        *course("elsewhere", 0.02, 0.01),
        *(moved(each, "elsewhere", "revenue", 0.0, Direction.UP) for each in course("x", 0.03)),
        *map(without_error, course("without error", 0.04)),
        *course("without error", 0.01, 0.02, 0.01, outcome=Outcome.ABANDON)[1:],
    ], Policies(), NOW)  # fmt: skip


def extreme() -> Portfolio:
    """Lifts of a million and of next to nothing, far apart, and a decision that is owed for years."""
    return portfolio_of([
        attempt(1, 1e6, 1e5, project="huge"), attempt(2, 2e6, 1e3, project="huge"),
        attempt(3, 1e-9, 1e-9, project="tiny", outcome=Outcome.SHIP),
        attempt(4, 2e-9, 1e-9, project="tiny", outcome=Outcome.SHIP),
        attempt(5, -0.5, 0.2, project="falling"), attempt(6, 0.02, 0.01, project="alone"),
        ran(7, NOW - timedelta(days=1_500), 0.01, 0.01, 9, None, project="forgotten"),
    ], Policies(), NOW)  # fmt: skip


EXAMPLES: dict[str, Callable[[], Portfolio]] = {
    "year": year,
    "quarter": quarter,
    "one": one,
    "running": running,
    "empty": empty,
    "crowded": crowded,
    "hostile": hostile,
    "trends": trends,
    "extreme": extreme,
}
GOLDEN = ("year", "hostile", "trends", "extreme")
