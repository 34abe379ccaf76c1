"""Archive: one question before an ended experiment leaves the lists."""

from __future__ import annotations

from experiments.model import ENDED, Experiment
from handlers.surfaces import kit
from handlers.surfaces.kit import View
from handlers.surfaces.problem import refusal
from handlers.surfaces.state import name


def archive_modal(experiment: Experiment) -> View:
    """Says what archiving does, and what is lost if no decision was logged."""
    undecided = "\n⚠️ No decision is logged yet; archived without one, nobody will know why." * (
        experiment.decision is None
    )
    return refusal(experiment, "archived", ENDED) or kit.modal(
        "archive",
        "Archive",
        kit.section(f"*{name(experiment)}* leaves the lists. Everything about it can still be read.{undecided}"),
        submit="Archive",
        about={"key": experiment.key, "revision": experiment.revision},
    )
