"""Tally: what a simulation has done, and what it has lost on purpose."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from experiments.numerals import counted, percent


@dataclass(slots=True)
class ByVariant:
    """What came of the people who got one variant."""

    people: int = 0
    exposures: int = 0
    observations: int = 0


@dataclass(slots=True)
class Tally:
    """Counts of one simulation so far.

    `kept` events have been accepted by the server, `ahead` ones lie beyond the end of the stretch. Bunsen never hears
    of those that were `lost`, by reason.
    """

    experiment: str = ""
    people: int = 0
    bots: int = 0
    visits: int = 0
    evaluations: int = 0
    kept: int = 0
    batches: int = 0
    retried: int = 0
    ahead: int = 0
    late: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    variants: dict[str, ByVariant] = field(default_factory=dict)
    problem: str = ""

    def of(self, variant: str) -> ByVariant:
        """The counts of one variant."""
        return self.variants.setdefault(variant, ByVariant())

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        return asdict(self) | {"lost": dict(self.lost)}

    def as_text(self) -> str:
        """Everything, for a person."""
        returned = self.visits - self.people - self.bots
        lines = [
            f"{self.experiment}: {self.people:,} {'person' if self.people == 1 else 'people'}"
            + (f", {counted(returned, 'later visit')}" if returned > 0 else "")
            + (f", {counted(self.bots, 'bot')}" if self.bots else "")
            + f"; {counted(self.evaluations, 'evaluation')}, {counted(self.kept, 'event')} kept in "
            + f"{self.batches:,} {'batch' if self.batches == 1 else 'batches'}"
            + (
                f", {self.retried:,} {'request' if self.retried == 1 else 'requests'} tried again"
                if self.retried
                else ""
            )
        ]
        if self.variants:
            lines += ["", f"{'VARIANT':<20} {'PEOPLE':>10} {'SHARE':>8} {'EXPOSURES':>11} {'OBSERVATIONS':>13}"]
            everybody = sum(each.people for each in self.variants.values()) or 1
            lines += [
                f"{name:<20} {each.people:>10,} {percent(each.people / everybody):>8} "
                f"{each.exposures:>11,} {each.observations:>13,}"
                for name, each in sorted(self.variants.items())
            ]
            lines.append("")
        lines += [f"Lost on purpose: {counted(count, 'event')} ({why})" for why, count in sorted(self.lost.items())]
        if self.late:
            lines.append(f"Sent late after an outage: {counted(self.late, 'event')}")
        if self.ahead:
            lines.append(f"Still to come when it ended: {counted(self.ahead, 'event')}")
        if self.problem:
            lines.append(f"Ended early: {self.problem}")
        return "\n".join(lines)
