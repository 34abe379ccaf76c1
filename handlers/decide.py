"""Decide: outcome, reasoning and next steps, a summary drafted on request → LogDecision → announcement."""

from __future__ import annotations

from experiments.commands import LogDecision
from experiments.execute import execute
from experiments.model import Experiment, Outcome
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers
from handlers.opening import Opening
from handlers.quoting import conversation
from handlers.reading import experiment_of, readout_of
from handlers.readings import read_again
from handlers.surfaces.decide_modal import decide_modal
from handlers.surfaces.kit import View
from handlers.surfaces.quote import Thread
from handlers.turn import Ack, Turn, redraw


async def _modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return decide_modal(experiment, await readout_of(experiment, world))


decide = Opening("decide", _modal)


async def draft_summary(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(about(turn.view)["key"], actor, world)
    await ack()
    turn.later(draft(experiment, turn.view, world))


async def draft(experiment: Experiment, view: View, world: World) -> None:
    """Put a drafted summary into the open form, from the thread it was called on if it was."""
    from experiments.knowledge.summary import Evidence, summarise  # not before the first draft

    seen, given = about(view), answers(view)
    readout = await readout_of(experiment, world, seen["readout_number"])
    thread = Thread(**seen["thread"]) if "thread" in seen else None
    spoken: tuple[str, ...] = ()
    drafting = decide_modal(experiment, readout, drafting=True, thread=thread)
    await redraw(view["id"], drafting, world)
    if thread:
        thread, spoken = await conversation(thread, world)
    async with world.reading(experiment.workspace) as uow:
        notes = await uow.notes.of(experiment.key)
    outcome = Outcome(given["outcome"]) if "outcome" in given else None
    words = {name: given.get(name, "") for name in ("reasoning", "next_steps")}
    evidence = Evidence(experiment=experiment, readout=readout, notes=notes, outcome=outcome, thread=spoken, **words)
    drafted = decide_modal(experiment, readout, draft=await summarise(evidence, world.writer), thread=thread)
    await redraw(view["id"], drafted, world)


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen = about(turn.view)
    # The advice that is kept with the decision is that of the newest reading.
    await read_again(await experiment_of(seen["key"], actor, world), world)
    fields = {"key": seen["key"], "revision": seen["revision"], "readout_number": seen["readout_number"]}
    fields["source"] = seen.get("thread", {}).get("link", "")
    await execute(LogDecision.model_validate(fields | answers(turn.view)), actor, world)
    await ack()
