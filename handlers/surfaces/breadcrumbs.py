"""Where one is among the three levels, fleet › experiment › variant, and the buttons that lead up again."""

from __future__ import annotations

from experiments.model import Experiment
from handlers.surfaces import kit
from handlers.surfaces.kit import Block
from handlers.surfaces.state import name, target_of
from handlers.surfaces.words import clip, said


def trail(experiment: Experiment | None = None, variant: str = "") -> Block:
    """Fleet › Bigger button › treatment, the place itself in bold."""
    places = ["Fleet", *([name(experiment, 60)] if experiment else []), *([said(variant, 80)] if variant else [])]
    return kit.context(" › ".join([*places[:-1], f"*{places[-1]}*"]))


def ways_up(experiment: Experiment, variant: str = "") -> list[Block]:
    """A button for each level above: from an experiment to the fleet, from a variant to its experiment too."""
    fleet = kit.button("‹ Fleet", "list", scope="up")
    if not variant:
        return [fleet]
    return [kit.button(f"‹ {clip(experiment.title, 50)}", "show", target_of(experiment)), fleet]
