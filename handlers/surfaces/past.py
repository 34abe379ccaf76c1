"""What was tried before: similar experiments with why and their outcome, and one of them looked at more closely."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.model import Experiment, Precedent
from handlers.surfaces import kit
from handlers.surfaces.card import details
from handlers.surfaces.checks import precedent_lines
from handlers.surfaces.kit import Block, View
from handlers.surfaces.state import name, status_words


def past_blocks(precedents: Sequence[Precedent]) -> list[Block]:
    """Similar experiments, each with a button; nothing where there is none."""
    if not precedents:
        return []
    return [
        kit.section("*Tried before.* Have a look before anything is spent:"),
        *(
            kit.section(*precedent_lines([each]), accessory=kit.button("Look", "look_back", f"{each.key}@0"))
            for each in precedents
        ),
    ]


def past_modal(experiment: Experiment) -> View:
    """Everything that was written down about it, on top of the form."""
    return kit.modal(
        "past",
        "Tried before",
        kit.section(f"*{name(experiment)}* ({experiment.key}) · {status_words(experiment.status)}"),
        *details(experiment),
        close="Back",
        about={},
    )
