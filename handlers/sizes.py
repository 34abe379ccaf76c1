"""What a design takes, worked out while it is being written: its size, or in words why there is none yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError

from experiments.checklist import Item, checklist
from experiments.design import Design
from experiments.errors import BunsenError
from experiments.faults import first_fault, sentence
from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.ports import World
from experiments.sizing import Sizing, sizing
from handlers.beside import overlapping, taken
from handlers.surfaces.sizing_block import Sized

T = TypeVar("T")
MOST_DAYS = 400


async def attempted(work: Callable[[], T]) -> T | str:
    """What the work gives, or in words what is wrong with what somebody is still typing."""
    [outcome] = await asyncio.gather(asyncio.to_thread(work), return_exceptions=True)
    if isinstance(outcome, BunsenError):
        return outcome.words
    if isinstance(outcome, ValidationError):
        return sentence(first_fault(outcome))
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


async def sized(design: Design) -> Sized:
    """The size by what the design expects; nothing while it expects nothing."""
    expected = design.expectation
    if expected is None:
        return None
    return await attempted(lambda: sizing(design, baseline=expected.baseline, sd=expected.sd, per_day=expected.per_day))


def planned(found: Sizing, design: Design) -> dict[str, int]:
    """The plan that the size suggests; the days stay where nobody could run it as long as that takes."""
    days = found.days if found.days and found.days <= MOST_DAYS else design.planned_days
    return {"planned_days": days, "planned_units": found.planned_units}


async def items_of(experiment: Experiment, found: Sized, reader: Actor, world: World) -> tuple[Item, ...]:
    """The checklist of the experiment's design, with the points of its project, in words for this reader."""
    async with world.reading(experiment.workspace) as uow:
        project = (await uow.policies.get()).project(experiment.project)
    beside = await overlapping(experiment, world)
    part = await taken(experiment, reader, world)
    known = found if isinstance(found, Sizing) else None
    return checklist(experiment.design, sizing=known, overlaps=beside, taken=part, custom=project.checklist)
