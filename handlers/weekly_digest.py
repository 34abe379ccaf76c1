"""Weekly digest: started, finished, decided, what needs people, and what the decided experiments say together."""

from __future__ import annotations

from datetime import datetime

from experiments.announcements import Announcement, Event
from experiments.knowledge.digest import digest_of
from experiments.knowledge.outcomes import WITH_OUTCOME, trial_of
from experiments.knowledge.patterns import ENOUGH
from experiments.model import Status
from experiments.pictures.patterns import patterns_picture_of
from experiments.ports import World
from experiments.preferences import Preferences
from handlers.aside import aside
from handlers.following import followed, readable, subscriber
from handlers.reading import experiments_of

MOST = 200
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
    trials = [trial for each in ended if each.tags and (trial := trial_of(each))]
    digest = digest_of(experiments, trials, since, until)
    if digest.is_empty:
        return ()
    payload = {"digest": digest.model_dump(mode="json"), "subscriber": subscriber(choice, experiments)}
    if len(trials) >= ENOUGH:
        directions = await aside(patterns_picture_of, ended, "tag", until)
        payload["directions"] = directions.model_dump(mode="json")
    return (
        Announcement(
            surface="weekly_digest",
            stream=f"channel {choice.subject}",
            channel=choice.subject,
            payload=payload,
            event=Event.DIGEST,
        ),
    )
