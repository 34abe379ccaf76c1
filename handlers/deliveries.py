"""Deliveries: `/experiment deliveries`, or a button → the newest messages → Retry → the same, tried again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from experiments.errors import BadInput
from experiments.model import Experiment
from experiments.outbox import Delivery, DeliveryState
from experiments.permissions import Actor, Permission, Role, allows
from experiments.ports import World
from experiments.preferences import is_person
from handlers.surfaces.deliveries import deliveries_modal, retried
from handlers.surfaces.kit import message, section
from handlers.turn import Ack, Turn, redraw, show, tell

LOOKED_AT = 200
MOST = 50


async def look(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await show(turn, world, deliveries_modal(await _log(actor, world)))
    await ack()


async def retry(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """From the list, which is drawn anew, or from the message that told of it."""
    if not turn.value.isdecimal():
        raise BadInput("That message is not known any more. /experiment deliveries shows those there are.")
    known = {each.id for each in await _log(actor, world, most=LOOKED_AT)}
    async with world.uow(actor.workspace) as uow:
        said = retried(int(turn.value) in known and await uow.outbox.again(int(turn.value)))
    world.nudge()
    await ack()
    if turn.view.get("callback_id") == "deliveries":
        view = deliveries_modal(await _log(actor, world), said)
        await redraw(turn.view["id"], view, world)
    else:
        await tell(turn, world, message(said, section(said)))


async def _log(actor: Actor, world: World, most: int = MOST) -> tuple[Delivery, ...]:
    """What this person may know of, the newest of what was edited in place; what was sent to others directly is for
    them and for admins."""
    async with world.reading(actor.workspace) as uow:
        log = await uow.outbox.log(LOOKED_AT)
    return tuple(each for each in _newest_edits(log) if _may_know(each, actor))[:most]


def _newest_edits(log: Iterable[Delivery]) -> Iterator[Delivery]:
    """A card that was drawn forty times is one message; an edit that did not arrive stays to be tried again."""
    seen: set[tuple[str, str, str]] = set()
    for each in log:
        place = (each.announcement.stream, each.announcement.channel, each.announcement.slot)
        if each.announcement.slot and each.state is DeliveryState.DELIVERED:
            if place in seen:
                continue
            seen.add(place)
        yield each


def _may_know(delivery: Delivery, actor: Actor) -> bool:
    said = delivery.announcement
    if is_person(said.channel) and said.channel != actor.user and actor.role < Role.ADMIN:
        return False
    if "experiment" not in said.payload:
        return actor.readable is None
    return allows(Permission.READ, actor, Experiment.model_validate(said.payload["experiment"])) is None
