"""What stands beside a design: live experiments that get in its way, and past ones that are much like it."""

from __future__ import annotations

import asyncio

from experiments.checklist import Overlap, overlaps
from experiments.knowledge.similar import known, similar
from experiments.model import ENDED, LIVE, Experiment, Precedent, Status
from experiments.permissions import Actor
from experiments.ports import World
from handlers.reading import experiments_of

MOST_LIVE = 500
MOST_COMPARED = 500
MOST_SHOWN = 3


async def overlapping(experiment: Experiment, world: World) -> tuple[Overlap, ...]:
    """The live experiments of its project that reach the same units."""
    live = await experiments_of(
        experiment.workspace, world, statuses=tuple(LIVE), projects=(experiment.project,), limit=MOST_LIVE
    )
    return overlaps(experiment, live)


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
