"""Review: reviewers, deadline and question → request with buttons → approved, sent back with words, or withdrawn."""

from __future__ import annotations

from experiments.checklist import CUSTOM, Item
from experiments.commands import ApproveReview, CancelReview, RequestChanges, RequestReview
from experiments.errors import BadInput
from experiments.execute import execute
from experiments.model import Check, Experiment, Status
from experiments.permissions import Actor
from experiments.ports import World
from handlers.beside import precedents
from handlers.forms import about, answers, target
from handlers.opening import Confirmation, Opening, showing
from handlers.reading import experiment_of
from handlers.sizes import items_of, sized
from handlers.surfaces.checks import passed
from handlers.surfaces.diff import review_diff_modal
from handlers.surfaces.kit import View
from handlers.surfaces.review_modal import (
    Asking,
    approve_modal,
    left_out,
    request_changes_modal,
    review_modal,
    withdraw_modal,
)
from handlers.turn import Ack, Turn, show, tell
from handlers.user_groups import groups_to_choose, people_in

HASH_LENGTH = 64


async def _review_modal(experiment: Experiment, turn: Turn, world: World) -> View:
    if experiment.status is not Status.DRAFT:
        return review_modal(experiment, world.now())
    actor = await world.people.actor(turn.workspace, turn.user)
    async with world.reading(experiment.workspace) as uow:
        project = (await uow.policies.get()).project(experiment.project)
    asking = Asking(
        project=project,
        groups=await groups_to_choose(world),
        items=await items_of(experiment, await sized(experiment.design), actor, world),
        precedents=await precedents(experiment, actor, world),
    )
    return review_modal(experiment, world.now(), asking)


async def _changes_modal(experiment: Experiment, turn: Turn, world: World) -> View:
    seen = target(turn.value).seen
    return request_changes_modal(experiment, seen if len(seen) == HASH_LENGTH else experiment.design.hash)


review = Opening("review", _review_modal)
approval = Opening("approve", showing(approve_modal))
changes = Confirmation("request_changes", _changes_modal, RequestChanges, seen=("design_hash",))
withdraw = Confirmation("withdraw", showing(withdraw_modal), CancelReview, seen=("revision",))
whole_diff = Opening("review_diff", showing(review_diff_modal))


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen, given = about(turn.view), answers(turn.view)
    experiment = await experiment_of(seen["key"], actor, world)
    groups = given.get("groups", ())
    members = await people_in(groups, world)
    authors = [user for user in members if user in experiment.authors]
    asked = tuple(user for user in (*given.get("reviewers", ()), *members) if user not in authors)
    if groups and not asked:
        raise BadInput("Everybody in this group wrote the design; choose somebody else to look at it.", field="groups")
    items = await items_of(experiment, await sized(experiment.design), actor, world)
    command = RequestReview.model_validate(
        {
            "key": seen["key"],
            "revision": seen["revision"],
            "reviewers": tuple(dict.fromkeys(asked)),
            "groups": groups,
            "checks": tuple(_check(item) for item in items if not item.code.startswith(CUSTOM)),
            "precedents": await precedents(experiment, actor, world),
            **{name: given[name] for name in ("due_at", "question") if name in given},
        }
    )
    after = await execute(command, actor, world)
    await ack()
    if authors:
        turn.later(tell(turn, world, left_out(after, authors)))


async def approve(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """At once from the request itself, which shows the design; with points to tick, or from elsewhere, in a form."""
    pressed = target(turn.value)
    experiment = await approval.asked(pressed.key, actor, world)
    points = experiment.review.checklist if experiment.review else ()
    if len(pressed.seen) != HASH_LENGTH or (points and experiment.design.hash == pressed.seen):
        await show(turn, world, approve_modal(experiment))
    else:
        await execute(ApproveReview(key=pressed.key, design_hash=pressed.seen), actor, world)
    await ack()


async def submit_approval(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen, given = about(turn.view), answers(turn.view)
    experiment = await experiment_of(seen["key"], actor, world)
    points = experiment.review.checklist if experiment.review else ()
    ticked = tuple(point for place, point in enumerate(points) if str(place) in _ticks(turn.view))
    fields = {"key": seen["key"], "design_hash": seen["design_hash"], "ticked": ticked}
    await execute(ApproveReview.model_validate({**fields, "comment": given.get("comment", "")}), actor, world)
    await ack(response_action="clear")


def _check(item: Item) -> Check:
    return Check(code=item.code, words=item.words, passed=passed(item.state))


def _ticks(view: View) -> frozenset[str]:
    """All boxes that were ticked; they may stand in several blocks, since one holds ten."""
    states = (
        state
        for block, elements in view.get("state", {}).get("values", {}).items()
        if block.startswith("ticked")
        for state in elements.values()
    )
    return frozenset(option["value"] for state in states for option in state.get("selected_options") or ())
