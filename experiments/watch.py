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
    """What the card of a canary or a rollout shows while it goes on: what was found and what comes next; `picture` is
    the digest of what its picture shows."""

    words: str
    rows: tuple[LiveRow, ...] = ()
    look: int = 0
    at: datetime | None = None
    picture: str = ""

    def says_the_same_as(self, other: Live | None) -> bool:
        """Whether nothing but the time and the count of looks is new."""
        return other is not None and self._said == other._said

    @property
    def _said(self) -> tuple[object, ...]:
        """The words may count minutes; a picture has all that they say, too."""
        return self.rows, self.picture or self.words


class Pulse(NamedTuple):
    """How often one metric was heard of, by two clocks: the time, and the units of all variants that have come.

    Since `since` it was heard of at `times` looks, the last of them at `at`, when there were `units`, and `of` of those
    had anything; for the first few it took the time `warmed` and `warmed_units`. `newest` is its newest observation.
    All that is of one phase, the last one in which it was heard of.
    """

    since: datetime
    at: datetime
    units: int = 0
    times: int = 0
    newest: datetime | None = None
    of: int = 0
    warmed: timedelta = timedelta(0)
    warmed_units: int = 0


class Watch(Frozen):
    """When an experiment is looked at next, and what was known at the last look.

    `phase` is the stretch of traffic the `looks` are counted in, `readout_at` when its next readout is due.
    Since `missing_since` data of a guardrail are missing. `told` are the warnings that were given in this phase:
    metric, variant, and whether for missing data. `critical` counts the looks in a row that found a critical metric of
    a canary failing. `pulses` are how often each metric was heard of, perhaps in an earlier phase. `live` is
    what its live card says, so that it is only redrawn when that changes.
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
