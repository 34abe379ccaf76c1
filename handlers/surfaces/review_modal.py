"""Review: whom to ask, by when and what; approving it, what has to change, and taking the request back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from experiments.checklist import Item
from experiments.model import Experiment, Precedent, Status
from experiments.numerals import counted
from experiments.policy import Project
from handlers.surfaces import kit
from handlers.surfaces.checks import item_lines, precedent_lines
from handlers.surfaces.fields import (
    Choice,
    many_field,
    moment_field,
    people_field,
    text_field,
    ticks_field,
)
from handlers.surfaces.kit import Block, View
from handlers.surfaces.problem import problem_modal, refusal
from handlers.surfaces.review_request import approvals_line, since_last_time
from handlers.surfaces.state import name, target_of
from handlers.surfaces.words import people, said

TICKS = 10
POINT = 75


class Asking(NamedTuple):
    """What is known before a review is asked for: the project's rules, user groups, the checklist, what is alike."""

    project: Project = Project(name="general")
    groups: Sequence[Choice] = ()
    items: Sequence[Item] = ()
    precedents: Sequence[Precedent] = ()


UNASKED = Asking()


def review_modal(experiment: Experiment, now: datetime, asking: Asking = UNASKED) -> View:
    """Reviewers, deadline and question; what is missing comes first, what to think about before the button."""
    if refused := refusal(experiment, "sent to review", {Status.DRAFT}):
        return refused
    if missing := experiment.design.missing():
        return problem_modal(
            f"“{experiment.title}” cannot be reviewed yet: {'; '.join(missing.values())}. Edit the draft first.",
            "Not ready yet",
        )
    project = asking.project
    suggested = experiment.reviewers or project.reviewers
    asks = f"*{said(project.name)}* asks for {counted(project.required_approvals, 'approval')}."
    expires = f"A request that nobody answers ends {counted(project.expires_days, 'day')} after its deadline."
    return kit.modal(
        "review",
        "Request a review",
        kit.section(f"*{name(experiment)}* as it stands now (design {experiment.design.hash[:8]}). {asks}"),
        *_points("What reviewers will see", asking),
        people_field(
            "reviewers",
            "Reviewers",
            [user for user in suggested if user not in experiment.authors],
            hint="Without names, anybody who did not write the design may approve it.",
        ),
        *(
            [many_field("groups", "User groups", asking.groups, hint="Their members are asked, except who wrote it.")]
            if asking.groups
            else []
        ),
        moment_field("due_at", "Answer needed by", now + timedelta(days=project.review_days), hint=expires),
        text_field("question", "What should they look at?", multiline=True, optional=True),
        submit="Request review",
        about={"key": experiment.key, "revision": experiment.revision},
    )


def approve_modal(experiment: Experiment) -> View:
    """What an approval covers, the project's own points to tick, and a comment."""
    if refused := refusal(experiment, "approved", {Status.IN_REVIEW}):
        return refused
    review = experiment.review
    points = review.checklist if review else ()
    long = [f"{place}. {said(point, 300)}" for place, point in enumerate(points, 1) if len(point) > POINT]
    groups = [
        ticks_field(
            f"ticked__{first}",
            "You have looked at" if not first else "and at",
            [(str(place), point, "") for place, point in enumerate(points) if first <= place < first + TICKS],
            optional=False,
        )
        for first in range(0, len(points), TICKS)
    ]
    return kit.modal(
        "approve",
        "Approve the design",
        kit.section(f"You approve exactly this design of *{name(experiment)}* ({experiment.design.hash[:8]})."),
        *since_last_time(experiment),
        kit.context(approvals_line(experiment)),
        kit.actions(kit.button("See it all", "review_diff", target_of(experiment))),
        *([kit.section("*In full*", *long)] if long else []),
        *groups,
        text_field("comment", "A comment", multiline=True, optional=True),
        submit="Approve",
        about={"key": experiment.key, "design_hash": experiment.design.hash},
    )


def request_changes_modal(experiment: Experiment, seen: str) -> View:
    """What the authors should change; `seen` is the hash of the design the reviewer looked at."""
    return refusal(experiment, "sent back", {Status.IN_REVIEW}) or kit.modal(
        "request_changes",
        "Request changes",
        kit.section(f"*{name(experiment)}* goes back to its authors as a draft, with your words."),
        text_field("comment", "What has to change, and why?", multiline=True),
        submit="Request changes",
        about={"key": experiment.key, "design_hash": seen},
    )


def withdraw_modal(experiment: Experiment) -> View:
    """Before a request is taken back."""
    if refused := refusal(experiment, "taken out of review", {Status.IN_REVIEW}):
        return refused
    given = len(experiment.review.approvals) if experiment.review else 0
    lost = f" {counted(given, 'approval')} given so far will not count any more." if given else ""
    return kit.modal(
        "withdraw",
        "Withdraw the request",
        kit.section(
            f"The request for review of *{name(experiment)}* is taken back; the draft stays as it is.{lost}",
            "You can ask again whenever you like.",
        ),
        submit="Withdraw it",
        about={"key": experiment.key, "revision": experiment.revision},
    )


def left_out(experiment: Experiment, authors: Sequence[str]) -> kit.Message:
    """Who was in a chosen group and is not asked."""
    words = (
        f"👀 The review of *{name(experiment)}* is asked for. {people(authors)} wrote the design, so "
        f"{'is' if len(authors) == 1 else 'are'} not asked."
    )
    return kit.message(words, kit.section(words))


def _points(title: str, asking: Asking) -> list[Block]:
    blocks = [kit.section(f"*{title}*", *item_lines(asking.items))] if asking.items else []
    if asking.precedents:
        blocks.append(kit.section("*Tried before*", *precedent_lines(asking.precedents)))
    return blocks
