"""Reminders: a review that waits for an answer, an ended experiment that waits for its decision."""

from __future__ import annotations

from typing import Literal

from experiments.model import Experiment
from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.review_request import approvals_line, awaited, review_buttons
from handlers.surfaces.state import name, target_of
from handlers.surfaces.words import day, moment, person


def review_reminder(experiment: Experiment, which: Literal["half", "due"], to: str = "") -> Message:
    """At half of the review's time, and when it is over: to those whose answer is still missing; `to` is one of them,
    who is told directly."""
    review = experiment.review
    who = awaited(review, "Who did not write it")
    due = moment(review.due_at) if review else "soon"
    ends = f" The request ends {moment(review.expires_at)}." if review and review.expires_at else ""
    if to and review:
        verb = "is" if which == "half" else "was"
        words = (
            f"⏰ Your answer to the review of *{name(experiment)}* {verb} needed by {due}. "
            f"{person(review.requested_by)} asked for it.{ends}"
        )
    elif which == "half":
        words = f"⏰ {who}: the review of *{name(experiment)}* is still open; its answer is needed by {due}."
    else:
        words = f"⏰ {who}: the answer to the review of *{name(experiment)}* was needed by {due}.{ends}"
    given = [kit.context(approvals_line(experiment))] if review and review.approvals else []
    quiet = [kit.context(f"{experiment.key} · `/experiment mute {experiment.key}` keeps it silent for a while")]
    row = review_buttons(experiment, asked=True) if to else review_buttons(experiment)
    return kit.message(words, kit.section(words), *given, row, *(quiet if to else []))


def review_expired(experiment: Experiment, asked_by: str) -> Message:
    """Told to who asked: nobody answered, and the design is a draft again."""
    words = (
        f"⌛ {person(asked_by)}: nobody answered your request to review *{name(experiment)}* in time, so it is a draft "
        "again. Ask once more when somebody can look; naming one or two people helps."
    )
    to = target_of(experiment)
    return kit.message(words, kit.section(words), kit.actions(kit.button("Request review", "review", to)))


def decision_reminder(experiment: Experiment) -> Message:
    """The owner still owes a decision."""
    since = f" since {day(experiment.stopped_at)}" if experiment.stopped_at else ""
    words = (
        f"⏰ {person(experiment.owner)}: *{name(experiment)}* has been stopped{since} and waits for its decision. "
        "A line about why is enough."
    )
    to = target_of(experiment)
    return kit.message(
        words,
        kit.section(words),
        kit.actions(kit.button("Log decision", "decide", to, style="primary"), kit.button("Results", "results", to)),
    )
