"""The readout: what the data of one experiment say at one moment, frozen."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Any

from experiments.design import Direction, Limit, MetricKind, MetricRole
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
    MONITORING = "monitoring"
    REFUSED = "refused"


class GuardrailState(Words):
    """What a one-sided, always-valid bound on the harm says against its limit; what is missing is never healthy."""

    HEALTHY = "healthy"
    BREACHED = "breached"
    INCONCLUSIVE = "inconclusive"


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

    @classmethod
    def of(cls, lower: float, upper: float) -> Interval:
        """From bounds that may be infinite.

        >>> Interval.of(-1.0, float("inf"))
        Interval(lower=-1.0, upper=None)
        """
        return cls(lower=float(lower) if isfinite(lower) else None, upper=float(upper) if isfinite(upper) else None)


class Arm(Frozen):
    """Units and mean of one variant; no mean where it would give away a lift that must not be shown."""

    variant: str
    n: int
    mean: float | None = None


class Comparison(Frozen):
    """One metric, one treatment against control, at one moment.

    `difference` = treatment − control in the metric's own unit; `relative` is the lift (0.02 = 2 %) with its Fieller
    interval, None when control is too close to zero. `p` and `interval` are those of the readout's method; of a
    sequential one the running minimum and the running intersection, safe under repeated looks. Both are adjusted for
    the `family` they were read with. While a method only monitors they are None. Of this look alone are `fixed_p`,
    Welch's p, and `relative_error`, the lift's standard error by the delta method. When `refused` is set there is no
    number to show and it says why.

    A guardrail also has its `limit` (None: any clear harm is too much), its `guardrail` state, `harm` in the metric's
    unit (positive is worse) and `harm_p` against “within the limit”, adjusted for all guardrails. `variance_left` is
    what a covariate left of the variance.
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
    relative_error: float | None = None
    standing: Standing = Standing.UNCLEAR
    refused: str | None = None
    family: str = ""
    variance_left: float | None = None
    limit: Limit | None = None
    guardrail: GuardrailState | None = None
    harm: float | None = None
    harm_p: float | None = None


class Segments(Frozen):
    """One metric and treatment in every level of a dimension, with the test that the effect is the same in all.

    The comparisons are adjusted over the levels (Benjamini–Hochberg). They were not planned, so they are exploratory:
    a reason for the next experiment, none for this decision. `i2` and `p` are None with fewer than two levels.
    """

    dimension: str
    metric: str
    treatment: str
    levels: dict[str, Comparison]
    i2: float | None = None
    p: float | None = None


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

    It is `as_of` the moment its data reach, whenever they are read: the same data make the same readout. Without data
    that is the moment of reading. `day` is how far the data reach (days since the start, or since its newest change of
    weights), `units` the units per variant on the primary metric. While a finding blocks the lift, `comparisons` carry
    no numbers. `progress` is the share of the planned precision that is reached, (smallest effect ÷ half the width of
    the lift's interval)² of the primary metric in the treatment that is farthest behind; None where no more data come
    or there is no interval to measure it on.
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
    segments: tuple[Segments, ...] = ()
    trails: tuple[Trail, ...]
    findings: tuple[Finding, ...]
    verdict: Verdict
    progress: float | None = None

    @property
    def blocked(self) -> Finding | None:
        """The finding that forbids showing a lift, if there is one."""
        return next((finding for finding in self.findings if finding.severity is Severity.BLOCKS_LIFT), None)

    @property
    def is_early(self) -> bool:
        """Whether the minimum run time is not over yet; nothing is said about significance before."""
        return any(finding.code == "minimum_run_time" for finding in self.findings)

    @property
    def primary(self) -> tuple[Comparison, ...]:
        return tuple(each for each in self.comparisons if each.role is MetricRole.PRIMARY)
