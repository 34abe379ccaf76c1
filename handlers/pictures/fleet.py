"""What pictures of many experiments are drawn from: those that pass the filters, and the filters themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from experiments.fleet import ANY, FILTERS, Choices
from experiments.model import Experiment
from experiments.policy import Policies
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Option
from handlers.surfaces.fleet import filter_choices

MOST = 5_000
WORDS = {
    "time": "Time",
    "department": "Department",
    "status": "Status",
    "kind": "Kind",
    "significance": "Significance",
    "outcome": "Outcome",
}


async def fleet_of(asked: Asked, world: World, **defaults: str) -> tuple[Experiment, ...]:
    """The experiments that pass the filters and that the person may read, the newest change first.

    `defaults` say what is chosen where nobody chose yet; without one, a filter lets everything through.
    """
    async with world.reading(asked.actor.workspace) as uow:
        which = choices_of(asked, **defaults).filter(asked.actor.readable, await uow.policies.get(), asked.now, MOST)
        collected = await uow.experiments.collect(which)
    return await aside(collected)


async def those(experiments: Sequence[Experiment], keys: Iterable[str]) -> list[Experiment]:
    """The experiments of these keys, in this order."""
    known = await aside(lambda wanted: {each.key: each for each in experiments if each.key in wanted}, set(keys))
    return [known[key] for key in keys]


def fleet_options(asked: Asked, policies: Policies, **defaults: str) -> tuple[Option, ...]:
    """The six filters with what is chosen in each."""
    chosen = choices_of(asked, **defaults).kept
    return tuple(
        Option(name, WORDS[name], filter_choices(name, chosen[name], policies.departments()), chosen[name])
        for name in FILTERS
    )


def choices_of(asked: Asked, **defaults: str) -> Choices:
    """What is chosen now."""
    given = {name: value for name, value in asked.chosen.items() if name in FILTERS}
    return Choices.given({**dict.fromkeys(FILTERS, ANY), **defaults, **given})
