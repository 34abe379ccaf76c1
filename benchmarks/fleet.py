"""How long the App Home, `list` and `search` take to prepare with ten thousand experiments, up to the finished blocks.

    ./dev bench fleet [--experiments 10000] [--rounds 30] [--no-postgres]

Beside the times stands their ratio to a floor: one bare question for twenty rows by primary key, in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.ack import postgres
from bot.connectors.routing import NotConnected
from experiments.design import Design, Kind, Metric, MetricKind, MetricRole, Variant
from experiments.measuring import NothingMeasured
from experiments.model import Approval, Decision, Experiment, Outcome, Review, Source, Status, StopReason
from experiments.permissions import Actor, Role
from experiments.ports import World
from experiments.readout import VerdictStatus
from experiments.running import Reading, Rollout, Significance
from handlers import fleet, home, look
from handlers.surfaces.home import home as drawn_home
from handlers.turn import Handler, Turn
from storage import Database
from storage.experiments import snapshot

WORKSPACE, USER = "T0SANDBOX", "U0ADA"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
THINGS = (
    "checkout",
    "search",
    "onboarding",
    "pricing",
    "ranking",
    "summary",
    "routing",
    "cache",
    "prompt",
    "retrieval",
)
CHANGES = ("shorter", "bolder", "cheaper", "earlier", "clearer", "smaller", "warmer", "faster")
WORDS = (
    *THINGS,
    *CHANGES,
    *("people", "because", "more", "buy", "fewer", "answers", "latency", "tokens", "page", "model"),
)
STATUSES = (*([Status.DECIDED] * 5), *([Status.ARCHIVED] * 4), *Status)
RARE, RARE_NUMBER = "zebra-crossing", 4321


def population(count: int) -> list[Experiment]:
    """Experiments as a large company has them: most are over, some wait, some run; one in a hundred is the person's."""
    dice = random.Random(5)
    return [_one(number, dice) for number in range(count)]


def _one(number: int, dice: random.Random) -> Experiment:
    status = dice.choice(STATUSES)
    thing, change = dice.choice(THINGS), dice.choice(CHANGES)
    design = Design(
        hypothesis=f"If the {thing} is {change}, then {_prose(dice, 60)}, because {_prose(dice, 40)}.",
        kind=dice.choice(list(Kind)),
        variants=(
            Variant(key="control", weight=5000, is_control=True),
            Variant(key=f"{change}-{thing}", weight=5000, description=_prose(dice, 12)),
        ),
        metrics=(
            Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION),
            Metric(key="revenue", unit="EUR"),
            Metric(key="latency", role=MetricRole.GUARDRAIL, unit="ms"),
        ),
    )
    at = NOW - timedelta(days=dice.expovariate(1 / 120), minutes=number % 1000)
    author = USER if number % 100 == 0 else f"U{number % 400:08d}"
    outcome = dice.choice(list(Outcome))
    rollout = Rollout(variant="control", stages=(1000, 10_000), by=author, at=at, stage_at=at)
    reached = list(Status).index(status)
    asked = Review(
        number=1, design_hash=design.hash, requested_by=author, requested_at=at, due_at=at, reviewers=(USER,)
    )
    return Experiment(
        workspace=WORKSPACE,
        key=f"{change}-{thing}-{RARE if number == RARE_NUMBER else number}",
        version=9,
        revision=6,
        title=f"{change.title()} {thing} {number}",
        status=status,
        project=f"project-{number % 40}",
        source=Source(reference=_prose(dice, 6)),
        tags=(thing, change),
        channel=f"C{number % 60:08d}",
        design=design,
        reviewers=(USER,),
        authors=(author,),
        owner=author,
        created_at=at - timedelta(days=30),
        updated_at=at,
        review=asked if status is Status.IN_REVIEW else None,
        approval=Approval(design_hash=design.hash, by="U0BO", at=at) if reached >= 2 else None,
        booking={"start_at": NOW, "by": author, "at": at} if status is Status.SCHEDULED else None,
        started_at=at - timedelta(days=20) if reached >= 4 else None,
        stopped_at=at if reached >= 6 else None,
        stop_reason=StopReason.COMPLETED if reached >= 6 else None,
        decision=_decision(outcome, at, dice) if reached >= 7 else None,
        rollout=rollout if status in {Status.ROLLING_OUT, Status.ROLLED_OUT} else None,
        reading=_reading(at, dice) if reached >= 4 else None,
        data_version=20 if reached >= 4 else 0,
        data_day=14.0 if reached >= 4 else None,
    )


def _decision(outcome: Outcome, at: datetime, dice: random.Random) -> Decision:
    words = {"reasoning": _prose(dice, 60), "next_steps": _prose(dice, 20), "summary": _prose(dice, 40)}
    return Decision(outcome=outcome, by="U0BO", at=at, readout_number=20, **words)


def _reading(at: datetime, dice: random.Random) -> Reading:
    return Reading(
        number=20,
        day=14.0,
        status=dice.choice(list(VerdictStatus)),
        sentence=_prose(dice, 12),
        significance=dice.choice(list(Significance)),
        at=at,
    )


def _prose(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(WORDS, k=words))


async def fill(database: Database, experiments: list[Experiment]) -> None:
    """Straight into storage, without commands: what is measured is reading."""
    async with database.uow(WORKSPACE) as uow:
        for each in experiments:
            await uow.experiments.save(None, each)


async def answering(handler: Handler, words: tuple[str, ...], actor: Actor, world: World) -> int:
    """The blocks a slash command is answered with."""
    blocks: list[Any] = []

    async def ack(**answer: Any) -> None:
        blocks.extend(answer["blocks"])

    turn = Turn(later=_drop, workspace=WORKSPACE, user=actor.user, channel="C00000001", words=words)
    await handler(ack, turn, actor, world)
    return len(blocks)


def _drop(work: Any) -> None:
    work.close()


async def preparing_home(actor: Actor, world: World) -> int:
    return len(drawn_home(await home.state_of(actor, world))["blocks"])


async def floor(world: World, keys: list[str]) -> int:
    """Twenty rows by primary key, their bodies unread."""
    async with world.reading(WORKSPACE) as uow:
        return sum([await uow.experiments.revisions(key) != () for key in keys])


async def timed(work: Callable[[], Awaitable[int]], rounds: int) -> tuple[float, float, int]:
    """Median and 95th percentile in milliseconds, with nothing remembered of what was read before; blocks shown."""
    took, blocks = [], 0
    for _ in range(rounds):
        snapshot.cache_clear()
        begun = time.perf_counter()
        blocks = await work()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took), sorted(took)[int(len(took) * 0.95)], blocks


async def measure(name: str, url: str, count: int, rounds: int) -> None:
    database = await Database.open(url, migrate=True)
    try:
        experiments = population(count)
        begun = time.perf_counter()
        await fill(database, experiments)
        print(f"{name}: {count:,} experiments filled in {time.perf_counter() - begun:.0f} s")
        world = world_over(database)
        ada = Actor(workspace=WORKSPACE, user=USER, role=Role.ADMIN)
        some = Actor(workspace=WORKSPACE, user=USER, role=Role.OUTSIDER, projects={"project-3": Role.REVIEWER})
        low, low95, _ = await timed(lambda: floor(world, [each.key for each in experiments[:20]]), rounds)
        print(f"{'ms':44} {'p50':>7} {'p95':>7} {'ratio':>7} blocks")
        print(f"{'floor: twenty keys':44} {low:7.2f} {low95:7.2f} {1:6.1f} ×")
        for what, work in {
            "App Home": lambda: preparing_home(ada, world),
            "App Home, a reader of one project": lambda: preparing_home(some, world),
            "/experiment": lambda: answering(look.own_work, (), ada, world),
            "list, usual filters": lambda: answering(fleet.by_command, (), ada, world),
            "list all": lambda: answering(fleet.by_command, ("all",), ada, world),
            "list all, a reader of one project": lambda: answering(fleet.by_command, ("all",), some, world),
            "search, a word of a tenth": lambda: answering(fleet.search, ("checkout",), ada, world),
            "search, a word of nearly all": lambda: answering(fleet.search, ("because",), ada, world),
            "search, three words": lambda: answering(fleet.search, ("bolder", "latency", "tokens"), ada, world),
            "search, a word of one": lambda: answering(fleet.search, (RARE,), ada, world),
            "search, no hit": lambda: answering(fleet.search, ("nowhere-to-be-found",), ada, world),
        }.items():
            median, p95, blocks = await timed(work, rounds)
            print(f"{what:44} {median:7.2f} {p95:7.2f} {median / low:6.1f} × {blocks:4}")
    finally:
        await database.close()


def world_over(database: Database) -> World:
    """The database with nothing around it; preparing a page asks for nothing else."""
    unused: Any = None
    return World(
        workspace=WORKSPACE,
        uow=database.uow,
        reading=database.reading,
        now=lambda: NOW,
        wall=lambda: NOW,
        slack=unused,
        draw=unused,
        writer=unused,
        people=unused,
        routing=NotConnected(),
        publish=unused,
        measurements=NothingMeasured(),
        sources=unused,
        secret=unused,
        nudge=lambda: None,
    )


async def main(count: int, rounds: int, with_postgres: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await measure("SQLite", f"sqlite:///{Path(folder, 'fleet.db')}", count, rounds)
    if with_postgres:
        with postgres() as url:
            await measure("PostgreSQL", url, count, rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--experiments", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--no-postgres", dest="postgres", action="store_false")
    given = parser.parse_args()
    asyncio.run(main(given.experiments, given.rounds, given.postgres))
