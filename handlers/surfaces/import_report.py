"""What an import is doing and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.errors import BunsenError
from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.words import counted, said

if TYPE_CHECKING:
    from handlers.import_data import ImportReport

SHOWN_ROWS = 15
SHOWN_EXPERIMENTS = 10


def import_progress(name: str, size: int) -> Message:
    """Stands while the file is read."""
    words = f"⏳ Reading {said(name, 200)} ({size / 1e6:,.1f} MB)…"
    return kit.message(words, kit.section(words))


def import_report(report: ImportReport) -> Message:
    """What was taken in, and every row that was left out as far as they fit."""
    what = f"{counted(report.rows, 'aggregate')} of {counted(len(report.reached), 'experiment')}"
    words = f"✅ Imported {what} from {said(report.origin, 200)}."
    reached = [f"{key}: up to day {day:g}" for key, day in sorted(report.reached.items())]
    more = len(reached) - SHOWN_EXPERIMENTS
    lines = [" · ".join(reached[:SHOWN_EXPERIMENTS]) + (f" · and {more:,} more" if more > 0 else "")]
    if report.created:
        lines.append(f"New here: {counted(len(report.created), 'experiment')}.")
    blocks = [kit.section(words, *lines)]
    if report.left_out:
        blocks.append(kit.prose(f"Left out: {counted(len(report.left_out), 'row')}", _rows(report.left_out), 2500))
    if len(report.reached) == 1:
        key = next(iter(report.reached))
        blocks.append(kit.actions(kit.button("Results", "results", f"{key}@", style="primary")))
    return kit.message(words, *blocks)


def import_refused(name: str, error: BunsenError) -> Message:
    """Nothing was kept, and why."""
    words = f"⚠️ Nothing of {said(name, 200)} was imported."
    return kit.message(words, kit.section(words), kit.prose("Why", error.words, 2500))


def _rows(rows: tuple[str, ...]) -> str:
    more = [f"and {len(rows) - SHOWN_ROWS:,} more"] if len(rows) > SHOWN_ROWS else []
    return "\n".join([*rows[:SHOWN_ROWS], *more])
