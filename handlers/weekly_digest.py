"""Weekly digest: started, finished, decided, what needs people, and what the decided experiments say together."""

from __future__ import annotations

from datetime import datetime

from experiments.announcements import Announcement
from experiments.knowledge.digest import digest_of
from experiments.knowledge.patterns import Trial
from experiments.model import Experiment, Status
from experiments.ports import World
from experiments.readout import Standing
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
    payload = {"digest": digest.model_dump(mode="json")}
    return (Announcement(surface="weekly_digest", stream=f"channel {channel}", channel=channel, payload=payload),)


async def _trial(experiment: Experiment, world: World) -> Trial | None:
    """What the experiment adds to the patterns of its tags, unless its data allow no number."""
    number = experiment.decision.readout_number if experiment.decision else None
    readout = await readout_of(experiment, world, number)
    for comparison in readout.primary:
        if comparison.relative is not None:
            sign = 1 if comparison.direction == "up" else -1
            return Trial(
                tags=experiment.tags, lift=sign * comparison.relative, hit=comparison.standing is Standing.BETTER
            )
    return None
