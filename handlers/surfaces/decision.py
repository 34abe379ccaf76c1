"""A decision, announced in the channel."""

from __future__ import annotations

from experiments.model import Experiment
from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.state import OUTCOME_EMOJI, name
from handlers.surfaces.words import moment, person


def decision(experiment: Experiment, actor: str) -> Message:
    """What was concluded, why, what is next, and on which readout it rests."""
    made = experiment.decision
    if made is None:
        raise ValueError(f"{experiment.key} has no decision to announce")
    words = f"{OUTCOME_EMOJI[made.outcome]} {person(actor)} decided to *{made.outcome.words}*: {name(experiment)}"
    said_so = [
        kit.prose(label, text, most)
        for label, text, most in (
            ("Why", made.reasoning, 1500),
            ("Next steps", made.next_steps, 1000),
            ("Summary", made.summary, 1500),
        )
        if text
    ]
    return kit.message(
        words,
        kit.section(words),
        *said_so,
        kit.actions(kit.button("Results", "results", f"{experiment.key}@{experiment.revision}")),
        kit.context(
            f"{experiment.key} · readout {made.readout_number} · design {experiment.design.hash[:8]} · "
            f"{moment(made.at)}"
        ),
    )
