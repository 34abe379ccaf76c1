"""Results: `/experiment results` or `analyze`, or a button → the readout with its pictures, where it was asked for."""

from __future__ import annotations

from experiments.model import BEFORE_START, Experiment, Status
from experiments.permissions import Actor
from experiments.pictures.significance import significance_of
from experiments.ports import World
from experiments.readout import Readout
from handlers.aside import aside
from handlers.drawing import illustrated
from handlers.forms import about, answers, target
from handlers.picking import offer
from handlers.reading import experiment_of, readout_of
from handlers.surfaces.kit import Message
from handlers.surfaces.results import results
from handlers.turn import Ack, Turn

WITH_RESULTS = tuple(status for status in Status if status not in BEFORE_START)


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    if not turn.words:
        await offer("results", WITH_RESULTS, ack, turn, actor, world)
        return
    experiment = await experiment_of(turn.words[0], actor, world)
    await ack()
    turn.later(_answer(experiment, turn, world))


async def by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(target(turn.value).key, actor, world)
    await ack()
    channel = turn.channel or about(turn.view).get("channel") or actor.user
    turn.later(_post(experiment, channel, turn.thread_ts, world))


async def by_pick(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(answers(turn.view)["key"], actor, world)
    await ack(response_action="clear")
    turn.later(_post(experiment, about(turn.view).get("channel") or actor.user, None, world))


async def message_of(experiment: Experiment, readout: Readout) -> Message:
    """The results with how far the plan is; their pictures are still to be drawn."""
    return results(readout, await aside(significance_of, readout, experiment))


async def _answer(experiment: Experiment, turn: Turn, world: World) -> None:
    message = await illustrated(await message_of(experiment, await readout_of(experiment, world)), world)
    await world.slack.respond(turn.response_url, response_type="in_channel", text=message.text, blocks=message.blocks)


async def _post(experiment: Experiment, channel: str, thread_ts: str | None, world: World) -> None:
    message = await illustrated(await message_of(experiment, await readout_of(experiment, world)), world)
    place = {"thread_ts": thread_ts} if thread_ts else {}
    await world.slack.call("chat.postMessage", channel=channel, text=message.text, blocks=message.blocks, **place)
