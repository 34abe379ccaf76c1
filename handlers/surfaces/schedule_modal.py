"""Schedule: when it starts and perhaps stops by itself; taking that back; and the countdown to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from experiments.local_time import told, zone
from experiments.model import Experiment, Status
from experiments.numerals import counted
from handlers.surfaces import kit
from handlers.surfaces.fields import moment_field
from handlers.surfaces.kit import Message, View
from handlers.surfaces.problem import refusal
from handlers.surfaces.start_modal import STARTABLE, traffic_words
from handlers.surfaces.state import name, target_of
from handlers.surfaces.words import moment, person, said

Countdown = Literal["start in a day", "start in an hour", "stop in a day", "stop in an hour", "stop failed"]


def schedule_modal(experiment: Experiment, start_at: datetime, tz: str, remark: str = "") -> View:
    """Start and stop; the zone in which the times are meant; what was booked before."""
    if refused := refusal(experiment, "scheduled", STARTABLE):
        return refused
    booking = experiment.booking
    lines = [
        f"*{name(experiment)}* starts by itself at the time you choose; then {traffic_words(experiment)}.",
        "A quarter of an hour before, and again at the time, Bunsen checks that it is still approved as it stands and "
        "that you may still start it. If something fails, it does not start, and Bunsen says why.",
    ]
    if booking:
        stop = f", with its stop at {moment(booking.stop_at)}" if booking.stop_at else ""
        lines.append(f"{person(booking.by)} booked {moment(booking.start_at)}{stop}; what you choose replaces that.")
    planned = counted(experiment.design.planned_days, "day")
    return kit.modal(
        "schedule",
        "Schedule the start",
        kit.section(*lines),
        *([kit.section(f"🕑 {said(remark, 300)}")] if remark else []),
        moment_field("start_at", "Start at", start_at, hint=f"Filled in for you: {told(start_at, tz)}."),
        moment_field(
            "stop_at",
            "Stop at",
            booking.stop_at if booking else None,
            optional=True,
            hint=f"Without one it runs until somebody stops it; it is planned for {planned}.",
        ),
        kit.context(f"Your times are those of {said(tz, 60)}, the zone of your Slack profile."),
        submit="Schedule it",
        about={"key": experiment.key, "revision": experiment.revision, "tz": tz},
    )


def unschedule_modal(experiment: Experiment) -> View:
    """Before a booking is taken back."""
    if refused := refusal(experiment, "unscheduled", {Status.SCHEDULED}):
        return refused
    booking = experiment.booking
    when = f" {moment(booking.start_at)}" if booking else ""
    by = f" It was booked by {person(booking.by)}." if booking else ""
    return kit.modal(
        "unschedule",
        "Unschedule the start",
        kit.section(
            f"*{name(experiment)}* will not start{when} any more.{by} The approval stays; you can start it by hand."
        ),
        submit="Unschedule",
        close="Keep it",
        about={"key": experiment.key, "revision": experiment.revision},
    )


def countdown(experiment: Experiment, which: Countdown) -> Message:
    """A day and an hour before a booked start or stop; and when a booked stop could not be made."""
    booking = experiment.booking
    at = (booking.stop_at if which.startswith("stop") else booking.start_at) if booking else None
    when, by = moment(at) if at else "soon", person(booking.by if booking else experiment.owner)
    to = target_of(experiment)
    start = [kit.button("Start now", "start", to), kit.button("Unschedule", "unschedule", to)]
    stop = [kit.button("Results", "results", to), kit.button("Stop", "stop", to, style="danger")]
    match which:
        case "start in a day" | "start in an hour":
            left = which.removeprefix("start in ")
            words = f"⏳ *{name(experiment)}* starts in about {left}, at {when}, as {by} booked it."
        case "stop in a day" | "stop in an hour":
            left = which.removeprefix("stop in ")
            words = f"⏳ *{name(experiment)}* stops in about {left}, at {when}, as {by} booked it."
        case _:
            words = (
                f"⚠️ {person(experiment.owner)}: *{name(experiment)}* was to stop at {when}, but {by}, who booked "
                "that, may not stop it any more. It runs until somebody stops it."
            )
    return kit.message(words, kit.section(words), kit.actions(*(start if which.startswith("start") else stop)))


def usual_start(now: datetime, tz: str) -> datetime:
    """What the form begins with: nine in the morning of the next day."""
    tomorrow = now.astimezone(zone(tz)) + timedelta(days=1)
    return tomorrow.replace(hour=9, minute=0, second=0, microsecond=0)
