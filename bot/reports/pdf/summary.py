"""The first page: what was asked, what came out, what was decided, in words before numbers."""

from __future__ import annotations

from bot.reports.pdf.paper import BODY, LABEL, LARGE, QUIET, TITLE, Paper
from bot.reports.pdf.tables import facts
from bot.reports.pdf.words import moment, reading
from charts import wording
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
    facts(paper, (*_numbers(report.readout), *_facts(report)))


def _decision(paper: Paper, report: Report) -> None:
    decision = report.experiment.decision
    if decision is None:
        paper.quote("Decision", "None has been logged yet.", BODY)
        return
    words = decision.summary or decision.reasoning
    paper.quote(
        f"Decision: {decision.outcome.words}",
        f"{_first_lines(words)}\n{report.name(decision.by)}, {moment(decision.at)}",
        BODY,
    )


def _first_lines(text: str, most: int = 400) -> str:
    """The beginning; the section on decisions has all of it."""
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} … (the whole text: see Decisions)"


def _numbers(readout: Readout | None) -> list[tuple[str, str]]:
    if readout is None or readout.blocked:
        return []
    shown = [(each.metric, _number(each)) for each in readout.primary[:MOST_KEY_NUMBERS]]
    left_out = len(readout.primary) - len(shown)
    return [*shown, *([("", f"{left_out:,} more in Results")] if left_out else [])]


def _number(each: Comparison) -> str:
    against = f"{each.treatment.variant} against {each.control.variant}"
    if each.refused or each.difference is None:
        return f"no number for {against}: {wording.refusal(each)}"
    if each.relative is not None:
        size = wording.percent(each.relative, signed=True)
        between = f" ({wording.percent_range(each.relative_interval)})" if each.relative_interval else ""
    else:
        size = f"{wording.change(each.difference, each.kind)} {each.unit}"
        between = f" ({wording.change_range(each.interval, each.kind)})" if each.interval else ""
    p = f", {wording.p_value(each.p)}" if each.p is not None else ""
    return f"{size}{between}{p}, {wording.standing(each)}\n{against}"


def _facts(report: Report) -> list[tuple[str, str]]:
    experiment, readout = report.experiment, report.readout
    found = []
    if readout:
        units = ", ".join(f"{name} {wording.count(n)}" for name, n, _, _ in wording.shares(readout))
        found.append(("Data", f"{wording.day_of(readout)}\n{units}" if units else wording.day_of(readout)))
        found.append(("Readout", f"{readout.number:,}, as of {moment(readout.as_of)}"))
    found.append(("Read as", reading(experiment.design)))
    found.append(("Started", moment(experiment.started_at) if experiment.started_at else "not yet"))
    found.append(("Ended", moment(experiment.stopped_at) if experiment.stopped_at else ""))
    return found
