"""A decision, announced in the channel."""

from __future__ import annotations

from experiments.model import Experiment, Outcome, Status
from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.requests import advice_words
from handlers.surfaces.state import OUTCOME_EMOJI, name, target_of
from handlers.surfaces.taken_from import taken_from
from handlers.surfaces.words import moment, person


def decision(experiment: Experiment, actor: str) -> Message:
    """What was concluded, why, what is next, and on which readout it rests."""
    made = experiment.decision
    if made is None:
        raise ValueError(f"{experiment.key} has no decision to announce")
    to = target_of(experiment)
    ships = made.outcome is Outcome.SHIP and experiment.status is Status.DECIDED
    against = (
        [f"⚖️ The rule said: {advice_words(made.advice)}. A second person has to confirm before anything is shipped."]
        if made.is_against_advice
        else []
    )
    words = f"{OUTCOME_EMOJI[made.outcome]} {person(actor)} decided to *{made.outcome.words}*: {name(experiment)}"
    source = taken_from(made.source, "this conversation")
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
        kit.section(words, *against),
        *said_so,
        *([kit.context(f"🧵 Taken from {source}")] if source else []),
        kit.actions(
            *([kit.button("Promote", "promote", to, style="primary")] if ships else []),
            kit.button("Results", "results", to),
        ),
        kit.context(
            f"{experiment.key} · readout {made.readout_number} · design {experiment.design.hash[:8]} · "
            f"{moment(made.at)}"
        ),
    )
