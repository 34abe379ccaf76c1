"""ArchiveExperiment: put an ended experiment away; it stays readable."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.base import Command
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Permission


class ArchiveExperiment(Command):
    """Take it off the lists; everything about it can still be read."""

    needs = Permission.ARCHIVE

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.status is Status.ARCHIVED:
            raise self.done_before(before, "is archived already")
        before = self.existing(before, "archived")
        return before.evolve(status=Status.ARCHIVED, archived_from=before.status)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return "archived it"
