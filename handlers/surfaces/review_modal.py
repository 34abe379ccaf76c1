"""Review: whom to ask, by when and what; and what has to change."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.review import DEFAULT_REVIEW_TIME
from experiments.model import Experiment, Status
from handlers.surfaces import kit
from handlers.surfaces.fields import moment_field, people_field, text_field
from handlers.surfaces.kit import View
from handlers.surfaces.problem import problem_modal, refusal
from handlers.surfaces.state import name


def review_modal(experiment: Experiment, now: datetime) -> View:
    """Reviewers, deadline and question; what is missing comes first."""
    if refused := refusal(experiment, "sent to review", {Status.DRAFT}):
        return refused
    if missing := experiment.design.missing():
        return problem_modal(
            f"“{experiment.title}” cannot be reviewed yet: {'; '.join(missing.values())}. Edit the draft first.",
            "Not ready yet",
        )
    return kit.modal(
        "review",
        "Request a review",
        kit.section(f"*{name(experiment)}* as it stands now (design {experiment.design.hash[:8]})."),
        people_field(
            "reviewers",
            "Reviewers",
            [user for user in experiment.reviewers if user not in experiment.authors],
            hint="Without names, anybody who did not write the design may approve it.",
        ),
        moment_field("due_at", "Answer needed by", now + DEFAULT_REVIEW_TIME),
        text_field("question", "What should they look at?", multiline=True, optional=True),
        submit="Ask for it",
        about={"key": experiment.key, "revision": experiment.revision},
    )


def request_changes_modal(experiment: Experiment, seen: str) -> View:
    """What the authors should change; `seen` is the hash of the design the reviewer looked at."""
    return refusal(experiment, "sent back", {Status.IN_REVIEW}) or kit.modal(
        "request_changes",
        "Request changes",
        kit.section(f"*{name(experiment)}* goes back to its authors as a draft, with your words."),
        text_field("comment", "What has to change, and why?", multiline=True),
        submit="Send it back",
        about={"key": experiment.key, "design_hash": seen},
    )
