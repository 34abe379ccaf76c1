"""Pause and resume: what stands still meanwhile, and with what it goes on."""

from __future__ import annotations

from experiments.model import Experiment, Status
from handlers.surfaces import kit
from handlers.surfaces.fields import text_field
from handlers.surfaces.kit import View
from handlers.surfaces.problem import refusal
from handlers.surfaces.state import name
from handlers.surfaces.traffic import phase_line


def pause_modal(experiment: Experiment) -> View:
    """Says that everybody gets control meanwhile, and asks why."""
    return refusal(experiment, "paused", {Status.RUNNING}) or kit.modal(
        "pause",
        "Pause the experiment",
        kit.section(
            f"Everybody gets {experiment.control.key} until *{name(experiment)}* is resumed. The data stay.",
            "A long pause weakens the comparison, since the days before and after may differ.",
        ),
        text_field("comment", "Why?", multiline=True, optional=True, placeholder="What has to be looked at first"),
        submit="Pause now",
        about=_about(experiment),
    )


def resume_modal(experiment: Experiment) -> View:
    """Says with what traffic it goes on."""
    traffic = phase_line(experiment)
    with_what = f" with {traffic}" if traffic else ""
    return refusal(experiment, "resumed", {Status.PAUSED}) or kit.modal(
        "resume",
        "Resume the experiment",
        kit.section(f"*{name(experiment)}* goes on{with_what}. Everybody gets the same variant as before the pause."),
        submit="Resume now",
        about=_about(experiment),
    )


def _about(experiment: Experiment) -> dict[str, object]:
    return {"key": experiment.key, "revision": experiment.revision}
