"""Size: the calculator, recomputed as fields change → a draft to use it in → EditExperiment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from charts import describe
from experiments.commands import EditExperiment
from experiments.design import Design, Metric, MetricKind, MetricRole
from experiments.errors import BadInput
from experiments.execute import execute
from experiments.model import Status
from experiments.permissions import Actor
from experiments.pictures.basis import rounded
from experiments.pictures.size import size_of
from experiments.ports import World
from experiments.sizing import Sizing
from handlers.drawing import digest_of, files_of
from handlers.forms import about, answers, begun, block_of
from handlers.picking import candidates
from handlers.sizes import attempted, planned, sized
from handlers.surfaces.fields import OPTIONS
from handlers.surfaces.kit import Block, Picture, View, redrawn
from handlers.surfaces.problem import problem_modal
from handlers.surfaces.size_modal import (
    CURVE,
    TOLD,
    Tuned,
    curve_block,
    drawing_block,
    even_variants,
    remembering,
    size_modal,
    told_block,
    use_modal,
    used_modal,
)
from handlers.surfaces.sizing_block import SIZING, Sized, baseline_fields, sizing_block
from handlers.turn import Ack, Turn, show, unless_overtaken
from handlers.usual import projects_of, usual_in

PATIENCE = 0.5
A_DAY = timedelta(days=1)
KEPT = ("project", "smallest_effect", "planned_days", "treatments", "method")
NAMES = {MetricKind.PROPORTION: "the-rate", MetricKind.MEAN: "the-mean"}
Given = Mapping[str, Any]
"""What is filled in, by field."""
NOTHING_YET = "Say where the metric stands today first; then there is something to use."
NO_DRAFT = "There is no draft that you may edit. /experiment create begins one."


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await show(turn, world, size_modal(await projects_of(actor, world)))
    await ack()


async def again(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """A field was changed."""
    await ack()
    turn.later(_again(turn, actor, world))


async def _again(turn: Turn, actor: Actor, world: World) -> None:
    """The numbers at once; the curve when it is drawn, unless something was changed again by then."""
    view, given = await _filled_in(turn.view, actor, world)
    design, found = await _worked_out(given, about(view).get("metric", ""))
    picture = await asyncio.to_thread(_pictured, design, world.now())
    digest = await asyncio.to_thread(digest_of, picture) if picture else ""
    standing = [block for block in view["blocks"] if block.get("block_id") == CURVE]
    curve = standing if digest and digest == about(view).get("drawn") else []
    parts = {SIZING: [sizing_block(found, design), *curve], CURVE: [], **_baseline_parts(view, given)}
    numbers = remembering(redrawn(view, parts), drawn=digest if curve else "")
    answer = await world.slack.call("views.update", view_id=turn.view["id"], view=numbers)
    if picture and not curve:
        await _draw(turn.view["id"], answer["view"].get("hash", ""), numbers, picture, digest, world)


async def _draw(view_id: str, seen: str, numbers: View, picture: Picture, digest: str, world: World) -> None:
    """The curve below the numbers, once somebody has stopped typing for a moment."""
    sizing_ = [block for block in numbers["blocks"] if block.get("block_id") == SIZING]
    await asyncio.sleep(PATIENCE)
    waiting = redrawn(numbers, {SIZING: [*sizing_, drawing_block()]})
    if (now := await _updated(view_id, seen, waiting, world)) is None:
        return
    [file] = await files_of([picture], world)
    drawn = redrawn(numbers, {SIZING: [*sizing_, curve_block(picture.alt, file)]})
    await _updated(view_id, now, remembering(drawn, drawn=digest if file else ""), world)


async def _updated(view_id: str, seen: str, view: View, world: World) -> str | None:
    """Draws the view anew and gives its hash; None where it was changed or closed since it had the hash `seen`."""
    return await unless_overtaken(world.slack.call("views.update", view_id=view_id, hash=seen, view=view))


def _pictured(design: Design, now: datetime) -> Picture | None:
    """The curve of what is filled in; None as long as that is not enough for one."""
    data = size_of("Sample size and duration", design, design.expectation, "", rounded(now, A_DAY))
    small = data.model_copy(update={"at_a_glance": True})
    return Picture("size", small, describe("size", small)) if data.reaches else None


async def _filled_in(view: View, actor: Actor, world: World) -> tuple[View, Given]:
    """The form and what it says; filled in from the history of a project that was just chosen."""
    given, project = answers(view), answers(view).get("project", "")
    if project == about(view).get("project", ""):
        return view, given
    usual = await usual_in(project, actor, world)
    if usual is None:
        return remembering({**view, **redrawn(view, {TOLD: [told_block(project, None)]})}, project=project), given
    fresh = size_modal(await projects_of(actor, world), project, usual, about(view).get("scope", ""))
    return fresh, {**begun(fresh), **{name: given[name] for name in KEPT if name in given}}


def _baseline_parts(view: View, given: Given) -> dict[str, list[Block]]:
    """Other fields for the baseline where the metric is of another kind now."""
    scope, standing = about(view).get("scope", ""), block_of(view, "baseline") or ""
    wanted = baseline_fields(MetricKind(given["primary_kind"]), None, scope)
    return {} if standing == wanted[0]["block_id"] else {f"sd{scope}": [], standing: wanted}


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Which draft it is for, on top of the calculator."""
    design, found = await _worked_out(answers(turn.view))
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


async def _worked_out(given: Given, metric: str = "") -> tuple[Design, Sized]:
    """What is filled in as a design, and its size once that is planned for the units it needs."""
    design = await attempted(lambda: _design(given, metric))
    if isinstance(design, str):
        return Design(), design
    found = await sized(design)
    if not isinstance(found, Sizing):
        return design, found
    fitting = design.model_copy(update={"planned_units": found.planned_units})
    return fitting, await sized(fitting)


def _design(given: Given, metric: str) -> Design:
    kind = MetricKind(given["primary_kind"])
    primary = Metric(key=metric or NAMES[kind], role=MetricRole.PRIMARY, kind=kind)
    expected = {name: given[name] for name in ("baseline", "sd", "per_day") if name in given}
    asked = ("unit", "smallest_effect", "planned_days", "method")
    return Design.model_validate(
        {
            **{name: given[name] for name in asked if name in given},
            "metrics": (primary,),
            "variants": even_variants(given.get("treatments", 1)),
            "expectation": expected if "baseline" in expected else None,
        }
    )


def _tuned(design: Design, found: Sizing) -> Tuned:
    return {"smallest_effect": design.smallest_effect, "method": design.method.value, **planned(found, design)}
