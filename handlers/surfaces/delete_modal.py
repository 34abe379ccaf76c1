"""Delete: one question before a draft is given up."""

from __future__ import annotations

from experiments.model import Experiment, Status
from handlers.surfaces import kit
from handlers.surfaces.kit import View
from handlers.surfaces.problem import refusal
from handlers.surfaces.state import name


def delete_modal(experiment: Experiment) -> View:
    """Says what is lost, which is little."""
    return refusal(experiment, "deleted", (Status.DRAFT,)) or kit.modal(
        "delete",
        "Delete the draft",
        kit.section(
            f"*{name(experiment)}* ({experiment.key}) leaves all lists for good.",
            "Its key stays taken, and what was written can still be read and cloned under that key.",
        ),
        submit="Delete the draft",
        close="Keep it",
        about={"key": experiment.key, "revision": experiment.revision},
    )
