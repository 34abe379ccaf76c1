"""Data: `/experiment settings`, a button → where each project's data are → a form → what trying it finds → saved."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from experiments.errors import BadInput, Forbidden
from experiments.execute import change_policies
from experiments.permissions import Actor, Role
from experiments.policy import Project, SetProject
from experiments.policy_commands import AllowHosts
from experiments.ports import World
from experiments.sources import DataSource, SourceOfData
from handlers.forms import about, answers
from handlers.roles import give_way, newest_change, policies_of, require_admin
from handlers.surfaces.settings_modal import settings_modal
from handlers.surfaces.source_modal import data_modal, hosts_modal, source_modal
from handlers.turn import Ack, Turn, redraw, show

OF_SOURCE = ("kind", "connection", "exposures", "observations", "refresh_minutes", "guardrail_minutes", "prometheus")
MISSING = {
    "connection": "Choose the warehouse; the operator names them in BUNSEN_WAREHOUSES.",
    "exposures": "Give a table or a SELECT for the exposures.",
    "observations": "Give a table or a SELECT for the observations.",
}


async def look(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    require_admin(actor)
    await show(turn, world, data_modal(await policies_of(world), actor))
    await ack()


async def change(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    _require_boss(actor)
    policies = await policies_of(world)
    seen = {"version": policies.version, **({"name": turn.value} if turn.value else {})}
    project = policies.project(turn.value) if turn.value else None
    await show(turn, world, source_modal(project, world.sources.warehouses, seen))
    await ack()


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """What was not tried as it stands is tried and shown; what was found to hold is saved."""
    _require_boss(actor)
    seen, policies = about(turn.view), await policies_of(world)
    given = answers(turn.view)
    name = str(seen.get("name") or given.get("name", ""))
    project = _asked(policies.project(name) if name.strip() else Project(name="general"), name, given)
    names = world.sources.warehouses
    if seen.get("held") == _digest(project):
        changed = await change_policies(SetProject(project=project, version=seen["version"]), actor, world)
        await give_way(data_modal(changed, actor, await newest_change(world)), ack, turn, world)
        return
    seen = {each: seen[each] for each in ("version", "name") if each in seen}
    await ack(response_action="update", view=source_modal(project, names, seen, trying=True))

    async def tried() -> None:
        probe = await world.sources.probe(project.source, policies.allowed_hosts)
        held = {"held": _digest(project)} if probe.holds else {}
        await redraw(turn.view["id"], source_modal(project, names, {**seen, **held}, probe), world)

    turn.later(tried())


async def hosts(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    _require_boss(actor)
    await show(turn, world, hosts_modal(await policies_of(world)))
    await ack()


async def submit_hosts(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    _require_boss(actor)
    lines = tuple(answers(turn.view).get("hosts", "").splitlines())
    command = AllowHosts(hosts=lines, version=about(turn.view)["version"])
    policies = await change_policies(command, actor, world)
    await give_way(settings_modal(policies, actor, await newest_change(world)), ack, turn, world)


def _asked(known: Project, name: str, given: dict[str, Any]) -> Project:
    """The project with the source that was filled in; `BadInput` names the field that is missing."""
    source = {each: given[each] for each in OF_SOURCE if each in given}
    if source.get("kind") == SourceOfData.WAREHOUSE:
        for field, words in MISSING.items():
            if not source.get(field):
                raise BadInput(words, field=field)
    else:
        source = {each: value for each, value in source.items() if each not in MISSING}
    holdout = round(float(given.get("holdout", 0)) * 10_000)
    return Project.model_validate(
        {**dict(known), "name": name, "source": DataSource.model_validate(source), "holdout": holdout}
    )


def _digest(project: Project) -> str:
    """What was tried, so that only that is saved."""
    tried = json.dumps(project.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(tried.encode()).hexdigest()[:16]


def _require_boss(actor: Actor) -> None:
    if actor.role < Role.ADMIN:
        raise Forbidden("Only an admin of the whole workspace changes where data come from and what may be asked.")
