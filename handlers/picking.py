"""Picking: a command without a key → a menu of the experiments for which it makes sense and which the person may
change; with more than a menu holds, one that finds them as they are typed."""

from __future__ import annotations

from typing import Any

from experiments.model import Experiment, Status
from experiments.permissions import TABLE, Actor, Permission, may
from experiments.ports import World
from experiments.repositories import Filter
from handlers.forms import about
from handlers.surfaces.fields import OPTIONS, Choice
from handlers.surfaces.lists import nothing_to
from handlers.surfaces.pick_modal import choice_of, pick_modal
from handlers.surfaces.steps import NEEDS
from handlers.turn import Ack, Turn, show


async def offer(verb: str, statuses: tuple[Status, ...], ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Let the person pick one of the experiments for which the verb makes sense, or say that there is none."""
    found = await candidates(verb, statuses, actor, world, most=OPTIONS + 1)
    if found:
        seen = {"channel": turn.channel, "statuses": [each.value for each in statuses]}
        await show(turn, world, pick_modal(found, verb, about=seen))
        await ack()
    else:
        said = nothing_to(verb, actor)
        await ack(text=said.text, blocks=said.blocks)


async def typed(turn: Turn, actor: Actor, world: World) -> list[Choice]:
    """The choices for what was typed into the menu so far."""
    seen = about(turn.view)
    statuses = tuple(Status(each) for each in seen.get("statuses", ()))
    found = await candidates(seen.get("verb", "show"), statuses, actor, world, text=turn.value)
    return [choice_of(each) for each in found]


async def candidates(
    verb: str, statuses: tuple[Status, ...], actor: Actor, world: World, *, text: str = "", most: int = OPTIONS
) -> tuple[Experiment, ...]:
    """The experiments in these states which the verb fits and with which the actor may do it, the best match or the
    newest change first."""
    permission = NEEDS.get(verb, Permission.READ)
    found: dict[str, Experiment] = {}
    async with world.reading(actor.workspace) as uow:
        for which in _within_reach(permission, actor):
            some = await uow.experiments.list(Filter(statuses=statuses, text=text, limit=most, **which))
            found |= {each.key: each for each in some if may(permission, actor, each)}
    return tuple(found.values())[:most]


def _within_reach(permission: Permission, actor: Actor) -> list[dict[str, Any]]:
    """Where the actor's role is enough, and what is theirs: so that a menu is filled without reading all there is."""
    rule = TABLE[permission]
    if actor.role >= rule.least:
        reach: list[dict[str, Any]] = [{"projects": actor.readable}]
    else:
        reach = [{"projects": tuple(name for name, role in actor.projects.items() if role >= rule.least)}]
    if permission is Permission.APPROVE:
        return [{**each, "reviewer": actor.user} for each in reach]
    return [*reach, *([{"owner": actor.user}] if rule.owner and actor.role < rule.least else [])]
