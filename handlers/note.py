"""Note: `/experiment note KEY what I saw`, or a modal → AddNote → card's thread."""

from __future__ import annotations

from experiments.commands import AddNote
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers
from handlers.opening import Opening
from handlers.surfaces.kit import View
from handlers.surfaces.lists import noted
from handlers.surfaces.note_modal import note_modal
from handlers.turn import Ack, Turn


async def _modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return note_modal(experiment)


note = Opening("note", tuple(status for status in Status if status is not Status.ARCHIVED), _modal)


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    if len(turn.words) < 2:
        await note.by_command(ack, turn, actor, world)
        return
    after = await execute(AddNote(key=turn.words[0], text=" ".join(turn.words[1:])), actor, world)
    said = noted(after)
    await ack(text=said.text, blocks=said.blocks)


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await execute(AddNote.model_validate({"key": about(turn.view)["key"], **answers(turn.view)}), actor, world)
    await ack()
