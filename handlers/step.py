"""Next step: button or command → confirmation → a canary is given its next share by hand → card."""

from __future__ import annotations

from experiments.canary import stepped
from experiments.commands import ConfigureTraffic
from experiments.errors import Stale
from experiments.execute import execute
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about
from handlers.opening import Opening, showing
from handlers.reading import experiment_of
from handlers.readings import read_again
from handlers.surfaces.hold_modal import step_modal
from handlers.surfaces.state import next_share
from handlers.turn import Ack, Turn

step = Opening("step", showing(step_modal))


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Only from the step that was looked at: the judge may have gone on in the meantime."""
    seen = about(turn.view)
    before = await experiment_of(seen["key"], actor, world)
    if next_share(before) != seen["share"]:
        words = "The canary is at another step by now. Open this again and look."
        raise Stale(words, by=before.changed_by, at=before.updated_at)
    weights = stepped(before.weights, before.control.key, seen["share"])
    command = ConfigureTraffic(key=seen["key"], revision=seen["revision"], weights=weights)
    after = await execute(command, actor, world)
    await ack()
    turn.later(read_again(after, world))
