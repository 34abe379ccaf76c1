"""The card: one message per experiment and channel, edited in place."""

from __future__ import annotations

from datetime import datetime

from experiments.design import Design
from experiments.model import SERVING, Experiment, Status
from experiments.numerals import counted, share, stated
from experiments.permissions import Actor
from experiments.readout import VerdictStatus
from handlers.surfaces import kit
from handlers.surfaces.kit import Block, Message
from handlers.surfaces.live import step_line
from handlers.surfaces.state import (
    EMOJI,
    OUTCOME_EMOJI,
    VERDICT_EMOJI,
    metric_words,
    metrics_line,
    name,
    next_step,
    progress,
    standing,
    variants_line,
)
from handlers.surfaces.steps import buttons
from handlers.surfaces.traffic import phase_line, routing_line
from handlers.surfaces.words import day, moment, people, person, said

MOST_PREDICTIONS = 10
MOST_CONDITIONS = 3


def card(
    experiment: Experiment,
    *,
    routed: bool = False,
    compact: bool = False,
    actor: Actor | None = None,
    readout_at: datetime | None = None,
) -> Message:
    """What it is, where it stands, what happens next, and the buttons that fit; compact is three lines of it.

    In a channel everybody sees the same card; of an `actor`'s own only the buttons they may press are shown.
    `readout_at` is when the next readout is due, where that is known.
    """
    head = f"{EMOJI[experiment.status]} {standing(experiment).capitalize()}"
    row = _row(buttons(experiment, actor))
    if compact:
        lines = _lines(experiment, routed, readout_at)
        shown = [f"*{name(experiment)}* · {lines[0]}", *lines[1:2], *lines[-1:]][:3]
        return kit.message(f"{head}: {name(experiment)}", kit.section(*shown), *row)
    return kit.message(
        f"{head}: {name(experiment)}",
        kit.header(experiment.title),
        kit.section(*_lines(experiment, routed, readout_at)),
        *details(experiment),
        *_origin(experiment),
        *row,
        kit.context(f"{experiment.key} · design {experiment.design.hash[:8]} · as of {moment(experiment.updated_at)}"),
    )


def details(experiment: Experiment) -> list[Block]:
    """Everything that was written down about the experiment."""
    blocks = hypothesis(experiment.design)
    pairs = [
        *design_cells(experiment.design),
        ("Owner", person(experiment.owner)),
        ("Reviewers", people(experiment.reviewers)),
        ("Project", f"{said(experiment.project)} · {experiment.design.kind.words}"),
        ("Tags", ", ".join(said(tag, 60) for tag in experiment.tags[:8])),
        ("Source", _source(experiment)),
        ("Approved", _approved(experiment)),
    ]
    blocks.append(kit.fields(*pairs))
    if experiment.decision:
        emoji, outcome = OUTCOME_EMOJI[experiment.decision.outcome], experiment.decision.outcome.words
        blocks.append(kit.prose(f"{emoji} Decided to {outcome}", experiment.decision.reasoning))
    return blocks


def hypothesis(design: Design) -> list[Block]:
    return [kit.prose("Hypothesis", design.hypothesis)] if design.hypothesis else []


def design_cells(design: Design) -> list[tuple[str, str]]:
    """What is compared by which measure, as small cells."""
    return [
        ("Variants", variants_line(design)),
        ("Only for", _only_for(design)),
        ("Primary metric", metric_words(design.primary) if design.primary else ""),
        ("Also measured", metrics_line(design)),
        ("Smallest effect", f"{stated(design.smallest_effect)} relative to control" if design.variants else ""),
    ]


def _only_for(design: Design) -> str:
    shown = [said(each.words, 80) for each in design.audience[:MOST_CONDITIONS]]
    more = len(design.audience) - len(shown)
    return ", and ".join([*shown, *([f"{more} more"] if more > 0 else [])])


def _lines(experiment: Experiment, routed: bool, readout_at: datetime | None) -> list[str]:
    """Where it stands, then what the newest reading says, what is under way, and what happens next."""
    where = [f"*{EMOJI[experiment.status]} {standing(experiment).capitalize()}*"]
    if experiment.started_at:
        where.append(f"since {day(experiment.started_at)}" if experiment.is_live else "")
    where.append(progress(experiment))
    lines = [" · ".join(part for part in where if part), *_reading(experiment), *_breach(experiment)]
    lines += [*_stopped(experiment), *_measured(experiment, readout_at), *_underway(experiment, routed)]
    return [*lines, next_step(experiment)]


def _reading(experiment: Experiment) -> list[str]:
    """The verdict of the newest reading, and whether more has come since."""
    reading = experiment.reading
    outdated = reading and reading.status is VerdictStatus.DAYS_LEFT and not experiment.is_live
    if reading is None or outdated or experiment.status is Status.ARCHIVED:
        return []
    behind = " (newer data are being read)" if experiment.data_version > reading.number else ""
    return [f"{VERDICT_EMOJI[reading.status]} {said(reading.sentence, 600)}{behind}"]


def _breach(experiment: Experiment) -> list[str]:
    """What the monitor found in the present phase or stage, while that still matters."""
    breach, rollout = experiment.breach, experiment.rollout
    phase = len(experiment.phases) + (rollout.stage + 1 if rollout else 0)
    if breach is None or experiment.status not in SERVING or breach.phase != phase:
        return []
    return [f"🛡️ Guardrail, {moment(breach.at)}: {said(breach.words, 600)}"]


def _measured(experiment: Experiment, readout_at: datetime | None) -> list[str]:
    """How new the data are that Bunsen measures itself, and when it reads them next."""
    if experiment.status is not Status.RUNNING or experiment.measured is None:
        return []
    newest = f"📈 Data up to {moment(experiment.measured.until)}"
    return [f"{newest}; next readout {moment(readout_at)}" if readout_at else newest]


def _stopped(experiment: Experiment) -> list[str]:
    gone = experiment.withdrawal
    if gone and experiment.status is Status.ROLLED_BACK:
        remark = f": {said(gone.comment)}" if gone.comment else ""
        return [f"↩️ Rolled back by {person(gone.by)}, {moment(gone.at)} ({share(gone.share)} → 0 %){remark}"]
    if experiment.stop_reason:
        remark = f": {said(experiment.stop_note)}" if experiment.stop_note else ""
        return [f"Stopped ({experiment.stop_reason.words}){remark}"]
    return []


def _underway(experiment: Experiment, routed: bool) -> list[str]:
    """Traffic, rollout, booking, predictions, and what waits for a second person: each a line where there is one."""
    lines = []
    if (traffic := phase_line(experiment)) and traffic != variants_line(experiment.design):
        lines.append(f"🔀 {traffic}")
    if experiment.is_live and (step := step_line(experiment)):
        lines.append(f"🐤 Canary, {step}")
    if experiment.rollout and experiment.status in SERVING:
        rollout = experiment.rollout
        lines.append(f"🚚 {said(rollout.variant, 80)}: {share(rollout.share)} of everybody ({rollout.plan})")
    if experiment.overrides:
        lines.append(f"🧪 {counted(len(experiment.overrides), 'tester')}, not counted")
    if routing := routing_line(experiment, routed):
        lines.append(routing)
    if experiment.booking and experiment.status is Status.SCHEDULED:
        lines.append(f"🗓️ Starts {moment(experiment.booking.start_at)}, booked by {person(experiment.booking.by)}")
    if experiment.booking and experiment.booking.stop_at:
        lines.append(f"🗓️ Stops {moment(experiment.booking.stop_at)}")
    lines += _predictions(experiment)
    if experiment.promotion:
        lines.append(f"⚖️ {person(experiment.promotion.by)} asks for a second person to confirm the promotion")
    if experiment.loosening:
        lines.append(f"🛡️ {person(experiment.loosening.by)} asks for looser guardrails; somebody else has to agree")
    return lines


def _predictions(experiment: Experiment) -> list[str]:
    """How many there are before the start, and what they say from then on."""
    if not experiment.predictions:
        return []
    if not experiment.started_at:
        return [f"🔮 {counted(len(experiment.predictions), 'prediction')}, private until the start"]
    told = [
        f"{person(each.by)} {stated(each.probability)}"
        + (f" (effect {stated(each.effect)})" if each.effect is not None else "")
        for each in experiment.told_predictions[:MOST_PREDICTIONS]
    ]
    more = len(experiment.told_predictions) - len(told)
    return [f"🔮 Predicted to succeed: {', '.join(told)}{f' and {more} more' if more > 0 else ''}"]


def _origin(experiment: Experiment) -> list[Block]:
    """The experiment that this one is another attempt of, and the way there."""
    if not experiment.derived_from:
        return []
    look = kit.button("Look", "show", f"{experiment.derived_from}@0", scope="origin")
    return [kit.section(f"🧬 Derived from {experiment.derived_from}", accessory=look)]


def _source(experiment: Experiment) -> str:
    reference = experiment.source.reference
    return f"{experiment.source.kind.words}: {said(reference)}" if reference else ""


def _approved(experiment: Experiment) -> str:
    approval = experiment.approval
    if approval is None:
        return ""
    given = experiment.review.approvals if experiment.review else ()
    return f"{people([each.by for each in given] or [approval.by])}, {day(approval.at)}"


def _row(row: Block) -> list[Block]:
    return [row] if row["elements"] else []
