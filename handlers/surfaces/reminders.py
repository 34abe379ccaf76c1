"""Reminders: a review that waits for an answer, an ended experiment that waits for its decision."""

from __future__ import annotations

from typing import Literal

from experiments.model import Experiment
from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.review_request import review_buttons
from handlers.surfaces.state import name
from handlers.surfaces.words import day, moment, people, person


def review_reminder(experiment: Experiment, which: Literal["half", "due"]) -> Message:
    """At half of the review's time, and when it is over."""
    review = experiment.review
    reviewers = review.reviewers if review else ()
    who = people(reviewers) if reviewers else "Who did not write it"
    due = moment(review.due_at) if review else "soon"
    if which == "half":
        words = f"⏰ {who}: the review of *{name(experiment)}* is still open; its answer is needed by {due}."
    else:
        words = f"⏰ {who}: the answer to the review of *{name(experiment)}* was needed by {due}."
    return kit.message(words, kit.section(words), review_buttons(experiment))


def decision_reminder(experiment: Experiment) -> Message:
    """The owner still owes a decision."""
    since = f" since {day(experiment.stopped_at)}" if experiment.stopped_at else ""
    words = (
        f"⏰ {person(experiment.owner)}: *{name(experiment)}* has been stopped{since} and waits for its decision. "
        "A line about why is enough."
    )
    to = f"{experiment.key}@{experiment.revision}"
    return kit.message(
        words,
        kit.section(words),
        kit.actions(kit.button("Log decision", "decide", to, style="primary"), kit.button("Results", "results", to)),
    )
