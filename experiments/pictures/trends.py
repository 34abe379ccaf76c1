"""How a project's main metric came along: what was shipped, added up month by month, with and without its luck."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from experiments.knowledge.gains import Estimate, Gains, added, gains_of
from experiments.knowledge.outcomes import trial_of
from experiments.knowledge.patterns import Trial
from experiments.model import Experiment, Outcome
from experiments.pictures.velocity import month_before, months_between
from experiments.texts import Frozen

FEWEST = 2


class Trend(Frozen):
    """What shipping should have moved the metric by until the end of each month, from nothing at the beginning.

    Only what was shipped and not taken back moves a metric; a win that was abandoned does not. The sum of these lifts
    is the trend, not control's own level from experiment to experiment: each has its own pages, people and season.

    `experiments` measured the metric, whenever that was; with fewer than two of them there are no sums. `shipped` of
    them were added up in this time, `unknown` more have no standard error. `elsewhere` were shipped without a number on
    this metric. `corrected` is without the luck; where it is empty, `refused` says why.
    """

    experiments: int
    measured: tuple[Estimate, ...] = ()
    corrected: tuple[Estimate, ...] = ()
    shipped: int = 0
    unknown: int = 0
    elsewhere: int = 0
    refused: str = ""

    @property
    def course(self) -> tuple[Estimate, ...]:
        """The better of the two."""
        return self.corrected or self.measured


def trend_of(experiments: Sequence[Experiment], about: tuple[str, str], since: datetime, until: datetime) -> Trend:
    """The trend of one project in this time (UTC), on the metric and unit that it is about.

    Every lift is corrected with all that the project knows of this metric, also from before this time.
    """
    shipped: list[datetime | None] = []
    trials: list[Trial] = []
    elsewhere = 0
    for each in experiments:
        at, trial = shipped_at(each), trial_of(each)
        at = at if at and since <= at <= until else None
        if trial and (trial.metric, trial.unit) == about:
            shipped.append(at)
            trials.append(trial.model_copy(update={"hit": at is not None}))
        else:
            elsewhere += at is not None
    measured = sum(trial.variance is not None for trial in trials)
    if measured < FEWEST:
        return Trend(experiments=measured, elsewhere=elsewhere)
    gains = gains_of(trials)
    return Trend(
        experiments=measured,
        **_sums(gains, shipped, [*months_between(since, until)[1:], month_before(until, -1)]),
        shipped=gains.count,
        unknown=sum(trial.hit for trial in trials) - gains.count,
        elsewhere=elsewhere,
        refused=gains.refused,
    )


def shipped_at(experiment: Experiment) -> datetime | None:
    """Since when everybody it is meant for has it: the last stage of its rollout, or the decision to ship where it is
    not rolled out here; None while it is on its way, and where it was taken back or never shipped."""
    decision, rollout = experiment.decision, experiment.rollout
    if decision is None or decision.outcome is not Outcome.SHIP or experiment.withdrawal:
        return None
    if rollout is None:
        return decision.at
    return rollout.stage_at if rollout.is_last else None


def _sums(
    gains: Gains, shipped: Sequence[datetime | None], ends: Sequence[datetime]
) -> dict[str, tuple[Estimate, ...]]:
    """Both sums as they were at each of these moments; none where nothing was shipped."""
    parts = [(at, each) for at, each in zip(shipped, gains.winners, strict=True) if at and each]
    if not parts:
        return {}
    measured = tuple(added((each.lift, each.error) for at, each in parts if at < end) for end in ends)
    if gains.refused:
        return {"measured": measured}
    corrected = tuple(
        added((each.corrected or 0.0, each.corrected_error or 0.0) for at, each in parts if at < end) for end in ends
    )
    return {"measured": measured, "corrected": corrected}
