"""What calls for a person at once: an alarm, a start that was suspended, and what was rolled back."""

from __future__ import annotations

from experiments.model import Experiment
from experiments.numerals import lasting, share
from experiments.readout import VerdictStatus
from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.state import name, target_of
from handlers.surfaces.steps import LABELS, withdrawing
from handlers.surfaces.traffic import routing_line, shares
from handlers.surfaces.words import moment, person, said

LEADS = {
    VerdictStatus.UNHEALTHY: "The data cannot be trusted any more.",
    VerdictStatus.ROLL_BACK: "It does harm.",
}
BY_HAND = "🔌 Routing is not connected: change it where you route traffic, else people still get it."


def alarm(experiment: Experiment, *, routed: bool = False) -> Message:
    """Whose it is, what the newest reading says, and what can be done about it."""
    reading = experiment.reading
    if reading is None:
        raise ValueError(f"{experiment.key} has nothing to be alarmed by")
    lead = LEADS.get(reading.status, "Somebody has to look.")
    words = f"🚨 {person(experiment.owner)}: *{name(experiment)}* needs you. {lead}"
    to = target_of(experiment)
    hold = ("resume",) if experiment.status.value == "paused" else ("pause",)
    return kit.message(
        words,
        kit.section(words, said(reading.sentence, 1500)),
        kit.actions(
            kit.button("Look at results", "results", to, style="primary"),
            *(kit.button(LABELS[verb], verb, to) for verb in (*hold, "stop")),
            kit.button(LABELS["rollback"], "rollback", to, style="danger", confirm=withdrawing(experiment)),
        ),
        kit.context(_footer(experiment, routing_line(experiment, routed))),
    )


def suspended(experiment: Experiment, sentence: str) -> Message:
    """A booked start did not happen: why, and how to go on."""
    words = f"🗓️ {person(experiment.owner)}: *{name(experiment)}* did not start as scheduled."
    to = target_of(experiment)
    return kit.message(
        words,
        kit.section(words, f"Bunsen {said(sentence, 1500)}", "It is approved as before; nothing has started."),
        kit.actions(
            kit.button("Start now", "start", to), kit.button("Schedule again", "schedule", to),
            kit.button("Edit", "edit", to),
        ),
        kit.context(_footer(experiment)),
    )  # fmt: skip


def rolled_back(experiment: Experiment, actor: str, *, routed: bool = False) -> Message:
    """How long how many people had it, and what everybody gets now."""
    gone = experiment.withdrawal
    if gone is None:
        raise ValueError(f"{experiment.key} was not rolled back")
    words = f"↩️ {person(actor)} rolled back *{name(experiment)}*: everybody gets {experiment.control.key}."
    had = f"Time to safe: {lasting(gone.at - gone.since)}, with {share(gone.share)} of everybody at the end."
    to = target_of(experiment)
    return kit.message(
        words,
        kit.section(words, had, *([] if routed else [BY_HAND])),
        *([kit.prose("What was seen", gone.comment)] if gone.comment else []),
        kit.actions(
            *([] if experiment.decision else [kit.button("Log decision", "decide", to)]),
            kit.button("Results", "results", to),
            kit.button("Add note", "note", to),
        ),
        kit.context(_footer(experiment)),
    )


def _footer(experiment: Experiment, *more: str) -> str:
    weights = shares(experiment.weights, 4) if experiment.is_live else ""
    parts = (experiment.key, weights, *more, f"design {experiment.design.hash[:8]}", moment(experiment.updated_at))
    return " · ".join(part for part in parts if part)
