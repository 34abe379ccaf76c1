"""Velocity: the experiments that pass the filters → how many start and finish, how long it takes, what it teaches."""

from __future__ import annotations

from dataclasses import replace

from experiments.fleet import ANY, DAYS
from experiments.pictures.velocity import velocity_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found
from handlers.pictures.fleet import choices_of, fleet_of, fleet_options

WAYS_ON = (("What is running", "active"), ("Cost and benefit", "roi"), ("Every attempt", "history"))


async def velocity(asked: Asked, world: World) -> Found:
    """Of the chosen time; of all times, the last twelve months."""
    # What waits since before the chosen time is still under way, so the time narrows only what is counted.
    experiments = await fleet_of(replace(asked, chosen={**asked.chosen, "time": ANY}), world)
    async with world.reading(asked.actor.workspace) as uow:
        policies = await uow.policies.get()
    days = DAYS.get(choices_of(asked).time)
    data = await aside(velocity_of, experiments, asked.now, days)
    return Found(data, fleet_options(asked, policies), [Down(words, "chart", name) for words, name in WAYS_ON])
