"""What a channel or a person chose to hear of, how, and when; whoever chose nothing is left in peace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import TYPE_CHECKING

from pydantic import Field

from experiments.announcements import Event
from experiments.cadence import Cadence
from experiments.local_time import zone
from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.texts import Frozen, Key, Name, Tag, Words

if TYPE_CHECKING:
    from experiments.ports import World

OF_A_CHANNEL = (Event.CARD, Event.CHANGE, Event.NEEDS_PEOPLE, Event.ALARM, Event.DECISION, Event.DIGEST)
OF_A_PERSON = (Event.NEEDS_PEOPLE, Event.ALARM, Event.DECISION)
MOST_FOLLOWED = 100
MOST_TAGS = 50


class Style(Words):
    DETAILED = "detailed"
    COMPACT = "compact"


class Preferences(Frozen):
    """The choices of one `subject`: a channel, or a person.

    Followed are the experiments of these `projects`, with one of these `tags`, these `experiments` themselves, or
    `everything`; a channel hears of those that live in it without following them. `events` None means the quiet set.
    Clock times are those of the zone `tz`. `filters` are the choices of lists. `changed_by` chose last.
    """

    subject: str
    filters: dict[str, str] = {}
    events: tuple[Event, ...] | None = None
    everything: bool = False
    projects: tuple[Name, ...] = Field(default=(), max_length=MOST_FOLLOWED)
    tags: tuple[Tag, ...] = Field(default=(), max_length=MOST_TAGS)
    experiments: tuple[Key, ...] = Field(default=(), max_length=MOST_FOLLOWED)
    style: Style = Style.DETAILED
    tz: str = ""
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_weekday: int = Field(default=0, ge=0, le=6)
    digest_at: time = time(9, 0)
    muted_until: datetime | None = None
    muted_keys: dict[str, datetime] = {}
    changed_by: str = ""

    @property
    def is_person(self) -> bool:
        return is_person(self.subject)

    @property
    def chosen(self) -> tuple[Event, ...]:
        """The kinds of news that were chosen, or the quiet set."""
        if self.events is not None:
            return self.events
        return OF_A_PERSON if self.is_person else OF_A_CHANNEL

    @property
    def follows_something(self) -> bool:
        return bool(self.everything or self.projects or self.tags or self.experiments)

    def follows(self, experiment: Experiment) -> bool:
        """Whether it was chosen, by itself or by what it belongs to."""
        return (
            self.everything
            or experiment.key in self.experiments
            or experiment.project in self.projects
            or not set(self.tags).isdisjoint(experiment.tags)
        )

    def is_muted(self, key: str, now: datetime) -> bool:
        """Whether nothing of this experiment is wanted now; of an empty key, nothing at all."""
        muted = self.muted_keys.get(key)
        return any(until is not None and now < until for until in (self.muted_until, muted))

    def quiet_end(self, now: datetime) -> datetime | None:
        """When the quiet hours that hold now are over; None outside of them."""
        if self.quiet_from is None or self.quiet_until is None or self.quiet_from == self.quiet_until:
            return None
        clock = now.astimezone(zone(self.tz)).time()
        if self.quiet_from < self.quiet_until:
            is_quiet = self.quiet_from <= clock < self.quiet_until
        else:
            is_quiet = clock >= self.quiet_from or clock < self.quiet_until
        return Cadence(at=self.quiet_until).next(now, zone(self.tz).key) if is_quiet else None


def is_person(subject: str) -> bool:
    """Whether the id is that of a person rather than of a channel.

    >>> is_person("U0ADA"), is_person("C0EXPERIMENTS")
    (True, False)
    """
    return subject.startswith(("U", "W"))


async def prefer(
    subject: str, actor: Actor, world: World, change: Callable[[Preferences], Preferences]
) -> tuple[Preferences, Preferences]:
    """Change what a subject chose: the one place that does; what it was before and is now."""
    async with world.uow(actor.workspace) as uow:
        before = await uow.preferences.get(subject)
        after = Preferences.model_validate({**dict(change(before)), "changed_by": actor.user})
        await uow.preferences.save(after)
    return before, after
