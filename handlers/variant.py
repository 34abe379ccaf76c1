"""Variant level: buttons below a readout, or `/experiment variants` → variants, one of them, health, segments."""

from __future__ import annotations

from collections.abc import Callable

from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.ports import World
from experiments.readout import Readout
from handlers.forms import answers, target
from handlers.picking import offer
from handlers.reading import experiment_of, readout_of
from handlers.results import WITH_RESULTS
from handlers.surfaces import variant as surfaces
from handlers.surfaces.kit import Message
from handlers.turn import Ack, Turn, tell

Level = Callable[[Experiment, Readout], Message]


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """`variants`, `variants checkout-button`, `variants checkout-button treatment`."""
    if not turn.words:
        await offer("variants", WITH_RESULTS, ack, turn, actor, world)
        return
    experiment = await experiment_of(turn.words[0], actor, world)
    await ack()
    turn.later(_tell(experiment, _level_of(experiment, " ".join(turn.words[1:])), turn, world))


async def by_pick(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(answers(turn.view)["key"], actor, world)
    await ack(response_action="clear")
    turn.later(_tell(experiment, surfaces.variants, turn, world))


async def variants(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await _by_button(surfaces.variants, ack, turn, actor, world)


async def health(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await _by_button(surfaces.health, ack, turn, actor, world)


async def segments(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await _by_button(surfaces.segments, ack, turn, actor, world)


async def one(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """The variant that the button names; all of them when there is none of that name any more."""
    pressed = target(turn.value)
    experiment = await experiment_of(pressed.key, actor, world)
    await ack()
    turn.later(_tell(experiment, _level_of(experiment, pressed.seen), turn, world))


async def _by_button(level: Level, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(target(turn.value).key, actor, world)
    await ack()
    turn.later(_tell(experiment, level, turn, world))


def _level_of(experiment: Experiment, variant: str) -> Level:
    if variant not in {each.key for each in experiment.design.variants}:
        return surfaces.variants
    return lambda experiment, readout: surfaces.variant(experiment, readout, variant)


async def _tell(experiment: Experiment, level: Level, turn: Turn, world: World) -> None:
    await tell(turn, world, level(experiment, await readout_of(experiment, world)))
