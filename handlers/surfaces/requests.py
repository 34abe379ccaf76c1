"""Requests that need a second person: a promotion against the rule's advice, looser guardrails; and their answers."""

from __future__ import annotations

from experiments.commands.guardrails import with_guardrails
from experiments.difference import differences
from experiments.model import Experiment
from experiments.numerals import share
from experiments.readout import VerdictStatus
from experiments.running import Rollout
from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.state import name, target_of
from handlers.surfaces.words import moment, person, said

ADVICE = {
    VerdictStatus.NO_DATA: "there were no data to judge by",
    VerdictStatus.UNHEALTHY: "do not read these numbers, the data are not sound",
    VerdictStatus.DAYS_LEFT: "keep it running",
    VerdictStatus.SHIP: "ship",
    VerdictStatus.ROLL_BACK: "roll back",
    VerdictStatus.REVIEW: "somebody has to weigh it",
}
MOST_CHANGES = 12


def advice_words(advice: VerdictStatus | None) -> str:
    """What the rule, fixed beforehand, said at the moment of the decision."""
    return ADVICE[advice] if advice else "nothing, since nothing had been read"


def promotion_lines(experiment: Experiment, wish: Rollout) -> list[str]:
    """Who wants to ship what, how, and what the rule said."""
    lines = [
        f"⚖️ {person(wish.by)} wants to ship *{said(wish.variant, 80)}* of *{name(experiment)}*, "
        "which the rule did not advise. A second person has to confirm it.",
        f"The rule said: {advice_words(wish.advice)}.",
    ]
    if experiment.reading:
        lines.append(f"The newest reading (day {experiment.reading.day:.3g}): {said(experiment.reading.sentence, 600)}")
    return [*lines, f"How: {wish.plan}."]


def promotion_request(experiment: Experiment) -> Message:
    """Confirm or refuse; the plan is exactly what would begin."""
    wish = experiment.promotion
    if wish is None:
        raise ValueError(f"{experiment.key} asks for no promotion")
    lines = promotion_lines(experiment, wish)
    reasoning = [kit.prose("Why it was decided", experiment.decision.reasoning)] if experiment.decision else []
    to = target_of(experiment)
    return kit.message(
        lines[0],
        kit.section(*lines),
        *reasoning,
        kit.actions(
            kit.button("Confirm", "confirm_promotion", to, style="primary", confirm=_confirming(wish)),
            kit.button("Refuse", "refuse_promotion", to),
            kit.button("Look at results", "results", to),
        ),
        kit.context(f"{experiment.key} · whoever decided or asked cannot confirm it · {moment(wish.at)}"),
    )


def promotion_settled(experiment: Experiment, sentence: str, actor: str) -> Message:
    """The same request once it was answered: what became of it."""
    return _settled("✅" if experiment.rollout else "↩️", "promotion", experiment, sentence, actor)


def loosening_lines(experiment: Experiment) -> list[str]:
    """Who wants which guardrails to be looser, old → new."""
    wish = experiment.loosening
    if wish is None:
        return []
    after = with_guardrails(experiment.design, wish.guardrails)
    changes = [f"• {said(change.words, 300)}" for change in differences(experiment.design, after)]
    left_out = len(changes) - MOST_CHANGES
    more = [f"… and {left_out} more changes"] if left_out > 0 else []
    return [
        f"🛡️ {person(wish.by)} asks for looser guardrails of *{name(experiment)}*. Until somebody else agrees they "
        "stay as they are.",
        *changes[:MOST_CHANGES],
        *more,
    ]


def loosening_request(experiment: Experiment) -> Message:
    """Agree, or keep the guardrails as they are."""
    wish, lines = experiment.loosening, loosening_lines(experiment)
    if wish is None:
        raise ValueError(f"{experiment.key} asks for no looser guardrails")
    to = target_of(experiment)
    return kit.message(
        lines[0],
        kit.section(*lines),
        *([kit.prose("Why", wish.comment)] if wish.comment else []),
        kit.actions(kit.button("Agree", "agree_loosening", to), kit.button("Keep as they are", "keep_guardrails", to)),
        kit.context(f"{experiment.key} · whoever asked cannot agree · {moment(wish.at)}"),
    )


def loosening_settled(experiment: Experiment, sentence: str, actor: str) -> Message:
    """The same request once it was answered: what became of it."""
    return _settled("🛡️", "looser guardrails", experiment, sentence, actor)


def _settled(emoji: str, what: str, experiment: Experiment, sentence: str, actor: str) -> Message:
    words = f"{emoji} *{name(experiment)}*: {person(actor)} {said(sentence, 1500)}"
    about = f"{experiment.key} · the request about its {what} is over"
    return kit.message(words, kit.section(words), kit.context(about))


def _confirming(wish: Rollout) -> kit.Block:
    return kit.confirmation(
        "Ship against the rule's advice?",
        f"{wish.variant} begins with {share(wish.share)} of everybody. It can be rolled back at any time.",
        "Confirm",
        "Not yet",
    )
