"""Significance update: once a day and channel, the running experiments with news."""

from __future__ import annotations

from datetime import datetime

from experiments.announcements import Announcement
from experiments.model import LIVE
from experiments.ports import World
from handlers.reading import experiments_of, readout_of

MOST = 20


async def significance_update(channel: str, since: datetime, until: datetime, world: World) -> tuple[Announcement, ...]:
    """One message about the running experiments of the channel whose data are newer than `since`."""
    running = await experiments_of(world.workspace, world, statuses=tuple(sorted(LIVE)), channel=channel, limit=MOST)
    news = [each for each in running if each.data_at and each.data_at > since]
    if not news:
        return ()
    readouts = [await readout_of(experiment, world) for experiment in news]
    payload = {"readouts": [readout.model_dump(mode="json") for readout in readouts]}
    return (Announcement(surface="significance_update", stream=f"channel {channel}", channel=channel, payload=payload),)
