"""Pick: which experiment, for a command that came without a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.model import Experiment
from handlers.surfaces import kit
from handlers.surfaces.fields import OPTIONS, Choice, search_field, select_field
from handlers.surfaces.kit import View
from handlers.surfaces.state import EMOJI
from handlers.surfaces.words import visible


def pick_modal(experiments: Sequence[Experiment], verb: str, about: dict[str, Any]) -> View:
    """The experiments for which the verb makes sense, newest change first; when a menu cannot hold all of them, one
    that finds them by what is typed."""
    choices = [choice_of(each) for each in experiments]
    if len(choices) > OPTIONS:
        menu = search_field("key", "Experiment", "Type a part of its title or key")
    else:
        menu = select_field("key", "Experiment", choices, choices[0][0] if len(choices) == 1 else "")
    return kit.modal("pick", "Which experiment?", menu, submit="Go on", about={**about, "verb": verb})


def choice_of(experiment: Experiment) -> Choice:
    """An experiment as an entry of a menu."""
    return experiment.key, f"{EMOJI[experiment.status]} {visible(experiment.title, 50)} · {experiment.status.words}"
