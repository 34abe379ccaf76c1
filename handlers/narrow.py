"""Narrow: a menu, a search or a page button of the fleet → the same list or Home tab with that, the filters kept."""

from __future__ import annotations

from experiments.fleet import ANY, Choices
from experiments.permissions import Actor
from experiments.ports import World
from handlers.fleet import listed
from handlers.forms import about, picked
from handlers.home import publish
from handlers.turn import Ack, Turn


async def filtered(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Begin again on the first page, and remember the filters for the channel or, from the Home tab, the person."""
    choices = Choices.given({**_shown(turn).all, "page": "0"})
    if _is_home(turn) or not choices.text:
        await _keep(choices, turn, actor, world)
    await _show(choices, ack, turn, actor, world)


async def page(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await _show(Choices.given({**_shown(turn).all, "page": turn.value}), ack, turn, actor, world)


async def usual(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Back to the filters that everybody begins with."""
    await _keep(Choices(), turn, actor, world)
    await _show(Choices(), ack, turn, actor, world)


async def everything(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """All there is, for once; of what is searched for all there is of that, unless nothing of it was left out."""
    shown = _shown(turn)
    everywhere = Choices.everything(shown.text)
    await _show(Choices.everything() if shown.kept == everywhere.kept else everywhere, ack, turn, actor, world)


def _shown(turn: Turn) -> Choices:
    """What is chosen in the list or tab right now, the change that was just made included."""
    chosen = picked(turn.view, "fleet")
    if "searched" in chosen:
        chosen["text"] = "" if chosen["searched"] == ANY else chosen["searched"]
    return Choices.given({**about(turn.view), **chosen})


def _is_home(turn: Turn) -> bool:
    return turn.view.get("type") == "home"


async def _keep(choices: Choices, turn: Turn, actor: Actor, world: World) -> None:
    async with world.uow(actor.workspace) as uow:
        place = actor.user if _is_home(turn) else turn.channel or actor.user
        before = await uow.preferences.get(place)
        await uow.preferences.save(before.model_copy(update={"filters": {**before.filters, **choices.kept}}))


async def _show(choices: Choices, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    if _is_home(turn):
        await ack()
        turn.later(publish(actor, world, choices))
        return
    said = await listed(choices, turn, actor, world, searched=bool(choices.text))
    await ack()
    turn.later(world.slack.respond(turn.response_url, replace_original=True, text=said.text, blocks=said.blocks))
