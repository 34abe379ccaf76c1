"""Clone: a card, a command or a pick → CloneExperiment under a free key → the form of the new draft."""

from __future__ import annotations

from experiments.commands import CloneExperiment
from experiments.execute import execute_free
from experiments.model import Experiment, Status
from experiments.permissions import Actor
from experiments.ports import World
from experiments.slug import attempts
from handlers.forms import about, answers, target
from handlers.picking import offer
from handlers.reading import experiment_of
from handlers.surfaces.what_modal import what_modal
from handlers.turn import Ack, Turn, show

TITLE = 120


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    if not turn.words:
        await offer("clone", tuple(Status), ack, turn, actor, world)
        return
    await _open(turn.words[0], ack, turn, actor, world)


async def by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await _open(target(turn.value).key, ack, turn, actor, world)


async def by_pick(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    original = await experiment_of(answers(turn.view)["key"], actor, world)
    draft = await _cloned(original, about(turn.view).get("channel", ""), actor, world)
    await ack(response_action="update", view=what_modal(draft, cloned=True))


async def _open(key: str, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    draft = await _cloned(await experiment_of(key, actor, world), turn.channel, actor, world)
    await show(turn, world, what_modal(draft, cloned=True))
    await ack()


async def _cloned(original: Experiment, channel: str, actor: Actor, world: World) -> Experiment:
    commands = (_another(original, key, attempt, channel) for key, attempt in attempts(original.key))
    return await execute_free(commands, actor, world)


def _another(original: Experiment, key: str, attempt: int, channel: str) -> CloneExperiment:
    ending = f" (attempt {attempt})"
    return CloneExperiment(
        key=key,
        derived_from=original.key,
        title=original.title.removesuffix(f" (attempt {attempt - 1})")[: TITLE - len(ending)] + ending,
        project=original.project,
        source=original.source,
        tags=original.tags,
        channel=channel or original.channel,
        design=original.design,
        authors=original.authors,
    )
