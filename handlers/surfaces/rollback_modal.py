"""Roll back: one question, then everybody gets control again."""

from __future__ import annotations

from experiments.model import SERVING, Experiment
from handlers.surfaces import kit
from handlers.surfaces.fields import text_field
from handlers.surfaces.kit import View
from handlers.surfaces.problem import refusal
from handlers.surfaces.state import name
from handlers.surfaces.traffic import returning


def rollback_modal(experiment: Experiment) -> View:
    """Says what happens to the traffic; the reason may wait until afterwards."""
    return refusal(experiment, "rolled back", SERVING) or kit.modal(
        "rollback",
        "Roll back",
        kit.section(
            f"*{name(experiment)}*: {returning(experiment)}. The data stay; it does not run again.",
            "Nobody else has to agree. What was concluded can be logged afterwards.",
        ),
        text_field("comment", "What did you see?", multiline=True, optional=True),
        submit="Roll back",
        about={"key": experiment.key, "revision": experiment.revision},
    )
