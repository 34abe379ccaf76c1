"""What was planned: the hypothesis and what people expected, the design, who approved it, and how traffic was given."""

from __future__ import annotations

import json

from bot.reports.pdf.paper import CODE, QUIET, Paper
from bot.reports.pdf.tables import Column, facts, table
from bot.reports.pdf.words import effect, good, limit, moment, people, plan, reading
from experiments.design import FULL_WEIGHT, Variant
from experiments.factors import cell_words
from experiments.numerals import percent, share
from experiments.report import Report
from handlers.surfaces.state import RULES

VARIANTS = (Column("Variant", 3), Column("Share", 1.2, right=True), Column("Description", 6))
METRICS = (
    Column("Metric", 3),
    Column("Role", 1.5),
    Column("Kind, unit and good direction", 3.4),
    Column("What a guardrail tolerates", 4),
)
PREDICTIONS = (
    Column("Who", 2),
    Column("When", 3.1),
    Column("Success", 1.1, right=True),
    Column("Lift", 1.1, right=True),
    Column("Why", 5),
)
PHASES = (
    Column("Phase", 0.8, right=True),
    Column("From", 2.6),
    Column("Day", 0.8, right=True),
    Column("Takes part", 1.2, right=True),
    Column("Shares", 5),
)


def hypothesis(paper: Paper, report: Report) -> None:
    """What is believed and where the idea came from; predictions once the start has locked them."""
    experiment = report.experiment
    paper.prose(experiment.design.hypothesis or "No hypothesis has been written down.")
    paper.space(3)
    source = f"{experiment.source.kind.words}: {experiment.source.reference}".removesuffix(": ")
    rows = [("Source", source), ("Tags", ", ".join(experiment.tags)), ("Derived from", experiment.derived_from)]
    facts(paper, rows)
    paper.heading("Predictions")
    if not experiment.started_at:
        paper.prose("Predictions stay private until the start.", QUIET)
        return
    if not experiment.told_predictions:
        paper.prose("Nobody predicted the outcome before the start.", QUIET)
        return
    rows_of = [
        (
            report.name(each.by),
            moment(each.at),
            percent(each.probability),
            "" if each.effect is None else effect(each.effect),
            each.reason,
        )
        for each in experiment.told_predictions
    ]
    table(paper, PREDICTIONS, rows_of)


def design(paper: Paper, report: Report) -> None:
    """Variants, metrics, plan and rule, and the approval bound to them."""
    planned = report.experiment.design
    facts(
        paper,
        (
            ("Kind", planned.kind.words),
            ("Randomised unit", planned.unit.words),
            ("Plan", plan(planned)),
            ("Smallest effect", f"{percent(planned.smallest_effect)} relative to control"),
            ("Takes part", f"{share(planned.exposure)} of eligible {planned.unit.words}s"),
            ("Read as", reading(planned)),
            ("Decision rule", RULES[planned.rule]),
        ),
    )
    paper.heading("Variants")
    if planned.variants:
        table(
            paper,
            VARIANTS,
            [(_variant(each), share(each.weight), _about(each)) for each in planned.variants],
        )
    else:
        paper.prose("No variants have been named.", QUIET)
    for each in planned.variants:
        if each.config:
            paper.prose(f"Configuration of {each.key}", QUIET)
            paper.prose(json.dumps(each.config, ensure_ascii=False, indent=2, sort_keys=True), CODE, indent=4)
            paper.space(2)
    paper.heading("Metrics")
    if planned.metrics:
        table(
            paper,
            METRICS,
            [
                (each.key, each.role.words, f"{each.kind.words}, {each.unit}, {good(each.direction)}", limit(each))
                for each in planned.metrics
            ],
        )
    else:
        paper.prose("No metrics have been named.", QUIET)
    _approval(paper, report)


def traffic(paper: Paper, report: Report) -> None:
    """The booked start and the phases; estimates never mix phases."""
    experiment = report.experiment
    booking = experiment.booking
    if booking:
        stop = f", stop {moment(booking.stop_at)}" if booking.stop_at else ""
        facts(paper, [("Booked", f"start {moment(booking.start_at)}{stop} (by {report.name(booking.by)})")])
    rows = [
        (
            str(each.number),
            moment(each.started_at),
            f"{each.day:.3g}",
            share(each.exposure),
            ", ".join(f"{variant} {share(weight)}" for variant, weight in each.weights.items()),
        )
        for each in experiment.phases
    ]
    if rows:
        table(paper, PHASES, rows)


def _variant(variant: Variant) -> str:
    return f"{variant.key} (control)" if variant.is_control and variant.key != "control" else variant.key


def _about(variant: Variant) -> str:
    return "\n".join(words for words in (cell_words(variant.factors), variant.description) if words)


def _approval(paper: Paper, report: Report) -> None:
    experiment = report.experiment
    review, approval = experiment.review, experiment.approval
    paper.heading("Review")
    if review is None and approval is None:
        paper.prose("Nobody has been asked for a review.", QUIET)
        return
    if review:
        asked = people(report, review.reviewers) or "anybody who may review"
        requested = f"{report.name(review.requested_by)}, {moment(review.requested_at)}"
        needed = f"{review.required} approvals" if review.required > 1 else ""
        facts(
            paper,
            (("Requested by", requested), ("Asked", asked), ("Needed", needed), ("Question", review.question)),
        )
    given = review.approvals if review and review.approvals else ()
    for each in given or ((approval,) if approval else ()):
        comment = f"\n{each.comment}" if each.comment else ""
        ticked = "".join(f"\n✓ {point}" for point in each.ticked)
        facts(paper, [("Approved by", f"{report.name(each.by)}, {moment(each.at)}{comment}{ticked}")])
    if not approval:
        paper.prose("The present design is not approved.", QUIET)
    elif approval.design_hash != experiment.design.hash:
        paper.prose("The approval is of an earlier design.", QUIET)


def has_traffic(report: Report) -> bool:
    """Whether there is anything to say of phases or a booked start."""
    experiment = report.experiment
    raised = any(phase.exposure != FULL_WEIGHT for phase in experiment.phases)
    return bool(experiment.booking or raised or len(experiment.phases) > 1)
