"""How the numbers were read, in a paragraph each, and what this document was made from."""

from __future__ import annotations

from bot.reports.pdf.letters import CLOSE, OPEN
from bot.reports.pdf.paper import CODE, Paper
from bot.reports.pdf.tables import facts
from bot.reports.pdf.words import CORRECTIONS, moment
from charts import wording
from experiments.design import Correction, DecisionRule, Method, MetricRole
from experiments.report import Report

METHODS = {
    Method.ALWAYS_VALID: (
        "p and interval are always-valid: they hold at every look, however often and whenever somebody looked. p is "
        "the smallest that any look has shown so far, and the interval is what all intervals so far have in common. "
        "Both come from a mixture sequential test that is tightest at {planned} units in control and one treatment "
        "together."
    ),
    Method.GROUP_SEQUENTIAL: (
        "The experiment is read at planned looks, one at each twentieth of {planned} units in control and one "
        "treatment together. Every look spends a part of α (Lan and DeMets, in the manner of O'Brien and Fleming), so "
        "that all looks together keep it."
    ),
    Method.FIXED: (
        "The experiment is read once, at its planned end. What was seen before that is for monitoring only and has "
        "neither p nor interval."
    ),
    Method.WELCH: (
        "The newest look is read as if it had been the only one. If somebody had looked before and would have stopped "
        "at what they saw, p is smaller than it should be."
    ),
}
RULES = {
    DecisionRule.CLEAR_SIGNALS: (
        "Ship when every primary metric of a treatment is better and no guardrail is breached; roll back when every "
        "treatment made a primary metric worse. Everything else is for people to weigh."
    ),
    DecisionRule.DO_NO_HARM: (
        "Ship at the planned end when nothing is worse, breached or unread; roll back when every treatment made a "
        "primary metric worse. Everything else is for people to weigh."
    ),
}
LIFT = (
    "A difference is treatment minus control. A lift is the same relative to control, and its interval takes control's "
    "own noise into account; where control is too close to zero there is no lift and the difference stands alone."
)
HEALTH = (
    "Units per variant are tested against the planned shares with a sequential test at 0.001. While the split is "
    "broken, or too many units were in two variants, no lift is shown and no means either. No verdict is given in the "
    "first three days or below 100 units in a variant."
)
GUARDRAILS = (
    "A guardrail is judged one-sided and always-valid, whatever the method of the experiment. It is breached when harm "
    "past its limit is shown, healthy when so much harm can be ruled out, and inconclusive otherwise; missing data are "
    "never read as healthy. The chance of a false alarm is shared by all guardrails and treatments."
)
SEGMENTS = (
    "Segments are adjusted over the levels of their dimension (Benjamini–Hochberg). The test that the effect is the "
    "same in all of them reads the newest look alone."
)
CUPED = (
    "Where values from before the experiment are known, they are used to take noise out of the metric (CUPED). That "
    "changes the width of an interval, not what it estimates."
)
REPLACED = (
    f"Some characters have no glyph in the fonts of this document. They are written out between {OPEN} and {CLOSE}, as "
    "their name or their Unicode number; the JSON of this report has them as they were typed."
)


def method(paper: Paper, report: Report) -> None:
    """A paragraph for each thing that was done to get from data to words."""
    design, readout = report.experiment.design, report.readout
    level = f"{100 * (1 - design.alpha):g} %"
    paragraphs = [
        ("Reading", METHODS[design.method].format(planned=f"{design.planned_units:,}")),
        ("Intervals", f"α is {design.alpha:g}, so intervals are {level} intervals. {LIFT}"),
    ]
    if adjusted := _correction(report):
        paragraphs.append(("Several comparisons", adjusted))
    if design.guardrails:
        paragraphs.append(("Guardrails", GUARDRAILS))
    paragraphs.append(("Health", HEALTH))
    if readout and readout.segments:
        paragraphs.append(("Segments", SEGMENTS))
    if readout and any(each.variance_left is not None for each in readout.comparisons):
        paragraphs.append(("Variance", CUPED))
    paragraphs.append(("Decision rule", RULES[design.rule]))
    for title, words in paragraphs:
        paper.heading(title)
        paper.prose(words)


def about(paper: Paper, report: Report) -> None:
    """By which version, from which data and which configuration, as of when."""
    readout = report.readout
    facts(
        paper,
        (
            ("Made by", f"Bunsen {report.version}"),
            ("Made at", moment(report.made_at)),
            ("As of", moment(report.as_of)),
            ("Readout", f"{readout.number:,}, of as many batches of data" if readout else "none"),
            ("Experiment version", f"{report.experiment.version:,}"),
        ),
    )
    paper.heading("Configuration hash")
    paper.prose("SHA-256 of the design as it stands; an approval is bound to it.")
    paper.space(1)
    paper.prose(report.experiment.design.hash, CODE)
    if readout and readout.design_hash != report.experiment.design.hash:
        paper.prose("The numbers were read by this design:")
        paper.prose(readout.design_hash, CODE)
    if paper.has_replaced:
        paper.heading("Characters")
        paper.prose(REPLACED)


def _correction(report: Report) -> str:
    design = report.experiment.design
    parts = []
    if len(design.treatments) > 1:
        parts.append(
            "The treatments of a primary metric are not adjusted for each other."
            if design.correction is Correction.NONE
            else f"The treatments of a primary metric are adjusted for each other by {CORRECTIONS[design.correction]}."
        )
    others = (MetricRole.SECONDARY, MetricRole.COST)
    if any(metric.role in others for metric in design.metrics):
        parts.append("Secondary metrics and costs are adjusted together (Benjamini–Hochberg): leads, not decisions.")
    if report.readout and (families := wording.families(report.readout)):
        parts.append(f"{families}.")
    return " ".join(parts)
