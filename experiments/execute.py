"""`execute`: the only way to change an experiment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from experiments import permissions
from experiments.announcements import announcements
from experiments.audience import audience
from experiments.audit import AuditRecord, state_hash
from experiments.commands.base import Command
from experiments.groups import in_group, new_part, require_part
from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.policy import AUDITED_AS, Policies, PolicyCommand

if TYPE_CHECKING:
    from experiments.ports import World
    from experiments.repositories import UnitOfWork


async def execute(command: Command, actor: Actor, world: World) -> Experiment:
    """Change one experiment, with its audit record and its messages, or change nothing."""
    async with world.uow(actor.workspace) as uow:
        after = await _change(command, actor, world, uow)
    world.nudge()
    return after


async def execute_all(commands: Iterable[Command], actor: Actor, world: World) -> list[Experiment]:
    """Several changes in one transaction: all of them or none."""
    async with world.uow(actor.workspace) as uow:
        after = [await _change(command, actor, world, uow) for command in commands]
    world.nudge()
    return after


async def execute_free(commands: Iterable[Command], actor: Actor, world: World) -> Experiment:
    """Make the first of these under whose key there is no experiment, or give back what this very delivery has made.
    Chosen within the transaction, so that two people at the same moment get two keys."""
    async with world.uow(actor.workspace) as uow:
        for command in commands:
            taken = await uow.experiments.get(command.key)
            if taken is None or (actor.delivery and await uow.audit.has(actor.delivery, command.key)):
                break
        after = await _change(command, actor, world, uow)
    world.nudge()
    return after


async def change_policies(command: PolicyCommand, actor: Actor, world: World) -> Policies:
    """Change the rules of the workspace, with their audit record, or change nothing."""
    async with world.uow(actor.workspace) as uow:
        before, now = await uow.policies.get(), world.now()
        if actor.delivery and await uow.audit.has(actor.delivery, AUDITED_AS):
            return before
        after = command.decided(before, actor, now)
        await uow.policies.save(before, after)
        await uow.audit.add(
            AuditRecord(
                workspace=actor.workspace,
                number=0,
                key=AUDITED_AS,
                command=type(command).__name__,
                payload=_payload(command, actor),
                actor=actor.user,
                delivery=actor.delivery,
                at=now,
                version_before=before.version,
                version_after=after.version,
                status_before=None,
                status_after=None,
                state_hash=state_hash(after),
                sentence=command.sentence(before, after),
            )
        )
    world.people.forget()
    return after


async def _change(command: Command, actor: Actor, world: World, uow: UnitOfWork) -> Experiment:
    now = world.now()
    before = await uow.experiments.get(command.key)
    if actor.delivery and before is not None and await uow.audit.has(actor.delivery, command.key):
        return before
    permissions.require(actor, command, before)
    if before is not None and type(command).under is not Command.under:
        command = command.under((await uow.policies.get()).project(before.project))
    after = _next_version(command, before, command.apply(before, actor, now), actor, now)
    if part := new_part(before, after):
        require_part(after, await uow.experiments.list(in_group(part.group)), actor)
    await uow.experiments.save(before, after)
    if note := command.note(actor, now):
        await uow.notes.add(after.key, note.model_copy(update={"number": note.number or after.note_count}))
    if rows := command.aggregates():
        await uow.aggregates.add(after.key, after.data_version, rows)
    if readout := command.read():
        await uow.readouts.add(readout)
    record = await uow.audit.add(_record(command, actor, now, before, after))
    said = announcements(record, before, after, routed=world.routing.connects(after.project))
    heard = audience(said, await uow.preferences.concerning(after.channel), after, now)
    await uow.outbox.add(heard, now, world.wall())
    return after


def _next_version(
    command: Command, before: Experiment | None, after: Experiment, actor: Actor, now: datetime
) -> Experiment:
    if before is None:
        return after.evolve(version=1, revision=1, updated_at=now, changed_by=actor.user)
    revised = {"revision": before.revision + 1, "changed_by": actor.user} if command.revises else {}
    return after.evolve(version=before.version + 1, updated_at=now, **revised)


def _payload(command: Command | PolicyCommand, actor: Actor) -> dict[str, Any]:
    """What was asked, and through what it was asked where the person did not ask in person."""
    return command.payload() | ({"via": actor.via} if actor.via else {})


def _record(command: Command, actor: Actor, now: datetime, before: Experiment | None, after: Experiment) -> AuditRecord:
    return AuditRecord(
        workspace=actor.workspace,
        number=0,
        key=after.key,
        command=type(command).__name__,
        payload=_payload(command, actor),
        actor=actor.user,
        delivery=actor.delivery,
        at=now,
        version_before=before.version if before else 0,
        version_after=after.version,
        status_before=before.status if before else None,
        status_after=after.status,
        state_hash=state_hash(after),
        sentence=command.sentence(before, after),
    )
