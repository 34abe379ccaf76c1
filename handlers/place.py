"""The place whose news somebody chooses: the channel they are in, or they themselves."""

from __future__ import annotations

from experiments.errors import Forbidden
from experiments.permissions import Actor
from experiments.ports import World
from experiments.preferences import Preferences, is_person
from handlers.forms import about
from handlers.turn import Turn


def channel_of(turn: Turn) -> str:
    """The channel in which it was asked for; empty in a direct message and on the App Home."""
    channel = turn.channel or about(turn.view).get("channel", "")
    return channel if channel.startswith(("C", "G")) else ""


def place_of(turn: Turn, actor: Actor, named: str = "") -> str:
    """Whose choices are meant: those that a button or form names, else those of the channel, else one's own."""
    if named == "me":
        return actor.user
    return named or about(turn.view).get("subject", "") or channel_of(turn) or actor.user


def require_say(place: str, actor: Actor) -> None:
    """Everybody chooses for themselves; for a channel, whoever may read all that it could be told."""
    if is_person(place) and place != actor.user:
        raise Forbidden("Only they themselves can choose what reaches them.")
    if not is_person(place) and actor.readable is not None:
        raise Forbidden(
            "What reaches a channel is chosen by people who may read every experiment. "
            "/experiment subscribe me chooses for you alone."
        )


async def choice_of(place: str, actor: Actor, world: World) -> Preferences:
    """What is chosen there now."""
    require_say(place, actor)
    async with world.reading(actor.workspace) as uow:
        return await uow.preferences.get(place)
