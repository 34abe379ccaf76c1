"""What people did: how it ended, the decision and the rollout, the notes, and the audit trail."""

from __future__ import annotations

from bot.reports.pdf.figures import Figures, place
from bot.reports.pdf.paper import QUIET, Paper, Style
from bot.reports.pdf.tables import Column, facts, table
from bot.reports.pdf.words import moment, people, stamp
from experiments.model import Experiment, NoteState
from experiments.numerals import share
from experiments.report import Report
from experiments.running import Rollout

SHORT_HASH = 10
SMALL = Style(size=7, leading=10.5)
AUDIT = (
    Column("No.", 0.9, right=True, look=SMALL),
    Column("Time (UTC)", 2.65, look=SMALL),
    Column("Who", 2.2, look=SMALL),
    Column("What", 7.6, look=SMALL),
    Column("Hash", 1.6, look=SMALL._replace(mono=True)),
)


def decisions(paper: Paper, report: Report) -> None:
    """How the run ended, what was concluded and why, and what became of it."""
    experiment = report.experiment
    _end(paper, experiment)
    decision = experiment.decision
    if decision is None:
        paper.prose("No decision has been logged yet.", QUIET)
        return
    against = ", against the advice of the rule" if decision.advice and decision.is_against_advice else ""
    by = f"{report.name(decision.by)}, {moment(decision.at)}"
    paper.quote(f"{decision.outcome.words.capitalize()}{against}", decision.reasoning, by=by)
    advice = decision.advice.words if decision.advice else ""
    facts(
        paper,
        (
            ("Next steps", decision.next_steps),
            ("Summary", decision.summary),
            ("Rests on", f"readout {decision.readout_number:,}"),
            ("Rule advised", advice),
            ("Taken from", decision.source),
        ),
    )
    for title, rollout in (("Waits for a second person", experiment.promotion), ("Rollout", experiment.rollout)):
        if rollout:
            _rollout(paper, report, title, rollout)
    if withdrawal := experiment.withdrawal:
        paper.heading("Rollback")
        what = f"{share(withdrawal.share)} → 0 %, served since {moment(withdrawal.since)}"
        by = f"{report.name(withdrawal.by)}, {moment(withdrawal.at)}"
        facts(paper, [("Taken back", what), ("By", by), ("Why", withdrawal.comment)])


def notes(paper: Paper, report: Report) -> None:
    """Every note with its author and time; that one was deleted stays to be seen."""
    if not report.notes:
        paper.prose("Nobody has written a note.", QUIET)
    for note in report.notes:
        kind = note.kind.words.capitalize()
        edited = ", edited" if note.state is NoteState.EDITED else ""
        label = f"{kind} · {report.name(note.by)} · {moment(note.at)}{edited}"
        if note.state is NoteState.DELETED:
            paper.quote(label, "This note was deleted.", QUIET)
            continue
        paper.quote(label, note.text, by=note.source)


def audit(paper: Paper, report: Report, figures: Figures) -> None:
    """Every change in order, with the hash that binds it to the ones before it."""
    if not report.records:
        paper.prose("Nothing has been recorded.", QUIET)
        return
    place(paper, figures, "timeline")
    paper.prose(
        "Every change is one record. Its hash covers the record and the hash of the one before it in the workspace, so "
        "that nothing can be altered or taken out unseen. Numbers count all records of the workspace.",
        QUIET,
    )
    paper.space(2)
    rows = [
        (f"{each.number:,}", stamp(each.at), report.name(each.actor), each.sentence, each.hash[:SHORT_HASH])
        for each in report.records
    ]
    table(paper, AUDIT, rows)
    actors = sorted({each.actor for each in report.records} & set(report.names))
    if actors:
        paper.prose(f"People by their Slack id: {', '.join(f'{report.name(user)} {user}' for user in actors)}.", QUIET)


def _end(paper: Paper, experiment: Experiment) -> None:
    if experiment.stopped_at is None:
        return
    why = f" ({experiment.stop_reason.words})" if experiment.stop_reason else ""
    facts(paper, [("Ended", f"{moment(experiment.stopped_at)}{why}"), ("What was seen", experiment.stop_note)])
    paper.space(1)


def _rollout(paper: Paper, report: Report, title: str, rollout: Rollout) -> None:
    paper.heading(title)
    facts(
        paper,
        (
            ("Variant", rollout.variant),
            ("Stages", f"{rollout.plan}; now at {share(rollout.share)} since {moment(rollout.stage_at)}"),
            ("Watched", ", ".join(rollout.watched)),
            ("By", f"{report.name(rollout.by)}, {moment(rollout.at)}"),
            ("Agreed by", people(report, [rollout.confirmed_by] if rollout.confirmed_by else [])),
        ),
    )
