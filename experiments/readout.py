"""The readout: what the data of one experiment say at one moment, frozen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from experiments.design import Direction, MetricKind, MetricRole
from experiments.texts import Frozen, Words


class Severity(Words):
    BLOCKS_LIFT = "blocks_lift"
    WARNING = "warning"
    INFORMATION = "information"


class Standing(Words):
    """How a comparison reads for the person who has to act on it."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"
    REFUSED = "refused"


class VerdictStatus(Words):
    NO_DATA = "no_data"
    UNHEALTHY = "unhealthy"
    DAYS_LEFT = "days_left"
    SHIP = "ship"
    ROLL_BACK = "roll_back"
    REVIEW = "review"


class Finding(Frozen):
    """A data-quality finding: `words` for people, `evidence` as numbers by name."""

    code: str
    severity: Severity
    words: str
    evidence: dict[str, Any] = {}


class Interval(Frozen):
    """A confidence interval; None is an infinite bound."""

    lower: float | None
    upper: float | None


class Arm(Frozen):
    """Units and mean of one variant; no mean where it would give away a lift that must not be shown."""

    variant: str
    n: int
    mean: float | None = None


class Comparison(Frozen):
    """One metric, one treatment against control, at one moment.

    `difference` = treatment − control in the metric's own unit; `relative` is the lift (0.02 = 2 %) with its Fieller
    interval, None when control is too close to zero. `p` and `interval` are always-valid (safe under repeated looks):
    the running minimum and the running intersection. `fixed_p` is Welch's p of this look alone. When `refused` is set
    there is no number to show and it says why.
    """

    metric: str
    role: MetricRole
    kind: MetricKind
    direction: Direction
    unit: str
    control: Arm
    treatment: Arm
    difference: float | None = None
    interval: Interval | None = None
    relative: float | None = None
    relative_interval: Interval | None = None
    p: float | None = None
    fixed_p: float | None = None
    standing: Standing = Standing.UNCLEAR
    refused: str | None = None


class Look(Frozen):
    """One look at one comparison: always-valid p so far and interval of the difference at that look."""

    day: float
    n: int
    difference: float
    lower: float
    upper: float
    p: float


class Trail(Frozen):
    """All looks at one metric and treatment, oldest first."""

    metric: str
    treatment: str
    looks: tuple[Look, ...]


class Verdict(Frozen):
    status: VerdictStatus
    sentence: str
    days_left: int | None = None


class Readout(Frozen):
    """The analysis of an experiment at one moment. `number` counts the batches of data it rests on.

    `day` is how far the data reach (days since start), `units` the units per variant on the primary metric. While a
    finding blocks the lift, `comparisons` carry no numbers.
    """

    workspace: str
    key: str
    title: str
    number: int
    as_of: datetime
    day: float
    planned_days: int
    design_hash: str
    method: str
    alpha: float
    units: dict[str, int]
    weights: dict[str, int]
    comparisons: tuple[Comparison, ...]
    trails: tuple[Trail, ...]
    findings: tuple[Finding, ...]
    verdict: Verdict

    @property
    def blocked(self) -> Finding | None:
        """The finding that forbids showing a lift, if there is one."""
        return next((finding for finding in self.findings if finding.severity is Severity.BLOCKS_LIFT), None)

    @property
    def primary(self) -> tuple[Comparison, ...]:
        return tuple(each for each in self.comparisons if each.role is MetricRole.PRIMARY)
