"""Results: `/experiment results` or `analyze`, or a button → the readout with its pictures, where it was asked for."""

from __future__ import annotations

from dataclasses import replace

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
from handlers.turn import Ack, Turn, say

WITH_RESULTS = tuple(status for status in Status if status not in BEFORE_START)


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    if not turn.words:
        await offer("results", WITH_RESULTS, ack, turn, actor, world)
        return
    experiment = await experiment_of(turn.words[0], actor, world)
    await ack()
    turn.later(_said(experiment, turn, world))


async def by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(target(turn.value).key, actor, world)
    await ack()
    turn.later(_said(experiment, replace(turn, channel=turn.channel or _place(turn)), world))


async def by_pick(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(answers(turn.view)["key"], actor, world)
    await ack(response_action="clear")
    turn.later(_said(experiment, replace(turn, channel=_place(turn)), world))


async def message_of(experiment: Experiment, readout: Readout) -> Message:
    """The results with how far the plan is; their pictures are still to be drawn."""
    return results(readout, await aside(significance_of, readout, experiment))


def _place(turn: Turn) -> str:
    """The channel from which the form was opened."""
    return str(about(turn.view).get("channel", ""))


async def _said(experiment: Experiment, turn: Turn, world: World) -> None:
    message = await message_of(experiment, await readout_of(experiment, world))
    await say(turn, world, await illustrated(message, world))
