"""Pick: which experiment, for a command that came without a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.model import Experiment
from handlers.surfaces import kit
from handlers.surfaces.fields import OPTIONS, select_field
from handlers.surfaces.kit import View
from handlers.surfaces.state import EMOJI
from handlers.surfaces.words import visible


def pick_modal(experiments: Sequence[Experiment], verb: str, about: dict[str, Any]) -> View:
    """The experiments for which the verb makes sense, newest change first."""
    choices = [
        (each.key, f"{EMOJI[each.status]} {visible(each.title, 50)} · {each.status.words}")
        for each in experiments[:OPTIONS]
    ]
    hint = "These are the hundred changed last; name the key in the command for any other."
    return kit.modal(
        "pick",
        "Which experiment?",
        select_field(
            "key",
            "Experiment",
            choices,
            choices[0][0] if len(choices) == 1 else "",
            hint=hint if len(experiments) >= OPTIONS else "",
        ),
        submit="Go on",
        about={**about, "verb": verb},
    )
