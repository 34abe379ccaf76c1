"""What the monitor remembers of an experiment between two looks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from experiments.readout import GuardrailState
from experiments.texts import Frozen


class LiveRow(Frozen):
    """What the newest look says of one metric in one variant."""

    metric: str
    variant: str
    state: GuardrailState
    words: str


class Live(Frozen):
    """What the card of a canary or a rollout shows while it goes on: what was found and what comes next."""

    words: str
    rows: tuple[LiveRow, ...] = ()
    look: int = 0
    at: datetime | None = None

    def says_the_same_as(self, other: Live | None) -> bool:
        """Whether nothing but the time and the count of looks is new."""
        return other is not None and (self.words, self.rows) == (other.words, other.rows)


class Pulse(NamedTuple):
    """How often one metric was heard of, by two clocks: the time, and the units of all variants that have come.

    They run from `since` and `units_since` on, and by `at` and `units` it was heard of last, at `times` looks in all;
    the first time that took `first` and `first_units`. `newest` is its newest observation, and `of` units have any,
    `of_before` of them from earlier phases. Units are counted anew in each phase; those of earlier ones lie below zero.
    """

    since: datetime
    at: datetime
    units_since: int = 0
    units: int = 0
    times: int = 0
    newest: datetime | None = None
    of: int = 0
    of_before: int = 0
    first: timedelta = timedelta(0)
    first_units: int = 0


class Watch(Frozen):
    """When an experiment is looked at next, and what was known at the last look.

    `phase` is the stretch of traffic the `looks` are counted in, `readout_at` when its next readout is due.
    Since `missing_since` data of a guardrail are missing. `told` are the warnings that were given in this phase:
    metric, variant, and whether for missing data. `critical` counts the looks in a row that found a critical metric of
    a canary failing. `pulses` are how often each metric was heard of, in earlier phases too. `live` is what its live
    card says, so that it is only redrawn when that changes.
    """

    key: str
    next_at: datetime
    phase: int = 0
    looks: int = 0
    readout_at: datetime | None = None
    missing_since: datetime | None = None
    told: tuple[tuple[str, str, bool], ...] = ()
    critical: int = 0
    pulses: Mapping[str, Pulse] = {}
    live: Live | None = None
