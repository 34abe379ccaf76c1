"""The request for review: the whole design, what is new in it, and its buttons; later one line with what happened."""

from __future__ import annotations

import re

from experiments.checklist import checklist
from experiments.design import Design
from experiments.difference import differences
from experiments.model import Experiment, Review
from experiments.numerals import counted
from experiments.permissions import Actor, Permission, may
from handlers.surfaces import kit
from handlers.surfaces.card import hypothesis
from handlers.surfaces.checks import configuration, item_lines, precedent_lines, recorded_lines
from handlers.surfaces.diff import change_line
from handlers.surfaces.kit import Block, Group, Message
from handlers.surfaces.state import name, target_of
from handlers.surfaces.words import moment, people, person, said

GROUP = re.compile(r"S[A-Z0-9]+")
CHANGES = 6
BUTTONS = {
    "approve": ("Approve", Permission.APPROVE),
    "request_changes": ("Request changes", Permission.APPROVE),
    "note": ("Comment", Permission.NOTE),
    "review_diff": ("See the whole diff", Permission.READ),
    "withdraw": ("Withdraw", Permission.CANCEL_REVIEW),
}
OF_THE_DESIGN = frozenset({"approve", "request_changes"})


def review_request(experiment: Experiment) -> Message:
    """Who is asked for what until when, exactly what an approval approves, and who has given theirs."""
    asked = f"👀 {_asked(experiment)}: please review *{name(experiment)}*"
    head = [kit.section(asked, *_until(experiment))]
    tail = [
        kit.section(approvals_line(experiment)),
        review_buttons(experiment),
        kit.context(f"{_about(experiment)} · an approval covers exactly this design; its authors cannot give it"),
    ]
    data = experiment.review.data if experiment.review else None
    parts = [hypothesis(experiment.design), since_last_time(experiment), *configuration(experiment.design, data)]
    parts += [_checks(experiment), *_comments(experiment)]
    groups = [Group(blocks) for blocks in parts if blocks]
    return kit.message(asked, *head, *kit.fit(groups, "part", around=[*head, *tail]), *tail)


def review_settled(experiment: Experiment, sentence: str, actor: str) -> Message:
    """The same request after its end: what happened. The design stands on the card."""
    settled = f"{person(actor)} {said(sentence, 1500)}"
    words = f"☑️ Review of *{name(experiment)}* is over: {settled}"
    return kit.message(words, kit.section(words), kit.context(_about(experiment)))


def review_buttons(experiment: Experiment, actor: Actor | None = None, *, asked: bool = False) -> Block:
    """Approve and Request changes carry the hash of the design that is looked at; of an actor's only what they may,
    for who was `asked` what answers."""
    return kit.actions(
        *(
            kit.button(
                "See the whole design" if verb == "review_diff" and not _previous(experiment) else label,
                verb,
                target_of(experiment, experiment.design.hash if verb in OF_THE_DESIGN else None),
                style="primary" if verb == "approve" else "",
            )
            for verb, (label, needs) in BUTTONS.items()
            if (actor is None or may(needs, actor, experiment)) and not (asked and verb == "withdraw")
        )
    )


def since_last_time(experiment: Experiment) -> list[Block]:
    """What is new in the design since it was last put to review; nothing at its first review."""
    previous = _previous(experiment)
    if previous is None:
        return []
    changes = differences(previous, experiment.design)
    if not changes:
        return [kit.section("*Since last time* the design has not changed.")]
    more = [f"… and {counted(len(changes) - CHANGES, 'more change')}"] if len(changes) > CHANGES else []
    lines = [f"• {change_line(change, 160)}" for change in changes[:CHANGES]]
    return [kit.section(f"*Since last time* {counted(len(changes), 'change')}, old → new", *lines, *more)]


def approvals_line(experiment: Experiment) -> str:
    """1 of 2 approvals: Bo · still awaited: Chen."""
    review = experiment.review
    if review is None:
        return "Nobody is asked."
    given = [f"{person(each.by)} ({moment(each.at)})" for each in review.approvals]
    line = f"*{len(given)} of {counted(review.required, 'approval')}*" + (f": {', '.join(given)}" if given else "")
    awaited = people(review.awaited) if review.awaited else ("" if review.reviewers else "anybody who did not write it")
    return f"{line} · awaited: {awaited}" if awaited else line


def awaited(review: Review | None, nobody: str) -> str:
    """Whose answer is still missing, as mentions."""
    return people(review.awaited) if review and review.awaited else nobody


def _asked(experiment: Experiment) -> str:
    review = experiment.review
    groups = [f"<!subteam^{group}>" for group in (review.groups if review else ()) if GROUP.fullmatch(group)]
    asked = [*groups, *([people(review.reviewers)] if review and review.reviewers else [])]
    return ", ".join(asked) if asked else "Anybody who did not write it"


def _until(experiment: Experiment) -> list[str]:
    review = experiment.review
    if review is None:
        return []
    lines = [f"Asked by {person(review.requested_by)}, answer needed by {moment(review.due_at)}"]
    return [*lines, f"❓ {said(review.question, 900)}"] if review.question else lines


def _checks(experiment: Experiment) -> list[Block]:
    """The checklist as it stood, the project's own points, and what was tried before."""
    review = experiment.review
    if review and review.checks:
        lines = recorded_lines(review.checks)
    else:
        lines = item_lines([item for item in checklist(experiment.design) if item.code != "overlap"])
    own = [f"☐ {said(point, 300)}" for point in review.checklist] if review else []
    blocks = [kit.section("*Checklist*", *lines, *own)]
    if review and review.precedents:
        blocks.append(kit.section("*Tried before*", *precedent_lines(review.precedents)))
    return blocks


def _comments(experiment: Experiment) -> list[list[Block]]:
    given = experiment.review.approvals if experiment.review else ()
    return [
        [kit.context(f"{person(each.by)} approved"), kit.prose("Comment", each.comment, 500)]
        for each in given
        if each.comment
    ]


def _previous(experiment: Experiment) -> Design | None:
    return experiment.review.previous if experiment.review else None


def _about(experiment: Experiment) -> str:
    return f"{experiment.key} · design {experiment.design.hash[:8]}"
