"""The pictures of a report: what each of them shows, and how it is put onto the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bot.reports.pdf.paper import Paper
from experiments.pictures.segments import segments_of
from experiments.pictures.significance import significance_of
from experiments.pictures.timeline import timeline_of
from experiments.report import Report


class Figure(NamedTuple):
    """A drawn picture, and its words for those who cannot see it."""

    png: bytes
    words: str


Figures = Mapping[str, Figure]
"""The pictures of a report by the name of their chart."""


def shown_in(report: Report) -> dict[str, Any]:
    """The charts that have something to show, with what they show."""
    found: dict[str, Any] = {}
    if report.records:
        found["timeline"] = timeline_of(report.experiment, report.records, report.made_at)
    readout = report.readout
    if readout is None or not sum(readout.units.values()):
        return found
    found["comparison"] = readout
    if readout.blocked:
        return found
    if any(trail.looks for trail in readout.trails):
        found["significance"] = significance_of(readout, report.experiment)
    if readout.segments:
        found["segments"] = segments_of(readout)
    return found


def place(paper: Paper, figures: Figures, *names: str) -> None:
    """These of the pictures, as far as there are any."""
    for name in names:
        if name in figures:
            paper.figure(figures[name].png, figures[name].words)
