"""Testers: one line per unit with the variant it shall see → SetTesters → card."""

from __future__ import annotations

from experiments.commands import SetTesters
from experiments.execute import execute
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers
from handlers.opening import Opening, showing
from handlers.plan_lines import overrides_from
from handlers.reading import experiment_of
from handlers.surfaces.testers_modal import testers_modal
from handlers.turn import Ack, Turn

testers = Opening("testers", showing(testers_modal))


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    key = about(turn.view)["key"]
    experiment = await experiment_of(key, actor, world)
    known = [variant.key for variant in experiment.design.variants]
    overrides = overrides_from(answers(turn.view).get("overrides", ""), known)
    await execute(SetTesters(key=key, overrides=overrides), actor, world)
    await ack()
