"""The level of a metric in one variant over the days, with an interval that holds at every look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from experiments.aggregate import Aggregate
from experiments.checks.minimum_units import MINIMUM_UNITS
from experiments.design import Design, Metric, MetricKind
from experiments.model import Experiment
from experiments.numerals import units
from experiments.readout import Trail
from experiments.texts import Frozen

if TYPE_CHECKING:
    from experiments.stats.estimates import Estimates

MOST_POINTS = 200
LONGEST_GAP = 3.0
WIDER_THAN_USUAL = 3.0


class Point(NamedTuple):
    """A value with its interval; `day` counts from the start of the experiment."""

    day: float
    n: int
    value: float
    lower: float
    upper: float


class Course(Frozen):
    """A value over the days. Each of its `stretches` is a line of its own: a new phase began, or data were missing.

    Without any `refused` says why there are none.
    """

    variant: str
    stretches: tuple[tuple[Point, ...], ...] = ()
    refused: str = ""

    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(point for stretch in self.stretches for point in stretch)

    @property
    def last(self) -> Point:
        """The newest point; only where there are any."""
        return self.stretches[-1][-1]


class Level(Frozen):
    """The newest value of a variant with its interval; or, without one, why nobody can say."""

    variant: str
    n: int = 0
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    refused: str = ""


class Span(NamedTuple):
    """The days of a phase: after `start`, up to and with `end`."""

    start: float
    end: float


def spans_of(experiment: Experiment) -> tuple[Span, ...]:
    """The phases of an experiment; one where its weights never changed."""
    starts = [phase.day for phase in experiment.phases] or [0.0]
    return tuple(Span(*ends) for ends in pairwise([-1.0, *starts[1:], float("inf")]))


def of_metric(rows: Iterable[Aggregate], metric: str) -> list[Aggregate]:
    """The rows of this metric about everybody."""
    return [row for row in rows if row.metric == metric and not row.segment]


def newest_level(course: Course) -> Level:
    """Where a course ends."""
    if not course.stretches:
        return Level(variant=course.variant, refused=course.refused)
    last = course.last
    return Level(variant=course.variant, n=last.n, value=last.value, lower=last.lower, upper=last.upper)


def course_of(metric: Metric, variant: str, rows: Sequence[Aggregate], experiment: Experiment) -> Course:
    """The level of a metric in a variant; each phase is a stretch of its own, as its data begin anew with it.

    Looks with fewer than a hundred units are left out: the interval rests on the central limit theorem.
    """
    from experiments.analysis.pairing import newest, tabulate

    stretches: list[tuple[Point, ...]] = []
    refused = f"No data for {metric.key} from {variant} yet."
    mine = [row for row in rows if row.variant == variant]
    for span in spans_of(experiment):
        table = tabulate(row for row in mine if span.start < row.day <= span.end)
        series = next(iter(table.values()), {})
        points, why = levels(metric, list(series.values()), experiment.design)
        stretches += _apart(points)
        if why and (row := newest(series)):
            refused = f"Only {units(row.n)} in {variant} so far; {MINIMUM_UNITS} are needed." if why == _FEW else why
    return Course(variant=variant, stretches=thinned(stretches)) if stretches else Course(
        variant=variant, refused=refused
    )  # fmt: skip


_FEW = "few"


def levels(metric: Metric, rows: Sequence[Aggregate], design: Design) -> tuple[list[Point], str]:
    """The looks that can be read, with always-valid intervals, and why the newest one cannot where it cannot."""
    from experiments.stats.always_valid import mixing, multiplier
    from experiments.stats.refusal import Refusal, flaws

    if not rows:
        return [], ""
    arm = estimates_of(metric, rows)
    flaw, few = flaws(arm), arm.n < MINIMUM_UNITS
    sound = (flaw == Refusal.SOUND) & ~few
    why = "" if sound[-1] else _FEW if few[-1] else Refusal(int(flaw[-1])).words
    read = arm.take(sound)
    k = read.n * float(mixing(design.alpha, design.planned_units / 2))
    half = multiplier(k, design.alpha) * read.se
    low, high = read.value - half, read.value + half
    if metric.kind is MetricKind.PROPORTION:
        low, high = low.clip(min=0.0), high.clip(max=1.0)
    days = [row.day for row, kept in zip(rows, sound.tolist(), strict=True) if kept]
    columns = (days, read.n.astype(int).tolist(), read.value.tolist(), low.tolist(), high.tolist())
    return [Point(*each) for each in zip(*columns, strict=True)], why


def estimates_of(metric: Metric, rows: Sequence[Aggregate]) -> Estimates:
    """The metric's own estimate at each look: of a ratio by the delta method, else the mean or quantile itself."""
    from experiments.stats.estimates import Estimates, of_ratios
    from experiments.stats.moments import Joint

    below = [row.denominator for row in rows if row.denominator]
    n = [row.n for row in rows]
    if metric.kind is MetricKind.RATIO and len(below) == len(rows):
        means = [(row.mean, each.mean) for row, each in zip(rows, below, strict=True)]
        spread = [
            ((row.variance, each.covariance), (each.covariance, each.variance))
            for row, each in zip(rows, below, strict=True)
        ]
        return of_ratios(Joint.given(n, means, spread))
    return Estimates.given(n, [row.mean for row in rows], [row.variance / max(row.n, 1) for row in rows])


def difference_of(trail: Trail, since: float) -> Course:
    """A readout's looks at one comparison, `since` being the day on which its phase began."""
    looks = [
        Point(look.day + since, look.n, look.difference, look.lower, look.upper)
        for look in trail.looks
        if isfinite(look.difference) and isfinite(look.lower) and isfinite(look.upper)
    ]
    return Course(variant=trail.treatment, stretches=thinned(_apart(looks)))


def _apart(points: Sequence[Point]) -> list[tuple[Point, ...]]:
    """Parted where data were missing: for more than three days, and more than three times as long as usual."""
    if not points:
        return []
    gaps = [later.day - earlier.day for earlier, later in pairwise(points)]
    usual = sorted(gaps)[len(gaps) // 2] if gaps else 0.0
    ends = [at for at, gap in enumerate(gaps, 1) if gap > max(LONGEST_GAP, WIDER_THAN_USUAL * usual)]
    return [tuple(points[start:end]) for start, end in pairwise([0, *ends, len(points)])]


def thinned(stretches: Sequence[Sequence[Point]]) -> tuple[tuple[Point, ...], ...]:
    """At most `MOST_POINTS`, evenly spread; the first and the newest of each stretch stay."""
    total = sum(map(len, stretches))
    kept = []
    for stretch in stretches:
        most = max(2, MOST_POINTS * len(stretch) // max(total, 1))
        if len(stretch) > most:
            step = (len(stretch) - 1) / (most - 1)
            stretch = [stretch[round(place * step)] for place in range(most)]
        kept.append(tuple(stretch))
    return tuple(kept)
