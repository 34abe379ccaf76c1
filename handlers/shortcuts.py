"""Shortcuts: a message → AddNote, or its thread → the form of a decision; from anywhere → a new experiment."""

from __future__ import annotations

from experiments.commands import AddNote
from experiments.execute import execute
from experiments.permissions import Actor, Permission, states
from experiments.ports import World
from handlers.decide import draft
from handlers.forms import about, answers
from handlers.picking import candidates
from handlers.quoting import quoted, thread_of
from handlers.reading import experiment_of, readout_of
from handlers.surfaces.decide_modal import decide_modal
from handlers.surfaces.fields import OPTIONS
from handlers.surfaces.quote import Thread
from handlers.surfaces.shortcut_modals import add_modal, added_modal, nothing_to_choose, thread_modal
from handlers.turn import Ack, Turn, show, tell


async def add_to_experiment(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    found = await candidates("note", states(Permission.NOTE), actor, world, most=OPTIONS + 1)
    if found:
        await show(turn, world, add_modal(found, await quoted(turn, world), turn.channel))
    await ack()
    if not found:
        turn.later(tell(turn, world, nothing_to_choose("note", actor)))


async def submit_note(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    fields = {"source": about(turn.view)["source"], **answers(turn.view)}
    after = await execute(AddNote.model_validate(fields), actor, world)
    await ack(response_action="update", view=added_modal(after))


async def decision_from_thread(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    found = await candidates("decide", states(Permission.DECIDE), actor, world, most=OPTIONS + 1)
    undecided = [each for each in found if each.decision is None]
    if undecided:
        await show(turn, world, thread_modal(undecided, await thread_of(turn, world)))
    await ack()
    if not undecided:
        turn.later(tell(turn, world, nothing_to_choose("decide", actor)))


async def submit_thread(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """The form of a decision; its summary comes when the thread was read."""
    experiment = await experiment_of(answers(turn.view)["key"], actor, world)
    thread = Thread(**about(turn.view)["thread"])
    view = decide_modal(experiment, await readout_of(experiment, world), drafting=True, thread=thread)
    await ack(response_action="update", view=view)
    if view.get("submit"):
        turn.later(draft(experiment, {**view, "id": turn.view["id"]}, world))
