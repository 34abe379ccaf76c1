"""Traffic: a share for every variant and the exposure, their sum told while typing → ConfigureTraffic → card."""

from __future__ import annotations

from experiments.commands import ConfigureTraffic
from experiments.execute import execute
from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers, scoped
from handlers.opening import Opening
from handlers.reading import experiment_of
from handlers.readings import read_again
from handlers.surfaces.kit import View
from handlers.surfaces.traffic_modal import traffic_modal
from handlers.turn import Ack, Turn, redraw


async def _modal(experiment: Experiment, turn: Turn, world: World) -> View:
    return traffic_modal(experiment, world.now())


traffic = Opening("traffic", _modal)


async def recount(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """A number was typed: say what all of them sum to, and what that would begin."""
    experiment = await experiment_of(about(turn.view)["key"], actor, world)
    await ack()
    typed = {key: float(value) for key, value in scoped(turn.view, "weights").items()}
    exposed = answers(turn.view).get("exposure")
    view = traffic_modal(experiment, world.now(), typed, None if exposed is None else exposed * 100)
    turn.later(redraw(turn.view["id"], view, world))


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen, given = about(turn.view), answers(turn.view)
    fields = {
        "key": seen["key"],
        "revision": seen["revision"],
        "weights": {key: round(percent * 100) for key, percent in scoped(turn.view, "weights").items()},
    }
    if "exposure" in given:
        fields["exposure"] = round(given["exposure"] * 10_000)
    after = await execute(ConfigureTraffic.model_validate(fields), actor, world)
    await ack()
    turn.later(read_again(after, world))
