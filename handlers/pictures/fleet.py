"""What pictures of many experiments are drawn from: those that pass the filters, and the filters themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from experiments.fleet import ANY, DAYS, FILTERS, Choices
from experiments.model import Experiment, Status
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


class Fleet(NamedTuple):
    """The experiments, the newest change first, the rules of their workspace, the filters that they passed, and of how
    many days the chosen time is (None: of all times)."""

    experiments: tuple[Experiment, ...]
    policies: Policies
    options: tuple[Option, ...]
    days: int | None


async def fleet_of(
    asked: Asked,
    world: World,
    by: Sequence[str] = FILTERS,
    *,
    statuses: Iterable[Status] = (),
    whenever: bool = False,
) -> Fleet:
    """The experiments that the person may read and that pass these filters; where nobody chose, one lets everything
    through. What is chosen in other filters, those of another picture, does not count.

    `statuses` narrow them besides; `whenever` leaves it to the picture what the time narrows.
    """
    given = {name: asked.chosen[name] for name in by if name in asked.chosen}
    chosen = Choices.given({**dict.fromkeys(FILTERS, ANY), **given})
    update: dict[str, Any] = {"statuses": tuple(sorted(statuses))} if statuses else {}
    if whenever:
        update["since"] = None
    async with world.reading(asked.actor.workspace) as uow:
        policies = await uow.policies.get()
        which = chosen.filter(asked.actor.readable, policies, asked.now, MOST)
        collected = await uow.experiments.collect(which.model_copy(update=update))
    departments = policies.departments()
    options = (
        Option(name, WORDS[name], filter_choices(name, value, departments), value)
        for name in by
        for value in (chosen.kept[name],)
    )
    return Fleet(await aside(collected), policies, tuple(options), DAYS.get(chosen.time))


async def those(experiments: Sequence[Experiment], keys: Iterable[str]) -> list[Experiment]:
    """The experiments of these keys, in this order."""
    known = await aside(lambda wanted: {each.key: each for each in experiments if each.key in wanted}, set(keys))
    return [known[key] for key in keys]
