"""The way through the three steps of a draft: on, back, and what is told anew while somebody types."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.design import Design, MetricKind
from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.ports import World
from experiments.sizing import Sizing
from handlers.beside import free, precedents, project_meant
from handlers.drafting import design_fields, safety_fields, with_fields
from handlers.forms import about, answers, block_of, target
from handlers.reading import experiment_of
from handlers.sizes import attempted, items_of, planned, sized
from handlers.surfaces.design_modal import design_modal
from handlers.surfaces.kit import Block, View, redrawn
from handlers.surfaces.past import past_modal
from handlers.surfaces.safety_modal import CHECKLIST, checklist_block, plan_fields, safety_modal
from handlers.surfaces.sizing_block import SIZING, baseline_fields, sizing_block
from handlers.surfaces.what_modal import what_modal
from handlers.surfaces.wizard import Below
from handlers.turn import Ack, Turn, redraw, show

WHAT, DESIGN, SAFETY = "create_what", "create_design", "create_safety"
BEFORE = {DESIGN: WHAT, SAFETY: DESIGN}


async def step(name: str, experiment: Experiment, actor: Actor, world: World, below: Below = ()) -> View:
    """The form of this step, with what is saved."""
    if name == WHAT:
        return what_modal(experiment, below)
    found = await sized(experiment.design)
    if name == DESIGN:
        return design_modal(
            experiment,
            found,
            await precedents(experiment, actor, world),
            below,
            free=await free(experiment, world),
            meant=await project_meant(experiment, actor, world),
        )
    return safety_modal(experiment, found, await items_of(experiment, found, actor, world), below)


async def go_on(ack: Ack, turn: Turn, after: Experiment, to: str, actor: Actor, world: World) -> None:
    """To the next step; from a step that somebody went back to, to the one that waits below."""
    below = about(turn.view).get("below", [])
    if below:
        await ack()
        turn.later(_refresh(below, after, actor, world))
    else:
        await ack(response_action="update", view=await step(to, after, actor, world))


async def back(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """The step before, on top of this one, so that Slack keeps what was typed here."""
    experiment = await experiment_of(target(turn.value).key, actor, world)
    here = turn.view["callback_id"]
    below = [*about(turn.view).get("below", []), [turn.view["id"], here]]
    await show(turn, world, await step(BEFORE[here], experiment, actor, world, below))
    await ack()


async def _refresh(below: Below, after: Experiment, actor: Actor, world: World) -> None:
    """The forms that wait below go on from what is saved now; their fields keep what was typed."""
    for place, (view_id, name) in enumerate(below):
        view = await step(name, after, actor, world, below[:place])
        await redraw(view_id, view, world)


async def look_back(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """A past experiment on top of the form."""
    await show(turn, world, past_modal(await experiment_of(target(turn.value).key, actor, world)))
    await ack()


async def resize(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """A field was changed from which the size follows."""
    await ack()
    turn.later(_resize(turn, actor, world))


async def fit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """The days and units that the design takes, filled in."""
    await ack()
    turn.later(_resize(turn, actor, world, fitting=True))


async def _resize(turn: Turn, actor: Actor, world: World, *, fitting: bool = False) -> None:
    seen, name = about(turn.view), turn.view["callback_id"]
    experiment = await experiment_of(seen["key"], actor, world)
    typed = await attempted(lambda: _typed(turn.view, experiment.design))
    design = experiment.design if isinstance(typed, str) else typed
    found = typed if isinstance(typed, str) else await sized(typed)
    parts: dict[str, Sequence[Block]] = {}
    if fitting and isinstance(found, Sizing):
        design = design.model_copy(update=planned(found, design))
        found, parts = await sized(design), _plan_parts(turn.view, design)
    parts[SIZING] = [sizing_block(found, design)]
    if name == DESIGN:
        parts |= baseline_parts(turn.view)
    else:
        items = await items_of(experiment.model_copy(update={"design": design}), found, actor, world)
        parts[CHECKLIST] = [checklist_block(items)]
    # The step may have been saved while this was worked out; then the form shows the next one.
    if (await experiment_of(seen["key"], actor, world)).revision == seen["revision"]:
        await redraw(turn.view["id"], redrawn(turn.view, parts), world)


def _plan_parts(view: View, design: Design) -> dict[str, Sequence[Block]]:
    fresh = plan_fields(design, f"__{design.planned_days}-{design.planned_units}")
    asked = ("planned_days", "planned_units")
    return {block_of(view, field) or "": [block] for field, block in zip(asked, fresh, strict=True)}


def _typed(view: View, before: Design) -> Design:
    fields = design_fields(view, before, typing=True) if view["callback_id"] == DESIGN else safety_fields(view, before)
    return with_fields(before, fields)


def baseline_parts(view: View) -> dict[str, Sequence[Block]]:
    """Other fields for the baseline where the metric is of another kind now."""
    standing, kind = block_of(view, "baseline") or "", MetricKind(answers(view)["primary_kind"])
    wanted = baseline_fields(kind, None)
    return {} if standing == wanted[0]["block_id"] else {"sd": [], standing: wanted}
