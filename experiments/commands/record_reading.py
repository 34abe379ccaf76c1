"""RecordReading: keep the gist of a readout with the experiment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from experiments.commands.base import Command
from experiments.errors import AlreadyDone
from experiments.model import Experiment
from experiments.permissions import Actor, Permission
from experiments.readout import Comparison, GuardrailState, Readout, Standing, VerdictStatus
from experiments.running import Effect, Reading, Significance

CLEAR = frozenset({Standing.BETTER, Standing.WORSE})


class RecordReading(Command):
    """What the readout of the first `number` batches said; an older one than is kept, or the same, changes nothing.

    The same data read differently once the experiment has ended, since no more will come.
    """

    needs = Permission.RECORD
    revises = False

    number: int = Field(ge=1)
    day: float
    status: VerdictStatus
    verdict: str
    significance: Significance
    effects: tuple[Effect, ...] = ()
    harmed: bool = False
    invalid: bool = False
    readout: Readout | None = Field(default=None, exclude=True, repr=False)

    @classmethod
    def of(cls, readout: Readout) -> RecordReading:
        """The gist of this readout."""
        return cls(
            key=readout.key,
            number=readout.number,
            day=readout.day,
            status=readout.verdict.status,
            verdict=readout.verdict.sentence,
            significance=significance(readout.blocked is not None or readout.is_early, readout.primary),
            effects=tuple(effect for each in readout.primary for effect in _effect(each)),
            harmed=any(each.guardrail is GuardrailState.BREACHED for each in readout.comparisons),
            invalid=readout.blocked is not None,
            readout=readout,
        )

    def read(self) -> Readout | None:
        """As it was made; what each earlier look said is in the readouts before it."""
        return self.readout.model_copy(update={"trails": ()}) if self.readout else None

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "read")
        if self.is_known_to(before):
            raise AlreadyDone("This was read already.")
        reading = Reading(
            number=self.number,
            day=self.day,
            status=self.status,
            sentence=self.verdict,
            significance=self.significance,
            at=now,
            effects=self.effects,
            harmed=self.harmed,
            invalid=self.invalid,
        )
        return before.evolve(reading=reading)

    def is_known_to(self, experiment: Experiment) -> bool:
        """Whether the experiment keeps this reading already, or a newer one."""
        kept = experiment.reading
        if kept is None or kept.number != self.number:
            return kept is not None and kept.number > self.number
        said = (self.status, self.verdict, self.significance, self.effects, self.harmed, self.invalid)
        return (kept.status, kept.sentence, kept.significance, kept.effects, kept.harmed, kept.invalid) == said

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"read its data ({self.status.words}): {self.verdict}"


def _effect(comparison: Comparison) -> Iterator[Effect]:
    """The lift of this comparison, if it has one."""
    if comparison.relative is not None:
        interval = comparison.relative_interval
        yield Effect(
            metric=comparison.metric,
            kind=comparison.kind,
            direction=comparison.direction,
            treatment=comparison.treatment.variant,
            lift=comparison.relative,
            lower=interval.lower if interval else None,
            upper=interval.upper if interval else None,
            error=comparison.relative_error,
            standing=comparison.standing,
            control=comparison.control.mean,
            units=comparison.control.n + comparison.treatment.n,
        )


def significance(blocked: bool, primary: tuple[Comparison, ...]) -> Significance:
    """How a readout counts for those who filter by significance."""
    if blocked or not any(each.p is not None for each in primary):
        return Significance.NOT_SHOWN
    is_clear = any(each.standing in CLEAR for each in primary)
    return Significance.SIGNIFICANT if is_clear else Significance.NOT_SIGNIFICANT
