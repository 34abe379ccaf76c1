"""What an experiment gathers on its way: predictions, a booked start, phases of traffic, readings, a rollout."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from experiments.design import FULL_WEIGHT, Action, Direction, Metric, MetricKind
from experiments.numerals import share
from experiments.readout import Standing, VerdictStatus
from experiments.texts import Frozen, Key, Line, Prose, Words


class Prediction(Frozen):
    """What a person expects before the start: P(success), and the lift of the primary metric (0.02 = 2 %)."""

    by: str
    at: datetime
    probability: float = Field(ge=0, le=1)
    effect: float | None = Field(default=None, ge=-1, le=10)
    reason: Prose = ""


class Booking(Frozen):
    """A start, and perhaps a stop, at a time that `by` chose in the zone `tz`; the moments are in UTC."""

    start_at: datetime
    stop_at: datetime | None = None
    tz: str = "UTC"
    by: str
    at: datetime


class Phase(Frozen):
    """A stretch with constant `weights` (variant → hundredths of a percent), from `day` days after the start on.

    `exposure` is the share of the eligible units that take part, in hundredths of a percent; it may change within one.
    """

    number: int
    started_at: datetime
    day: float = 0.0
    weights: dict[str, int]
    exposure: int = Field(default=FULL_WEIGHT, ge=0, le=FULL_WEIGHT)


class Loosening(Frozen):
    """Guardrails that somebody wants to be less strict while the experiment runs; another person has to agree."""

    guardrails: tuple[Metric, ...]
    by: str
    at: datetime
    comment: Prose = ""


class Significance(Words):
    """What the newest readout says of the primary metric, as people filter by it."""

    SIGNIFICANT = "significant"
    NOT_SIGNIFICANT = "not_significant"
    NOT_SHOWN = "not_shown"


class Effect(Frozen):
    """What a readout says of the primary metric in one treatment: `lift` is relative to control (0.02 = 2 % more) with
    its interval (None: open) and standard error, `control` the mean of control, `units` those of both arms."""

    metric: Key
    kind: MetricKind
    direction: Direction
    treatment: Key
    lift: float
    lower: float | None = None
    upper: float | None = None
    error: float | None = None
    standing: Standing
    control: float | None = None
    units: int = 0


class Reading(Frozen):
    """The gist of a readout, kept with the experiment: lists, filters, the rule's advice and what many experiments say
    together rest on it.

    `effects` are those of the primary metric, a treatment each; none while no lift may be shown, and None in readings
    from before they were kept, which are made once more. `harmed` tells whether
    a guardrail was breached, `invalid` whether a finding forbids showing a lift.
    """

    number: int
    day: float
    status: VerdictStatus
    sentence: str
    significance: Significance
    at: datetime
    effects: tuple[Effect, ...] | None = None
    harmed: bool = False
    invalid: bool = False


class Origin(Frozen):
    """Where the newest measured data come from: up to when they are complete, of how many `seen` units how many
    `crossed` (were in two variants and are left out), and in words what was done to them."""

    until: datetime
    newest: datetime | None = None
    seen: int = 0
    crossed: int = 0
    note: Prose = ""


class Breach(Frozen):
    """What made the monitor act: a metric of a variant that does more harm than its limit, or whose data are missing.

    `value` and `control` are in the metric's own unit, `harm` in its bad direction; None where there are no data.
    `look` counts how often the guardrail was looked at in this phase, `p` holds at every one of them. `score` is that
    of a canary's judge, from 0 to 100.
    """

    metric: Key
    variant: Key
    action: Action
    value: float | None = None
    control: float | None = None
    harm: float | None = None
    limit: Line = ""
    p: float | None = None
    score: float | None = None
    look: int = Field(default=0, ge=0)
    units: int = Field(default=0, ge=0)
    phase: int = 1
    missing: bool = False
    words: Prose
    at: datetime


class Rollout(Frozen):
    """How a variant that won is given to everybody: shares in hundredths of a percent, one stage after the other.

    `holdback` stays with control to the end. `advice` is what the decision rule said when it was asked for; where that
    was not to ship, `confirmed_by` is the second person who agreed. A stage lasts at least `stage_hours`, then the
    watched metrics decide whether it goes on; since `paused_at` it does not, and the share stays as it is.
    """

    variant: Key
    stages: tuple[int, ...] = Field(min_length=1, max_length=10)
    stage: int = Field(default=0, ge=0)
    holdback: int = Field(default=0, ge=0, lt=FULL_WEIGHT)
    watched: tuple[Key, ...] = ()
    automatic_rollback: bool = True
    stage_hours: float = Field(default=1.0, ge=0, le=24 * 30)
    paused_at: datetime | None = None
    by: str
    at: datetime
    stage_at: datetime
    advice: VerdictStatus | None = None
    confirmed_by: str | None = None

    @model_validator(mode="after")
    def _stages_rise(self) -> Self:
        if list(self.stages) != sorted(set(self.stages)) or self.stages[0] <= 0:
            raise ValueError("the stages rise from step to step, like 10, 25, 50, 100")
        if self.stages[-1] != FULL_WEIGHT - self.holdback:
            raise ValueError(f"the last stage is {share(FULL_WEIGHT - self.holdback)}, all that is not held back")
        if self.stage >= len(self.stages):
            raise ValueError("there is no such stage")
        return self

    @property
    def share(self) -> int:
        """The present share of the variant in hundredths of a percent."""
        return self.stages[self.stage]

    @property
    def plan(self) -> str:
        """All stages in words: 10 % → 25 % → 95 %, 5 % held back."""
        held = f", {share(self.holdback)} held back" if self.holdback else ""
        return " → ".join(map(share, self.stages)) + held

    @property
    def is_last(self) -> bool:
        return self.stage == len(self.stages) - 1


class Withdrawal(Frozen):
    """A rollback: who took the variant away, when, why, what it was serving at and since when."""

    by: str
    at: datetime
    comment: Prose = ""
    share: int
    since: datetime
