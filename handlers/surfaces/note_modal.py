"""Note: an observation, learning, decision or incident that stays with the experiment."""

from __future__ import annotations

from experiments.model import Experiment, NoteKind, Status
from handlers.surfaces import kit
from handlers.surfaces.fields import select_field, text_field, words_of
from handlers.surfaces.kit import View
from handlers.surfaces.problem import refusal
from handlers.surfaces.state import name


def note_modal(experiment: Experiment) -> View:
    """What kind of remark, and the remark."""
    return refusal(experiment, "annotated", set(Status) - {Status.ARCHIVED}) or kit.modal(
        "note",
        "Add a note",
        kit.section(f"To *{name(experiment)}*; it is kept with it and shown in the thread of its card."),
        select_field("kind", "Kind", words_of(NoteKind), NoteKind.OBSERVATION.value),
        text_field("text", "Note", multiline=True, placeholder="What did you see or learn?"),
        submit="Add",
        about={"key": experiment.key, "revision": experiment.revision},
    )
