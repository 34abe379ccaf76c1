"""Velocity: the experiments that pass the filters → how many start and finish, how long it takes, what it teaches."""

from __future__ import annotations

from experiments.pictures.velocity import velocity_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found
from handlers.pictures.fleet import fleet_of

WAYS_ON = (("What is running", "active"), ("Cost and benefit", "roi"), ("Every attempt", "history"))


async def velocity(asked: Asked, world: World) -> Found:
    """Of the chosen time; of all times, the last twelve months."""
    # What waits since before the chosen time is still under way, so the time narrows only what is counted.
    experiments, _, filters, days = await fleet_of(asked, world, whenever=True)
    data = await aside(velocity_of, experiments, asked.now, days)
    return Found(data, filters, [Down(words, "chart", name) for words, name in WAYS_ON])
