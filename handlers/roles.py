"""Roles: `/experiment roles` or a button → who is what → giving, changing, taking a role → the list, old → new."""

from __future__ import annotations

import asyncio

from experiments.errors import Forbidden
from experiments.execute import change_policies
from experiments.permissions import Actor, Permission, allows
from experiments.policy import AUDITED_AS, GiveRole, Policies, SetDefaultRole
from experiments.ports import World
from handlers.forms import about, answers, scoped, target
from handlers.surfaces.kit import View
from handlers.surfaces.roles_modal import NONE, default_role_modal, give_role_modal, roles_modal
from handlers.surfaces.settings_modal import change_line
from handlers.turn import Ack, Turn, redraw, show
from handlers.user_groups import groups_to_choose


async def look(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await show(turn, world, roles_modal(await policies_of(world), actor))
    await ack()


async def give(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    require_admin(actor)
    policies, groups = await asyncio.gather(policies_of(world), groups_to_choose(world))
    subject, project = target(turn.value)
    held = next((each for each in policies.grants if (each.subject, each.project) == (subject, project)), None)
    await show(turn, world, give_role_modal(policies, groups, held))
    await ack()


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen, given = about(turn.view), answers(turn.view)
    chosen = scoped(turn.view, "subjects")
    subjects = seen.get("subjects") or [*chosen.get("people", ()), *chosen.get("groups", ())]
    role = None if given.get("role") == NONE else given.get("role")
    project = seen.get("project", given.get("project", ""))
    command = GiveRole.model_validate({"subjects": subjects, "role": role, "project": project})
    await _show_list_again(await change_policies(command, actor, world), ack, turn, world)


async def choose_default(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    require_admin(actor)
    await show(turn, world, default_role_modal(await policies_of(world)))
    await ack()


async def submit_default(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    fields = {"version": about(turn.view)["version"], **answers(turn.view)}
    await _show_list_again(await change_policies(SetDefaultRole.model_validate(fields), actor, world), ack, turn, world)


async def _show_list_again(policies: Policies, ack: Ack, turn: Turn, world: World) -> None:
    actor = await world.people.actor(turn.workspace, turn.user)
    await give_way(roles_modal(policies, actor, await newest_change(world)), ack, turn, world)


async def give_way(view: View, ack: Ack, turn: Turn, world: World) -> None:
    """The view below the form that was sent is drawn anew; where there is none, this one takes the form's place."""
    if below := turn.view.get("previous_view_id"):
        await ack()
        turn.later(redraw(below, view, world))
    else:
        await ack(response_action="update", view=view)


async def newest_change(world: World) -> str:
    """What was changed last in the settings, old → new."""
    async with world.reading(world.workspace) as uow:
        records = await uow.audit.of(AUDITED_AS)
    return change_line(records[-1], records) if records else ""


async def policies_of(world: World) -> Policies:
    """The rules of the workspace as they are now."""
    async with world.reading(world.workspace) as uow:
        return await uow.policies.get()


def require_admin(actor: Actor) -> None:
    """`Forbidden` unless they may change any setting at all; the change itself asks which."""
    if refusal := allows(Permission.SETTINGS, actor, None):
        raise Forbidden(refusal)
