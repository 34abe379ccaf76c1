"""Home: opening the App Home → what needs me, my experiments, the running fleet."""

from __future__ import annotations

from experiments.model import LIVE, Status
from experiments.permissions import Actor
from experiments.ports import Filter, World
from handlers.surfaces.home import HomeState, home
from handlers.turn import Ack, Turn

MOST = 20
MOST_ENDED = 200


async def opened(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await ack()
    turn.later(_publish(actor, world))


async def _publish(actor: Actor, world: World) -> None:
    fleet = Filter(statuses=tuple(sorted(LIVE)), limit=MOST)
    ended = Filter(owner=actor.user, statuses=(Status.STOPPED,), limit=MOST_ENDED)
    async with world.reading(actor.workspace) as uow:
        state = HomeState(
            user=actor.user,
            reviews=await uow.experiments.list(Filter(reviewer=actor.user, limit=MOST)),
            decisions=[each for each in await uow.experiments.list(ended) if each.owes_decision][:MOST],
            mine=await uow.experiments.list(Filter(owner=actor.user, limit=MOST)),
            running=await uow.experiments.list(fleet),
            running_total=await uow.experiments.count(fleet),
            now=world.now(),
        )
    await world.slack.call("views.publish", user_id=actor.user, view=home(state))
