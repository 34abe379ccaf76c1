"""What changed, told in the thread of the card."""

from __future__ import annotations

from experiments.model import Experiment
from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.state import EMOJI, name
from handlers.surfaces.words import person, said


def change(experiment: Experiment, sentence: str, actor: str) -> Message:
    """Who did what, and where the experiment stands now."""
    did = f"{person(actor)} {said(sentence, 2500)}"
    where = f"{EMOJI[experiment.status]} {experiment.status.words} · design {experiment.design.hash[:8]}"
    return kit.message(f"{did} · {name(experiment)}", kit.section(did), kit.context(where))
