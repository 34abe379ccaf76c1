"""What was booked: checked a quarter of an hour before, started and stopped at the time, or suspended with the reason.

A machine that slept past the time still starts what is at most two hours late; later than that, somebody has to look.
Every replica may try: each booking carries an id of its own, so that it starts once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from experiments.announcements import CARD, Announcement
from experiments.checklist import State, checklist
from experiments.commands import StartExperiment, StopExperiment, SuspendSchedule
from experiments.execute import execute
from experiments.groups import obstacle
from experiments.model import LIVE, Experiment, Status, StopReason
from experiments.permissions import Actor, Permission, allows, bunsen
from experiments.ports import World
from experiments.running import Booking
from handlers.beside import sharing
from handlers.guarded import guarded
from handlers.reminders import all_of

CHECKED_BEFORE = timedelta(minutes=15)
LATEST = timedelta(hours=2)


async def run_booked(world: World) -> int:
    """Stop, start or suspend all that is due; how many there were. What stops makes room for what starts."""
    now = world.now()
    due = await all_of(world, statuses=(Status.SCHEDULED, *sorted(LIVE)), booked_by=now + CHECKED_BEFORE)
    work = {Status.SCHEDULED: _start}
    return sum(
        [
            await guarded(work.get(each.status, _stop)(each, each.booking, now, world), "booking", key=each.key)
            for each in sorted(due, key=lambda each: each.status is Status.SCHEDULED)
            if each.booking
        ]
    )


async def _start(experiment: Experiment, booking: Booking, now: datetime, world: World) -> int:
    """Never starts “almost”: one check that fails suspends it, before the time as well as at it."""
    if now > booking.start_at + LATEST:
        late = "Bunsen was not running then and for two hours after; choose another time, or start it now."
        return await _suspend(experiment, booking, late, world)
    actor = await world.people.actor(world.workspace, booking.by, _once("start", experiment, booking))
    if refusal := allows(Permission.START, actor, experiment):
        words = f"{actor.name or booking.by}, who booked it, may not start it any more ({refusal})"
        return await _suspend(experiment, booking, words, world)
    if failing := _failing(experiment) or await _part_taken(experiment, booking, now, actor, world):
        return await _suspend(experiment, booking, failing, world)
    if now < booking.start_at:
        return 0
    await execute(StartExperiment(key=experiment.key, booked_at=booking.start_at), actor, world)
    return 1


async def _stop(experiment: Experiment, booking: Booking, now: datetime, world: World) -> int:
    if booking.stop_at is None or now < booking.stop_at:
        return 0
    actor = await world.people.actor(world.workspace, booking.by, _once("stop", experiment, booking))
    if allows(Permission.STOP, actor, experiment):
        return await _tell_once(experiment, booking, now, world)
    command = StopExperiment(key=experiment.key, reason=StopReason.COMPLETED, comment="as scheduled")
    await execute(command, actor, world)
    return 1


def _failing(experiment: Experiment) -> str:
    """What does not hold of the design; empty when all does."""
    approval = experiment.approval
    if approval is None or approval.design_hash != experiment.design.hash:
        return "the design is not approved as it stands now."
    failing = [item.words for item in checklist(experiment.design) if item.blocks and item.state is State.FAILED]
    return " ".join(failing)


async def _part_taken(experiment: Experiment, booking: Booking, now: datetime, actor: Actor, world: World) -> str:
    """Why its part of an exclusion group is not free; ahead of time, what is booked to stop by then does not count."""
    live = await sharing(experiment, world)
    staying = [each for each in live if now >= booking.start_at or not _stops_by(booking.start_at, each)]
    return obstacle(experiment, staying, actor)


def _stops_by(moment: datetime, experiment: Experiment) -> bool:
    stop_at = experiment.booking.stop_at if experiment.booking else None
    return stop_at is not None and stop_at <= moment


async def _suspend(experiment: Experiment, booking: Booking, reason: str, world: World) -> int:
    actor = bunsen(world.workspace).model_copy(update={"delivery": _once("suspend", experiment, booking)})
    command = SuspendSchedule(key=experiment.key, start_at=booking.start_at, reason=reason)
    await execute(command, actor, world)
    return 1


async def _tell_once(experiment: Experiment, booking: Booking, now: datetime, world: World) -> int:
    """The stop that was booked cannot be made; it goes on, and its owner hears of it."""
    said = Announcement(
        surface="countdown",
        stream=experiment.key,
        channel=experiment.channel,
        payload={"experiment": experiment.model_dump(mode="json"), "which": "stop failed"},
        thread_of=CARD,
    )
    async with world.uow(world.workspace) as uow:
        if not await uow.schedules.once("reminder", experiment.key, _once("stop failed", experiment, booking), now):
            return 0
        await uow.outbox.add((said,) if experiment.channel else (), now)
    world.nudge()
    return 1


def _once(what: str, experiment: Experiment, booking: Booking) -> str:
    """The id under which this booking is carried out, on whichever replica: the second one finds it done."""
    return f"booked {what} {experiment.key} {booking.at.isoformat()}"
