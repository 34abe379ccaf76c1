"""Answers to one person: own work, a list, everything about one experiment, help."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from experiments.audit import AuditRecord
from experiments.model import Experiment, Note, Status
from handlers.surfaces import kit
from handlers.surfaces.card import card
from handlers.surfaces.history import happenings
from handlers.surfaces.kit import Block, Group, Message
from handlers.surfaces.review_request import review_buttons
from handlers.surfaces.state import entry, name
from handlers.surfaces.steps import first_button
from handlers.surfaces.words import counted, moment, person, said

COMMANDS = (
    ("", "your work and what needs you"),
    ("create", "write down an idea in three short steps"),
    ("edit KEY", "change a draft; after an approval this voids it"),
    ("review KEY", "ask for approval of the design"),
    ("approve KEY, request_changes KEY, withdraw KEY", "answer a request for review, or take it back"),
    ("start KEY", "start what was approved"),
    ("schedule KEY 2026-03-29 14:30", "start and stop at a time of yours; unschedule KEY takes it back"),
    ("stop KEY", "end it; traffic returns to control"),
    ("results KEY", "what the data say, in words and pictures"),
    ("note KEY words", "keep an observation or a learning"),
    ("decide KEY", "log ship, iterate or abandon, and why"),
    ("import", "take in a file of aggregates"),
    ("list [status or words]", "what is going on"),
    ("show KEY", "everything about one experiment"),
    ("diff KEY [2 5], history KEY", "what differs between two versions, and who changed what"),
    ("archive KEY", "put an ended one away"),
)
MOST_OF_MINE = 6
SHOWN_NOTES = 8
SHOWN_RECORDS = 12
NEW = kit.button("New experiment", "create", style="primary")
ALL = kit.button("List all that is going on", "list")


def mine(owned: Sequence[Experiment], waiting: Sequence[Experiment]) -> Message:
    """What needs the person first, then what is theirs, the latest few of each with their likeliest next step."""
    if not owned and not waiting:
        words = "👋 Nothing of yours is going on. An idea is written down in two minutes."
        return kit.message(words, kit.section(words), kit.actions(NEW, ALL))
    groups: list[Group] = []
    for title, experiments, button in (
        ("Waits for your review", waiting, _look),
        ("Your experiments", owned, first_button),
    ):
        if experiments:
            shown = experiments[:MOST_OF_MINE]
            latest = ", the latest" if len(shown) < len(experiments) else ""
            groups.append(Group([kit.section(f"*{title}{latest}*")], 0))
            groups += [Group([kit.section(entry(each), accessory=button(each))]) for each in shown]
    around = [kit.actions(NEW, ALL), kit.context("/experiment help lists every command.")]
    return kit.message(
        "What waits for you, and your experiments",
        *kit.fit(groups, "experiment", around=around),
        *around,
    )


def experiment_list(entries: Sequence[Experiment], total: int) -> Message:
    """Experiments, newest change first, with the count of those not shown."""
    if not entries:
        words = "Nothing found. /experiment list all shows everything, also what has ended."
        return kit.message(words, kit.section(words), kit.actions(NEW))
    words = f"{counted(total, 'experiment')}, the latest change first"
    head, tail = kit.section(words), kit.actions(NEW)
    groups = [Group([kit.section(entry(each), accessory=_look(each))]) for each in entries]
    if total > len(entries):
        more = f"… and {total - len(entries):,} more. Narrow it: /experiment list running"
        groups.append(Group([kit.context(more)], total - len(entries)))
    return kit.message(words, head, *kit.fit(groups, "experiment", around=[head, tail]), tail)


def show(experiment: Experiment, notes: Sequence[Note], records: Sequence[AuditRecord]) -> Message:
    """The card with the notes and the history, newest first."""
    whole = card(experiment)
    extra: list[Block] = [review_buttons(experiment)] if experiment.status is Status.IN_REVIEW else []
    remarks = _newest(
        [(note.at, f"{person(note.by)} ({note.kind.words}): {said(note.text, 240)}") for note in notes[-SHOWN_NOTES:]],
        len(notes),
    )
    told = happenings(records)
    happened = _newest(told[-SHOWN_RECORDS:], len(told))
    groups = [
        Group([kit.section(f"*{title}*", *lines)])
        for title, lines in (("Notes", remarks), ("History", happened))
        if lines
    ]
    around = [*whole.blocks, *extra]
    return kit.message(whole.text, *around, *kit.fit(groups, "part", around=around))


def help_text() -> Message:
    """Every command with what it does."""
    lines = [f"`/experiment{' ' + usage if usage else ''}` {does}" for usage, does in COMMANDS]
    return kit.message(
        "What /experiment can do",
        kit.section("*From an idea to a decision you can defend*", *lines),
        kit.context("KEY can be left out everywhere; you then choose from a list."),
        kit.actions(NEW, ALL),
    )


def unknown_word(word: str, near: tuple[str, ...]) -> Message:
    """The nearest commands for a word that is none."""
    meant = f" Did you mean {' or '.join(f'`/experiment {each}`' for each in near)}?" if near else ""
    words = f"I do not know “{said(word, 100)}”.{meant} `/experiment help` lists everything."
    return kit.message(words, kit.section(words))


def noted(experiment: Experiment) -> Message:
    """A note was kept."""
    words = f"📌 Noted with *{name(experiment)}*, which has {counted(experiment.note_count, 'note')} now."
    return kit.message(words, kit.section(words))


def nothing_to(verb: str) -> Message:
    """There is no experiment for which the verb makes sense."""
    words = f"There is nothing to {verb.replace('_', ' ')} right now."
    return kit.message(words, kit.section(words), kit.actions(NEW, ALL))


def _look(experiment: Experiment) -> Block:
    return kit.button("Look", "show", f"{experiment.key}@{experiment.revision}")


def _newest(told: Sequence[tuple[datetime, str]], count: int) -> list[str]:
    """Lines from the newest to the oldest, then how many older ones there are."""
    older = [f"… and {count - len(told):,} older"] if count > len(told) else []
    return [*(f"{moment(at)} {words}" for at, words in reversed(told)), *older]
