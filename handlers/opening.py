"""How every modal conversation begins: a command with a key, a button on a card, or a picker when neither names one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from experiments.model import Experiment, Status
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import answers, target
from handlers.picking import offer
from handlers.reading import experiment_of
from handlers.surfaces.kit import View
from handlers.turn import Ack, Turn, show

Modal = Callable[[Experiment, Turn, World], Awaitable[View]]


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
