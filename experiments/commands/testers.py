"""SetTesters: who sees which variant for a trial, whatever chance would give them, without being counted."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, field_validator

from experiments.commands.base import Command
from experiments.errors import AlreadyDone, BadInput
from experiments.model import Experiment
from experiments.numerals import counted
from experiments.permissions import Actor, Permission

LONGEST_UNIT = 200
MOST_TESTERS = 100


class SetTesters(Command):
    """All testers (unit → variant) as they shall be from now on."""

    needs = Permission.TESTERS
    revises = False

    overrides: dict[str, str] = Field(max_length=MOST_TESTERS)

    @field_validator("overrides")
    @classmethod
    def _are_units(cls, overrides: dict[str, str]) -> dict[str, str]:
        for unit in overrides:
            if not unit or len(unit) > LONGEST_UNIT or not unit.isprintable():
                raise ValueError(f"“{unit[:40]}” is no id of a unit; it has 1 to {LONGEST_UNIT} printable characters")
        return overrides

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "given testers")
        known = {variant.key for variant in before.design.variants}
        if strangers := sorted(set(self.overrides.values()) - known):
            raise BadInput(f"There is no variant {strangers[0]}; it has {', '.join(sorted(known))}.", field="overrides")
        if self.overrides == before.overrides:
            raise AlreadyDone("These are the testers already; nothing was changed.")
        return before.evolve(overrides=dict(sorted(self.overrides.items())))

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        was, now = (len(each.overrides) if each else 0 for each in (before, after))
        return f"changed who tests it: {counted(was, 'tester')} → {counted(now, 'tester')}"
