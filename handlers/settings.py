"""Settings: `/experiment settings`, a button → what is set → a project's form → settings again, old → new."""

from __future__ import annotations

from experiments.execute import change_policies
from experiments.permissions import Actor
from experiments.policy import AUDITED_AS, Project, SetProject
from experiments.ports import World
from handlers.forms import about, answers
from handlers.roles import give_way, newest_change, policies_of, require_admin
from handlers.surfaces.project_modal import project_modal
from handlers.surfaces.settings_modal import settings_history_modal, settings_modal
from handlers.turn import Ack, Turn, redraw, show
from handlers.worth_lines import worth_from


async def look(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await show(turn, world, settings_modal(await policies_of(world), actor))
    await ack()


async def history(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """What was changed, for those who may change it; from page to page in the same modal."""
    require_admin(actor)
    async with world.reading(actor.workspace) as uow:
        view = settings_history_modal(await uow.audit.of(AUDITED_AS), int(turn.value or 0))
    if turn.view.get("callback_id") == view["callback_id"]:
        await redraw(turn.view["id"], view, world)
    else:
        await show(turn, world, view)
    await ack()


async def project(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    require_admin(actor)
    policies = await policies_of(world)
    await show(turn, world, project_modal(policies, policies.project(turn.value) if turn.value else None))
    await ack()


async def submit_project(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen, given = about(turn.view), answers(turn.view)
    points = tuple(line for line in given.pop("checklist", "").splitlines() if line.strip())
    given["worth"] = worth_from(given.get("worth", ""))
    name = str(seen.get("name") or given.get("name", ""))
    known = (await policies_of(world)).project(name) if name.strip() else Project(name="general")
    kept = {"source": known.source, "holdout": known.holdout}
    asked = Project.model_validate({**given, "name": name, "checklist": points, **kept})
    command = SetProject(project=asked, version=seen["version"])
    policies = await change_policies(command, actor, world)
    await give_way(settings_modal(policies, actor, await newest_change(world)), ack, turn, world)
