"""ScheduleStart, Unschedule, SuspendSchedule: a start, and perhaps a stop, at a chosen time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, Field

from experiments.commands.base import Command
from experiments.errors import BadInput, Stale
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Permission
from experiments.running import Booking
from experiments.texts import RequiredProse

LONGEST_AHEAD = timedelta(days=366)


class ScheduleStart(Command):
    """Start at `start_at`, and stop at `stop_at` if given. The checks are repeated shortly before and at the time."""

    needs = Permission.SCHEDULE

    start_at: AwareDatetime
    stop_at: AwareDatetime | None = None
    tz: str = Field(default="UTC", max_length=60)

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "scheduled")
        if self.start_at <= now:
            raise BadInput("This time has passed; choose one in the future, or start it now.", field="start_at")
        if self.start_at > now + LONGEST_AHEAD:
            raise BadInput("This is more than a year ahead; choose an earlier time.", field="start_at")
        if self.stop_at is not None and self.stop_at <= self.start_at:
            raise BadInput("It would stop before it starts; choose a later time.", field="stop_at")
        booking = Booking(start_at=self.start_at, stop_at=self.stop_at, tz=self.tz, by=actor.user, at=now)
        return before.evolve(status=Status.SCHEDULED, booking=booking)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        stop = f", and its stop for {_utc(self.stop_at)}" if self.stop_at else ""
        was = before.booking if before else None
        changed = f" instead of {_utc(was.start_at)}" if was else ""
        return f"scheduled its start for {_utc(self.start_at)}{changed}{stop}"


class Unschedule(Command):
    """Take the booking back; the approval stays."""

    needs = Permission.UNSCHEDULE

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "unscheduled")
        return before.evolve(status=Status.APPROVED, booking=None)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        was = before.booking if before else None
        return f"took back the start booked for {_utc(was.start_at)}" if was else "took the start back"


class SuspendSchedule(Command):
    """A check failed before the booked start: nothing starts, and somebody has to look."""

    needs = Permission.RECORD

    start_at: AwareDatetime
    reason: RequiredProse

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "suspended", Status.SCHEDULED)
        if before.booking is None or before.booking.start_at != self.start_at:
            raise Stale("It is not booked for this time any more.")
        return before.evolve(status=Status.APPROVED, booking=None)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"suspended its start at {_utc(self.start_at)}: {self.reason}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
