"""Weekly digest: started, finished, decided, what needs people, and what the decided experiments say together."""

from __future__ import annotations

from datetime import datetime

from experiments.announcements import Announcement
from experiments.design import Direction
from experiments.knowledge.digest import digest_of
from experiments.knowledge.patterns import Pattern, Trial, patterns_of
from experiments.model import Experiment, Status
from experiments.numerals import percent, percent_range
from experiments.ports import World
from experiments.readout import Comparison, Standing
from handlers.reading import experiments_of, readout_of

MOST = 200
WITH_OUTCOME = (Status.STOPPED, Status.DECIDED)


async def weekly_digest(channel: str, since: datetime, until: datetime, world: World) -> tuple[Announcement, ...]:
    """One message about the channel's week; nothing when the week was empty."""
    experiments = await experiments_of(world.workspace, world, channel=channel, limit=MOST)
    ended = await experiments_of(world.workspace, world, statuses=WITH_OUTCOME, limit=MOST)
    trials = [trial for each in ended if each.tags and (trial := await _trial(each, world))]
    digest = digest_of(experiments, trials, since, until)
    if digest.is_empty:
        return ()
    told = digest.model_copy(update={"patterns": tuple(pattern_words(each) for each in patterns_of(trials))})
    payload = {"digest": told.model_dump(mode="json")}
    return (Announcement(surface="weekly_digest", stream=f"channel {channel}", channel=channel, payload=payload),)


def pattern_words(pattern: Pattern) -> str:
    """The pattern, then what its experiments say together: “…; together +3.1 % (1.0 % to 5.2 %), the next one …”.

    Of several metrics that with the most experiments, by name where it is not that of all of them.
    """
    pooled = max(
        (each for each in pattern.pooled if each.lift is not None), key=lambda each: each.experiments, default=None
    )
    if pooled is None or pooled.lift is None or pooled.interval is None:
        return pattern.words
    name = "" if pooled.experiments == pattern.experiments else f"{pooled.metric} of {pooled.experiments} "
    together = f"{name}together {percent(pooled.lift, signed=True)}"
    interval = percent_range(pooled.interval.lower, pooled.interval.upper)
    ahead = ""
    if pooled.prediction and None not in (pooled.prediction.lower, pooled.prediction.upper):
        ahead = f", the next one {percent_range(pooled.prediction.lower, pooled.prediction.upper)}"
    return f"{pattern.words}; {together} ({interval}){ahead}"


async def _trial(experiment: Experiment, world: World) -> Trial | None:
    """What the experiment adds to the patterns of its tags, unless its data allow no number."""
    number = experiment.decision.readout_number if experiment.decision else None
    readout = await readout_of(experiment, world, number)
    for comparison in readout.primary:
        if comparison.relative is not None:
            return Trial(
                tags=experiment.tags,
                lift=comparison.relative if comparison.direction is Direction.UP else -comparison.relative,
                hit=comparison.standing is Standing.BETTER,
                variance=_variance(comparison),
                metric=comparison.metric,
                unit=experiment.design.unit.words,
                project=experiment.project,
                kind=experiment.design.kind.words,
            )
    return None


def _variance(comparison: Comparison) -> float | None:
    """Of the lift; none before the planned end of a design that is read once."""
    return (comparison.relative_error or 0.0) ** 2 or None
