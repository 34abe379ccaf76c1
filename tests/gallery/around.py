"""Around experiments: notes, shortcuts, unfurled links, workflow steps and reports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from experiments.model import Experiment, Note, NoteKind, NoteState, Status
from experiments.permissions import Actor, Role
from experiments.readout import VerdictStatus
from experiments.report import File, Report
from experiments.running import Reading, Significance
from handlers.surfaces import kit
from handlers.surfaces.decide_modal import decide_modal
from handlers.surfaces.decision import decision
from handlers.surfaces.kit import Message, View
from handlers.surfaces.lists import show
from handlers.surfaces.note_modal import delete_note_modal, edit_note_modal, note_history_modal, note_modal
from handlers.surfaces.quote import Quote, Thread
from handlers.surfaces.report import being_made, being_made_modal, ready
from handlers.surfaces.results import results
from handlers.surfaces.shortcut_modals import add_modal, added_modal, nothing_to_choose, thread_modal
from handlers.surfaces.unfurl import closed_unfurl, unfurl
from handlers.surfaces.workflow import posted_by
from tests.charts import samples
from tests.handlers.surfaces.situations import ADA, BO, NOW, actor, bait, experiment, hostile, summary

MESSAGE = "https://bunsen-lab.slack.com/archives/C0EXPERIMENTS/p1772442000000100?thread_ts=1772442000.000100&cid=C0LAB"
FILES = tuple(
    File(f"checkout-button-{name}", b"", kind)
    for name, kind in (
        ("report.pdf", "application/pdf"),
        ("report.json", "application/json"),
        ("comparisons.csv", "text/csv"),
    )
)
THREAD = Thread(channel="C0EXPERIMENTS", ts="1772442000.000100", link=MESSAGE)


def noted(words: str = "Traffic was low on Sunday: the newsletter came late.") -> tuple[Note, ...]:
    """Three notes: one as written with its source, one edited, one deleted."""

    def note(number: int, **changes: Any) -> Note:
        made = {"kind": NoteKind.OBSERVATION, "text": words, "by": ADA, "at": NOW - timedelta(hours=9 - number)}
        return Note.model_validate(made | {"number": number} | changes)

    return (
        note(1, source=MESSAGE),
        note(2, state=NoteState.EDITED, kind=NoteKind.LEARNING, by=BO),
        note(3, state=NoteState.DELETED, text="(deleted)"),
    )


def annotated(made: Experiment, count: int = 3) -> Experiment:
    """The experiment with so many notes of Ada's."""
    return made.evolve(note_count=count, note_authors=(ADA,) * count)


def many_notes(words: str) -> tuple[Note, ...]:
    first = noted(words)[0]
    return tuple(first.model_copy(update={"number": number, "state": NoteState.EDITED}) for number in range(1, 61))


def read(made: Experiment, words: str = "bigger-button wins: conversion +4.1 % (2.0 % to 6.2 %).") -> Experiment:
    reading = Reading(
        number=24, day=6.0, status=VerdictStatus.SHIP, sentence=words, significance=Significance.SIGNIFICANT, at=NOW
    )
    return made.evolve(reading=reading)


def messages() -> Iterator[tuple[str, Message]]:
    yield "nothing to add to", nothing_to_choose("note", actor())
    yield "nothing to decide", nothing_to_choose("decide", actor())
    for name, make, words in (("", experiment, ""), (" hostile", hostile, bait(3000))):
        running, decided = make(Status.RUNNING), make(Status.DECIDED)
        yield f"report being made{name}", being_made(running)
        yield f"report ready{name}", ready(report(running), FILES, ADA)
        yield f"unfurl running{name}", card_of(unfurl(read(running, words) if words else read(running)))
        yield f"unfurl decided{name}", card_of(unfurl(decided))
        quoted = decided.evolve(decision={**dict(decided.decision or {}), "source": MESSAGE})
        yield f"decision from a thread{name}", decision(quoted, ADA)
        notes = noted(words) if words else noted()
        yield f"show with notes{name}", show(annotated(running), notes, (), actor())
    yield "report ready directly", ready(report(experiment(Status.DRAFT)), FILES, ADA, direct=True)
    yield "unfurl closed", card_of(closed_unfurl("checkout-button"))
    yield "results by a workflow", posted_by(results(samples.readout()), ADA)


def views() -> Iterator[tuple[str, View]]:
    viewer = Actor(workspace="T0SANDBOX", user="U0VIEW", role=Role.VIEWER)
    yield "note", note_modal(experiment(Status.RUNNING), (), actor())
    yield "note too late", note_modal(experiment(Status.ARCHIVED), noted(), actor())
    yield "note too late without any", note_modal(experiment(Status.ARCHIVED), (), actor())
    yield "note of a viewer", note_modal(annotated(experiment(Status.RUNNING)), noted(), viewer)
    for name, make, words in (("", experiment, "Traffic was low on Sunday."), (" hostile", hostile, bait(3000))):
        running = annotated(make(Status.RUNNING), 60)
        notes = noted(words)
        yield f"note with others{name}", note_modal(running, notes, actor())
        yield f"note on a page full{name}", note_modal(running, many_notes(words), actor(), page=3)
        yield f"edit note{name}", edit_note_modal(running, notes[0], "V1", 0)
        yield f"delete note{name}", delete_note_modal(running, notes[0], "V1", 0)
        yield f"note before{name}", note_history_modal(running, notes[:2] * (20 if words == bait(3000) else 1))
        quote = Quote(text=words, by=BO, link=MESSAGE)
        yield f"add to experiment{name}", add_modal([running, make(Status.STOPPED)], quote, "C0EXPERIMENTS")
        yield f"added{name}", added_modal(running)
        stopped = make(Status.STOPPED)
        yield f"thread{name}", thread_modal([stopped], THREAD)
        drafting = decide_modal(stopped, samples.readout(), drafting=True, thread=THREAD)
        yield f"decide from a thread drafting{name}", drafting
        yield f"report chosen{name}", being_made_modal(running)
    stopped = experiment(Status.STOPPED)
    long = Quote(text=bait(10_000), by="<!channel>", link="https://evil.example/archives/C1/p1")
    yield "add to experiment extreme", add_modal([stopped], long, "")
    gone = Quote(text="We saw it too.", by=BO, is_gone=True)
    yield "add to experiment gone", add_modal([stopped], gone, "C0EXPERIMENTS")
    yield "add to experiment unseen", add_modal([stopped], Quote(text="We saw it too.", by=BO), "C0ELSEWHERE")
    many = [stopped.evolve(key=f"checkout-{n}") for n in range(101)]
    yield "add to one of many", add_modal(many, Quote(text="We saw it too.", by=BO, link=MESSAGE), "C0EXPERIMENTS")
    for name, changes in (
        ("read", {"read": 4, "of": 4}),
        ("read in part", {"read": 30, "of": 412}),
        ("not in channel", {"refused": "not_in_channel"}),
        ("deleted", {"refused": "thread_not_found"}),
        ("unread hostile", {"refused": bait(200), "link": bait(200)}),
    ):
        thread = THREAD.model_copy(update=changes)
        draft = summary(by_model="refused" not in changes, why_not="no language model is set up")
        yield f"decide from a thread {name}", decide_modal(stopped, samples.readout(), draft=draft, thread=thread)


def report(made: Experiment) -> Report:
    readout = samples.readout() if made.data_version else None
    return Report(made, readout, noted(), (), NOW, "1.0")


def card_of(blocks: list[kit.Block]) -> Message:
    """An unfurl as the message it stands below."""
    return kit.message("A link to an experiment", *blocks)
