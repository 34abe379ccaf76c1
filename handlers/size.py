"""Size: the calculator, recomputed as fields change → a draft to use it in → EditExperiment."""

from __future__ import annotations

from experiments.commands import EditExperiment
from experiments.design import Design, Metric, MetricKind, MetricRole
from experiments.errors import BadInput
from experiments.execute import execute
from experiments.model import Status
from experiments.permissions import Actor
from experiments.ports import World
from experiments.sizing import Sizing
from handlers.forms import about, answers
from handlers.picking import candidates
from handlers.sizes import attempted, planned, sized
from handlers.surfaces.fields import OPTIONS
from handlers.surfaces.kit import View, redrawn
from handlers.surfaces.problem import problem_modal
from handlers.surfaces.size_modal import Tuned, even_variants, size_modal, use_modal, used_modal
from handlers.surfaces.sizing_block import SIZING, Sized, sizing_block
from handlers.turn import Ack, Turn, redraw, show
from handlers.wizard import baseline_parts

NOTHING_YET = "Say where the metric stands today first; then there is something to use."
NO_DRAFT = "There is no draft that you may edit. /experiment create begins one."


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await show(turn, world, size_modal())
    await ack()


async def again(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """A field was changed."""
    await ack()
    turn.later(_again(turn, world))


async def _again(turn: Turn, world: World) -> None:
    design, found = await _worked_out(turn.view)
    parts = {SIZING: [sizing_block(found, design)], **baseline_parts(turn.view)}
    await redraw(turn.view["id"], redrawn(turn.view, parts), world)


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Which draft it is for, on top of the calculator."""
    design, found = await _worked_out(turn.view)
    if not isinstance(found, Sizing):
        raise BadInput(found or NOTHING_YET, field="baseline")
    drafts = await candidates("edit", (Status.DRAFT,), actor, world, most=OPTIONS + 1)
    picker = use_modal(drafts, _tuned(design, found)) if drafts else problem_modal(NO_DRAFT, "No draft")
    await ack(response_action="push", view=picker)


async def by_pick(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    tuned = about(turn.view)["tuned"]
    command = EditExperiment.model_validate({"key": answers(turn.view)["key"], **tuned})
    after = await execute(command, actor, world)
    await ack(response_action="update", view=used_modal(after, tuned))


async def _worked_out(view: View) -> tuple[Design, Sized]:
    """What is filled in as a design, and its size once that is planned for the units it needs."""
    design = await attempted(lambda: _design(view))
    if isinstance(design, str):
        return Design(), design
    found = await sized(design)
    if not isinstance(found, Sizing):
        return design, found
    fitting = design.model_copy(update={"planned_units": found.planned_units})
    return fitting, await sized(fitting)


def _design(view: View) -> Design:
    given = answers(view)
    metric = Metric(key="measured", role=MetricRole.PRIMARY, kind=MetricKind(given["primary_kind"]))
    expected = {name: given[name] for name in ("baseline", "sd", "per_day") if name in given}
    asked = ("unit", "smallest_effect", "planned_days", "method")
    return Design.model_validate(
        {
            **{name: given[name] for name in asked if name in given},
            "metrics": (metric,),
            "variants": even_variants(given.get("treatments", 1)),
            "expectation": expected if "baseline" in expected else None,
        }
    )


def _tuned(design: Design, found: Sizing) -> Tuned:
    return {"smallest_effect": design.smallest_effect, "method": design.method.value, **planned(found, design)}
