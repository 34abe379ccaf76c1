"""More: the last entry of a menu, or `/experiment actions` → everything this person may do now."""

from __future__ import annotations

from experiments.model import Status
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers, target
from handlers.picking import offer
from handlers.reading import experiment_of
from handlers.surfaces.all_actions import all_actions
from handlers.turn import Ack, Turn, show


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    if not turn.words:
        await offer("actions", tuple(Status), ack, turn, actor, world)
        return
    experiment = await experiment_of(turn.words[0], actor, world)
    await show(turn, world, all_actions(experiment, actor, turn.channel))
    await ack()


async def by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(target(turn.value).key, actor, world)
    await show(turn, world, all_actions(experiment, actor, turn.channel))
    await ack()


async def by_pick(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(answers(turn.view)["key"], actor, world)
    channel = about(turn.view).get("channel", "")
    await ack(response_action="update", view=all_actions(experiment, actor, channel))
