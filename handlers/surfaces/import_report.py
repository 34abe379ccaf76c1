"""What an import is doing and what it did."""

from __future__ import annotations

from experiments.errors import BunsenError
from experiments.intake import ImportReport
from experiments.numerals import counted
from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.words import said

SHOWN_ROWS = 15
SHOWN_REASONS = 6
SHOWN_RUNS = 6
SHOWN_EXPERIMENTS = 10


def import_progress(name: str, size: int) -> Message:
    """Stands while the file is read."""
    words = f"⏳ Reading {said(name, 200)} ({size / 1e6:,.1f} MB)…"
    return kit.message(words, kit.section(words))


def import_report(report: ImportReport) -> Message:
    """What was taken in, and every row that was left out as far as they fit."""
    what = f"{counted(report.rows, 'aggregate')} of {counted(len(report.reached), 'experiment')}"
    words = f"✅ Imported {what} from {said(report.origin, 200)}."
    reached = [f"{key} (day {day:g})" for key, day in sorted(report.reached.items())]
    more = len(reached) - SHOWN_EXPERIMENTS
    far = f"Data now reach: {', '.join(reached[:SHOWN_EXPERIMENTS])}{f' and {more:,} more' if more > 0 else ''}"
    lines = [far] if reached else []
    if report.created:
        lines.append(f"New here: {counted(len(report.created), 'experiment')}. `/experiment list all` shows them.")
    if report.unchanged:
        lines.append(f"Already known, nothing added: {counted(len(report.unchanged), 'experiment')}.")
    blocks = [kit.section(words, *lines)]
    if report.left_out:
        blocks.append(kit.prose(f"Left out: {counted(len(report.left_out), 'row')}", _rows(report.left_out), 2500))
        if len(report.left_out) > SHOWN_ROWS:
            blocks.append(kit.context("Every row with its reason is listed in the thread of this message."))
    if len(report.reached) == 1:
        key = next(iter(report.reached))
        blocks.append(kit.actions(kit.button("Results", "results", f"{key}@", style="primary")))
    return kit.message(words, *blocks)


def import_refused(name: str, error: BunsenError) -> Message:
    """Nothing was kept, and why."""
    words = f"⚠️ Nothing of {said(name, 200)} was imported."
    return kit.message(words, kit.section(words), kit.prose("Why", error.words, 2500))


def _rows(rows: tuple[str, ...]) -> str:
    """Each reason once, with the lines it holds for: “variance_c is empty: lines 2,005, 3,437–3,466”."""
    lines: dict[str, list[int]] = {}
    for row in rows:
        line, _, reason = row.removeprefix("line ").partition(": ")
        lines.setdefault(reason, []).append(int(line.replace(",", "")))
    told = [f"{reason}: {_lines(sorted(where))}" for reason, where in lines.items()]
    more = [f"and {counted(len(told) - SHOWN_REASONS, 'more reason')}"] if len(told) > SHOWN_REASONS else []
    return "\n".join([*told[:SHOWN_REASONS], *more])


def _lines(numbers: list[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [f"{run[0]:,}" if len(run) == 1 else f"{run[0]:,}–{run[-1]:,}" for run in runs[:SHOWN_RUNS]]
    more = sum(len(run) for run in runs[SHOWN_RUNS:])
    return f"{'line' if len(numbers) == 1 else 'lines'} {', '.join(told)}{f' and {more:,} more' if more else ''}"
