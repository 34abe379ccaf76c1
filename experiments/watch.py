"""What the monitor remembers of an experiment between two looks."""

from __future__ import annotations

from datetime import datetime

from experiments.running import Breach
from experiments.texts import Frozen, Prose


class Watch(Frozen):
    """When an experiment is looked at next, and what was known at the last look.

    `phase` is the stretch of traffic the `looks` are counted in, `readout_at` when its next readout is due.
    `missing_since` says since when each guardrail has had no data. `shown` is what its live card says, so that it is
    only redrawn when it says something else; `waits` is why a rollout or a canary does not go on.
    """

    key: str
    next_at: datetime
    phase: int = 0
    looks: int = 0
    readout_at: datetime | None = None
    missing_since: dict[str, datetime] = {}
    critical: tuple[str, ...] = ()
    breaches: tuple[Breach, ...] = ()
    shown: str = ""
    waits: Prose = ""
