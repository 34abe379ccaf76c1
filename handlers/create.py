"""Create and edit: three modal steps, the draft saved at each → card."""

from __future__ import annotations

from typing import Any

from experiments.commands import Command, CreateExperiment, EditExperiment
from experiments.execute import execute
from experiments.model import EDITABLE, Experiment
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers, emptied
from handlers.lines import metrics_from, tags_from, variants_from
from handlers.opening import Opening
from handlers.surfaces.create_modal import design_modal, safety_modal, what_modal
from handlers.surfaces.kit import View
from handlers.turn import Ack, Turn, show


async def create(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await show(turn, world, what_modal(None, about={"channel": turn.channel}))
    await ack()


async def _edit_modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return what_modal(experiment, about={"key": experiment.key, "revision": experiment.revision})


edit = Opening("edit", tuple(sorted(EDITABLE)), _edit_modal)


async def submit_what(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen, given = about(turn.view), answers(turn.view)
    tags = {"tags": tags_from(given.get("tags", ""))}
    command: Command
    if "key" in seen:
        command = EditExperiment.model_validate(emptied(turn.view) | given | tags | _on(turn.view))
    else:
        command = CreateExperiment.model_validate({**given, **tags, "channel": seen.get("channel", "")})
    after = await execute(command, actor, world)
    await ack(response_action="update", view=design_modal(after))


async def submit_design(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    given = answers(turn.view)
    fields = {
        "variants": variants_from(given.get("variants", "")),
        "metrics": metrics_from(given),
        "unit": given.get("unit"),
        "smallest_effect": given.get("smallest_effect"),
    }
    after = await execute(EditExperiment.model_validate(_on(turn.view) | fields), actor, world)
    await ack(response_action="update", view=safety_modal(after))


async def submit_safety(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await execute(EditExperiment.model_validate(emptied(turn.view) | answers(turn.view) | _on(turn.view)), actor, world)
    await ack(response_action="clear")


def _on(view: View) -> dict[str, Any]:
    seen = about(view)
    return {"key": seen["key"], "revision": seen["revision"]}
