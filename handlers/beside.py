"""What stands beside a design: live experiments that get in its way, and past ones that are much like it."""

from __future__ import annotations

import asyncio
import difflib
from collections import Counter

from experiments.checklist import Overlap, overlaps
from experiments.groups import free_in, in_group, obstacle
from experiments.knowledge.similar import known, similar
from experiments.model import ENDED, LIVE, Experiment, Precedent, Status
from experiments.permissions import Actor, Role
from experiments.ports import World
from handlers.reading import experiments_of

MOST_LIVE = 500
MOST_COMPARED = 500
MOST_SHOWN = 3
MISTYPED = 0.8
"""How alike two names are, from 0 to 1, when one may be the other with a letter or two wrong."""


async def overlapping(experiment: Experiment, world: World) -> tuple[Overlap, ...]:
    """The live experiments of its project that reach the same units."""
    live = await experiments_of(
        experiment.workspace, world, statuses=tuple(LIVE), projects=(experiment.project,), limit=MOST_LIVE
    )
    return overlaps(experiment, live)


async def sharing(experiment: Experiment, world: World) -> tuple[Experiment, ...]:
    """The live experiments of its exclusion group, if it is in one."""
    part = experiment.design.exclusion
    if part is None:
        return ()
    async with world.reading(experiment.workspace) as uow:
        return await uow.experiments.list(in_group(part.group))


async def taken(experiment: Experiment, reader: Actor, world: World) -> str:
    """Why its part of an exclusion group is not free, in words for this reader; empty when it is."""
    return obstacle(experiment, await sharing(experiment, world), reader)


async def free(experiment: Experiment, world: World) -> str:
    """What is free in its exclusion group; empty when it is in none."""
    part = experiment.design.exclusion
    return free_in(part.group, await sharing(experiment, world), experiment.key) if part else ""


async def project_meant(experiment: Experiment, actor: Actor, world: World) -> str:
    """A project that others use and whose name is almost that of its own, which nobody else uses; mostly empty."""
    async with world.reading(experiment.workspace) as uow:
        used, policies = Counter(await uow.experiments.projects()), await uow.policies.get()
    used.subtract([experiment.project])
    used.update(each.name for each in policies.projects)
    if used[experiment.project] > 0:
        return ""
    seen = [name for name, count in used.most_common() if count > 0 and actor.role_in(name) >= Role.VIEWER]
    known = {name.casefold(): name for name in reversed(seen)}
    found = difflib.get_close_matches(experiment.project.casefold(), known, n=1, cutoff=MISTYPED)
    return known[found[0]] if found else ""


async def precedents(experiment: Experiment, actor: Actor, world: World) -> tuple[Precedent, ...]:
    """The past experiments most like it among those changed last that the actor may read, the most alike first.

    A draft that was deleted is put away too, but was never tried.
    """
    past = await experiments_of(
        experiment.workspace,
        world,
        statuses=(*sorted(ENDED), Status.ROLLING_OUT, Status.ARCHIVED),
        projects=actor.readable,
        limit=MOST_COMPARED,
    )
    tried = [known(each) for each in past if each.status is not Status.ARCHIVED or each.started_at]
    found = await asyncio.to_thread(similar, known(experiment), tried, MOST_SHOWN)
    concluded = {each.key: each.decision.outcome for each in past if each.decision}
    return tuple(
        Precedent(key=match.key, title=match.title, why=match.why, outcome=concluded.get(match.key)) for match in found
    )
