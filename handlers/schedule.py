"""Schedule: `/experiment schedule KEY 2026-03-29 02:30` or a button → start and stop → ScheduleStart → card."""

from __future__ import annotations

from experiments.commands import ScheduleStart, Unschedule
from experiments.execute import execute
from experiments.local_time import local_moment
from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers
from handlers.opening import Opening, showing
from handlers.surfaces.kit import View
from handlers.surfaces.schedule_modal import schedule_modal, unschedule_modal, usual_start
from handlers.turn import Ack, Turn


async def _schedule_modal(experiment: Experiment, turn: Turn, world: World) -> View:
    tz = (await world.people.actor(turn.workspace, turn.user)).tz
    if typed := " ".join(turn.words[1:]):
        chosen = local_moment(typed, tz)
        return schedule_modal(experiment, chosen.at, tz, chosen.remark)
    booked = experiment.booking.start_at if experiment.booking else None
    return schedule_modal(experiment, booked or usual_start(world.now(), tz), tz)


schedule = Opening("schedule", _schedule_modal)
unschedule = Opening("unschedule", showing(unschedule_modal))


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await execute(ScheduleStart.model_validate({**about(turn.view), **answers(turn.view)}), actor, world)
    await ack()


async def submit_unschedule(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen = about(turn.view)
    await execute(Unschedule(key=seen["key"], revision=seen["revision"]), actor, world)
    await ack()
