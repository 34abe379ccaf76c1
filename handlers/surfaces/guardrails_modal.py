"""Guardrails: the lines as they stand, what a change of them needs, and another person's answer to looser ones."""

from __future__ import annotations

from experiments.model import LIVE, Experiment
from experiments.permissions import Permission, states
from handlers.surfaces import kit
from handlers.surfaces.design_lines import MEASURED, guardrails_text
from handlers.surfaces.fields import radio_field, text_field
from handlers.surfaces.kit import Block, View
from handlers.surfaces.problem import problem_modal, refusal
from handlers.surfaces.requests import loosening_lines
from handlers.surfaces.state import name
from handlers.surfaces.words import said

STRICTER = "Stricter guardrails apply at once. Looser ones wait until somebody else, who may review, agrees."
VOIDS = "A change of them is a change of the design: it voids a review or an approval."


def guardrails_modal(experiment: Experiment, told: str = "") -> View:
    """One guardrail a line; `told` is what the lines, as they are typed at this moment, would do."""
    if refused := refusal(experiment, "given other guardrails", states(Permission.GUARDRAILS)):
        return refused
    rule = STRICTER if experiment.status in LIVE else VOIDS
    return kit.modal(
        "guardrails",
        "Change the guardrails",
        kit.section(f"*{name(experiment)}*", rule),
        text_field(
            "guardrails",
            "Guardrails",
            guardrails_text(experiment.design.guardrails),
            multiline=True,
            optional=True,
            placeholder="latency-p95 mean down limit 2 % from 500 units stop in ms",
            hint="One a line: name, kind, good direction, the harm it tolerates, from how many units in every variant "
            "on, what its breach leads to (warn, pause, stop, rollback), what missing data lead to (missing pause), "
            f"unit. {MEASURED}",
            live=True,
        ),
        kit.context(said(told, 1500) if told else "What is left out is the default: any clear harm, warn."),
        text_field("comment", "Why?", multiline=True, optional=True),
        submit="Change them",
        about={"key": experiment.key, "revision": experiment.revision},
    )


def agree_modal(experiment: Experiment) -> View:
    """What somebody wants to be looser, and yes or no."""
    if refused := refusal(experiment, "given other guardrails", LIVE):
        return refused
    if experiment.loosening is None:
        return problem_modal(f"Nobody asks for looser guardrails of “{experiment.title}”.", "Nothing to answer")
    choices = (("agree", "Agree: they apply at once"), ("keep", "Keep the guardrails as they are"))
    return kit.modal(
        "agree",
        "Looser guardrails?",
        kit.section(*loosening_lines(experiment)),
        *why(experiment.loosening.comment),
        radio_field("answer", "Your answer", choices),
        submit="Answer",
        about={"key": experiment.key, "revision": experiment.revision},
    )


def why(comment: str) -> list[Block]:
    """A person's reason, where they gave one."""
    return [kit.prose("Why", comment)] if comment else []
