"""Review: reviewers, deadline and question → request with buttons → approved, or sent back with a comment."""

from __future__ import annotations

from typing import Any

from experiments.commands import ApproveReview, RequestChanges, RequestReview
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers, target
from handlers.opening import Opening
from handlers.surfaces.kit import View
from handlers.surfaces.review_modal import request_changes_modal, review_modal
from handlers.turn import Ack, Turn


async def _review_modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return review_modal(experiment, world.now())


async def _changes_modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return request_changes_modal(experiment, seen=target(turn.value).seen)


review = Opening("review", (Status.DRAFT,), _review_modal)
changes = Opening("request_changes", (Status.IN_REVIEW,), _changes_modal)


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await execute(RequestReview.model_validate(_seen(turn.view) | answers(turn.view)), actor, world)
    await ack()


async def approve(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    pressed = target(turn.value)
    await execute(ApproveReview(key=pressed.key, design_hash=pressed.seen), actor, world)
    await ack()


async def submit_changes(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen = about(turn.view)
    fields = {"key": seen["key"], "design_hash": seen["design_hash"]}
    await execute(RequestChanges.model_validate(fields | answers(turn.view)), actor, world)
    await ack()


def _seen(view: View) -> dict[str, Any]:
    return {name: value for name, value in about(view).items() if name in ("key", "revision")}
