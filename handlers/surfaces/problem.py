"""What went wrong and what to do about it, as an ephemeral line or in a modal that is open already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from experiments.commands.base import NEXT_STEPS
from experiments.model import Experiment, Status
from handlers.surfaces import kit
from handlers.surfaces.kit import Block, Message, View
from handlers.surfaces.words import moment, person, said


def problem(words: str, by: str | None = None, at: datetime | None = None) -> Message:
    """One line for the person who met it, and who was first where somebody was."""
    shown = f"⚠️ {said(words, 2500)}"
    return kit.message(shown, kit.section(shown), *_first(by, at))


def mistyped(words: str, verb: str, near: Sequence[str]) -> Message:
    """No experiment of that key: the command again with each of the nearest keys, and a look at it."""
    shown = f"⚠️ {said(words, 2500)}"
    again = [
        kit.section(f"`/experiment {verb} {key}`", accessory=kit.button("Look", "show", f"{key}@0", scope=key))
        for key in near
    ]
    return kit.message(shown, kit.section(shown), *again, kit.actions(kit.button("The fleet", "list")))


def problem_modal(
    words: str, title: str = "That did not work", by: str | None = None, at: datetime | None = None
) -> View:
    """The words in a modal; nothing to fill in."""
    shown = kit.section(f"⚠️ {said(words, 2500)}")
    return kit.modal("problem", title, shown, *_first(by, at), about={}, close="Close")


def _first(by: str | None, at: datetime | None) -> list[Block]:
    if not by:
        return []
    when = f", {moment(at)}" if at else ""
    return [kit.context(f"The newest change is by {person(by)}{when}.")]


def problem_home(words: str) -> View:
    """The words in place of the Home tab."""
    return {"type": "home", "blocks": problem(words).blocks}


def refusal(experiment: Experiment, doing: str, allowed: Iterable[Status]) -> View | None:
    """A modal saying what is possible instead, when the state does not allow what was asked for."""
    if experiment.status in allowed:
        return None
    state = experiment.status.words
    why = f"is {state} already" if doing == state else f"is {state}, so it cannot be {doing} now"
    return problem_modal(
        f"“{experiment.title}” {why}. You can {NEXT_STEPS[experiment.status]}.",
        "Not now",
        experiment.changed_by,
        experiment.updated_at,
    )
