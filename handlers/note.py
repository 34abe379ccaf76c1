"""Note: `/experiment note KEY what I saw`, or a modal with the notes there are → AddNote, EditNote, DeleteNote →
card's thread."""

from __future__ import annotations

from experiments.commands import AddNote, DeleteNote, EditNote
from experiments.errors import BadInput
from experiments.execute import execute
from experiments.model import Experiment, Note, NoteState
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers, target
from handlers.opening import Opening
from handlers.reading import experiment_of
from handlers.surfaces.kit import View
from handlers.surfaces.lists import noted
from handlers.surfaces.note_modal import delete_note_modal, edit_note_modal, note_history_modal, note_modal
from handlers.turn import Ack, Turn, redraw, show


async def _modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return await _page(experiment, await world.people.actor(turn.workspace, turn.user), world)


note = Opening("note", _modal)


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


async def turn_page(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Older or newer notes; what was typed above them stays."""
    key, page = target(turn.value)
    experiment = await experiment_of(key, actor, world)
    await ack()
    turn.later(_redraw_notes(turn.view["id"], experiment, actor, world, int(page)))


async def edit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment, found = await _found(turn, actor, world)
    await show(turn, world, edit_note_modal(experiment, found, *_behind(turn)))
    await ack()


async def submit_edit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen = about(turn.view)
    fields = {name: seen[name] for name in ("key", "number", "source")}
    after = await execute(EditNote.model_validate(fields | answers(turn.view)), actor, world)
    await ack()
    turn.later(_redraw_notes(seen["behind"], after, actor, world, seen["page"]))


async def delete(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment, found = await _found(turn, actor, world)
    await show(turn, world, delete_note_modal(experiment, found, *_behind(turn)))
    await ack()


async def submit_delete(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen = about(turn.view)
    after = await execute(DeleteNote(key=seen["key"], number=seen["number"]), actor, world)
    await ack()
    turn.later(_redraw_notes(seen["behind"], after, actor, world, seen["page"]))


async def before(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """What a note said before it was edited."""
    experiment, found = await _found(turn, actor, world)
    async with world.reading(actor.workspace) as uow:
        versions = await uow.notes.history(experiment.key, found.number)
    await show(turn, world, note_history_modal(experiment, versions))
    await ack()


async def _found(turn: Turn, actor: Actor, world: World) -> tuple[Experiment, Note]:
    """The note that a menu is about, unless it is gone."""
    key, number = target(turn.value)
    experiment = await experiment_of(key, actor, world)
    async with world.reading(actor.workspace) as uow:
        kept = {each.number: each for each in await uow.notes.of(key)}
    found = kept.get(int(number))
    if found is None or found.state is NoteState.DELETED:
        raise BadInput(f"Note {number} was deleted in the meantime.")
    return experiment, found


def _behind(turn: Turn) -> tuple[str, int]:
    """The view with the list of notes, and its page."""
    return turn.view.get("id", ""), about(turn.view).get("page", 0)


async def _page(experiment: Experiment, actor: Actor, world: World, page: int = 0) -> View:
    async with world.reading(experiment.workspace) as uow:
        return note_modal(experiment, await uow.notes.of(experiment.key), actor, page)


async def _redraw_notes(view_id: str, experiment: Experiment, actor: Actor, world: World, page: int) -> None:
    if view_id:
        view = await _page(experiment, actor, world, page)
        await redraw(view_id, view, world)
