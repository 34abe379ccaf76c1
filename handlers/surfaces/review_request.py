"""The request for review: the whole design with Approve and Request changes, later one line with what happened."""

from __future__ import annotations

from experiments.model import Experiment
from handlers.surfaces import kit
from handlers.surfaces.card import design_cells, hypothesis
from handlers.surfaces.kit import Block, Message
from handlers.surfaces.state import RULES, name, plan_line
from handlers.surfaces.words import moment, people, person, said


def review_request(experiment: Experiment) -> Message:
    """Who is asked for what until when, and exactly what an approval approves."""
    design = experiment.design
    asked = f"👀 {_asked(experiment)}: please review *{name(experiment)}*"
    return kit.message(
        asked,
        kit.section(asked, *_until(experiment)),
        *hypothesis(design),
        kit.fields(*design_cells(design), ("Plan", plan_line(design)), ("Rule", RULES[design.rule])),
        review_buttons(experiment),
        kit.context(f"{_about(experiment)} · an approval covers exactly this design; its authors cannot give it"),
    )


def review_settled(experiment: Experiment, sentence: str, actor: str) -> Message:
    """The same request after its end: what happened. The design stands on the card."""
    settled = f"{person(actor)} {said(sentence, 1500)}"
    words = f"☑️ Review of *{name(experiment)}* is over: {settled}"
    return kit.message(words, kit.section(words), kit.context(_about(experiment)))


def review_buttons(experiment: Experiment) -> Block:
    """Approve and Request changes carry the hash of the design that is looked at."""
    design = f"{experiment.key}@{experiment.design.hash}"
    return kit.actions(
        kit.button("Approve", "approve", design, style="primary"),
        kit.button("Request changes", "request_changes", design),
        kit.button("Comment", "note", f"{experiment.key}@{experiment.revision}"),
    )


def _asked(experiment: Experiment) -> str:
    reviewers = experiment.review.reviewers if experiment.review else ()
    return people(reviewers) if reviewers else "Anybody who did not write it"


def _until(experiment: Experiment) -> list[str]:
    review = experiment.review
    if review is None:
        return []
    lines = [f"Asked by {person(review.requested_by)}, answer needed by {moment(review.due_at)}"]
    return [*lines, f"❓ {said(review.question, 900)}"] if review.question else lines


def _about(experiment: Experiment) -> str:
    return f"{experiment.key} · design {experiment.design.hash[:8]}"
