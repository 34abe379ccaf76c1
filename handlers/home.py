"""Home: opening the App Home → set-up, what needs me, my experiments, the fleet as I narrowed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from experiments.fleet import Choices
from experiments.model import LIVE, Status
from experiments.outbox import DeliveryState
from experiments.permissions import Actor, Permission, Role, allows
from experiments.ports import World
from experiments.repositories import Filter, UnitOfWork
from handlers.drawing import files_of
from handlers.fleet import fleet_state
from handlers.needs import needs_of
from handlers.pictures.shelf import found_for
from handlers.surfaces.home import FLEET_PAGE, SHOWN_MINE, HomeState, home
from handlers.surfaces.setup import STEPS, Setup
from handlers.turn import Ack, Turn, unless_overtaken

MINE = tuple(status for status in Status if status is not Status.ARCHIVED)
LATELY, LOOKED_AT = timedelta(days=7), 50
CHANNEL, SKIPPED = "channel", "skipped_"
Refused = tuple[str, str]
"""A channel that could not be connected, and Slack's reason."""


async def opened(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await ack()
    turn.later(publish(actor, world))


async def publish(
    actor: Actor, world: World, choices: Choices | None = None, *, refused: Refused | None = None
) -> None:
    """Show the tab anew, with the filters the person kept unless there are others; where something runs, then once
    more with the picture of it, unless the tab was shown anew while that was drawn."""
    state = await state_of(actor, world, choices, refused=refused)
    shown = await world.slack.call("views.publish", user_id=actor.user, view=home(state))
    if state.running:
        _, picture = await found_for("active", actor, world)
        [file] = await files_of([picture], world)
        if file:
            seen, view = shown["view"].get("hash", ""), home(replace(state, picture=(file, picture.alt)))
            await unless_overtaken(world.slack.call("views.publish", user_id=actor.user, hash=seen, view=view))


async def state_of(
    actor: Actor, world: World, choices: Choices | None = None, *, refused: Refused | None = None
) -> HomeState:
    """All that the tab shows now, but for the picture."""
    mine = Filter(owner=actor.user, statuses=MINE, limit=SHOWN_MINE)
    async with world.reading(actor.workspace) as uow:
        kept = (await uow.preferences.get(actor.user)).filters
        return HomeState(
            fleet=await fleet_state(choices or Choices.given(kept), FLEET_PAGE, actor, uow, world),
            needs=await needs_of(actor, uow),
            mine=await uow.experiments.list(mine),
            mine_total=await uow.experiments.count(mine),
            now=world.now(),
            setup=await setup_of(actor, uow, kept, refused),
            undelivered=await undelivered(actor, uow, world.now()),
            running=await uow.experiments.count(Filter(projects=actor.readable, statuses=tuple(sorted(LIVE)))),
        )


async def undelivered(actor: Actor, uow: UnitOfWork, now: datetime) -> int:
    """How many of the newest messages about the person's experiments could not be delivered lately."""
    lately = [each for each in await uow.outbox.log(LOOKED_AT) if each.created_at > now - LATELY]
    lost = [each.announcement.payload for each in lately if each.state is DeliveryState.REFUSED]
    return sum(payload.get("experiment", {}).get("owner") == actor.user for payload in lost)


async def setup_of(actor: Actor, uow: UnitOfWork, kept: dict[str, str], refused: Refused | None) -> Setup:
    """The steps of this person, and which are done. Roles are for admins, and who only reads has nothing to set up."""
    if allows(Permission.CREATE, actor, None):
        return Setup()
    steps = [step for step in STEPS if step != "people" or actor.role >= Role.ADMIN]
    left = tuple(step for step in steps if f"{SKIPPED}{step}" not in kept)
    if not left:
        return Setup()
    done = {
        "channel": CHANNEL in kept or bool(await uow.experiments.channels()),
        "people": (await uow.policies.get()).version > 0,
        "first": await uow.experiments.count(Filter(owner=actor.user)) > 0,
    }
    channel, reason = refused or (kept.get(CHANNEL, ""), "")
    return Setup(left, frozenset(step for step in left if done[step]), channel, reason)
