"""DeleteDraft: give an idea up before anybody worked on it; its mark stays."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.base import Command
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Permission


class DeleteDraft(Command):
    """Take a draft off the lists for good. Its key stays taken and its history readable."""

    needs = Permission.DELETE

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "deleted")
        return before.evolve(status=Status.ARCHIVED, archived_from=before.status)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return "deleted the draft"
