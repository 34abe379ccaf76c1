"""Note: an observation, learning, decision or incident that stays with the experiment, and those noted before."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.commands.note import may_change
from experiments.model import Experiment, Note, NoteKind, NoteState
from experiments.numerals import counted
from experiments.permissions import Actor, Permission, allows, may, states
from handlers.surfaces import kit
from handlers.surfaces.fields import select_field, text_field, words_of
from handlers.surfaces.kit import Block, View
from handlers.surfaces.problem import refusal
from handlers.surfaces.state import name, target_of
from handlers.surfaces.taken_from import taken_from
from handlers.surfaces.words import moment, person, said

PAGE = 10
EDIT, DELETE, BEFORE = "note_edit", "note_delete", "note_before"


def note_modal(experiment: Experiment, notes: Sequence[Note], actor: Actor, page: int = 0) -> View:
    """What kind of remark, and the remark; below, the notes there are, newest first. Who may add none reads them."""
    about = {"key": experiment.key, "revision": experiment.revision, "page": page}
    others = _noted_before(experiment, notes, actor, page)
    if not may(Permission.NOTE, actor, experiment):
        why = allows(Permission.NOTE, actor, experiment) or f"It is {experiment.status.words}, so no note is added."
        closed = [kit.section(f"*{name(experiment)}*", f"🔒 {said(why, 400)}"), *others]
        return (None if others else refusal(experiment, "given notes", states(Permission.NOTE))) or kit.modal(
            "notes", "Notes", *closed, about=about, close="Close"
        )
    return kit.modal(
        "note",
        "Add a note",
        kit.section(f"To *{name(experiment)}*; it is kept with it and shown in the thread of its card."),
        select_field("kind", "Kind", words_of(NoteKind), NoteKind.OBSERVATION.value),
        text_field("text", "Note", multiline=True, placeholder="What did you see or learn?"),
        *others,
        submit="Add",
        about=about,
    )


def edit_note_modal(experiment: Experiment, note: Note, behind: str, page: int) -> View:
    """The note as it stands, to be changed; `behind` is the view with the list it came from."""
    return kit.modal(
        EDIT,
        f"Edit note {note.number}",
        kit.section(f"On *{name(experiment)}*. What it says now stays in its history."),
        select_field("kind", "Kind", words_of(NoteKind), note.kind.value),
        text_field("text", "Note", note.text, multiline=True),
        submit="Save",
        about=_about(experiment, note, behind, page) | {"source": note.source},
    )


def delete_note_modal(experiment: Experiment, note: Note, behind: str, page: int) -> View:
    """What is taken away, and what stays."""
    return kit.modal(
        DELETE,
        f"Delete note {note.number}",
        kit.section(f"From *{name(experiment)}*. That there was a note stays to be seen, what it said does not."),
        kit.prose(_heading(note), note.text, 2500),
        submit="Delete",
        close="Keep it",
        about=_about(experiment, note, behind, page),
    )


def note_history_modal(experiment: Experiment, versions: Sequence[Note]) -> View:
    """Everything a note has said, newest first."""
    groups = [
        kit.Group(
            [
                kit.context(f"{_doing(note)} {person(note.by)}, {moment(note.at)}"),
                kit.prose(_heading(note), note.text, 3000),
            ]
        )
        for note in reversed(versions)
    ]
    head = kit.section(f"*{name(experiment)}*, note {versions[-1].number}: what it says and what it said before.")
    shown = kit.fit(groups, "version", around=[head], blocks=kit.VIEW_BLOCKS, characters=kit.VIEW_CHARACTERS)
    return kit.modal("note_history", "What it said before", head, *shown, close="Close", about={})


def note_line(note: Note, most: int = 240) -> str:
    """Who noted what, for a list of notes."""
    if note.state is NoteState.DELETED:
        return f"Note {note.number} was deleted by {person(note.by)}"
    edited = ", edited" if note.state is NoteState.EDITED else ""
    source = f" · {taken_from(note.source)}" if note.source else ""
    return f"{person(note.by)} ({note.kind.words}{edited}): {said(note.text, most)}{source}"


def _noted_before(experiment: Experiment, notes: Sequence[Note], actor: Actor, page: int) -> list[Block]:
    if not notes:
        return []
    newest = list(reversed(notes))
    shown = newest[page * PAGE : (page + 1) * PAGE]
    turns = [("Newer", page - 1)] * (page > 0) + [("Older", page + 1)] * ((page + 1) * PAGE < len(notes))
    pages = [kit.button(words, "note_page", target_of(experiment, to), scope=str(to)) for words, to in turns]
    return [
        kit.divider(),
        kit.section(f"*{counted(len(notes), 'note')} so far*"),
        *(_entry(experiment, note, actor) for note in shown),
        *([kit.actions(*pages)] if pages else []),
    ]


def _entry(experiment: Experiment, note: Note, actor: Actor) -> Block:
    """A note with what this person may do with it."""
    to = target_of(experiment, note.number)
    choices: list[tuple[str, str]] = []
    if note.state is not NoteState.DELETED:
        if may(Permission.NOTE, actor, experiment) and may_change(experiment, note.number, actor):
            choices += [("Edit", f"{EDIT}:{to}"), ("Delete…", f"{DELETE}:{to}")]
        if note.state is NoteState.EDITED:
            choices.append(("What it said before", f"{BEFORE}:{to}"))
    menu = kit.overflow("note_menu", choices) if choices else None
    return kit.section(f"{note_line(note, 900)}\n{moment(note.at)}", accessory=menu)


def _about(experiment: Experiment, note: Note, behind: str, page: int) -> dict[str, object]:
    return {"key": experiment.key, "number": note.number, "behind": behind, "page": page}


def _heading(note: Note) -> str:
    return note.kind.words.capitalize()


def _doing(note: Note) -> str:
    return "Edited by" if note.state is NoteState.EDITED else "Written by"
