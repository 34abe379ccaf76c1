"""How every modal conversation begins: a command with a key, a button on a card, or a picker when neither names one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from experiments.model import Experiment, Status
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import answers, target
from handlers.reading import experiment_of, experiments_of
from handlers.surfaces.kit import View
from handlers.surfaces.lists import nothing_to
from handlers.surfaces.pick_modal import pick_modal
from handlers.turn import Ack, Turn, show

Modal = Callable[[Experiment, Turn, World], Awaitable[View]]


async def offer(verb: str, statuses: tuple[Status, ...], ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Let the person pick one of the experiments for which the verb makes sense, or say that there is none."""
    choices = await experiments_of(actor.workspace, world, statuses=statuses, projects=actor.readable, limit=100)
    if choices:
        await show(turn, world, pick_modal(choices, verb, about={"channel": turn.channel}))
        await ack()
    else:
        said = nothing_to(verb)
        await ack(text=said.text, blocks=said.blocks)


@dataclass(frozen=True, slots=True)
class Opening:
    """The doors into one conversation: `statuses` are those in which it makes sense, `modal` what is shown."""

    verb: str
    statuses: tuple[Status, ...]
    modal: Modal

    async def by_command(self, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        if turn.words:
            experiment = await experiment_of(turn.words[0], actor, world)
            await show(turn, world, await self.modal(experiment, turn, world))
            await ack()
            return
        await offer(self.verb, self.statuses, ack, turn, actor, world)

    async def by_button(self, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        experiment = await experiment_of(target(turn.value).key, actor, world)
        await show(turn, world, await self.modal(experiment, turn, world))
        await ack()

    async def by_pick(self, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        experiment = await experiment_of(answers(turn.view)["key"], actor, world)
        await ack(response_action="update", view=await self.modal(experiment, turn, world))
