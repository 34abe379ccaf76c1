"""Schedule: `/experiment schedule KEY 2026-03-29 02:30` or a button → start and stop → ScheduleStart → card."""

from __future__ import annotations

from experiments.commands import ScheduleStart, Unschedule
from experiments.local_time import local_moment
from experiments.model import Experiment
from experiments.ports import World
from handlers.opening import Confirmation, showing
from handlers.surfaces.kit import View
from handlers.surfaces.schedule_modal import schedule_modal, unschedule_modal, usual_start
from handlers.turn import Turn


async def _schedule_modal(experiment: Experiment, turn: Turn, world: World) -> View:
    tz = (await world.people.actor(turn.workspace, turn.user)).tz
    if typed := " ".join(turn.words[1:]):
        chosen = local_moment(typed, tz)
        return schedule_modal(experiment, chosen.at, tz, chosen.remark)
    booked = experiment.booking.start_at if experiment.booking else None
    return schedule_modal(experiment, booked or usual_start(world.now(), tz), tz)


schedule = Confirmation("schedule", _schedule_modal, ScheduleStart, seen=("revision", "tz"))
unschedule = Confirmation("unschedule", showing(unschedule_modal), Unschedule, seen=("revision",))
