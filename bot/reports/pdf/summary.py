"""The first page: what was asked, what came out, what was decided, in words before numbers."""

from __future__ import annotations

from bot.reports.pdf.paper import INNER, LABEL, LARGE, QUIET, SIDE, TITLE, Paper, Style
from bot.reports.pdf.tables import facts
from bot.reports.pdf.words import moment, reading
from charts import wording
from experiments.pictures.read import day_of
from experiments.readout import Comparison, Readout, VerdictStatus
from experiments.report import Report

LEADS = {
    VerdictStatus.SHIP: "Verdict of the decision rule",
    VerdictStatus.ROLL_BACK: "Verdict of the decision rule",
    VerdictStatus.REVIEW: "Verdict: your judgement is needed",
    VerdictStatus.UNHEALTHY: "Verdict: do not read these numbers",
    VerdictStatus.DAYS_LEFT: "Verdict: keep it running",
    VerdictStatus.NO_DATA: "Verdict: nothing to read yet",
}
MOST_KEY_NUMBERS = 3
NUMBER = Style(size=18, leading=25, bold=True)
SURE = Style(size=8, leading=12, bold=True)


def summary(paper: Paper, report: Report) -> None:
    """Title, verdict, decision and key numbers."""
    experiment = report.experiment
    paper.prose("Experiment report", LABEL)
    paper.space(1)
    paper.prose(experiment.title, TITLE)
    paper.space(1)
    about = [experiment.key, f"project {experiment.project}", experiment.status.words]
    paper.prose(" · ".join([*about, f"owned by {report.name(experiment.owner)}"]), QUIET)
    paper.space(5)
    if report.readout:
        paper.quote(LEADS[report.readout.verdict.status], report.readout.verdict.sentence, LARGE)
    else:
        paper.quote("Verdict: nothing to read yet", "No data have been read.", LARGE)
    _decision(paper, report)
    paper.space(3)
    _key_numbers(paper, report.readout)
    facts(paper, _facts(report))


def _decision(paper: Paper, report: Report) -> None:
    decision = report.experiment.decision
    if decision is None:
        paper.quote("Decision", "None has been logged yet.")
        return
    words = decision.summary or decision.reasoning
    paper.quote(
        f"Decision: {decision.outcome.words}",
        _first_lines(words),
        by=f"{report.name(decision.by)}, {moment(decision.at)}",
    )


def _first_lines(text: str, most: int = 400) -> str:
    """The beginning; the section on decisions has all of it."""
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} … (the whole text: see Decisions)"


def _key_numbers(paper: Paper, readout: Readout | None) -> None:
    """The first primary comparisons side by side, large."""
    if readout is None or readout.blocked or not readout.primary:
        return
    shown = readout.primary[:MOST_KEY_NUMBERS]
    width = INNER / len(shown)
    columns = [
        [(line, look) for words, look in _number(each) for line in paper.lines(words, width - 5, look)]
        for each in shown
    ]
    paper.keep(max(sum(look.height for _, look in column) for column in columns))
    top = lowest = paper.y
    for place, column in enumerate(columns):
        y = top
        for line, look in column:
            paper.put(line, SIDE + place * width, y, width - 5, look)
            y += look.height
        lowest = max(lowest, y)
    paper.y = lowest
    if left_out := len(readout.primary) - len(shown):
        paper.prose(f"{left_out:,} more in Results", QUIET)
    paper.space(5)


def _number(each: Comparison) -> list[tuple[str, Style]]:
    """The size of the effect, how sure it is, and of what."""
    subject = f"{each.metric} of {each.treatment.variant} against {each.control.variant}"
    if each.refused or each.difference is None:
        return [("–", NUMBER), (f"No number: {wording.refusal(each)}", QUIET), (subject, QUIET)]
    if each.relative is not None:
        size = wording.percent(each.relative, signed=True)
        between = wording.percent_range(each.relative_interval) if each.relative_interval else ""
    else:
        size = wording.change(each.difference, each.kind)
        between = wording.change_range(each.interval, each.kind) if each.interval else ""
    evidence = [between, wording.p_value(each.p) if each.p is not None else "", wording.standing(each)]
    return [(size, NUMBER), (", ".join(filter(None, evidence)), SURE), (subject, QUIET)]


def _facts(report: Report) -> list[tuple[str, str]]:
    experiment, readout = report.experiment, report.readout
    found = []
    if readout:
        units = ", ".join(f"{name} {wording.count(n)}" for name, n, _, _ in wording.shares(readout))
        found.append(("Data", f"{day_of(readout)}\n{units}" if units else day_of(readout)))
        found.append(("Readout", f"{readout.number:,}, as of {moment(readout.as_of)}"))
    found.append(("Read as", reading(experiment.design)))
    found.append(("Started", moment(experiment.started_at) if experiment.started_at else "not yet"))
    found.append(("Ended", moment(experiment.stopped_at) if experiment.stopped_at else ""))
    return found
