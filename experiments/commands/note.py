"""AddNote, EditNote, DeleteNote: what was seen, learned or happened, kept with the experiment."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from experiments.commands.base import Command
from experiments.errors import BadInput, Forbidden
from experiments.model import Experiment, Note, NoteKind, NoteState
from experiments.permissions import Actor, Permission, Role
from experiments.texts import Line, RequiredProse

NOBODY = ""
"""Stands in the place of the author of a note that was deleted."""


class AddNote(Command):
    """A remark that stays with the experiment; `source` links to the message it was taken from."""

    needs = Permission.NOTE
    revises = False

    kind: NoteKind = NoteKind.OBSERVATION
    text: RequiredProse
    source: Line = ""

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "given notes")
        return before.evolve(note_count=before.note_count + 1, note_authors=(*before.note_authors, actor.user))

    def note(self, actor: Actor, now: datetime) -> Note | None:
        return Note(kind=self.kind, text=self.text, by=actor.user, at=now, source=self.source)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"noted ({self.kind.words}): {self.text}"


class EditNote(Command):
    """Other words for a note; what it said before stays in its history. `source` is where it was taken from."""

    needs = Permission.NOTE
    revises = False

    number: int = Field(ge=1)
    kind: NoteKind = NoteKind.OBSERVATION
    text: RequiredProse
    source: Line = ""

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "given notes")
        _require_own(before, self.number, actor)
        return before.evolve()

    def note(self, actor: Actor, now: datetime) -> Note | None:
        return Note(
            kind=self.kind,
            text=self.text,
            by=actor.user,
            at=now,
            number=self.number,
            source=self.source,
            state=NoteState.EDITED,
        )

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"edited note {self.number}: {self.text}"


class DeleteNote(Command):
    """Take a note away; that there was one stays to be seen."""

    needs = Permission.NOTE
    revises = False

    number: int = Field(ge=1)

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "given notes")
        _require_own(before, self.number, actor)
        authors = (NOBODY if place == self.number else who for place, who in enumerate(before.note_authors, start=1))
        return before.evolve(note_authors=tuple(authors))

    def note(self, actor: Actor, now: datetime) -> Note | None:
        words = "(deleted)"
        return Note(
            kind=NoteKind.OBSERVATION,
            text=words,
            by=actor.user,
            at=now,
            number=self.number,
            state=NoteState.DELETED,
        )

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"deleted note {self.number}"


def may_change(experiment: Experiment, number: int, actor: Actor) -> bool:
    """People change their own notes; the owner and admins may change any."""
    known = experiment.note_authors
    author = known[number - 1] if number <= len(known) else ""
    return actor.user in {author, experiment.owner} or actor.role_in(experiment.project) >= Role.ADMIN


def _require_own(experiment: Experiment, number: int, actor: Actor) -> None:
    if number > experiment.note_count:
        raise BadInput(f"There is no note {number}; the newest is {experiment.note_count}.", field="number")
    if experiment.note_authors[number - 1 : number] == (NOBODY,):
        raise BadInput(f"Note {number} was deleted in the meantime.", field="number")
    if not may_change(experiment, number, actor):
        raise Forbidden("This note is somebody else's; its author, the owner or an admin can change it.")
