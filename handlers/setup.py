"""Set-up: the walk-through on the App Home → a channel that says hello, steps that are done or skipped."""

from __future__ import annotations

import asyncio

from experiments.errors import Unavailable
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import picked
from handlers.home import CHANNEL, SKIPPED, publish
from handlers.surfaces.setup import hello
from handlers.turn import Ack, Turn


async def choose_channel(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Say hello in the chosen channel: that it arrives is the proof that news will."""
    channel = picked(turn.view, "setup_channel").get("channel") or turn.value
    await ack()
    turn.later(_connect(channel, actor, world))


async def skip(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await _keep({f"{SKIPPED}{turn.value}": "yes"}, actor, world)
    await ack()
    turn.later(publish(actor, world))


async def _connect(channel: str, actor: Actor, world: World) -> None:
    said = hello(actor.user)
    posted = world.slack.call("chat.postMessage", channel=channel, text=said.text, blocks=said.blocks)
    outcome: object = (await asyncio.gather(posted, return_exceptions=True))[0]
    if isinstance(outcome, Unavailable):
        await publish(actor, world, refused=(channel, outcome.reason))
    elif isinstance(outcome, BaseException):
        raise outcome
    else:
        await _keep({CHANNEL: channel}, actor, world)
        await publish(actor, world)


async def _keep(facts: dict[str, str], actor: Actor, world: World) -> None:
    async with world.uow(actor.workspace) as uow:
        before = await uow.preferences.get(actor.user)
        await uow.preferences.save(before.model_copy(update={"filters": {**before.filters, **facts}}))
