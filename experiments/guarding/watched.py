"""What is watched of an experiment at the moment: its variants with traffic, its metrics, since when, and what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from experiments.aggregate import Aggregate
from experiments.analysis import pairing
from experiments.analysis.pairing import Pair, Table
from experiments.design import FULL_WEIGHT, Design, Limit, Metric, MetricRole, Scale, Variant
from experiments.measuring import Heard, Samples
from experiments.model import Experiment, Status
from experiments.running import Rollout
from experiments.watch import Pulse

REFRESH = timedelta(minutes=2)
QUIET = timedelta(minutes=15)
LONGEST_QUIET = timedelta(days=1)
GAPS = 20
SECONDS_PER_DAY = 86_400


class Watched(NamedTuple):
    """An experiment with the newest data of its newest phase, or stage of a rollout.

    `rows` are complete up to `until`, their newest event happened at `newest`; `looks` is how many looks came before
    this one in the phase. `windows` are the values of metrics without units since the phase began, NaN where one is
    missing, and `newest_of` when the newest window of each ended; not said means missing. Of the others `heard` is what
    came of each in this phase, `pulses` what was heard of them before this look. `refresh` is how often data come,
    `trouble` why they did not.
    """

    experiment: Experiment
    rows: Sequence[Aggregate] = ()
    newest: datetime | None = None
    until: datetime | None = None
    looks: int = 0
    windows: Samples = {}
    newest_of: Mapping[str, datetime] = {}
    heard: Mapping[str, Heard] = {}
    pulses: Mapping[str, Pulse] = {}
    refresh: timedelta = REFRESH
    trouble: str = ""


class Scene(NamedTuple):
    """A watched experiment in order: `design` has the variants with traffic and their present weights, and the watched
    metrics alone, all as guardrails; `pairs` those that have units, `panes` the pairs of those that have windows."""

    watched: Watched
    design: Design
    table: Table
    pairs: tuple[Pair, ...]
    panes: tuple[tuple[Metric, str], ...]
    since: datetime
    counted_on: str | None

    @property
    def size(self) -> int:
        """How many guardrails share α."""
        return len(self.pairs) + len(self.panes)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Those of the watched metrics that have units."""
        return tuple(metric for metric in self.design.metrics if not metric.query)

    @property
    def units(self) -> dict[str, int]:
        """Units per variant so far."""
        return pairing.units(self.design, self.table, self.counted_on)

    def patience(self, now: datetime) -> timedelta:
        """How long nothing new is nothing to worry about: 15 minutes, thrice the refresh, or where units come seldom
        twenty times the usual gap between two of them, at most a day."""
        units = sum(self.units.values())
        gaps = min(GAPS * (now - self.since) / units, LONGEST_QUIET) if units else QUIET
        return max(self.patience_with_windows, gaps)

    @property
    def patience_with_windows(self) -> timedelta:
        """The same where values come whether or not there are units."""
        return max(QUIET, 3 * self.watched.refresh)

    def age(self, now: datetime) -> timedelta | None:
        """How old the newest data are; None when there never were any."""
        known = [each for each in (self.watched.newest, self.watched.until) if each is not None]
        return now - min(known) if known else None

    def age_of(self, metric: Metric, now: datetime) -> timedelta | None:
        """The same of one metric that has windows."""
        newest = self.watched.newest_of.get(metric.key)
        return now - newest if newest else None


def scene_of(watched: Watched) -> Scene:
    """What there is to be seen of this experiment."""
    experiment = watched.experiment
    rollout = experiment.rollout if experiment.status is Status.ROLLING_OUT else None
    weights = _rollout_weights(experiment, rollout) if rollout else experiment.weights
    variants = tuple(
        each.model_copy(update={"weight": weights.get(each.key, 0)})
        for each in experiment.design.variants
        if each.is_control or weights.get(each.key, 0) > 0
    )
    since = rollout.stage_at if rollout else _began(experiment)
    from_day = _day(experiment, since)
    rows = [row for row in watched.rows if row.day > from_day] if from_day else watched.rows
    table = pairing.tabulate(rows)
    present = experiment.design.model_copy(update={"variants": variants})
    metrics = _watched_metrics(experiment.design, rollout)
    design = present.model_copy(update={"metrics": metrics})
    counted = present if any(not metric.query for metric in present.metrics) else design
    return Scene(
        watched,
        design,
        table,
        _pairs(design, table),
        tuple((metric, each.key) for metric in metrics if metric.query for each in design.treatments),
        since,
        pairing.counted_on(counted, table),
    )


def limit_of(metric: Metric) -> str:
    """The limit in words, as in “more than the … you allow”: "0.5 points", "2 % of control"; "" where none is allowed.

    >>> limit_of(Metric(key="latency", limit=Limit(harm=0.02)))
    '2 % of control'
    """
    if metric.limit is None or metric.limit.harm == 0:
        return ""
    words = metric.limit.of(metric.kind, metric.unit)
    return f"{words} of control" if metric.limit.scale is Scale.RELATIVE else words


def length(time: timedelta) -> str:
    """A time in words, as people say it of something that should not last: "46 minutes", "5 hours"."""
    minutes = round(time.total_seconds() / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


def values_of(windows: Samples, metric: str, variant: str) -> tuple[float, ...]:
    """The windows of one variant; none where there are none."""
    by_variant: Mapping[str, tuple[float, ...]] = windows.get(metric, {})
    return tuple(by_variant.get(variant, ()))


def _pairs(design: Design, table: Table) -> tuple[Pair, ...]:
    with_units = tuple(metric for metric in design.metrics if not metric.query)
    return pairing.pairs(design.model_copy(update={"metrics": with_units}), table) if with_units else ()


def _watched_metrics(design: Design, rollout: Rollout | None) -> tuple[Metric, ...]:
    """The guardrails; of a rollout what it watches, within the smallest effect that matters where no limit is set."""
    if rollout is None:
        return design.guardrails
    allowed = Limit(harm=design.smallest_effect)
    return tuple(
        metric.model_copy(update={"role": MetricRole.GUARDRAIL, "limit": metric.limit or allowed})
        for metric in design.metrics
        if metric.key in rollout.watched
    )


def _rollout_weights(experiment: Experiment, rollout: Rollout) -> dict[str, int]:
    control: Variant = experiment.design.control
    return {control.key: FULL_WEIGHT - rollout.share, rollout.variant: rollout.share}


def _began(experiment: Experiment) -> datetime:
    if experiment.phase:
        return experiment.phase.started_at
    return experiment.started_at or experiment.updated_at


def _day(experiment: Experiment, since: datetime) -> float:
    """The day since the start on which the newest phase began; rows count in these."""
    if experiment.started_at is None or since <= experiment.started_at:
        return 0.0
    return (since - experiment.started_at).total_seconds() / SECONDS_PER_DAY
