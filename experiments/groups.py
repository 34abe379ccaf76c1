"""Mutual-exclusion groups: who has which part of one, what is free, and why an experiment may not take its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from experiments.errors import PartTaken
from experiments.model import LIVE, Experiment, Status
from experiments.numerals import listed, share
from experiments.permissions import Actor, Permission, allows
from experiments.repositories import Filter
from experiments.targeting import EVERYBODY, Exclusion

MOST_NAMED = 3


def in_group(group: str) -> Filter:
    """Which experiments have a part of the group now. A paused one keeps its part, so that it can be resumed."""
    return Filter(statuses=tuple(sorted(LIVE)), group=group, limit=EVERYBODY)


def new_part(before: Experiment | None, after: Experiment) -> Exclusion | None:
    """The part that it takes with this change, because it becomes live."""
    return None if (before and before.is_live) or not after.is_live else after.design.exclusion


def obstacle(experiment: Experiment, live: Iterable[Experiment], reader: Actor) -> str:
    """Why its part of the group is not free, naming what `reader` may know; empty when it is, or when it takes none.

    `live` are those that share the group; the experiment itself is never in its own way.
    """
    mine = experiment.design.exclusion
    others = sorted((each for each in live if each.key != experiment.key), key=lambda each: each.key)
    parts = {each.key: part for each in others if (part := each.design.exclusion)}
    in_the_way = [each for each in others if mine and mine.overlaps(parts[each.key])]
    if mine is None or not in_the_way:
        return ""
    ranges = [_range(part.first, part.end) for part in (parts[each.key] for each in in_the_way)]
    held = [f"{_named(each, reader)} has {part}" for each, part in zip(in_the_way, ranges, strict=True)]
    ended = "that has" if len(in_the_way) == 1 else "those have"
    free = gaps((part.first, part.end) for part in parts.values() if part.group == mine.group)
    choice = "Choose a free part, or wait" if free else "Wait"
    return (
        f"In the exclusion group {mine.group}, {listed(held, MOST_NAMED)}. This experiment's "
        f"{_range(mine.first, mine.end)} overlaps, so they would share people. {_free(mine.group, free)} "
        f"{choice} until {ended} ended."
    )


def require_part(experiment: Experiment, live: Iterable[Experiment], actor: Actor) -> None:
    """Raise `PartTaken` when another live experiment has something of its part of the group."""
    if words := obstacle(experiment, live, actor):
        raise PartTaken(words)


def free_in(group: str, live: Iterable[Experiment], but: str) -> str:
    """What is free in the group beside the experiment of the key `but`: "Free in checkout: 50 % to 100 %."."""
    parts = (each.design.exclusion for each in live if each.key != but)
    return _free(group, gaps((part.first, part.end) for part in parts if part and part.group == group))


def gaps(taken: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of everybody, from and to in hundredths of a percent.

    >>> gaps([(5_000, 6_000), (0, 2_500), (2_000, 3_000)])
    [(3000, 5000), (6000, 10000)]
    """
    free, begins = [], 0
    for first, end in [*sorted(taken), (EVERYBODY, EVERYBODY)]:
        if first > begins:
            free.append((begins, first))
        begins = max(begins, end)
    return free


def _free(group: str, free: Collection[tuple[int, int]]) -> str:
    return f"Free in {group}: {listed([_range(*each) for each in free])}." if free else f"Nothing is free in {group}."


def _range(first: int, end: int) -> str:
    return f"{share(first)} to {share(end)}"


def _named(other: Experiment, reader: Actor) -> str:
    paused = "paused" if other.status is Status.PAUSED else ""
    if allows(Permission.READ, reader, other):
        return f"{'a paused' if paused else 'an'} experiment of another project"
    return f"“{other.title}” ({', '.join(filter(None, (other.key, paused)))})"
