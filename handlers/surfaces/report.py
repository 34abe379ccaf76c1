"""Report: that it is being made, and what is in it."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.model import Experiment
from experiments.numerals import counted
from experiments.report import File, Report
from handlers.surfaces import kit
from handlers.surfaces.kit import Message, View
from handlers.surfaces.state import name
from handlers.surfaces.words import moment, person, said

KINDS = {
    "application/pdf": "*PDF* to read and to print",
    "application/json": "*JSON* of the same for programs",
    "text/csv": "*CSV* of the comparisons for spreadsheets",
}


def being_made(experiment: Experiment) -> Message:
    """Told at once; the report follows."""
    words = _being_made(experiment)
    return kit.message(words, kit.section(words))


def being_made_modal(experiment: Experiment) -> View:
    """The same where somebody chose the experiment in a modal."""
    return kit.modal("report", "Report", kit.section(_being_made(experiment)), about={}, close="Close")


def ready(report: Report, files: Sequence[File], user: str, *, direct: bool = False) -> Message:
    """What the files are that come below, and as of when they speak."""
    experiment, readout = report.experiment, report.readout
    words = f"📄 Report on *{name(experiment)}*, asked for by {person(user)}"
    parts = [experiment.key, f"readout {readout.number}" if readout else "no data yet"]
    parts += [counted(len(report.notes), "note"), f"design {experiment.design.hash[:8]}"]
    why = ["Its card is in no channel I can write in, so the report comes to you."] if direct else []
    return kit.message(
        words,
        kit.section(words, *why, *(f"• {KINDS.get(each.kind, said(each.name, 80))}" for each in files)),
        kit.context(" · ".join([*parts, f"as of {moment(report.as_of)}"])),
    )


def _being_made(experiment: Experiment) -> str:
    where = "the thread of its card" if experiment.channel else "your messages with me"
    return f"📄 The report on *{name(experiment)}* is being made. It comes to {where} in a few seconds."
