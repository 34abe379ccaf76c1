"""Versions: `diff` compares two of an experiment field by field, `history` tells who changed what, page by page."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.audit import AuditRecord
from experiments.commands import COMMANDS
from experiments.difference import Change, of_experiments
from experiments.errors import BadInput
from experiments.model import Experiment
from experiments.numerals import share
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, target
from handlers.opening import Opening
from handlers.reading import experiment_of
from handlers.surfaces.diff import Comparison, diff_modal, only_version_modal
from handlers.surfaces.fields import Choice
from handlers.surfaces.history import history_modal
from handlers.surfaces.kit import View
from handlers.surfaces.words import visible
from handlers.turn import Ack, Turn, redraw


async def _diff_modal(experiment: Experiment, turn: Turn, world: World) -> View:
    asked = [_number(word) for word in turn.words[1:3]]
    return await _compared(experiment, world, *asked)


async def _history_modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return history_modal(experiment, await _records(experiment, world))


diff = Opening("diff", _diff_modal)
history = Opening("history", _history_modal)


async def compare(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Another version was chosen in the form."""
    seen = about(turn.view)
    end, _, number = turn.value.partition(":")
    chosen = {"older": seen["older"], "newer": seen["newer"], end: int(number)}
    experiment = await experiment_of(seen["key"], actor, world)
    view = await _compared(experiment, world, chosen["older"], chosen["newer"])
    await ack()
    await redraw(turn.view["id"], view, world)


async def turn_page(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Older or newer changes."""
    pressed = target(turn.value)
    experiment = await experiment_of(pressed.key, actor, world)
    view = history_modal(experiment, await _records(experiment, world), int(pressed.seen))
    await ack()
    await redraw(turn.view["id"], view, world)


async def _compared(experiment: Experiment, world: World, older: int | None = None, newer: int | None = None) -> View:
    """Two versions compared; by default the newest with the one before it."""
    async with world.reading(experiment.workspace) as uow:
        kept, records = await uow.experiments.revisions(experiment.key), await uow.audit.of(experiment.key)
        if len(kept) < 2:
            return only_version_modal(experiment)
        newer = kept[-1] if newer is None else newer
        if older is None:
            older = max((each for each in kept if each < newer), default=kept[0])
        if unknown := [each for each in (older, newer) if each not in kept]:
            raise BadInput(
                f"“{experiment.title}” has no version {unknown[0]}; those kept go from {kept[0]} to {kept[-1]}.",
                field="key",
            )
        sides = [await uow.experiments.at(experiment.key, each) or experiment for each in sorted((older, newer))]
    changes = (*_standing(*sides), *of_experiments(*sides))
    return diff_modal(Comparison(sides[0], sides[1], _choices(kept, records), changes))


def _standing(older: Experiment, newer: Experiment) -> list[Change]:
    """What differs in where it stands and which traffic it gets."""
    found = []
    if older.status is not newer.status:
        found.append(Change("state", older.status.words, newer.status.words))
    if older.phase and newer.phase:
        for key, weight in newer.weights.items():
            if weight != older.weights[key]:
                found.append(Change(f"traffic of {key}", share(older.weights[key]), share(weight)))
        if older.phase.exposure != newer.phase.exposure:
            exposures = share(older.phase.exposure), share(newer.phase.exposure)
            found.append(Change("exposure while it runs", *exposures))
    return found


def _choices(kept: Sequence[int], records: Sequence[AuditRecord]) -> list[Choice]:
    """The versions to choose from, newest first: number, day and what led to it."""
    led: dict[int, AuditRecord] = {}
    revision = 0
    for record in records:
        if not record.version_before or COMMANDS[record.command].revises:
            revision += 1
            led[revision] = record
    words = {number: f" · {each.at:%Y-%m-%d} · {visible(each.sentence, 80)}" for number, each in led.items()}
    return [(str(number), f"{number}{words.get(number, '')}") for number in reversed(kept)]


async def _records(experiment: Experiment, world: World) -> tuple[AuditRecord, ...]:
    async with world.reading(experiment.workspace) as uow:
        return await uow.audit.of(experiment.key)


def _number(word: str) -> int:
    if not word.isdecimal():
        raise BadInput(f"“{word[:40]}” is no version; give two numbers, like /experiment diff KEY 2 5.", field="key")
    return int(word)
