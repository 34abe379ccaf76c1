"""What every health check looks at: one frozen picture of an experiment's data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from experiments.stats.sample_ratio import SampleRatio


class PhaseRatio(NamedTuple):
    """Units against the weights of one phase: from which day on, who should and who did get traffic, and the test."""

    from_day: float
    weights: dict[str, int]
    units: dict[str, int]
    test: SampleRatio


class Balance(NamedTuple):
    """A covariate from before exposure, treatment against control: its difference in standard deviations and p."""

    metric: str
    treatment: str
    difference: float
    p: float


class Shaped(NamedTuple):
    """How lopsided a metric is in one variant; `largest_share` is the part of the total that its largest unit makes."""

    metric: str
    variant: str
    n: int
    skewness: float
    largest_share: float | None


class SinceExposure(NamedTuple):
    """The effect of a treatment by whole days since the units' first exposure, with its standard errors, in `unit`."""

    metric: str
    treatment: str
    days: tuple[int, ...]
    effects: tuple[float, ...]
    errors: tuple[float, ...]
    unit: str = ""


class LeftOut(NamedTuple):
    """A moment at which not every variant has reported a metric yet, so that it was left out."""

    metric: str
    day: float
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HealthContext:
    """`weights` and `units` per variant in the design's order, `ratios` phase by phase.

    `day` is how far the data reach, `age` how many days ago that was (None where no more are expected), `rhythm` the
    usual days between two moments. `silent` are the (metric, variant) without a unit, `changed` the (metric,
    treatment) whose effect did not stay the same. Of `seen` units, `crossed` were in two variants and left out.
    """

    weights: dict[str, int]
    units: dict[str, int]
    day: float
    has_data: bool
    ratios: tuple[PhaseRatio, ...] = ()
    age: float | None = None
    rhythm: float = 1.0
    silent: tuple[tuple[str, str], ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    crossed: int = 0
    seen: int = 0
    balance: tuple[Balance, ...] = ()
    shapes: tuple[Shaped, ...] = ()
    since_exposure: tuple[SinceExposure, ...] = ()
    left_out: tuple[LeftOut, ...] = field(default=())
