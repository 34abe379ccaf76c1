"""CloneExperiment: another attempt, as a draft of its own."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.base import Command
from experiments.design import Design
from experiments.errors import KeyTaken
from experiments.model import Experiment, Source
from experiments.permissions import Actor, Permission
from experiments.texts import Key, Name, Tag, Title


class CloneExperiment(Command):
    """A draft with the design of an experiment that exists; `derived_from` keeps where it comes from.

    `authors` are those who wrote that design: a copy of it is not theirs to approve either.
    """

    needs = Permission.CLONE

    derived_from: Key
    title: Title
    project: Name = "general"
    source: Source = Source()
    tags: tuple[Tag, ...] = ()
    channel: str = ""
    design: Design
    authors: tuple[str, ...] = ()

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None:
            raise KeyTaken(self.key)
        return Experiment(
            workspace=actor.workspace,
            key=self.key,
            title=self.title,
            project=self.project,
            source=self.source,
            tags=self.tags,
            channel=self.channel,
            design=self.design,
            authors=tuple(dict.fromkeys((actor.user, *self.authors))),
            owner=actor.user,
            derived_from=self.derived_from,
            created_at=now,
            updated_at=now,
        )

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"cloned it from {self.derived_from}"
