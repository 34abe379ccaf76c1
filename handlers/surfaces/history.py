"""History: who changed what, old → new, newest first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from experiments.audit import AuditRecord, as_told
from experiments.model import Experiment
from experiments.numerals import counted
from handlers.surfaces import kit
from handlers.surfaces.kit import Block, View
from handlers.surfaces.state import name, target_of
from handlers.surfaces.words import moment, person, retold

A_PAGE = 15
ALIKE = {"ImportAggregates": "import", "RecordReading": "reading"}
"""What repeats while data arrive; of those in a row the last one of each stands for all."""


class Happening(NamedTuple):
    """One line of the history."""

    at: datetime
    words: str


def happenings(records: Sequence[AuditRecord], most: int = 140) -> list[Happening]:
    """What happened, oldest first; of imports and readings in a row the last ones stand for all."""
    told: list[Happening] = []
    for alike, row in groupby(as_told(records), lambda each: each.command in ALIKE):
        together = list(row)
        newest = {each.command: each for each in together} if alike else {}
        for each in sorted(newest.values(), key=lambda each: each.number) if alike else together:
            before = sum(other.command == each.command for other in together) - 1 if alike else 0
            counts = f" ({counted(before, ALIKE[each.command])} before)" if before else ""
            told.append(Happening(each.at, f"{person(each.actor)} {retold(each.sentence, most)}{_move(each)}{counts}"))
    return told


def history_modal(experiment: Experiment, records: Sequence[AuditRecord], page: int = 0) -> View:
    """A page of everything that happened, with buttons to older and newer ones."""
    told = happenings(records, 600)[::-1]
    last = max(0, (len(told) - 1) // A_PAGE)
    page = min(max(page, 0), last)
    shown = told[page * A_PAGE : (page + 1) * A_PAGE]
    lines = [kit.section(f"{moment(each.at)}\n{each.words}") for each in shown]
    where = f"{counted(len(told), 'change')}, newest first" + (f" · page {page + 1} of {last + 1}" if last else "")
    return kit.modal(
        "history",
        "History",
        kit.section(f"*{name(experiment)}*"),
        *(lines or [kit.section("Nothing has happened yet.")]),
        *_pages(experiment, page, last),
        kit.context(f"{experiment.key} · {where}"),
        about={"key": experiment.key, "page": page},
        close="Close",
    )


def _pages(experiment: Experiment, page: int, last: int) -> list[Block]:
    buttons = [kit.button("Compare versions", "diff", target_of(experiment))]
    if page < last:
        buttons.append(kit.button("Older", "history_page", target_of(experiment, page + 1), scope="older"))
    if page:
        buttons.append(kit.button("Newer", "history_page", target_of(experiment, page - 1), scope="newer"))
    return [kit.actions(*buttons)]


def _move(record: AuditRecord) -> str:
    was, now = record.status_before, record.status_after
    return f" · {was.words} → {now.words}" if was and now and was is not now else ""
