"""The document: a first page with contents, then its sections in the order of this table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from bot.reports.pdf import design, history, method, results
from bot.reports.pdf.figures import Figures
from bot.reports.pdf.paper import Paper
from bot.reports.pdf.summary import summary
from bot.reports.pdf.words import moment
from experiments.report import Report


def _always(report: Report) -> bool:
    return True


class Section(NamedTuple):
    """A title of the contents, what writes below it, whether a report has it, the room in mm its beginning needs."""

    title: str
    write: Callable[[Paper, Report], None]
    applies: Callable[[Report], bool] = _always
    room: float = 45.0


def pdf(report: Report, figures: Figures) -> bytes:
    """The report as PDF with these pictures; the same report gives the same bytes."""
    paper = Paper(
        title=report.experiment.title,
        key=report.experiment.key,
        as_of=moment(report.as_of),
        made_at=report.made_at,
    )
    shown = [section for section in _sections(figures) if section.applies(report)]
    summary(paper, report)
    paper.contents(len(shown))
    for section in shown:
        paper.section(section.title, section.room)
        section.write(paper, report)
    return paper.finished()


def _sections(figures: Figures) -> tuple[Section, ...]:
    return (
        Section("Hypothesis and predictions", design.hypothesis),
        Section("Design", design.design),
        Section("Traffic", design.traffic, design.has_traffic),
        Section("Health of the data", results.health),
        Section("Results", partial(results.results, figures=figures), room=_room(figures, "comparison")),
        Section(
            "Segments", partial(results.segments, figures=figures), results.has_segments, _room(figures, "segments")
        ),
        Section("Decisions", history.decisions),
        Section("Notes", history.notes),
        Section("Method", method.method),
        Section("Audit trail", partial(history.audit, figures=figures), room=_room(figures, "timeline")),
        Section("About this report", method.about),
    )


def _room(figures: Figures, first: str) -> float:
    """A heading stays with the picture below it."""
    return 130.0 if first in figures else 45.0
