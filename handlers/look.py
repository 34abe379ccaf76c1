"""Look: `/experiment` alone, `help`, `list`, `show`, and words that are no command."""

from __future__ import annotations

import difflib

from experiments.model import LIVE, Status
from experiments.permissions import Actor
from experiments.ports import Filter, World
from handlers.forms import answers, target
from handlers.opening import offer
from handlers.reading import experiment_of
from handlers.surfaces.kit import Message
from handlers.surfaces.lists import MOST_OF_MINE, experiment_list, help_text, mine, show, unknown_word
from handlers.turn import Ack, Turn, tell

ACTIVE = (Status.DRAFT, Status.IN_REVIEW, Status.APPROVED, Status.SCHEDULED, *sorted(LIVE), Status.STOPPED)
PAGE = 8


async def own_work(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    async with world.reading(actor.workspace) as uow:
        owned = await uow.experiments.list(
            Filter(projects=actor.readable, owner=actor.user, statuses=ACTIVE, limit=MOST_OF_MINE + 1)
        )
        waiting = await uow.experiments.list(
            Filter(projects=actor.readable, reviewer=actor.user, limit=MOST_OF_MINE + 1)
        )
    said = mine(owned, waiting)
    await ack(text=said.text, blocks=said.blocks)


async def help_(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    said = help_text()
    await ack(text=said.text, blocks=said.blocks)


async def unknown(ack: Ack, turn: Turn, actor: Actor, world: World, known: tuple[str, ...]) -> None:
    word = turn.words[0]
    said = unknown_word(word, tuple(difflib.get_close_matches(word.lower(), known, n=3, cutoff=0.5)))
    await ack(text=said.text, blocks=said.blocks)


async def list_(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """`list`, `list all`, `list running`, `list checkout` (a status, or text to look for)."""
    said = await _listing(turn.words, actor, world)
    await ack(text=said.text, blocks=said.blocks)


async def list_by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    said = await _listing((), actor, world)
    await ack()
    await tell(turn, world, said)


async def _listing(words: tuple[str, ...], actor: Actor, world: World) -> Message:
    wanted = "_".join(words).lower()
    if wanted in set(Status):
        which = Filter(projects=actor.readable, statuses=(Status(wanted),), limit=PAGE)
    elif wanted == "all":
        which = Filter(projects=actor.readable, limit=PAGE)
    else:
        which = Filter(projects=actor.readable, text=" ".join(words), statuses=() if words else ACTIVE, limit=PAGE)
    async with world.reading(actor.workspace) as uow:
        entries, total = await uow.experiments.list(which), await uow.experiments.count(which)
    return experiment_list(entries, total)


async def show_by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    if not turn.words:
        await offer("show", tuple(Status), ack, turn, actor, world)
        return
    said = await _shown(turn.words[0], actor, world)
    await ack(text=said.text, blocks=said.blocks)


async def show_by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    said = await _shown(target(turn.value).key, actor, world)
    await ack()
    await tell(turn, world, said)


async def show_by_pick(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    said = await _shown(answers(turn.view)["key"], actor, world)
    await ack(response_action="clear")
    await tell(turn, world, said)


async def _shown(key: str, actor: Actor, world: World) -> Message:
    experiment = await experiment_of(key, actor, world)
    async with world.reading(actor.workspace) as uow:
        notes, records = await uow.notes.of(key), await uow.audit.of(key)
    return show(experiment, notes, records)
