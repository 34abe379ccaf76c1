"""AddNote: keep an observation, learning or incident with the experiment."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.base import Command
from experiments.model import Experiment, Note, NoteKind
from experiments.permissions import Actor, Permission
from experiments.texts import RequiredProse


class AddNote(Command):
    """A remark that stays with the experiment, in any state."""

    needs = Permission.NOTE
    revises = False

    kind: NoteKind = NoteKind.OBSERVATION
    text: RequiredProse

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "annotated")
        return before.evolve(note_count=before.note_count + 1)

    def note(self, actor: Actor, now: datetime) -> Note:
        return Note(kind=self.kind, text=self.text, by=actor.user, at=now)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"noted ({self.kind.words}): {self.text}"
