"""Look: `/experiment` alone, `help`, `show`, and words that are no command."""

from __future__ import annotations

from experiments.model import LIVE, Status
from experiments.nearest import nearest
from experiments.permissions import Actor, Permission, allows
from experiments.ports import World
from experiments.repositories import Filter
from handlers.forms import answers, target
from handlers.needs import needs_of
from handlers.picking import offer
from handlers.reading import experiment_of
from handlers.surfaces.kit import Message
from handlers.surfaces.lists import MOST_OF_MINE, help_text, mine, show, unknown_word
from handlers.turn import Ack, Turn, tell

ACTIVE = (
    *(Status.DRAFT, Status.IN_REVIEW, Status.APPROVED, Status.SCHEDULED, *sorted(LIVE)),
    *(Status.STOPPED, Status.DECIDED, Status.ROLLING_OUT),
)


async def own_work(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    async with world.reading(actor.workspace) as uow:
        owned = await uow.experiments.list(
            Filter(projects=actor.readable, owner=actor.user, statuses=ACTIVE, limit=MOST_OF_MINE + 1)
        )
        said = mine(await needs_of(actor, uow), owned, actor)
    await ack(text=said.text, blocks=said.blocks)


async def help_(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    said = help_text(actor)
    await ack(text=said.text, blocks=said.blocks)


async def unknown(ack: Ack, turn: Turn, actor: Actor, world: World, known: tuple[str, ...]) -> None:
    """What was probably meant: the nearest commands, or, since it is the name of an experiment, a look at that."""
    word = turn.words[0]
    async with world.reading(actor.workspace) as uow:
        named = await uow.experiments.get(word.lower())
    is_key = named is not None and not allows(Permission.READ, actor, named)
    said = unknown_word(word, (f"show {word.lower()}",) if is_key else nearest(word, known))
    await ack(text=said.text, blocks=said.blocks)


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
        notes, records, watch = await uow.notes.of(key), await uow.audit.of(key), await uow.watches.get(key)
    return show(
        experiment,
        notes,
        records,
        actor,
        routed=world.routing.connects(experiment.project),
        readout_at=watch.readout_at if watch else None,
    )
