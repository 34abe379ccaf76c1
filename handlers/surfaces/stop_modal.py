"""Stop: why, and what was seen."""

from __future__ import annotations

from experiments.model import LIVE, Experiment, StopReason
from handlers.surfaces import kit
from handlers.surfaces.fields import select_field, text_field, words_of
from handlers.surfaces.kit import View
from handlers.surfaces.problem import refusal
from handlers.surfaces.state import name, progress
from handlers.surfaces.traffic import returning


def stop_modal(experiment: Experiment) -> View:
    """Says what traffic returns to and asks for the reason."""
    if refused := refusal(experiment, "stopped", LIVE):
        return refused
    far = f"The data stay; they reach {progress(experiment)}." if progress(experiment) else "No data have arrived yet."
    return kit.modal(
        "stop",
        "Stop the experiment",
        kit.section(
            f"*{name(experiment)}* ends, and {returning(experiment)}. {far}",
            "What has ended does not run again; the next step is to log the decision.",
        ),
        select_field("reason", "Why?", words_of(StopReason)),
        text_field("comment", "What did you see?", multiline=True, optional=True),
        submit="Stop now",
        about={"key": experiment.key, "revision": experiment.revision},
    )
