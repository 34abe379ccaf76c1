"""What the three steps of a draft share: what they are about, the way back, what a change of the design does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.model import Experiment, Status
from handlers.surfaces import kit
from handlers.surfaces.fields import TEXT, text_field
from handlers.surfaces.kit import Block
from handlers.surfaces.state import target_of
from handlers.surfaces.words import person

Below = Sequence[Sequence[str]]
"""The forms that wait below this one, each with its view id and its step, the lowest first."""


def about_step(experiment: Experiment, below: Below) -> dict[str, Any]:
    return {"key": experiment.key, "revision": experiment.revision, **({"below": below} if below else {})}


def submit_words(below: Below, otherwise: str = "Save and go on") -> str:
    return "Save and return" if below else otherwise


def warning(experiment: Experiment) -> list[Block]:
    """What a change of the design does to the review, where there is one."""
    match experiment.status:
        case Status.IN_REVIEW:
            words = "It is in review. A change of the design withdraws that request; title, project and tags do not."
        case Status.APPROVED if experiment.approval:
            words = (
                f"{person(experiment.approval.by)} approved this design. A change of it voids the approval; "
                "title, project and tags do not."
            )
        case _:
            return []
    return [kit.section(f"⚠️ {words}")]


def back_row(experiment: Experiment) -> Block:
    """The way to the step before; what is typed here stays."""
    return kit.actions(kit.button("Back", "create_back", target_of(experiment)))


def lines_field(name: str, label: str, text: str, **more: Any) -> Block:
    """A field of lines, or the words for why there is none where they are more than a field holds."""
    if len(text) > TEXT:
        count = text.count("\n") + 1
        return kit.context(f"{label}: {count} lines are more than a form holds, so they stay as they are.")
    return text_field(name, label, text, multiline=True, **more)
