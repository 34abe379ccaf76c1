"""How every modal conversation begins: a command with a key, a button on a card, or a picker when neither names one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from experiments.commands import Command
from experiments.errors import Forbidden
from experiments.execute import execute
from experiments.model import Experiment
from experiments.permissions import Actor, Permission, allows, states
from experiments.ports import World
from handlers.forms import about, answers, target
from handlers.picking import offer
from handlers.reading import experiment_of
from handlers.surfaces.kit import View
from handlers.surfaces.steps import NEEDS
from handlers.turn import Ack, Turn, show

Modal = Callable[[Experiment, Turn, World], Awaitable[View]]


def showing(surface: Callable[[Experiment], View]) -> Modal:
    """A modal that is drawn from the experiment and nothing else."""

    async def modal(experiment: Experiment, turn: Turn, world: World) -> View:
        return surface(experiment)

    return modal


@dataclass(frozen=True, slots=True)
class Opening:
    """The doors into one conversation: `verb` is what its button and its command are called, `modal` what is shown."""

    verb: str
    modal: Modal

    async def by_command(self, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        if turn.words:
            experiment = await self.asked(turn.words[0], actor, world)
            await show(turn, world, await self.modal(experiment, turn, world))
            await ack()
            return
        await offer(self.verb, states(NEEDS[self.verb]), ack, turn, actor, world)

    async def by_button(self, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        experiment = await self.asked(target(turn.value).key, actor, world)
        await show(turn, world, await self.modal(experiment, turn, world))
        await ack()

    async def by_pick(self, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        experiment = await self.asked(answers(turn.view)["key"], actor, world)
        await ack(response_action="update", view=await self.modal(experiment, turn, world))

    async def asked(self, key: str, actor: Actor, world: World) -> Experiment:
        """The experiment, for somebody who may do this to it: nobody fills in a form that would be refused. Of a state
        that does not allow it the form itself says what is possible instead."""
        experiment = await experiment_of(key, actor, world)
        needs = NEEDS.get(self.verb, Permission.READ)
        if experiment.status in states(needs) and (refusal := allows(needs, actor, experiment)):
            raise Forbidden(refusal)
        return experiment


@dataclass(frozen=True, slots=True)
class Confirmation(Opening):
    """A conversation whose form asks for just what its command takes. `seen` names what else the form was opened with
    and the command goes by, such as the revision that was looked at."""

    command: type[Command]
    seen: tuple[str, ...] = ()

    async def submit(self, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        known = about(turn.view)
        fields = {name: known[name] for name in ("key", *self.seen)}
        await execute(self.command.model_validate(fields | answers(turn.view)), actor, world)
        await ack()


@dataclass(frozen=True, slots=True)
class Answering(Opening):
    """A second person's answer to what somebody asks for, in a form or at once by a button under the request; `yes` is
    the choice of the form that agrees."""

    command: type[Command]
    yes: str

    async def submit(self, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        seen = about(turn.view)
        await self._answer(seen["key"], seen["revision"], answers(turn.view).get("answer") == self.yes, actor, world)
        await ack()

    async def agreed(self, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        await self._press(turn, True, actor, world)
        await ack()

    async def refused(self, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        await self._press(turn, False, actor, world)
        await ack()

    async def _press(self, turn: Turn, agreed: bool, actor: Actor, world: World) -> None:
        pressed = target(turn.value)
        await self._answer(pressed.key, int(pressed.seen), agreed, actor, world)

    async def _answer(self, key: str, revision: int, agreed: bool, actor: Actor, world: World) -> None:
        await execute(self.command.model_validate({"key": key, "revision": revision, "agreed": agreed}), actor, world)
