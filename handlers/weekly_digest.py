"""Weekly digest: started, finished, decided, what needs people, and what the decided experiments say together."""

from __future__ import annotations

from datetime import datetime

from experiments.announcements import Announcement, Event
from experiments.design import Direction
from experiments.knowledge.digest import digest_of
from experiments.knowledge.patterns import Trial
from experiments.model import ENDED, Experiment, Status
from experiments.ports import World
from experiments.preferences import Preferences
from experiments.readout import Comparison, Standing
from handlers.following import followed, readable, subscriber
from handlers.reading import experiments_of, readout_of

MOST = 200
WITH_OUTCOME = tuple(sorted({*ENDED, Status.ROLLING_OUT, Status.ARCHIVED}))
MAY_WAIT = (Status.IN_REVIEW, Status.APPROVED, Status.STOPPED, Status.RUNNING)
"""States in which somebody may be waited for, however long ago the last change was."""


async def weekly_digest(
    choice: Preferences, since: datetime, until: datetime, world: World
) -> tuple[Announcement, ...]:
    """One message about the week of a channel, or of what somebody follows; nothing when the week was empty."""
    changed = await followed(choice, world, since=since)
    waiting = await followed(choice, world, statuses=MAY_WAIT)
    experiments = tuple({each.key: each for each in (*changed, *waiting)}.values())
    allowed = await readable(choice, world)
    ended = await experiments_of(world.workspace, world, statuses=WITH_OUTCOME, projects=allowed, limit=MOST)
    trials = [trial for each in ended if each.tags and (trial := await _trial(each, world))]
    digest = digest_of(experiments, trials, since, until)
    if digest.is_empty:
        return ()
    payload = {"digest": digest.model_dump(mode="json"), "subscriber": subscriber(choice, experiments)}
    return (
        Announcement(
            surface="weekly_digest",
            stream=f"channel {choice.subject}",
            channel=choice.subject,
            payload=payload,
            event=Event.DIGEST,
        ),
    )


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
