"""What the data say: their health, the pictures, every comparison in figures, and the segments."""

from __future__ import annotations

from collections.abc import Sequence

from bot.reports.pdf.figures import Figures, place
from bot.reports.pdf.paper import QUIET, Paper, Style
from bot.reports.pdf.tables import Column, table
from bot.reports.pdf.words import good
from charts import wording
from experiments.design import FULL_WEIGHT
from experiments.numerals import share
from experiments.readout import Comparison, Segments, Severity, Standing
from experiments.report import Report

UNITS = (
    Column("Variant", 4),
    Column("Units", 2, right=True),
    Column("Share", 1.5, right=True),
    Column("Planned share", 1.8, right=True),
)
DENSE = Style(size=7, leading=10.5)
COMPARISONS = (
    Column("Metric", 3.1, look=DENSE),
    Column("Treatment, control", 2.5, look=DENSE),
    Column("Units", 1.3, right=True, look=DENSE),
    Column("Mean", 1.3, right=True, look=DENSE),
    Column("Difference and interval", 2.9, look=DENSE),
    Column("Lift and interval", 2.5, look=DENSE),
    Column("Evidence", 2.4, look=DENSE),
    Column("Reading", 2.4, look=DENSE),
)
SEVERITIES = {
    Severity.BLOCKS_LIFT: "No lift is shown",
    Severity.WARNING: "Warning",
    Severity.INFORMATION: "Note",
}
DIFFERS = 0.05


def health(paper: Paper, report: Report) -> None:
    """Findings, worst first, and how the units are split."""
    readout = report.readout
    if readout is None:
        paper.prose("No data have been read.", QUIET)
        return
    for finding in readout.findings:
        paper.quote(SEVERITIES[finding.severity], finding.words)
    if not readout.findings:
        paper.prose("Nothing was found that speaks against the data.")
    rows = [
        (name, wording.count(units), wording.percent(part), share(round(planned * FULL_WEIGHT)))
        for name, units, part, planned in wording.shares(readout)
    ]
    if rows:
        paper.heading("Units by variant")
        table(paper, UNITS, rows)


def results(paper: Paper, report: Report, figures: Figures) -> None:
    """The verdict, the pictures, then every comparison."""
    readout = report.readout
    if readout is None:
        paper.prose("No data have been read.", QUIET)
        return
    paper.prose(readout.verdict.sentence)
    if readout.progress is not None:
        paper.prose(f"{wording.percent(readout.progress)} of the planned precision is reached.", QUIET)
    place(paper, figures, "comparison", "significance")
    if readout.blocked or not readout.comparisons:
        return
    paper.heading("Every comparison")
    table(
        paper,
        COMPARISONS,
        [
            _row(each, f"{each.metric}\n{each.role.words}, {each.unit}, {good(each.direction)}")
            for each in readout.comparisons
        ],
    )
    for words in (wording.families(readout), wording.variance_left(readout)):
        if words:
            paper.prose(f"{words}.", QUIET)


def segments(paper: Paper, report: Report, figures: Figures) -> None:
    """Every dimension by level; exploratory."""
    place(paper, figures, "segments")
    paper.prose(
        "Nobody planned these comparisons. They are a reason for the next experiment, none for this decision.", QUIET
    )
    for each in _segments_of(report):
        paper.heading(f"{each.metric} of {each.treatment} by {each.dimension}")
        if each.p is not None and each.i2 is not None:
            differ = "The effect differs between them" if each.p <= DIFFERS else "No clear difference between them"
            paper.prose(f"{differ} ({wording.p_value(each.p)}, I² {wording.percent(each.i2)}).", QUIET)
            paper.space(1)
        columns = (COMPARISONS[0]._replace(title="Level"), *COMPARISONS[1:])
        table(paper, columns, [_row(comparison, level) for level, comparison in each.levels.items()])
        family = next((comparison.family for comparison in each.levels.values() if comparison.family), "")
        if family:
            paper.prose(f"Adjusted: {family}.", QUIET)


def has_segments(report: Report) -> bool:
    return bool(_segments_of(report))


def _segments_of(report: Report) -> Sequence[Segments]:
    return report.readout.segments if report.readout else ()


def _row(each: Comparison, name: str) -> tuple[str, ...]:
    arms = (each.treatment, each.control)
    known = each.difference is not None and not each.refused
    return (
        name,
        f"{each.treatment.variant}\nagainst {each.control.variant}",
        "\n".join(wording.count(arm.n) for arm in arms),
        "\n".join("–" if arm.mean is None else wording.mean(arm.mean, each.kind) for arm in arms),
        _difference(each) if known else f"no number: {wording.refusal(each)}",
        _lift(each) if known else "",
        _evidence(each),
        _reading(each),
    )


def _difference(each: Comparison) -> str:
    size = wording.change(each.difference or 0.0, each.kind)
    return f"{size}\n{wording.change_range(each.interval, each.kind)}" if each.interval else size


def _lift(each: Comparison) -> str:
    if each.relative is None:
        return "none: control is too close to zero"
    size = wording.percent(each.relative, signed=True)
    return f"{size}\n{wording.short_percent_range(each.relative_interval)}" if each.relative_interval else size


def _evidence(each: Comparison) -> str:
    if each.harm_p is not None:
        harm = f"harm >\u00a0{wording.limit(each)}" if each.limit else "any harm"
        return f"{wording.p_value(each.harm_p)}\n{harm}"
    return "" if each.p is None else wording.p_value(each.p)


def _reading(each: Comparison) -> str:
    if each.standing is Standing.REFUSED and not wording.is_judged(each):
        return "– no number"
    return f"{wording.MARKS[wording.tone(each)]} {wording.standing(each)}"
