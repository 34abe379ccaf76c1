"""What is usual in a project, read from the experiments it has measured."""

from __future__ import annotations

import asyncio

from experiments.knowledge.usual import Usual, usual_of
from experiments.model import BEFORE_START, Status
from experiments.permissions import Actor
from experiments.ports import World
from experiments.repositories import Filter

MOST = 5
LOOKED_THROUGH = 40
MEASURED = tuple(status for status in Status if status not in BEFORE_START)


async def usual_in(project: str, actor: Actor, world: World) -> Usual | None:
    """By the newest measured experiments of the project; None where there are none, or the actor may not read them."""
    if actor.readable is not None and project not in actor.readable:
        return None
    async with world.reading(actor.workspace) as uow:
        some = await uow.experiments.list(Filter(projects=(project,), statuses=MEASURED, limit=LOOKED_THROUGH))
        newest = [each for each in some if each.data_version][:MOST]
        measured = [(each, await uow.aggregates.of(each.key, each.data_version)) for each in newest]
    return await asyncio.to_thread(usual_of, project, measured)


async def projects_of(actor: Actor, world: World) -> tuple[str, ...]:
    """The projects with experiments that the actor may read, those with most of them first."""
    async with world.reading(actor.workspace) as uow:
        used = await uow.experiments.projects()
    known = [name for name in used if actor.readable is None or name in actor.readable]
    return tuple(sorted(known, key=lambda name: (-used[name], name)))
