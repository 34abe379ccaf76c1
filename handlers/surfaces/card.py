"""The card: one message per experiment and channel, edited in place."""

from __future__ import annotations

from experiments.design import Design
from experiments.model import Experiment
from handlers.surfaces import kit
from handlers.surfaces.kit import Block, Message
from handlers.surfaces.state import (
    OUTCOME_EMOJI,
    metric_words,
    metrics_line,
    name,
    next_step,
    progress,
    status_words,
    variants_line,
)
from handlers.surfaces.steps import buttons
from handlers.surfaces.words import day, moment, people, percent, person, said


def card(experiment: Experiment, verdict: str | None = None) -> Message:
    """What it is, where it stands, what happens next, and the buttons that fit."""
    return kit.message(
        f"{status_words(experiment.status)}: {name(experiment)}",
        kit.header(experiment.title),
        kit.section(*_standing(experiment, verdict)),
        *details(experiment),
        *_row(buttons(experiment)),
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
        ("Primary metric", metric_words(design.primary) if design.primary else ""),
        ("Also measured", metrics_line(design)),
        ("Smallest effect", f"{percent(design.smallest_effect)} relative to control" if design.variants else ""),
    ]


def _standing(experiment: Experiment, verdict: str | None) -> list[str]:
    where = [f"*{status_words(experiment.status)}*"]
    if experiment.started_at:
        where.append(f"since {day(experiment.started_at)}" if experiment.is_live else "")
    where.append(progress(experiment))
    lines = [" · ".join(part for part in where if part)]
    if verdict:
        lines.append(f"💬 {said(verdict, 600)}")
    if experiment.stop_reason:
        remark = f": {said(experiment.stop_note)}" if experiment.stop_note else ""
        lines.append(f"Stopped ({experiment.stop_reason.words}){remark}")
    return [*lines, next_step(experiment)]


def _source(experiment: Experiment) -> str:
    reference = experiment.source.reference
    return f"{experiment.source.kind.words}: {said(reference)}" if reference else ""


def _approved(experiment: Experiment) -> str:
    approval = experiment.approval
    return f"{person(approval.by)}, {day(approval.at)}" if approval else ""


def _row(row: Block) -> list[Block]:
    return [row] if row["elements"] else []
