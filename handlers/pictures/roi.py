"""Roi: the experiments that pass the filters and have ended → what they cost and brought."""

from __future__ import annotations

from experiments.model import Experiment
from experiments.pictures.roi import Roi, measures_of, roi_of
from experiments.policy import Policies
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found, Option
from handlers.pictures.fleet import fleet_of, those
from handlers.surfaces.state import target_of

MOST_SHOWN = 3


async def roi(asked: Asked, world: World) -> Found:
    """In money where most of them can be said in one currency, else in percent, unless another measure is chosen."""
    experiments, policies, filters, _ = await fleet_of(asked, world)
    data, measure = await aside(_found, asked, experiments, policies)
    largest = await those(experiments, [each.key for each in data.stakes[:MOST_SHOWN]])
    down = [Down(each.title, "show", target_of(each)) for each in largest]
    return Found(data, [measure, *filters], [*down, Down("History", "chart", "history")])


def _found(asked: Asked, experiments: tuple[Experiment, ...], policies: Policies) -> tuple[Roi, Option]:
    measures = measures_of(experiments, policies)
    measure = asked.pick("measure", measures)
    return roi_of(experiments, policies, measure, asked.now), Option("measure", "Measured in", measures, measure)
