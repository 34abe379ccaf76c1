"""CreateExperiment: write down an idea as a draft."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import model_validator

from experiments.commands.base import Command
from experiments.design import Design, Kind
from experiments.errors import KeyTaken
from experiments.model import Experiment, Source, SourceKind
from experiments.permissions import Actor, Permission
from experiments.slug import slug
from experiments.texts import Line, Name, Prose, Tag, Title


class CreateExperiment(Command):
    """A new draft. Without a key, one is made from the title; `design` is what a template proposes."""

    needs = Permission.CREATE

    title: Title
    kind: Kind = Kind.FEATURE
    project: Name = "general"
    source_kind: SourceKind = SourceKind.HYPOTHESIS
    source_reference: Line = ""
    hypothesis: Prose = ""
    tags: tuple[Tag, ...] = ()
    channel: str = ""
    design: Design | None = None

    @model_validator(mode="before")
    @classmethod
    def _key_from_title(cls, given: Any) -> Any:
        if isinstance(given, dict) and not str(given.get("key") or "").strip():
            return {**given, "key": slug(str(given.get("title") or ""))}
        return given

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None:
            raise KeyTaken(self.key)
        return Experiment(
            workspace=actor.workspace,
            key=self.key,
            title=self.title,
            project=self.project,
            source=Source(kind=self.source_kind, reference=self.source_reference),
            tags=tuple(dict.fromkeys(self.tags)),
            channel=self.channel,
            design=self._design(),
            authors=(actor.user,),
            owner=actor.user,
            created_at=now,
            updated_at=now,
        )

    def _design(self) -> Design:
        """What a template proposes, with this hypothesis and kind."""
        given = {"hypothesis": self.hypothesis, "kind": self.kind}
        return Design.model_validate({**dict(self.design or Design()), **given})

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return "created the draft"
