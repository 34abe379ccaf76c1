"""Significance update: once a day for those who chose it, the running experiments with news."""

from __future__ import annotations

from datetime import datetime

from experiments.announcements import Announcement, Event
from experiments.model import LIVE
from experiments.ports import World
from experiments.preferences import Preferences
from handlers.following import followed, subscriber
from handlers.reading import readout_of

MOST = 40


async def significance_update(
    choice: Preferences, since: datetime, until: datetime, world: World
) -> tuple[Announcement, ...]:
    """One message about the running experiments whose data are newer than `since`, none of them before its minimum
    run time is over."""
    running = await followed(choice, world, statuses=tuple(sorted(LIVE)))
    news = [each for each in running if each.data_at and each.data_at > since][:MOST]
    readouts = [readout for each in news if not (readout := await readout_of(each, world)).is_early]
    if not readouts:
        return ()
    payload = {
        "readouts": [readout.model_dump(mode="json") for readout in readouts],
        "subscriber": subscriber(choice, running),
    }
    return (
        Announcement(
            surface="significance_update",
            stream=f"channel {choice.subject}",
            channel=choice.subject,
            payload=payload,
            event=Event.SIGNIFICANCE,
            due_at=choice.quiet_end(world.now()),
        ),
    )
