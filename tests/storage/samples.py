"""Experiments to keep."""

from dataclasses import replace
from typing import Any

from experiments.commands import ApproveReview, CreateExperiment, EditExperiment, RequestReview
from experiments.design import Metric, MetricRole, Variant
from experiments.execute import execute
from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.ports import World
from experiments.repositories import Schedule
from storage import Database
from tests.worlds import ADA, BO, MONDAY, MemoryWorld

VARIANTS = (Variant(key="control", weight=5_000, is_control=True), Variant(key="green", weight=5_000))
METRICS = (Metric(key="conversion", role=MetricRole.PRIMARY),)
DIGEST = Schedule(name="digest", subject="C0EXPERIMENTS", tz="Europe/Berlin", next_at=MONDAY)


def world_on(database: Database, bench: MemoryWorld | None = None) -> World:
    """The stand-ins for everything but the database."""
    return replace((bench or MemoryWorld()).world, uow=database.uow, reading=database.reading)


async def draft(world: World, key: str = "checkout-button", **fields: Any) -> Experiment:
    """A draft by Ada that has all a review needs."""
    fields = {
        "title": "Green checkout button",
        "channel": "C0EXPERIMENTS",
        "hypothesis": "If green then more.",
        **fields,
    }
    await execute(CreateExperiment(key=key, **fields), ADA, world)
    return await execute(EditExperiment(key=key, variants=VARIANTS, metrics=METRICS), ADA, world)


async def in_review(
    world: World, key: str = "checkout-button", *, reviewers: tuple[str, ...] = (), **design: Any
) -> Experiment:
    await draft(world, key)
    if design:
        await execute(EditExperiment(key=key, **design), ADA, world)
    return await execute(RequestReview(key=key, reviewers=reviewers), ADA, world)


async def approved(world: World, key: str = "checkout-button", by: Actor = BO, **design: Any) -> Experiment:
    asked = await in_review(world, key, **design)
    return await execute(ApproveReview(key=key, design_hash=asked.design.hash), by, world)
