"""Fleet: `/experiment list` and `search` → a page of what is going on, with its filters."""

from __future__ import annotations

from experiments.fleet import Choices
from experiments.permissions import Actor
from experiments.ports import World
from experiments.repositories import UnitOfWork
from handlers.forms import answers
from handlers.surfaces.fields import Choice
from handlers.surfaces.fleet import FleetState, department_choices, fleet_list, search_modal
from handlers.surfaces.kit import Message
from handlers.turn import Ack, Turn, show, tell

PAGE = 8


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """`list` with the channel's filters; `list all`, `list running`, `list checkout` with just those words."""
    said = await listed(Choices.typed(turn.words) if turn.words else None, turn, actor, world)
    await ack(text=said.text, blocks=said.blocks)


async def by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    said = await listed(None, turn, actor, world)
    await ack()
    await tell(turn, world, said)


async def search(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """`search checkout button`; without words, or from a button, a form asks for them."""
    if not turn.words:
        await show(turn, world, search_modal())
        await ack()
        return
    said = await listed(Choices.everything(" ".join(turn.words)), turn, actor, world, searched=True)
    await ack(text=said.text, blocks=said.blocks)


async def submit_search(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    said = await listed(Choices.everything(answers(turn.view).get("text", "")), turn, actor, world, searched=True)
    await ack()
    await tell(turn, world, said)


async def departments(turn: Turn, actor: Actor, world: World) -> list[Choice]:
    """The departments in which what was typed is found."""
    async with world.reading(actor.workspace) as uow:
        known = (await uow.policies.get()).departments()
    return [each for each in department_choices(known) if turn.value.casefold() in each[1].casefold()]


async def fleet_state(choices: Choices, size: int, actor: Actor, uow: UnitOfWork, world: World) -> FleetState:
    """The page these choices lead to; the last one where there are no longer so many."""
    policies = await uow.policies.get()
    which = choices.filter(actor.readable, policies, world.now(), size)
    counts = await uow.experiments.statuses(which)
    last = max(0, (sum(counts.values()) - 1) // size)
    if choices.page > last:
        choices = Choices.given({**choices.all, "page": str(last)})
        which = choices.filter(actor.readable, policies, world.now(), size)
    entries = await uow.experiments.list(which) if counts else ()
    return FleetState(actor, choices, entries, counts, size, policies.departments())


async def listed(choices: Choices | None, turn: Turn, actor: Actor, world: World, *, searched: bool = False) -> Message:
    """The list; without choices, with the filters that were chosen last where it is asked for."""
    async with world.reading(actor.workspace) as uow:
        wanted = choices or Choices.given((await uow.preferences.get(turn.channel or actor.user)).filters)
        return fleet_list(await fleet_state(wanted, PAGE, actor, uow, world), searched=searched)
