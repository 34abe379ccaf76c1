"""Following: the experiments a channel or a person hears of regularly, as far as they may read them."""

from __future__ import annotations

from typing import Any

from experiments.model import Experiment
from experiments.permissions import Permission, allows
from experiments.ports import World
from experiments.preferences import Preferences
from handlers.reminders import all_of


async def followed(choice: Preferences, world: World, **which: Any) -> tuple[Experiment, ...]:
    """Those that live in the channel, and those that were chosen, of all that pass the filter."""
    found: dict[str, Experiment] = {}
    if not choice.is_person:
        found |= _by_key(await all_of(world, channel=choice.subject, **which))
    if choice.everything:
        found |= _by_key(await all_of(world, **which))
    else:
        if choice.projects:
            found |= _by_key(await all_of(world, projects=choice.projects, **which))
        for words in (*choice.tags, *choice.experiments):
            some = await all_of(world, text=words, **which)
            found |= _by_key(tuple(each for each in some if choice.follows(each)))
    if choice.is_person:
        actor = await world.people.actor(world.workspace, choice.subject)
        return tuple(each for each in found.values() if allows(Permission.READ, actor, each) is None)
    return tuple(found.values())


async def readable(choice: Preferences, world: World) -> tuple[str, ...] | None:
    """The projects of which they may hear; None means all."""
    if not choice.is_person:
        return None
    return (await world.people.actor(world.workspace, choice.subject)).readable


def subscriber(choice: Preferences, some: tuple[Experiment, ...]) -> str:
    """Who can mend it when the place cannot be reached: who chose last, else the owner of what is told."""
    return choice.changed_by or next((each.owner for each in some), "")


def _by_key(some: tuple[Experiment, ...]) -> dict[str, Experiment]:
    return {each.key: each for each in some}
